//! `--report FILE`: a run, as JSON or as a page.

use std::fmt::Display;

use serde::Serialize;
use serde_json::{Value, json};
use step_01_capture::call_log::{EventCount, EventKind, Series};
use step_01_capture::{MediaStream, Timeline};

use crate::report::ladder::Ladder;

/// What every step reports of a run.
#[derive(Debug, Serialize)]
pub struct RunReport {
    /// The program and the machine, as names and values.
    pub environment: Vec<(&'static str, String)>,
    /// What the program printed.
    pub summary: String,
    /// Who did what, and what travelled between whom.
    pub ladder: Ladder,
    /// How many events of each kind there were, those that are not in the ladder included.
    pub counts: Vec<Value>,
    /// Figures over time: times in units of 0.1 ms, and values.
    pub series: Vec<Value>,
}

impl RunReport {
    /// The report of a run of `program`. `explain` explains a session description.
    pub fn new(
        program: Environment,
        summary: impl Display,
        timeline: &Timeline,
        explain: impl Fn(&str) -> String,
    ) -> Self {
        let log = timeline.call_log();
        Self {
            environment: program.0,
            summary: summary.to_string(),
            ladder: Ladder::new(timeline, &explain),
            counts: log.counts().iter().map(count_as_json).collect(),
            series: log.all_series().iter().map(series_as_json).collect(),
        }
    }
}

/// A report with the figures that a step has besides.
#[derive(Debug, Serialize)]
pub struct WithFigures<F> {
    /// The step's own.
    #[serde(flatten)]
    pub figures: F,
    /// What every step reports.
    #[serde(flatten)]
    pub run: RunReport,
}

/// The program and the machine, for somebody who is sent the report and helps. No password belongs here.
#[derive(Debug, Clone)]
pub struct Environment(Vec<(&'static str, String)>);

impl Environment {
    /// Program and version, as in `env!("CARGO_PKG_NAME")` and `env!("CARGO_PKG_VERSION")`.
    pub fn new(program: &str, version: &str) -> Self {
        let system = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
        Self(vec![
            ("program", format!("{program} {version}")),
            ("system", system),
        ])
    }

    /// Adds the source of the local video.
    #[must_use]
    pub fn with_video(self, stream: &MediaStream) -> Self {
        let track = stream.video_track();
        let settings = track.settings();
        let (label, rate) = (track.label(), settings.frame_rate);
        let video = format!("{label}, {}, {rate} frames a second", settings.resolution);
        self.with("video", video)
    }

    /// Adds a line.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.0.push((name, value.to_string()));
        self
    }
}

fn count_as_json(count: &EventCount) -> Value {
    json!({
        "peer": count.peer,
        "kind": match count.kind {
            EventKind::Call => "call",
            EventKind::Sent => "sent",
            EventKind::Received => "received",
        },
        "name": count.name,
        "total": count.total,
        "bytes": count.bytes,
        "kept": count.kept,
        "seconds": count.seconds,
    })
}

fn series_as_json(series: &Series) -> Value {
    let (times, values): (Vec<u32>, Vec<f32>) = series.samples.iter().copied().unzip();
    json!({
        "name": series.name,
        "times": times,
        "values": values,
        "left_out": series.left_out,
    })
}
