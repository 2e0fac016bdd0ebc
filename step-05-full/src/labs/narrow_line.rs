//! `--lab bandwidth=300k` and `--lab bandwidth-drop`: a line that carries less than the video needs, all the time or from the
//! middle of the call on, without and with congestion control.

use std::fmt::Write;
use std::time::Duration;

use rtc::interceptor::ConstantBitrate;
use step_01_capture::program::stop_signal::StopSignal;
use step_01_capture::{MediaStream, Timeline};
use step_02_peer::{Bandwidth, PeerConfig, RuntimeLayer, stopped, tokio_runtime};
use tokio::time::timeout;

use crate::bandwidth_estimate::BandwidthEstimate;
use crate::call::{Call, LocalVideo};
use crate::call_error::CallError;
use crate::figures::call_stats::CallStats;
use crate::labs::lab_report::LabReport;
use crate::labs::line::LineSettings;
use crate::labs::lossy_network::LossyNetwork;
use crate::labs::screen::Screen;
use crate::labs::wire::WireCounts;

/// Of each of the two calls.
const DURATION: Duration = Duration::from_secs(5);

/// How often the bitrate is looked at.
const INTERVAL: Duration = Duration::from_millis(500);

pub(super) const EXPLANATION: &str = "\
A line keeps what it cannot carry yet in a queue, and loses the rest. Without control the queue is always full: every frame is
late by its length, packets are lost, and soon no frame can be decoded. With control the remote peer reports when each packet
arrived (transport-cc), and the local peer sees how long packets wait before any is lost: it asks its encoder for fewer bits,
then for half the size, and sends the packets no faster than the line carries them.";

/// Runs two calls over a line that carries `kilobits` of these thousand bits a second, first and in the second half.
pub(super) async fn run(
    kilobits: [u32; 2],
    stream: &MediaStream,
    screen: &Screen,
    timeline: &Timeline,
    stop: &StopSignal,
) -> Result<LabReport, CallError> {
    // Always what fits the size, whatever the line carries.
    let unaware = Bandwidth::new(Box::new(ConstantBitrate::new(20e6)));
    let without = call(kilobits, unaware, stream, screen, &Timeline::new(), stop).await?;
    let with = call(
        kilobits,
        BandwidthEstimate::bandwidth(),
        stream,
        screen,
        timeline,
        stop,
    )
    .await?;
    let rate = match kilobits {
        [first, then] if first != then => format!("{first} kbit/s, then {then}"),
        [rate, _] => format!("{rate} kbit/s"),
    };
    let mut seen = format!("line              {rate}, 25 ms long, with a queue of 300 ms");
    for (name, call) in [("without control", &without), ("with control", &with)] {
        let CallStats {
            frames, latency, ..
        } = &call.stats;
        let milliseconds = |time: Option<Duration>| time.unwrap_or_default().as_millis();
        let _ = write!(
            seen,
            "\n{name:<17} {} frames captured, {} decoded; latency {} ms p50; {} packets lost",
            frames.captured,
            frames.decoded,
            milliseconds(latency.p50),
            call.wire.rtp_lost,
        );
    }
    let asked: Vec<String> = with.asked.iter().map(|rate| format!("{rate:.0}")).collect();
    let _ = write!(
        seen,
        "\nasked for         {} kbit/s, every half second",
        asked.join(", ")
    );
    Ok(LabReport::new(seen, EXPLANATION))
}

pub(super) struct Seen {
    stats: CallStats,
    wire: WireCounts,
    /// What the encoder was asked for, in 1000 bits a second.
    asked: Vec<f64>,
}

pub(super) async fn call(
    kilobits: [u32; 2],
    bandwidth: Bandwidth,
    stream: &MediaStream,
    screen: &Screen,
    timeline: &Timeline,
    stop: &StopSignal,
) -> Result<Seen, CallError> {
    let [first, then] = kilobits.map(|kilobits| LineSettings {
        rate: f64::from(kilobits) * 1000.0,
        queue: Duration::from_millis(300),
        delay: Duration::from_millis(25),
        ..LineSettings::default()
    });
    let network = LossyNetwork::new(tokio_runtime(), first);
    let config = PeerConfig {
        runtime: Some(network.clone().into_runtime()),
        prompt: true,
        bandwidth: Some(bandwidth),
        ..PeerConfig::loopback()
    };
    let video = LocalVideo::new(stream, rand::random());
    let call = Call::start(video, config, timeline, screen.remote_frames()).await?;
    let mut asked = Vec::new();
    let intervals = DURATION.div_duration_f64(INTERVAL) as usize;
    while asked.len() < intervals {
        if asked.len() == intervals / 2 {
            network.change(then);
        }
        if timeout(INTERVAL, stopped(stop)).await.is_ok() {
            break;
        }
        asked.push(call.stats().target_bitrate_kbps.unwrap_or_default());
    }
    let (stats, ended) = call.hang_up().await;
    ended?;
    let wire = network.counts();
    Ok(Seen { stats, wire, asked })
}
