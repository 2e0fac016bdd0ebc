//! The exercise of step 04: the four calls of offer and answer (2-1 to 2-5 of the note).
//!
//! `cargo test -p step-04-sdp --features exercise` names what comes next. All four functions have the same parts: check that
//! the state permits the call, call the peer, and return its error. The first one is given.
#![allow(unused, reason = "the bodies are yours to write")]

use step_02_peer::Peer;
use webrtc::peer_connection::RTCSessionDescription;

use crate::negotiation_call::{NegotiationCall, NegotiationError};

/// 2-1: describes what `peer` wants to send and receive (W3C webrtc-pc §4.4.2 `createOffer()`). Its state does not change.
///
/// # Errors
/// [`NegotiationError::InvalidState`] after an offer of the other peer that is not answered yet.
pub async fn create_offer(peer: &Peer) -> Result<RTCSessionDescription, NegotiationError> {
    NegotiationCall::CreateOffer.permit(peer).await?;
    Ok(peer.create_offer().await?)
}

/// 2-2 and the second half of 2-4: apply the description that `peer` itself created (W3C webrtc-pc §4.4.2
/// `setLocalDescription()`). ICE begins to gather candidates.
///
/// The same parts. Which call it is depends on the type of the description, which may be a rollback:
/// [`NegotiationCall::set_local`] knows. An error of webrtc's is returned as it is.
///
/// # Errors
/// [`NegotiationError::InvalidState`] for an answer without an offer, or for an offer while the other peer's offer is not
/// answered yet.
pub async fn set_local_description(
    peer: &Peer,
    description: RTCSessionDescription,
) -> Result<(), NegotiationError> {
    todo!(
        "2-2 check that the state permits the call, then set the local description; see step-04-sdp/src/exercise/offer_answer.rs"
    )
}

/// 2-3 and 2-5: apply the description that the other peer sent (W3C webrtc-pc §4.4.2 `setRemoteDescription()`).
///
/// The same parts, with [`NegotiationCall::set_remote`]. webrtc may refuse what a stranger sends: that is an error, no panic.
///
/// # Errors
/// [`NegotiationError::InvalidState`] for an answer without an offer, or for an offer while `peer` waits for the answer
/// to its own (glare).
pub async fn set_remote_description(
    peer: &Peer,
    description: RTCSessionDescription,
) -> Result<(), NegotiationError> {
    todo!(
        "2-3, 2-5 check that the state permits the call, then set the remote description; see step-04-sdp/src/exercise/offer_answer.rs"
    )
}

/// 2-4: describe which parts of the other peer's offer `peer` accepts (W3C webrtc-pc §4.4.2 `createAnswer()`).
///
/// The same parts, with [`NegotiationCall::CreateAnswer`]. The answer is only created: setting it is another call.
///
/// # Errors
/// [`NegotiationError::InvalidState`] when there is no offer to answer.
pub async fn create_answer(peer: &Peer) -> Result<RTCSessionDescription, NegotiationError> {
    todo!(
        "2-4 check that the state permits the call, then create the answer; see step-04-sdp/src/exercise/offer_answer.rs"
    )
}
