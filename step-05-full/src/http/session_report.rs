//! The report of a session.

use serde::Serialize;
use step_01_capture::Timeline;
use step_01_capture::program::report::Section;
use step_03_ice::report::run_report::{Environment, RunReport, WithFigures};
use step_04_sdp::explain::explanation_or_text;

use crate::figures::call_stats::CallStats;
use crate::figures::report::{Report, SourceReport, TransitionReport};

/// One session, from its offer to its end.
#[derive(Debug, Serialize)]
pub struct SessionReport {
    /// `whep-1`, `whip-2`, and so on.
    pub name: String,
    /// Why it ended.
    pub ended: String,
    /// How often ICE was restarted.
    pub ice_restarts: u32,
    /// The figures.
    #[serde(flatten)]
    pub call: CallStats,
    /// Its state machines.
    pub transitions: Vec<TransitionReport>,
    /// All that was recorded of it, from which the ladder is made.
    #[serde(skip)]
    pub(super) timeline: Timeline,
}

impl SessionReport {
    /// The report of a session that ended for this reason.
    pub fn new(
        name: &str,
        ended: String,
        ice_restarts: u32,
        stats: &CallStats,
        timeline: &Timeline,
    ) -> Self {
        Self {
            name: name.to_owned(),
            ended,
            ice_restarts,
            call: stats.clone(),
            transitions: Report::new(None, &[], timeline).transitions,
            timeline: timeline.clone(),
        }
    }

    /// A session that ended in a failure of this program: there are no figures.
    pub fn broken(name: &str, reason: String) -> Self {
        tracing::error!(peer = name, "session broken: {reason}");
        Self::new(name, reason, 0, &CallStats::default(), &Timeline::new())
    }
}

/// `--report` of `--serve`, `--publish` and `--watch`.
#[derive(Debug, Serialize)]
pub struct BroadcastReport {
    /// Where the local video came from; null for `--watch`.
    pub source: Option<SourceReport>,
    /// The sessions, in the order of their ends; the latest 256.
    pub sessions: Vec<WithFigures<SessionReport>>,
}

impl BroadcastReport {
    /// The report of these sessions, with what this side knows of each.
    pub fn new(
        source: Option<SourceReport>,
        sessions: Vec<SessionReport>,
        environment: &Environment,
    ) -> Self {
        let environment = match &source {
            Some(source) => environment.clone().with("video", source),
            None => environment.clone(),
        };
        let with_run = |session: SessionReport| {
            let environment = environment.clone().with("session", &session.name);
            let timeline = Section::new("Timeline", &session.timeline);
            let ended = &session.ended;
            let summary = format!("{}\n{timeline}", Section::new(ended, &session.call));
            let run = RunReport::new(environment, summary, &session.timeline, explanation_or_text);
            WithFigures {
                figures: session,
                run,
            }
        };
        let sessions = sessions.into_iter().map(with_run).collect();
        Self { source, sessions }
    }
}
