//! What a session leaves behind.

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
    /// Puts together what is known.
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
}

/// `--report FILE.json` of a program that talked to others.
#[derive(Debug, Serialize)]
pub struct BroadcastReport {
    /// Where the local pictures came from; null for a program that only watched.
    pub source: Option<SourceReport>,
    /// The sessions that have ended, the latest ones if there were very many.
    pub sessions: Vec<SessionReport>,
}
