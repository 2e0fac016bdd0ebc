//! 1-3 to 1-5: candidates on their way to the other peer.

use step_02_peer::{Peer, PeerError};
use webrtc::peer_connection::{RTCIceCandidate, RTCIceCandidateInit};

use crate::remote_candidate::{add_ice_candidate, printable};
use crate::signaling::SignalingMessage;

/// Candidates that may wait for a description. A peer with so many interfaces does not exist; a stranger who sends
/// more shall not fill the memory.
const MOST_WAITING: usize = 256;

/// Receives the other peer's candidates for one peer (trickle ICE, RFC 8838).
///
/// A candidate belongs to a description: without the remote one there is no way to tell which (W3C webrtc-pc §4.4.1.5:
/// `addIceCandidate()` is rejected with InvalidStateError). Candidates that come early wait for it here.
#[derive(Default)]
pub struct Trickle {
    waiting: Vec<RTCIceCandidateInit>,
}

/// 1-3 and 1-4: turns a candidate that this peer has found into the message for the other peer.
///
/// # Errors
/// webrtc's reason, when the candidate is of a kind that has no text.
pub fn candidate_message(
    candidate: &RTCIceCandidate,
) -> Result<SignalingMessage, webrtc::error::Error> {
    let init = candidate.to_json()?;
    Ok(SignalingMessage::Candidate(RTCIceCandidateInit {
        // Everything travels on the transport of the first section (BUNDLE, RFC 9143 §7), so its index says it all.
        sdp_mid: None,
        sdp_mline_index: Some(0),
        ..init
    }))
}

impl Trickle {
    /// 1-5: adds a candidate of the other peer to `peer`, or keeps it until the remote description is there.
    ///
    /// # Errors
    /// [`PeerError::Call`] when the candidate cannot be read; the peer goes on without it.
    pub async fn receive(
        &mut self,
        peer: &Peer,
        candidate: RTCIceCandidateInit,
    ) -> Result<(), PeerError> {
        if peer.connection().remote_description().await.is_some() {
            return add_ice_candidate(peer, candidate).await;
        }
        tracing::info!(
            peer = peer.name(),
            "1-5 waits for the remote description: {}",
            printable(&candidate)
        );
        self.waiting.truncate(MOST_WAITING - 1);
        self.waiting.push(candidate);
        Ok(())
    }

    /// Adds the candidates that came early. Call it when the remote description was set.
    ///
    /// # Errors
    /// The first [`PeerError::Call`] there was; the other candidates are added all the same.
    pub async fn remote_description_is_set(&mut self, peer: &Peer) -> Result<(), PeerError> {
        let mut result = Ok(());
        for candidate in self.waiting.drain(..) {
            result = result.and(add_ice_candidate(peer, candidate).await);
        }
        result
    }
}
