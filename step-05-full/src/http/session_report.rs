//! The report of a session.

use serde::Serialize;
use step_01_capture::Timeline;

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
        }
    }

    /// A session that ended in a failure of this program: there are no figures.
    pub fn broken(name: &str, reason: String) -> Self {
        tracing::error!(peer = name, "session broken: {reason}");
        Self::new(name, reason, 0, &CallStats::default(), &Timeline::new())
    }
}

/// `--report FILE.json` of `--serve`, `--publish` and `--watch`.
#[derive(Debug, Serialize)]
pub struct BroadcastReport {
    /// Where the local video came from; null for `--watch`.
    pub source: Option<SourceReport>,
    /// The sessions, in the order of their ends; the latest 256.
    pub sessions: Vec<SessionReport>,
}
