//! The descriptions that ICE needs, in a closed envelope.
//!
//! ICE cannot start without an offer and an answer: they carry the names and passwords of its checks. What else stands
//! in them, and in which order they are made, is the subject of step 04.

use step_02_peer::{Peer, PeerError};
use webrtc::peer_connection::{RTCSdpType, RTCSessionDescription};

use crate::signaling::SignalingMessage;

/// Makes an offer for the other peer.
///
/// # Errors
/// [`PeerError::Call`] of the method that failed.
pub async fn seal(peer: &Peer) -> Result<SignalingMessage, PeerError> {
    let connection = peer.connection();
    let offer = connection
        .create_offer(None)
        .await
        .map_err(|e| peer.failed("createOffer", e))?;
    set_local(peer, offer).await
}

/// Takes the other peer's description; gives the answer if it was an offer.
///
/// # Errors
/// [`PeerError::Call`] of the method that failed.
pub async fn open(
    peer: &Peer,
    description: RTCSessionDescription,
) -> Result<Option<SignalingMessage>, PeerError> {
    let connection = peer.connection();
    let is_offer = description.sdp_type == RTCSdpType::Offer;
    let set = connection.set_remote_description(description).await;
    set.map_err(|e| peer.failed("setRemoteDescription", e))?;
    if !is_offer {
        return Ok(None);
    }
    let answer = connection
        .create_answer(None)
        .await
        .map_err(|e| peer.failed("createAnswer", e))?;
    set_local(peer, answer).await.map(Some)
}

async fn set_local(
    peer: &Peer,
    description: RTCSessionDescription,
) -> Result<SignalingMessage, PeerError> {
    let set = peer
        .connection()
        .set_local_description(description.clone())
        .await;
    set.map_err(|e| peer.failed("setLocalDescription", e))?;
    Ok(SignalingMessage::Description(description))
}
