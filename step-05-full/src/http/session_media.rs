//! What a session is about: video that goes out, or video that comes in.

use step_02_peer::{Peer, PeerEvent};

use crate::figures::call_stats::CallStats;

/// Why a session has no video.
pub type MediaError = Box<dyn std::error::Error + Send + Sync>;

/// The video of one session. It hears what its peer hears, and acts when it is time.
#[async_trait::async_trait]
pub trait SessionMedia: Send + Sync + 'static {
    /// Announces the video to the peer, before the first description is made.
    ///
    /// # Errors
    /// webrtc's reason.
    async fn attach(&mut self, peer: &Peer) -> Result<(), MediaError>;

    /// Begins to send or to receive once the connection stands.
    ///
    /// # Errors
    /// There is no encoder, no decoder, or no codec in common: the session has no purpose.
    async fn hear(&mut self, event: &PeerEvent) -> Result<(), MediaError>;

    /// Notes the figures so far.
    fn note(&self, stats: &mut CallStats);

    /// Ends the threads and notes the last figures.
    async fn end(&mut self, stats: &mut CallStats);
}
