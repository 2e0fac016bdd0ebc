//! 2-1 to 2-5: offer and answer, for you to write.
//!
//! `cargo test -p step-04-sdp --features exercise` tells what is missing. All four functions have the same three
//! parts: may it be called now, call it, name the peer and the method if it fails.

use step_02_peer::Peer;
use webrtc::peer_connection::RTCSessionDescription;

use crate::negotiation_error::NegotiationError;

/// 2-1: ask `peer` what it wants to send and receive (W3C webrtc-pc §4.4.2 `createOffer()`). Nothing changes yet.
///
/// # Errors
/// [`NegotiationError::InvalidState`] while an offer of the other peer waits for its answer.
pub async fn create_offer(_peer: &Peer) -> Result<RTCSessionDescription, NegotiationError> {
    todo!(
        "2-1: NegotiationCall::CreateOffer.permit(), then connection().create_offer(None), and \
         Peer::failed() for its error"
    )
}

/// 2-2, and the second half of 2-4: let `peer` keep to its own description (W3C webrtc-pc §4.4.2
/// `setLocalDescription()`). ICE begins to look for candidates.
///
/// # Errors
/// [`NegotiationError::InvalidState`] for an answer without an offer, or an offer while the other one waits.
pub async fn set_local_description(
    _peer: &Peer,
    _description: RTCSessionDescription,
) -> Result<(), NegotiationError> {
    todo!(
        "2-2: NegotiationCall::set_local(&description).permit(), then \
         connection().set_local_description()"
    )
}

/// 2-3 and 2-5: tell `peer` what the other one has described (W3C webrtc-pc §4.4.2 `setRemoteDescription()`).
///
/// # Errors
/// [`NegotiationError::InvalidState`] for an answer to nothing, or an offer while its own waits (glare).
pub async fn set_remote_description(
    _peer: &Peer,
    _description: RTCSessionDescription,
) -> Result<(), NegotiationError> {
    todo!(
        "2-3, 2-5: NegotiationCall::set_remote(&description).permit(), then \
         connection().set_remote_description()"
    )
}

/// 2-4: ask `peer` what it accepts of the offer that it was told (W3C webrtc-pc §4.4.2 `createAnswer()`).
///
/// # Errors
/// [`NegotiationError::InvalidState`] when there is no offer to answer.
pub async fn create_answer(_peer: &Peer) -> Result<RTCSessionDescription, NegotiationError> {
    todo!("2-4: NegotiationCall::CreateAnswer.permit(), then connection().create_answer(None)")
}
