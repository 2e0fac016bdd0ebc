//! Who makes and takes the descriptions.

use step_02_peer::{Peer, PeerError};
use webrtc::peer_connection::RTCSessionDescription;

/// Makes the offer and the answer of a [`Session`](crate::Session). Here an [`Envelope`](crate::Envelope) does it
/// without a word; step 04 does it in slow motion.
#[async_trait::async_trait]
pub trait Negotiator: Send + Sync + 'static {
    /// Makes an offer and sets it as the local description.
    ///
    /// # Errors
    /// [`PeerError`] of the method that failed.
    async fn offer(&self, peer: &Peer) -> Result<RTCSessionDescription, PeerError>;

    /// Sets the other peer's description. If it is an offer, makes the answer and sets it as the local description.
    ///
    /// # Errors
    /// [`PeerError`] of the method that failed.
    async fn receive(
        &self,
        peer: &Peer,
        description: RTCSessionDescription,
    ) -> Result<Option<RTCSessionDescription>, PeerError>;
}
