//! A candidate of the other peer, on its last step.

use step_02_peer::{Peer, PeerError};
use webrtc::peer_connection::RTCIceCandidateInit;

/// Adds a candidate of the other peer to `peer`, and traces it (W3C webrtc-pc §4.4.2 `addIceCandidate()`).
///
/// # Errors
/// [`PeerError::Call`] when the candidate cannot be read, or the remote description is not set.
pub async fn add_ice_candidate(
    peer: &Peer,
    candidate: RTCIceCandidateInit,
) -> Result<(), PeerError> {
    tracing::info!(
        peer = peer.name(),
        "1-5 addIceCandidate: {}",
        printable(&candidate)
    );
    let added = peer.connection().add_ice_candidate(candidate).await;
    added.map_err(|source| peer.failed("addIceCandidate", source))
}

/// What a stranger sends must neither move the cursor of a terminal nor fill its screen.
pub fn printable(candidate: &RTCIceCandidateInit) -> String {
    candidate
        .candidate
        .chars()
        .take(200)
        .flat_map(char::escape_debug)
        .collect()
}
