//! 2-1 to 2-5: offer and answer.

use step_02_peer::Peer;
use webrtc::peer_connection::RTCSessionDescription;

use crate::negotiation_call::NegotiationCall;
use crate::negotiation_error::NegotiationError;

/// 2-1: asks `peer` what it wants to send and receive (W3C webrtc-pc §4.4.2 `createOffer()`). Nothing changes yet.
///
/// # Errors
/// [`NegotiationError::InvalidState`] while an offer of the other peer waits for its answer.
pub async fn create_offer(peer: &Peer) -> Result<RTCSessionDescription, NegotiationError> {
    NegotiationCall::CreateOffer.permit(peer).await?;
    Ok(peer.create_offer().await?)
}

/// 2-2, and the second half of 2-4: `peer` keeps to its own description from now on (W3C webrtc-pc §4.4.2
/// `setLocalDescription()`). ICE begins to look for candidates.
///
/// # Errors
/// [`NegotiationError::InvalidState`] for an answer without an offer, or an offer while the other one waits.
pub async fn set_local_description(
    peer: &Peer,
    description: RTCSessionDescription,
) -> Result<(), NegotiationError> {
    NegotiationCall::set_local(&description)
        .permit(peer)
        .await?;
    Ok(peer.set_local_description(description).await?)
}

/// 2-3 and 2-5: tells `peer` what the other one has described (W3C webrtc-pc §4.4.2 `setRemoteDescription()`).
///
/// # Errors
/// [`NegotiationError::InvalidState`] for an answer to nothing, or an offer while its own waits (glare).
pub async fn set_remote_description(
    peer: &Peer,
    description: RTCSessionDescription,
) -> Result<(), NegotiationError> {
    NegotiationCall::set_remote(&description)
        .permit(peer)
        .await?;
    Ok(peer.set_remote_description(description).await?)
}

/// 2-4: asks `peer` what it accepts of the offer that it was told (W3C webrtc-pc §4.4.2 `createAnswer()`).
///
/// # Errors
/// [`NegotiationError::InvalidState`] when there is no offer to answer.
pub async fn create_answer(peer: &Peer) -> Result<RTCSessionDescription, NegotiationError> {
    NegotiationCall::CreateAnswer.permit(peer).await?;
    Ok(peer.create_answer().await?)
}
