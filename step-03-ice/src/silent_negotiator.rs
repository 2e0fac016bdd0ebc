//! The descriptions that ICE needs, in a closed envelope.
//!
//! ICE cannot start without an offer and an answer: they carry the names and passwords of its checks (RFC 8839 §5.4).
//! What else stands in them, and in which order they are made, is the subject of step 04.

use step_02_peer::{Peer, PeerError};
use webrtc::peer_connection::{RTCSdpType, RTCSessionDescription};

use crate::negotiator::{Negotiator, NegotiatorError};

/// Offer and answer, made and set without a word.
pub struct SilentNegotiator;

#[async_trait::async_trait]
impl Negotiator for SilentNegotiator {
    async fn offer(&self, peer: &Peer) -> Result<RTCSessionDescription, NegotiatorError> {
        let offer = peer.connection().create_offer(None).await;
        Ok(set_local(peer, offer.map_err(|e| peer.failed("createOffer", e))?).await?)
    }

    async fn receive(
        &self,
        peer: &Peer,
        description: RTCSessionDescription,
    ) -> Result<Option<RTCSessionDescription>, NegotiatorError> {
        let connection = peer.connection();
        let is_offer = description.sdp_type == RTCSdpType::Offer;
        let set = connection.set_remote_description(description).await;
        set.map_err(|e| peer.failed("setRemoteDescription", e))?;
        if !is_offer {
            return Ok(None);
        }
        let answer = connection.create_answer(None).await;
        Ok(Some(
            set_local(peer, answer.map_err(|e| peer.failed("createAnswer", e))?).await?,
        ))
    }
}

async fn set_local(
    peer: &Peer,
    description: RTCSessionDescription,
) -> Result<RTCSessionDescription, PeerError> {
    let set = peer
        .connection()
        .set_local_description(description.clone())
        .await;
    set.map_err(|e| peer.failed("setLocalDescription", e))?;
    Ok(description)
}
