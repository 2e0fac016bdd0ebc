//! `--lab loss=10` and `--lab burst-loss`: packets are lost, one by one or in a row, and the video goes on.

use std::time::Duration;

use step_01_capture::program::stop_signal::StopSignal;
use step_01_capture::{MediaStream, Timeline};
use step_02_peer::{PeerConfig, RuntimeLayer, stopped, tokio_runtime};
use tokio::time::timeout;

use crate::call::{Call, LocalVideo};
use crate::call_error::CallError;
use crate::labs::lab_report::LabReport;
use crate::labs::line::LineSettings;
use crate::labs::lossy_network::LossyNetwork;
use crate::labs::screen::Screen;

/// About ninety frames.
const DURATION: Duration = Duration::from_secs(3);

pub(super) const EXPLANATION: &str = "\
The remote peer sees gaps in the sequence numbers and asks for what is missing (NACK, RFC 4585 §6.2.1), up to 17
packets at once; the local peer sends them again, and the frame is late by that much. When a packet does not come again in
time, no later frame can be decoded: then the remote peer asks for a key frame (PLI, RFC 4585 §6.3.1), and shows the last
frame until that has come whole.";

/// Runs a whole call over a network that loses `percent` of the packets, `burst` in a row on average, or each by itself if that
/// is 0.
pub(super) async fn run(
    percent: u8,
    burst: f64,
    stream: &MediaStream,
    screen: &Screen,
    timeline: &Timeline,
    stop: &StopSignal,
) -> Result<LabReport, CallError> {
    let line = LineSettings {
        loss: f64::from(percent) / 100.0,
        burst,
        ..LineSettings::default()
    };
    let network = LossyNetwork::new(tokio_runtime(), line);
    let config = PeerConfig {
        runtime: Some(network.clone().into_runtime()),
        prompt: true,
        ..PeerConfig::loopback()
    };
    let video = LocalVideo::new(stream, rand::random());
    let call = Call::start(video, config, timeline, screen.remote_frames()).await?;
    let _ = timeout(DURATION, stopped(stop)).await;
    let (stats, ended) = call.hang_up().await;
    ended?;
    let (wire, frames) = (network.counts(), stats.frames);
    let seen = format!(
        "RTP packets     {} sent, {} of them lost ({percent} % wanted)\n\
         RTCP packets    {} sent, {} of them lost\n\
         NACK            {} times the remote peer asked for packets again, {} in all; {} were sent again\n\
         PLI             {} times it asked for a key frame\n\
         frames          {} sent, {} decoded ({} of them key frames), {} given up",
        wire.rtp,
        wire.rtp_lost,
        wire.rtcp,
        wire.rtcp_lost,
        wire.nacks,
        stats.packets_requested,
        wire.sent_again,
        wire.plis,
        frames.sent,
        frames.decoded,
        frames.key_frames,
        frames.sent.saturating_sub(frames.decoded),
    );
    Ok(LabReport::new(seen, EXPLANATION))
}
