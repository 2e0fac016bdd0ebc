//! The video of a session: outgoing or incoming.

use step_02_peer::{Bandwidth, Peer, PeerEvent};

use crate::figures::call_stats::CallStats;

/// Why a peer or its video failed.
pub type SessionError = Box<dyn std::error::Error + Send + Sync>;

/// The video of one session. It receives the events of its peer.
#[async_trait::async_trait]
pub trait SessionMedia: Send + Sync + 'static {
    /// What estimates the bandwidth for the video, if it goes out.
    fn bandwidth(&self) -> Option<Bandwidth> {
        None
    }

    /// Adds the video to the peer. Call it before the first description is made.
    ///
    /// # Errors
    /// webrtc's reason.
    async fn attach(&mut self, peer: &Peer) -> Result<(), SessionError>;

    /// Starts to send or to receive when the event says that it is possible.
    ///
    /// # Errors
    /// There is no encoder, no decoder, or no codec in common.
    async fn handle(&mut self, event: &PeerEvent) -> Result<(), SessionError>;

    /// Why there is no video any more, if it cannot go on.
    fn failure(&self) -> Option<SessionError> {
        None
    }

    /// Writes the current figures into `stats`.
    fn record(&self, stats: &mut CallStats);

    /// Ends the threads and records the last figures.
    async fn stop(&mut self, stats: &mut CallStats);
}
