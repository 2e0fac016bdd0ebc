//! 1-1: `local` and `remote`, as the codelab has them on one page.

use step_01_capture::Timeline;

use crate::peer::Peer;
use crate::peer_config::PeerConfig;
use crate::peer_error::PeerError;
use crate::peer_event::PeerEvents;

/// Two peers in one process that do not know each other yet. Step 03 connects them.
pub struct PeerPair {
    /// The peer that calls.
    pub local: Peer,
    /// The peer that is called.
    pub remote: Peer,
    /// The events of the peer that calls.
    pub local_events: PeerEvents,
    /// The events of the peer that is called.
    pub remote_events: PeerEvents,
}

impl PeerPair {
    /// Creates both peers (1-1).
    ///
    /// # Errors
    /// [`PeerError::Create`].
    pub async fn new(
        local: PeerConfig,
        remote: PeerConfig,
        timeline: &Timeline,
    ) -> Result<Self, PeerError> {
        let (local, local_events) = Peer::new("local", local, timeline).await?;
        let (remote, remote_events) = Peer::new("remote", remote, timeline).await?;
        Ok(Self {
            local,
            remote,
            local_events,
            remote_events,
        })
    }

    /// Closes both peers.
    ///
    /// # Errors
    /// The first [`PeerError`]; both are closed all the same.
    pub async fn close(self) -> Result<(), PeerError> {
        let local = self.local.close().await;
        local.and(self.remote.close().await)
    }
}
