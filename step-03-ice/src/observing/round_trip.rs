//! How far away the other peer is.

use std::time::{Duration, Instant};

use step_02_peer::Peer;
use webrtc::peer_connection::StatsSelector;

/// How long the latest check of the pair in use took with its response (W3C webrtc-stats `currentRoundTripTime`), and
/// how many responses have come. ICE goes on checking every 2 s when it is connected (RFC 7675 §5.1).
pub async fn round_trip_time(peer: &Peer) -> Option<(Duration, u64)> {
    let now = Instant::now();
    let stats = peer.connection().get_stats(now, StatsSelector::None).await;
    let measured = stats
        .candidate_pairs()
        .filter(|pair| pair.current_round_trip_time > 0.0);
    // Of several, the one on which the last packet came.
    let pair = measured.max_by_key(|pair| pair.last_packet_received_timestamp)?;
    let round_trip = Duration::try_from_secs_f64(pair.current_round_trip_time).ok()?;
    Some((round_trip, pair.responses_received))
}
