//! Who creates and applies the descriptions.
//!
//! ICE cannot start without an offer and an answer: they carry the user names and passwords of its checks
//! (RFC 8839 §5.4). What else they contain, and in which order they are created, is the subject of step 04.

use std::error::Error;

use step_02_peer::Peer;
use webrtc::peer_connection::{RTCSdpType, RTCSessionDescription};

/// Why there is no description: the reason is the negotiator's own.
pub type NegotiatorError = Box<dyn Error + Send + Sync>;

/// Creates the offer and the answer of a [`Session`](crate::Session). A [`SilentNegotiator`] traces nothing; step 04
/// traces every call.
#[async_trait::async_trait]
pub trait Negotiator: Send + Sync + 'static {
    /// Creates an offer and sets it as the local description.
    ///
    /// # Errors
    /// The method that failed, and why.
    async fn offer(&self, peer: &Peer) -> Result<RTCSessionDescription, NegotiatorError>;

    /// Sets the other peer's description. If it is an offer, creates the answer and sets it as the local description.
    ///
    /// # Errors
    /// The method that failed, and why.
    async fn receive(
        &self,
        peer: &Peer,
        description: RTCSessionDescription,
    ) -> Result<Option<RTCSessionDescription>, NegotiatorError>;
}

/// Creates and sets the descriptions, and traces nothing.
pub struct SilentNegotiator;

#[async_trait::async_trait]
impl Negotiator for SilentNegotiator {
    async fn offer(&self, peer: &Peer) -> Result<RTCSessionDescription, NegotiatorError> {
        let offer = peer.create_offer().await?;
        peer.set_local_description(offer.clone()).await?;
        Ok(offer)
    }

    async fn receive(
        &self,
        peer: &Peer,
        description: RTCSessionDescription,
    ) -> Result<Option<RTCSessionDescription>, NegotiatorError> {
        let is_offer = description.sdp_type == RTCSdpType::Offer;
        peer.set_remote_description(description).await?;
        if !is_offer {
            return Ok(None);
        }
        let answer = peer.create_answer().await?;
        peer.set_local_description(answer.clone()).await?;
        Ok(Some(answer))
    }
}
