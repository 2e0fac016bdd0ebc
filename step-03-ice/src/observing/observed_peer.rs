//! Peers whose sockets an [`IceWatch`] observes.

use std::sync::Arc;

use step_01_capture::Timeline;
use step_02_peer::{
    MediaTap, Peer, PeerConfig, PeerError, PeerEvents, PeerPair, RuntimeLayer, tokio_runtime,
};

use crate::observing::captured_peer::CapturedPeer;
use crate::observing::datagram_log::DatagramLog;
use crate::observing::ice_watch::IceWatch;
use crate::observing::watched_runtime::WatchedRuntime;

/// Creates a peer (1-1) whose sockets are observed. Servers that fail show as `icecandidateerror` among its events.
///
/// # Errors
/// [`PeerError::Create`].
pub async fn new_observed_peer(
    name: &str,
    mut config: PeerConfig,
    timeline: &Timeline,
) -> Result<(Peer, PeerEvents, IceWatch), PeerError> {
    let watch = IceWatch::new(&config.ice_servers, timeline.call_log());
    config.prompt |= config.runtime.is_none();
    let runtime = config.runtime.take().unwrap_or_else(tokio_runtime);
    let capture = config.capture.take().map(CapturedPeer::new).map(Arc::new);
    if let Some(peer) = &capture {
        config.media_tap = Some(Arc::clone(peer) as Arc<dyn MediaTap>);
    }
    let log = DatagramLog::new(name, timeline.call_log(), capture);
    config.runtime = Some(WatchedRuntime::new(runtime, watch.clone(), log).into_runtime());
    let (peer, events) = Peer::new(name, config, timeline).await?;
    watch.report_to(peer.ice_error_reporter());
    Ok((peer, events, watch))
}

/// Creates two such peers, `local` and `remote`. The watch is the local peer's.
///
/// # Errors
/// [`PeerError::Create`].
pub async fn new_observed_pair(
    local: PeerConfig,
    remote: PeerConfig,
    timeline: &Timeline,
) -> Result<(PeerPair, IceWatch), PeerError> {
    let (local, local_events, watch) = new_observed_peer("local", local, timeline).await?;
    let (remote, remote_events, _) = new_observed_peer("remote", remote, timeline).await?;
    let pair = PeerPair {
        local,
        remote,
        local_events,
        remote_events,
    };
    Ok((pair, watch))
}
