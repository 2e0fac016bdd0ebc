//! What `cargo run -p step-03-ice` shows: how two peers find a path to each other.

use std::sync::Arc;

use step_01_capture::Timeline;
use step_01_capture::program::stop_signal::StopSignal;
use step_02_peer::{OutgoingVideo, PeerConfig, stopped};

use crate::connected_pair::ConnectedPair;
use crate::negotiator::SilentNegotiator;
use crate::observing::observed_peer::new_observed_pair;
use crate::report::IceReport;
use crate::session::{Role, SessionError};

/// Connects two peers (1-1 to 1-5 of the note) and closes them again, earlier when `stop` is raised.
///
/// # Errors
/// [`SessionError`] when a peer cannot be created or used. Peers that find no path to each other are no error: the
/// report says so.
pub async fn connect_two_peers(
    video: OutgoingVideo,
    config: PeerConfig,
    timeline: Timeline,
    stop: StopSignal,
) -> Result<IceReport, SessionError> {
    let (pair, watch) = new_observed_pair(config.clone(), config, &timeline).await?;
    pair.local.add_track(&video).await?;
    let mut pair = ConnectedPair::connect(pair, Arc::new(SilentNegotiator));
    let mut report = IceReport::new(timeline);
    tokio::select! {
        () = pair.until_connected_or_failed(|event| report.add_event(event)) => {}
        () = stopped(&stop) => {}
    }
    report.add_checks(&watch.checks(), ("local", "remote"), Role::Offerer);
    pair.close().await?;
    Ok(report)
}
