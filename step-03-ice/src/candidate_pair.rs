//! The pair of candidates that ICE chose.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use step_02_peer::Peer;
use webrtc::peer_connection::transport::DtlsTransport;
use webrtc::peer_connection::{RTCIceCandidate, StatsSelector};
use webrtc::rtp_transceiver::RtpTransceiver;

/// One end of a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairEnd {
    /// `host`, `srflx`, `prflx` or `relay`.
    pub kind: String,
    /// Address and port.
    pub socket: String,
}

/// A candidate of this peer with one of the other's: the way that media takes (W3C webrtc-pc §5.6.1.1
/// `RTCIceCandidatePair`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidatePair {
    /// This peer's candidate.
    pub local: PairEnd,
    /// The other peer's.
    pub remote: PairEnd,
}

impl CandidatePair {
    /// The pair on which `peer` sends, once there is one (W3C webrtc-pc §5.6 `getSelectedCandidatePair()`).
    ///
    /// The statistics of webrtc 0.21 have it too, but not when the remote end is peer-reflexive: when the other peer's
    /// check came before its candidate (RFC 8445 §7.3.1.3).
    pub async fn selected(peer: &Peer) -> Option<CandidatePair> {
        for transceiver in peer.connection().get_transceivers().await {
            if let Some(transport) = transport(transceiver.as_ref()).await {
                return Self::on(transport.as_ref()).await;
            }
        }
        None
    }

    /// The pair that ICE chose for one transport.
    pub async fn on(transport: &dyn DtlsTransport) -> Option<CandidatePair> {
        let ice = transport.ice_transport();
        let pair = ice.get_selected_candidate_pair().await.ok()??;
        Some(CandidatePair {
            local: pair.local().into(),
            remote: pair.remote().into(),
        })
    }
}

/// How long a connectivity check and its response needed, the latest of the pair in use (RFC 8445 §7.2, W3C webrtc-stats
/// `currentRoundTripTime`), and how many were measured before it. ICE goes on checking every 2 s once it is connected.
pub async fn round_trip_time(peer: &Peer) -> Option<(Duration, u64)> {
    let now = Instant::now();
    let stats = peer.connection().get_stats(now, StatsSelector::None).await;
    let measured = stats
        .candidate_pairs()
        .filter(|pair| pair.current_round_trip_time > 0.0);
    // Of several, the one on which the last packet came.
    let pair = measured.max_by_key(|pair| pair.last_packet_received_timestamp)?;
    let round_trip = Duration::from_secs_f64(pair.current_round_trip_time);
    Some((round_trip, pair.responses_received))
}

/// Everything of a call shares one transport (BUNDLE, RFC 9143 §7), so any end of it will do.
async fn transport(transceiver: &dyn RtpTransceiver) -> Option<Arc<dyn DtlsTransport>> {
    if let Ok(Some(sender)) = transceiver.sender().await {
        return sender.transport().await.ok()?;
    }
    let receiver = transceiver.receiver().await.ok()??;
    receiver.transport().await.ok()?
}

impl From<&RTCIceCandidate> for PairEnd {
    fn from(candidate: &RTCIceCandidate) -> Self {
        Self {
            kind: candidate.typ.to_string(),
            socket: format!("{}:{}", candidate.address, candidate.port),
        }
    }
}

impl fmt::Display for PairEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.socket)
    }
}

impl fmt::Display for CandidatePair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} <-> {}", self.local, self.remote)
    }
}
