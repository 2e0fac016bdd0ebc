//! 1-3 to 1-5: candidates on their way to the other peer, for you to write.
//!
//! `cargo test -p step-03-ice --features exercise` tells what is missing.

use step_02_peer::{Peer, PeerError};
use webrtc::peer_connection::{RTCIceCandidate, RTCIceCandidateInit};

use crate::signaling::SignalingMessage;

/// Receives the other peer's candidates for one peer (trickle ICE, RFC 8838).
///
/// A candidate belongs to a description: without the remote one there is no way to tell which (W3C webrtc-pc §4.4.1.5:
/// `addIceCandidate()` is rejected with InvalidStateError). Candidates that come early wait for it here: give the
/// struct a field for them, and keep no more than a few hundred, for they come from a stranger.
#[derive(Default)]
pub struct Trickle {}

/// 1-3 and 1-4: turn a candidate that this peer has found into the message for the other peer (W3C webrtc-pc
/// §4.8.1.1). All sections share the transport of the first (BUNDLE, RFC 9143 §7): name it by its index, 0.
///
/// # Errors
/// webrtc's reason, when the candidate is of a kind that has no text.
pub fn candidate_message(
    _candidate: &RTCIceCandidate,
) -> Result<SignalingMessage, webrtc::error::Error> {
    todo!(
        "1-4: SignalingMessage::Candidate of candidate.to_json(), with sdp_mid None and \
         sdp_mline_index Some(0)"
    )
}

impl Trickle {
    /// 1-5: add a candidate of the other peer to `peer`, or keep it until the remote description is there.
    ///
    /// # Errors
    /// [`PeerError::Call`] when the candidate cannot be read; the peer goes on without it.
    pub async fn receive(
        &mut self,
        _peer: &Peer,
        _candidate: RTCIceCandidateInit,
    ) -> Result<(), PeerError> {
        todo!(
            "1-5: remote_candidate::add_ice_candidate() if connection().remote_description() is \
             there, else keep the candidate"
        )
    }

    /// 1-5: add the candidates that came early. The session calls it when the remote description was set.
    ///
    /// # Errors
    /// The first [`PeerError::Call`] there was; the other candidates are added all the same.
    pub async fn remote_description_is_set(&mut self, _peer: &Peer) -> Result<(), PeerError> {
        todo!("1-5: remote_candidate::add_ice_candidate() for each one that was kept, in order")
    }
}
