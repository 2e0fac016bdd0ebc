//! 1-3 to 1-5: candidates on their way to the other peer, for you to write.
//!
//! `cargo test -p step-03-ice --features exercise` names what is missing. Compare with `src/trickle.rs` when you are done.

#![allow(unused, reason = "the bodies are yours to write")]

use step_02_peer::{Peer, PeerError};
use webrtc::error::Error;
use webrtc::peer_connection::{RTCIceCandidate, RTCIceCandidateInit};

use crate::signaling::SignalingMessage;

/// Candidates that may wait for a description. No peer has so many addresses; a stranger who sends more must not fill
/// the memory.
const MOST_WAITING: usize = 256;

/// Receives the other peer's candidates for one peer (trickle ICE, RFC 8838).
///
/// A candidate belongs to a description. Without the remote one, `addIceCandidate()` is rejected with InvalidStateError
/// (W3C webrtc-pc §4.4.2). Candidates that come early wait for it here.
#[derive(Default)]
pub struct Trickle {
    waiting: Vec<RTCIceCandidateInit>,
}

/// 1-3 and 1-4: make the message for the other peer from a candidate that this peer has found (W3C webrtc-pc §4.8.1).
///
/// `candidate.to_json()` gives the fields of [`SignalingMessage::Candidate`]. All sections share the transport of the
/// first one (BUNDLE, RFC 9143 §7): name it by its index, 0, and leave `sdp_mid` out.
///
/// # Errors
/// webrtc's reason, when the candidate is of a kind that has no text.
pub fn candidate_message(candidate: &RTCIceCandidate) -> Result<SignalingMessage, Error> {
    todo!(
        "1-4 the fields of candidate.to_json() with index 0; see step-03-ice/src/exercise/trickle.rs"
    )
}

impl Trickle {
    /// 1-5: add a candidate of the other peer to `peer`, or keep it until the remote description is set.
    ///
    /// `peer.connection().remote_description().await` is none until then. Keep no more than [`MOST_WAITING`]: a stranger
    /// sends them. Trace the ones that wait, too.
    ///
    /// # Errors
    /// [`PeerError::Call`] when the candidate cannot be read; the peer goes on without it.
    pub async fn receive(
        &mut self,
        peer: &Peer,
        candidate: RTCIceCandidateInit,
    ) -> Result<(), PeerError> {
        todo!(
            "1-5 add_ice_candidate(), or keep the candidate; see step-03-ice/src/exercise/trickle.rs"
        )
    }

    /// 1-5: add the candidates that came early, in order. The session calls it when the remote description was set.
    ///
    /// # Errors
    /// The first [`PeerError::Call`] there was; the other candidates are added all the same.
    pub async fn remote_description_is_set(&mut self, peer: &Peer) -> Result<(), PeerError> {
        todo!("1-5 add_ice_candidate() for each; see step-03-ice/src/exercise/trickle.rs")
    }
}

/// 1-5: adds a candidate of the other peer to `peer`, and traces it (W3C webrtc-pc §4.4.2 `addIceCandidate()`).
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
    peer.add_ice_candidate(candidate).await
}

/// The candidate line, escaped and cut: what a stranger sends must neither move the cursor of a terminal nor fill its
/// screen.
fn printable(candidate: &RTCIceCandidateInit) -> String {
    let line = candidate.candidate.chars().take(200);
    line.flat_map(char::escape_debug).collect()
}
