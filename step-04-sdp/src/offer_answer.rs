//! 2-1 to 2-5: the four calls of offer and answer.

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

/// 2-2 and the second half of 2-4: applies the description that `peer` itself created (W3C webrtc-pc §4.4.2
/// `setLocalDescription()`). ICE begins to gather candidates.
///
/// # Errors
/// [`NegotiationError::InvalidState`] for an answer without an offer, or for an offer while the other peer's offer is not
/// answered yet.
pub async fn set_local_description(
    peer: &Peer,
    description: RTCSessionDescription,
) -> Result<(), NegotiationError> {
    NegotiationCall::set_local(&description)
        .permit(peer)
        .await?;
    Ok(peer.set_local_description(description).await?)
}

/// 2-3 and 2-5: applies the description that the other peer sent (W3C webrtc-pc §4.4.2 `setRemoteDescription()`).
///
/// # Errors
/// [`NegotiationError::InvalidState`] for an answer without an offer, or for an offer while `peer` waits for the answer
/// to its own (glare).
pub async fn set_remote_description(
    peer: &Peer,
    description: RTCSessionDescription,
) -> Result<(), NegotiationError> {
    NegotiationCall::set_remote(&description)
        .permit(peer)
        .await?;
    Ok(peer.set_remote_description(description).await?)
}

/// 2-4: describes which parts of the other peer's offer `peer` accepts (W3C webrtc-pc §4.4.2 `createAnswer()`).
///
/// # Errors
/// [`NegotiationError::InvalidState`] when there is no offer to answer.
pub async fn create_answer(peer: &Peer) -> Result<RTCSessionDescription, NegotiationError> {
    NegotiationCall::CreateAnswer.permit(peer).await?;
    Ok(peer.create_answer().await?)
}
