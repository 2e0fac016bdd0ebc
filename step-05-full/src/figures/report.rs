//! `--report FILE.json`: what happened.

use std::fmt;

use serde::Serialize;
use step_01_capture::{MediaStream, Timeline};

use crate::figures::call_stats::CallStats;

/// Everything that the program did between Start and its end.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Where the frames came from; none if Start was never pressed.
    pub source: Option<SourceReport>,
    /// One entry for each time that Call was pressed.
    pub calls: Vec<CallStats>,
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

/// One transition of one state machine.
#[derive(Debug, Serialize)]
pub struct TransitionReport {
    /// Since the program began.
    pub at_ms: f64,
    /// Whose it is: `local`, `remote`, `app`.
    pub peer: String,
    /// Which state machine.
    pub machine: &'static str,
    /// The state that was left; null for the first one.
    pub from: Option<String>,
    /// The state that was entered.
    pub to: String,
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

impl fmt::Display for SourceReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (label, rate) = (&self.label, self.frame_rate);
        let (width, height) = (self.width, self.height);
        write!(f, "{label}, {width}x{height}, {rate} frames a second")
    }
}

impl Report {
    /// Puts together what is known.
    pub fn new(source: Option<SourceReport>, calls: &[CallStats], timeline: &Timeline) -> Self {
        let transitions = timeline
            .transitions()
            .into_iter()
            .map(|t| TransitionReport {
                at_ms: t.at.as_micros() as f64 / 1e3,
                peer: t.peer,
                machine: t.machine.0,
                from: t.from,
                to: t.to,
            });
        Self {
            source,
            calls: calls.to_vec(),
            transitions: transitions.collect(),
        }
    }
}
