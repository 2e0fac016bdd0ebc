//! `--report FILE.json`: what happened.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use step_01_capture::{MediaStream, Timeline};

use crate::figures::call_stats::{CallStats, FrameStats};

/// Everything that the program did between Start and its end.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Where the pictures came from; none if Start was never pressed.
    pub source: Option<SourceReport>,
    /// One entry for each time that Call was pressed.
    pub calls: Vec<CallReport>,
    /// Every transition of every state machine.
    pub transitions: Vec<TransitionReport>,
}

/// The source of the local video.
#[derive(Debug, Clone, Serialize)]
pub struct SourceReport {
    /// The name of the camera, the file or the pattern.
    pub label: String,
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Frames a second.
    pub frame_rate: u32,
}

/// The figures of one call. A figure that was never measured is null.
#[derive(Debug, Serialize)]
pub struct CallReport {
    /// From Call to connected.
    pub setup_ms: Option<f64>,
    /// From Call to the first remote picture.
    pub first_remote_frame_ms: Option<f64>,
    /// What happened to the pictures.
    pub frames: FrameStats,
    /// How long the remote video stood still.
    pub freezes: FreezeReport,
    /// Pictures decoded a second.
    pub decoded_per_second: Option<f64>,
    /// From capture to decoded.
    pub latency_ms: LatencyReport,
    /// H.264 that arrived, in 1000 bits a second.
    pub bitrate_kbps: Option<f64>,
    /// RTP packets that were sent.
    pub packets_sent: u64,
    /// Key frames that the receiver asked for (PLI).
    pub key_frame_requests: u64,
    /// Packets that the receiver asked for again, each as often as it did (NACK).
    pub packets_requested: u64,
    /// The pair of candidates that media took.
    pub selected_pair: Option<String>,
    /// Why pictures did not flow, or no longer.
    pub failure: Option<String>,
}

/// How long the remote video stood still.
#[derive(Debug, Serialize)]
pub struct FreezeReport {
    /// How often.
    pub count: u64,
    /// In all.
    pub total_ms: f64,
    /// The longest time from one frame to the next, whether it is a freeze or not.
    pub longest_interval_ms: f64,
}

/// How old the pictures were when they were decoded.
#[derive(Debug, Serialize)]
pub struct LatencyReport {
    /// Half of the pictures were no older.
    pub p50: Option<f64>,
    /// 99 in 100 pictures were no older.
    pub p99: Option<f64>,
}

/// One step of one state machine.
#[derive(Debug, Serialize)]
pub struct TransitionReport {
    /// Since the program began.
    pub at_ms: f64,
    /// Who: `local`, `remote`, `app`.
    pub peer: String,
    /// Which state machine.
    pub machine: &'static str,
    /// The state that was left; null for the first one.
    pub from: Option<String>,
    /// The state that was entered.
    pub to: String,
}

/// The report could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the report {} cannot be written: {cause}: choose a folder that is there and that you may write to", .path.display())]
pub struct ReportError {
    path: PathBuf,
    cause: std::io::Error,
}

impl SourceReport {
    /// Describes the video of `stream`.
    pub fn of(stream: &MediaStream) -> Self {
        let track = stream.video_track();
        let settings = track.settings();
        Self {
            label: track.label().to_owned(),
            width: settings.resolution.width(),
            height: settings.resolution.height(),
            frame_rate: settings.frame_rate,
        }
    }
}

impl From<&CallStats> for CallReport {
    fn from(stats: &CallStats) -> Self {
        Self {
            setup_ms: stats.setup.map(milliseconds),
            first_remote_frame_ms: stats.first_remote_frame.map(milliseconds),
            frames: stats.frames,
            freezes: FreezeReport {
                count: stats.freezes.count,
                total_ms: milliseconds(stats.freezes.total),
                longest_interval_ms: milliseconds(stats.freezes.longest_interval),
            },
            decoded_per_second: stats.decoded_per_second().map(|rate| rounded(rate, 100.0)),
            latency_ms: LatencyReport {
                p50: stats.latency_p50.map(milliseconds),
                p99: stats.latency_p99.map(milliseconds),
            },
            bitrate_kbps: stats
                .bits_per_second()
                .map(|rate| rounded(rate / 1000.0, 10.0)),
            packets_sent: stats.packets_sent,
            key_frame_requests: stats.key_frame_requests,
            packets_requested: stats.packets_requested,
            selected_pair: stats.selected_pair.clone(),
            failure: stats.failure.clone(),
        }
    }
}

impl Report {
    /// Puts together what is known.
    pub fn new(source: Option<SourceReport>, calls: &[CallStats], timeline: &Timeline) -> Self {
        let transitions = timeline
            .transitions()
            .into_iter()
            .map(|t| TransitionReport {
                at_ms: milliseconds(t.at),
                peer: t.peer,
                machine: t.machine.0,
                from: t.from,
                to: t.to,
            });
        Self {
            source,
            calls: calls.iter().map(CallReport::from).collect(),
            transitions: transitions.collect(),
        }
    }
}

/// The file of `--report`, opened before anything else happens: that it cannot be written is told at the beginning, not
/// after a long call.
#[derive(Debug)]
pub struct ReportFile {
    path: PathBuf,
    file: File,
}

impl ReportFile {
    /// Makes the file, or empties it.
    ///
    /// # Errors
    /// [`ReportError`].
    pub fn create(path: &Path) -> Result<Self, ReportError> {
        let failed = |cause| ReportError::new(path, cause);
        let file = File::create(path).map_err(failed)?;
        let path = path.to_owned();
        Ok(Self { path, file })
    }

    /// Writes the report as JSON.
    ///
    /// # Errors
    /// [`ReportError`].
    pub fn write(mut self, report: &impl Serialize) -> Result<(), ReportError> {
        let text = serde_json::to_string_pretty(report).map_err(std::io::Error::other);
        let written = text.and_then(|text| writeln!(self.file, "{text}"));
        written.map_err(|cause| ReportError::new(&self.path, cause))
    }
}

impl ReportError {
    fn new(path: &Path, cause: std::io::Error) -> Self {
        let path = path.to_owned();
        Self { path, cause }
    }
}

fn milliseconds(duration: Duration) -> f64 {
    rounded(duration.as_secs_f64() * 1e3, 1000.0)
}

fn rounded(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}
