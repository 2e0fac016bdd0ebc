//! 2-1 to 2-5: offer and answer.

use step_02_peer::{Peer, PeerError};
use webrtc::peer_connection::{RTCSdpType, RTCSessionDescription};

use crate::signaling_state::{InvalidStateError, NegotiationCall, SignalingState};

/// Why a negotiation stopped.
#[derive(Debug, thiserror::Error)]
pub enum NegotiationError {
    /// The call came at the wrong time.
    #[error(transparent)]
    InvalidState(#[from] InvalidStateError),
    /// webrtc refused.
    #[error(transparent)]
    Peer(#[from] PeerError),
}

/// 2-1: asks `peer` what it wants to send and receive (W3C webrtc-pc §4.4.1.6 `createOffer()`). Nothing changes yet.
///
/// # Errors
/// [`NegotiationError::InvalidState`] while an offer of the other peer waits for its answer.
pub async fn create_offer(peer: &Peer) -> Result<RTCSessionDescription, NegotiationError> {
    permit(peer, NegotiationCall::CreateOffer).await?;
    let offer = peer.connection().create_offer(None).await;
    Ok(offer.map_err(|source| peer.failed("createOffer", source))?)
}

/// 2-2 and the second half of 2-4: makes a description of its own the one that `peer` keeps to (W3C webrtc-pc
/// §4.4.1.6 `setLocalDescription()`). ICE begins to look for candidates.
///
/// # Errors
/// [`NegotiationError::InvalidState`] for an answer without an offer, or an offer while one waits.
pub async fn set_local_description(
    peer: &Peer,
    description: RTCSessionDescription,
) -> Result<(), NegotiationError> {
    permit(
        peer,
        match description.sdp_type {
            RTCSdpType::Offer => NegotiationCall::SetLocalOffer,
            _ => NegotiationCall::SetLocalAnswer,
        },
    )
    .await?;
    let set = peer.connection().set_local_description(description).await;
    Ok(set.map_err(|source| peer.failed("setLocalDescription", source))?)
}

/// 2-3 and 2-5: tells `peer` what the other one has described (W3C webrtc-pc §4.4.1.6 `setRemoteDescription()`).
///
/// # Errors
/// [`NegotiationError::InvalidState`] for an answer to nothing, or an offer while its own waits (glare).
pub async fn set_remote_description(
    peer: &Peer,
    description: RTCSessionDescription,
) -> Result<(), NegotiationError> {
    permit(
        peer,
        match description.sdp_type {
            RTCSdpType::Offer => NegotiationCall::SetRemoteOffer,
            _ => NegotiationCall::SetRemoteAnswer,
        },
    )
    .await?;
    let set = peer.connection().set_remote_description(description).await;
    Ok(set.map_err(|source| peer.failed("setRemoteDescription", source))?)
}

/// 2-4: asks `peer` what it accepts of the offer that it was told (W3C webrtc-pc §4.4.1.6 `createAnswer()`).
///
/// # Errors
/// [`NegotiationError::InvalidState`] when there is no offer to answer.
pub async fn create_answer(peer: &Peer) -> Result<RTCSessionDescription, NegotiationError> {
    permit(peer, NegotiationCall::CreateAnswer).await?;
    let answer = peer.connection().create_answer(None).await;
    Ok(answer.map_err(|source| peer.failed("createAnswer", source))?)
}

async fn permit(peer: &Peer, call: NegotiationCall) -> Result<(), NegotiationError> {
    Ok(call.check(peer.name(), SignalingState::of(peer).await)?)
}
