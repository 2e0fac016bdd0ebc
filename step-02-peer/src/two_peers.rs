//! 1-1: `local` and `remote`, as the codelab has them on one page.

use step_01_capture::Timeline;

use crate::peer::{Peer, PeerError};
use crate::peer_config::PeerConfig;
use crate::peer_event::PeerEvents;

/// Two peers that know nothing of each other yet. Nobody listens to the events of the remote one.
pub(crate) struct TwoPeers {
    pub(crate) local: Peer,
    pub(crate) remote: Peer,
    pub(crate) local_events: PeerEvents,
}

impl TwoPeers {
    /// Makes both, or neither.
    pub(crate) async fn new(config: PeerConfig, timeline: &Timeline) -> Result<Self, PeerError> {
        tracing::info!(peer = "local", "1-1 new RTCPeerConnection()");
        let (local, local_events) = Peer::new("local", config.clone(), timeline).await?;
        tracing::info!(peer = "remote", "1-1 new RTCPeerConnection()");
        match Peer::new("remote", config, timeline).await {
            Ok((remote, _)) => Ok(Self {
                local,
                remote,
                local_events,
            }),
            Err(error) => local.close().await.and(Err(error)),
        }
    }

    /// Closes both, whatever becomes of the first.
    pub(crate) async fn close(self) -> Result<(), PeerError> {
        let local = self.local.close().await;
        local.and(self.remote.close().await)
    }
}
