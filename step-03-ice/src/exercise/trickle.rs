//! 1-3 to 1-5: candidates on their way to the other peer, for you to write.
//!
//! `cargo test -p step-03-ice --features exercise` names what comes next. Compare with `src/trickle.rs` when you are done.

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

/// 1-3 and 1-4: makes the message for the other peer from a candidate that this peer has found.
///
/// # Errors
/// webrtc's reason, when the candidate is of a kind that has no text.
pub fn candidate_message(candidate: &RTCIceCandidate) -> Result<SignalingMessage, Error> {
    let init = candidate.to_json()?;
    Ok(SignalingMessage::Candidate(RTCIceCandidateInit {
        // All sections share the transport of the first one (BUNDLE, RFC 9143 §7), so its index is enough.
        sdp_mid: None,
        sdp_mline_index: Some(0),
        ..init
    }))
}

impl Trickle {
    /// The candidates that wait for the remote description, in the order in which they came.
    pub fn waiting(&self) -> &[RTCIceCandidateInit] {
        &self.waiting
    }

    /// 1-5: add a candidate of the other peer to `peer` ([`add_ice_candidate`], below), or keep it in `self.waiting` until
    /// the remote description is set.
    ///
    /// - `peer.connection().remote_description().await` is none until then, whatever the local description is.
    /// - Keep no more than [`MOST_WAITING`]: a stranger sends them. Which ones you drop is up to you.
    /// - A candidate that is added is not kept, even if adding it failed.
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

    /// 1-5: add the candidates that came early, each once, in the order in which they came. The session calls it when the
    /// remote description was set.
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
