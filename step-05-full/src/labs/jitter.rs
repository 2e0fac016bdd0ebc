//! `--lab jitter=80ms`: packets that are late by chance, without and with a jitter buffer.

use std::fmt::Write;
use std::time::Duration;

use step_01_capture::program::stop_signal::StopSignal;
use step_01_capture::{MediaStream, Timeline};
use step_02_peer::{PeerConfig, RuntimeLayer, stopped, tokio_runtime};
use tokio::time::timeout;

use crate::call::{Call, LocalVideo};
use crate::call_error::CallError;
use crate::figures::call_stats::CallStats;
use crate::labs::lab_report::LabReport;
use crate::labs::line::LineSettings;
use crate::labs::lossy_network::LossyNetwork;
use crate::labs::screen::Screen;
use crate::receive::jitter_buffer::PlayoutDelay;
use crate::receive::video_receiver::RemoteVideo;

/// Of each of the two calls.
const DURATION: Duration = Duration::from_secs(4);

pub(super) const EXPLANATION: &str = "\
Frames are captured at equal distances. Shown as they come, a movement stutters by as much as they are late. The jitter buffer
measures how unequal the distances are (RFC 3550 §6.4.1). It shows each frame at its time of capture, which the RTP timestamp
names, plus a delay that few frames exceed. The movement is even, and the whole call is later by that delay.";

/// Runs two calls whose packets are up to `milliseconds` late.
pub(super) async fn run(
    milliseconds: u16,
    stream: &MediaStream,
    screen: &Screen,
    timeline: &Timeline,
    stop: &StopSignal,
) -> Result<LabReport, CallError> {
    let jitter = Duration::from_millis(milliseconds.into());
    let without = call(
        jitter,
        PlayoutDelay::Off,
        stream,
        screen,
        &Timeline::new(),
        stop,
    )
    .await?;
    let with = call(jitter, PlayoutDelay::Auto, stream, screen, timeline, stop).await?;
    let mut seen = format!("packets         up to {milliseconds} ms late, in order");
    for (name, stats) in [("without buffer", &without), ("with buffer", &with)] {
        let in_ms = |time: Option<Duration>| time.unwrap_or_default().as_millis();
        let _ = write!(
            seen,
            "\n{name:<15} {} ms of jitter, {} ms in the buffer; distances between frames deviate by {} ms; latency {} ms p50",
            in_ms(stats.jitter),
            in_ms(stats.playout_delay),
            stats.freezes.interval_deviation.as_millis(),
            in_ms(stats.latency.p50),
        );
    }
    Ok(LabReport::new(seen, EXPLANATION))
}

pub(super) async fn call(
    jitter: Duration,
    playout: PlayoutDelay,
    stream: &MediaStream,
    screen: &Screen,
    timeline: &Timeline,
    stop: &StopSignal,
) -> Result<CallStats, CallError> {
    let line = LineSettings {
        jitter,
        ..LineSettings::default()
    };
    let config = PeerConfig {
        runtime: Some(LossyNetwork::new(tokio_runtime(), line).into_runtime()),
        prompt: true,
        ..PeerConfig::loopback()
    };
    let remote_video = RemoteVideo {
        frames: screen.remote_frames(),
        playout,
    };
    let video = LocalVideo::new(stream, rand::random());
    let call = Call::start(video, config, timeline, remote_video).await?;
    let _ = timeout(DURATION, stopped(stop)).await;
    let (stats, ended) = call.hang_up().await;
    ended?;
    Ok(stats)
}
