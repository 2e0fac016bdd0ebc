//! The exercise of step 04: the four calls of offer and answer (2-1 to 2-5 of the note).
//!
//! `cargo test -p step-04-sdp --features exercise` lists what is missing. All four functions have the same parts:
//! check that the state permits the call, call the peer, and return its error.
#![allow(unused, reason = "the bodies are yours to write")]

use step_02_peer::Peer;
use webrtc::peer_connection::RTCSessionDescription;

use crate::negotiation_call::{NegotiationCall, NegotiationError};

/// 2-1: describe what `peer` wants to send and receive (W3C webrtc-pc §4.4.2 `createOffer()`). Its state does not change.
///
/// 1. Ask [`NegotiationCall::CreateOffer`] whether the state permits the call: `permit()`.
/// 2. Call the peer's method of the same name. Its error names the peer and the method; `?` turns it into a
///    [`NegotiationError`].
///
/// # Errors
/// [`NegotiationError::InvalidState`] after an offer of the other peer that is not answered yet.
pub async fn create_offer(peer: &Peer) -> Result<RTCSessionDescription, NegotiationError> {
    todo!(
        "2-1 check the state with `NegotiationCall::CreateOffer.permit()`, then call the peer's `create_offer()`; \
         see step-04-sdp/src/negotiation_call.rs"
    )
}

/// 2-2 and the second half of 2-4: apply the description that `peer` itself created (W3C webrtc-pc §4.4.2
/// `setLocalDescription()`). ICE begins to gather candidates.
///
/// The same parts. Which call it is depends on the description: [`NegotiationCall::set_local`] knows.
///
/// # Errors
/// [`NegotiationError::InvalidState`] for an answer without an offer, or for an offer while the other peer's offer is not
/// answered yet.
pub async fn set_local_description(
    peer: &Peer,
    description: RTCSessionDescription,
) -> Result<(), NegotiationError> {
    todo!(
        "2-2 check the state with `NegotiationCall::set_local(&description).permit()`, then call the peer's `set_local_description()`; \
         see step-04-sdp/src/negotiation_call.rs"
    )
}

/// 2-3 and 2-5: apply the description that the other peer sent (W3C webrtc-pc §4.4.2 `setRemoteDescription()`).
///
/// The same parts, with [`NegotiationCall::set_remote`].
///
/// # Errors
/// [`NegotiationError::InvalidState`] for an answer without an offer, or for an offer while `peer` waits for the answer
/// to its own (glare).
pub async fn set_remote_description(
    peer: &Peer,
    description: RTCSessionDescription,
) -> Result<(), NegotiationError> {
    todo!(
        "2-3, 2-5 check the state with `NegotiationCall::set_remote(&description).permit()`, then call the peer's `set_remote_description()`; \
         see step-04-sdp/src/negotiation_call.rs"
    )
}

/// 2-4: describe which parts of the other peer's offer `peer` accepts (W3C webrtc-pc §4.4.2 `createAnswer()`).
///
/// The same parts, with [`NegotiationCall::CreateAnswer`].
///
/// # Errors
/// [`NegotiationError::InvalidState`] when there is no offer to answer.
pub async fn create_answer(peer: &Peer) -> Result<RTCSessionDescription, NegotiationError> {
    todo!(
        "2-4 check the state with `NegotiationCall::CreateAnswer.permit()`, then call the peer's `create_answer()`; \
         see step-04-sdp/src/negotiation_call.rs"
    )
}
