//! What a call measured.

use std::fmt;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::figures::freezes::FreezeStats;
use crate::figures::latency::{Percentiles, milliseconds};
use crate::figures::rtp_stream_stats::{InboundStats, OutboundStats};

/// The figures of one call or session, as far as they are known. `--report` writes them; what was not measured is null.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct CallStats {
    /// From Call to connected: the codelab's "Setup time".
    #[serde(rename = "setup_ms", serialize_with = "milliseconds")]
    pub setup: Option<Duration>,
    /// From Call to the first remote frame.
    #[serde(rename = "first_remote_frame_ms", serialize_with = "milliseconds")]
    pub first_remote_frame: Option<Duration>,
    /// What happened to the frames.
    pub frames: FrameStats,
    /// How long the remote video stood still.
    pub freezes: FreezeStats,
    /// Frames decoded a second, between the first and the last one.
    pub decoded_per_second: Option<f64>,
    /// From capture to decoded.
    #[serde(rename = "latency_ms")]
    pub latency: Percentiles,
    /// How unequal the distances are at which frames arrive (RFC 3550 §6.4.1).
    #[serde(rename = "jitter_ms", serialize_with = "milliseconds")]
    pub jitter: Option<Duration>,
    /// How long the jitter buffer holds frames.
    #[serde(rename = "jitter_buffer_ms", serialize_with = "milliseconds")]
    pub playout_delay: Option<Duration>,
    /// H.264 that was decoded, in 1000 bits a second.
    pub bitrate_kbps: Option<f64>,
    /// H.264 that the encoder was asked for last, in 1000 bits a second: what the line carries, or less if the video needs
    /// less.
    pub target_bitrate_kbps: Option<f64>,
    /// RTP packets that were sent.
    pub packets_sent: u64,
    /// Key frames that the receiver asked for (PLI, RFC 4585 §6.3.1).
    #[serde(rename = "key_frame_requests")]
    pub pli_count: u64,
    /// Packets that the receiver asked for again, each as often as it did (NACK, RFC 4585 §6.2.1).
    pub packets_requested: u64,
    /// The pair of candidates that media takes.
    pub selected_pair: Option<String>,
    /// Why no frames arrive, or no longer.
    pub failure: Option<String>,
}

/// What happened to the frames of a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct FrameStats {
    /// Captured while the call was sending.
    pub captured: u64,
    /// Encoded and handed to the network.
    pub sent: u64,
    /// Decoded at the other side.
    pub decoded: u64,
    /// Key frames among those decoded.
    pub key_frames: u64,
    /// Dropped at the other side, because an earlier one was lost.
    pub dropped: u64,
}

impl CallStats {
    /// Takes over what the sender counted.
    pub fn note_sent(&mut self, outbound: &OutboundStats) {
        self.frames.captured = outbound.frames_captured;
        self.frames.sent = outbound.frames_sent;
        self.packets_sent = outbound.packets_sent;
        let target = outbound.target_bitrate;
        self.target_bitrate_kbps = target.map(|rate| rounded(f64::from(rate) / 1000.0, 10.0));
    }

    /// Takes over what the receiver counted. `began` is when Call was pressed.
    pub fn note_received(&mut self, inbound: &InboundStats, began: Instant) {
        self.frames.decoded = inbound.frames_decoded;
        self.frames.key_frames = inbound.key_frames_decoded;
        self.frames.dropped = inbound.frames_dropped;
        self.pli_count = inbound.pli_count;
        self.packets_requested = inbound.packets_requested;
        self.freezes = inbound.freezes;
        self.latency = inbound.latency;
        self.jitter = Some(inbound.jitter);
        self.playout_delay = Some(inbound.playout_delay);
        let first = inbound.first_decoded_at;
        self.first_remote_frame = first.map(|first| first.saturating_duration_since(began));
        let frame_rate = inbound.frames_per_second();
        self.decoded_per_second = frame_rate.map(|rate| rounded(rate, 100.0));
        let bit_rate = inbound.bits_per_second();
        self.bitrate_kbps = bit_rate.map(|rate| rounded(rate / 1000.0, 10.0));
    }

    /// One line while the call goes on: what the codelab shows below its videos, and how well the call goes.
    pub fn status_line(&self) -> String {
        let rate = self
            .bitrate_kbps
            .map(|rate| format!("   {:.2} Mbit/s", rate / 1e3));
        format!(
            "Setup time: {}   latency: {}   frames: {} of {}{}",
            in_ms(self.setup).unwrap_or("...".to_owned()),
            in_ms(self.latency.p50).unwrap_or("...".to_owned()),
            self.frames.decoded,
            self.frames.captured,
            rate.unwrap_or_default(),
        )
    }
}

/// The figures of a call that has ended, one a line.
impl fmt::Display for CallStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |name: &str, figure: Option<String>, none: &str| {
            let figure = figure.as_deref().unwrap_or(none);
            writeln!(f, "{name:<20}{figure}")
        };
        line("Setup time", in_ms(self.setup), "never connected")?;
        let first = in_ms(self.first_remote_frame).map(|first| first + " after Call");
        line("first remote frame", first, "never came")?;
        let FrameStats {
            captured,
            sent,
            decoded,
            ..
        } = self.frames;
        let rate = self.decoded_per_second;
        let rate = rate.map_or(String::new(), |rate| format!(", {rate:.1} a second"));
        let frames = format!("{captured} captured, {sent} sent, {decoded} decoded{rate}");
        line("frames", Some(frames), "")?;
        let latency = in_ms(self.latency.p50).zip(in_ms(self.latency.p99));
        let latency =
            latency.map(|(p50, p99)| format!("{p50} p50, {p99} p99, from capture to decoded"));
        line("latency", latency, "none")?;
        let asked = self.target_bitrate_kbps;
        let asked = asked.map_or(String::new(), |rate| {
            format!(", {:.2} asked for", rate / 1e3)
        });
        let bitrate = self
            .bitrate_kbps
            .map(|rate| format!("{:.2} Mbit/s of H.264{asked}", rate / 1e3));
        line("bitrate", bitrate, "none")?;
        line("selected pair", self.selected_pair.clone(), "none")?;
        match self.failure.clone() {
            Some(failure) => line("failure", Some(failure), ""),
            None => Ok(()),
        }
    }
}

fn in_ms(time: Option<Duration>) -> Option<String> {
    time.map(|time| format!("{:.1} ms", time.as_secs_f64() * 1e3))
}

fn rounded(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}
