//! `--lab loss=10`: packets get lost, and the picture goes on.

use std::time::Duration;

use step_01_capture::latest_frame::latest_frame;
use step_01_capture::program::stop_signal::StopSignal;
use step_01_capture::{MediaStream, Timeline};
use step_02_peer::{PeerConfig, RuntimeLayer, stopped, tokio_runtime};

use super::LabReport;
use crate::call::{Call, LocalVideo};
use crate::call_error::CallError;
use crate::labs::lossy_network::LossyNetwork;

/// About ninety pictures.
const WATCHED: Duration = Duration::from_secs(3);

const EXPLANATION: &str = "\
The remote peer sees gaps in the sequence numbers and asks for what is missing (NACK, RFC 4585 §6.2.1); the local peer
sends those packets again, and the picture is late by that much. What does not come again in time breaks the chain of
pictures: then it asks for a key frame (PLI, RFC 4585 §6.3.1), and shows the last picture until that has come whole.";

/// Runs a whole call over a network that loses `percent` of the packets.
pub(super) async fn run(
    percent: u8,
    stream: &MediaStream,
    timeline: &Timeline,
    stop: &StopSignal,
) -> Result<LabReport, CallError> {
    let network = LossyNetwork::new(tokio_runtime(), percent);
    let config = PeerConfig {
        runtime: Some(network.clone().into_runtime()),
        prompt: true,
        ..PeerConfig::loopback()
    };
    let (pictures, _shown) = latest_frame();
    let video = LocalVideo::new(stream, rand::random());
    let call = Call::start(video, config, timeline, pictures).await?;
    tokio::select! {
        () = tokio::time::sleep(WATCHED) => {}
        () = stopped(stop) => {}
    }
    let (stats, ended) = call.hang_up().await;
    ended?;
    let (wire, frames) = (network.counts(), stats.frames);
    let seen = format!(
        "RTP packets     {} sent, {} of them lost ({percent} % wanted)\n\
         RTCP packets    {} sent, {} of them lost\n\
         NACK            {} times the remote peer asked for packets again; {} were sent again\n\
         PLI             {} times it asked for a key frame\n\
         pictures        {} sent, {} decoded ({} of them key frames), {} given up",
        wire.rtp,
        wire.rtp_lost,
        wire.rtcp,
        wire.rtcp_lost,
        wire.nacks,
        wire.sent_again,
        wire.plis,
        frames.sent,
        frames.decoded,
        frames.key_frames,
        frames.sent.saturating_sub(frames.decoded),
    );
    Ok(LabReport {
        seen,
        explanation: EXPLANATION,
    })
}
