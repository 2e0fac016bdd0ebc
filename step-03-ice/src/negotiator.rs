//! Who makes and takes the descriptions.

use std::error::Error;

use step_02_peer::Peer;
use webrtc::peer_connection::RTCSessionDescription;

/// Why there is no description: the reason is the negotiator's own.
pub type NegotiatorError = Box<dyn Error + Send + Sync>;

/// Makes the offer and the answer of a [`Session`](crate::Session). Here an [`SilentNegotiator`](crate::Envelope) does it
/// without a word; step 04 does it in slow motion.
#[async_trait::async_trait]
pub trait Negotiator: Send + Sync + 'static {
    /// Makes an offer and sets it as the local description.
    ///
    /// # Errors
    /// The method that failed, and why.
    async fn offer(&self, peer: &Peer) -> Result<RTCSessionDescription, NegotiatorError>;

    /// Sets the other peer's description. If it is an offer, makes the answer and sets it as the local description.
    ///
    /// # Errors
    /// The method that failed, and why.
    async fn receive(
        &self,
        peer: &Peer,
        description: RTCSessionDescription,
    ) -> Result<Option<RTCSessionDescription>, NegotiatorError>;
}
