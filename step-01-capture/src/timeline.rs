//! Every state machine of the call, in one list.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::call_log::CallLog;

/// A state machine that the W3C texts define, by the short name that the trace prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateMachine(pub &'static str);

impl StateMachine {
    /// `MediaStreamTrack.readyState`: live, ended (W3C Media Capture §4.3.1).
    pub const TRACK: StateMachine = StateMachine("track");
}

impl fmt::Display for StateMachine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// W3C's states that are never left. What comes later is the first state of a new object, as in the next call.
const FINAL_STATES: [&str; 2] = ["closed", "ended"];

/// One step of one state machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// Since the start of the timeline.
    pub at: Duration,
    /// Who: `local`, `remote`.
    pub peer: String,
    /// Which of its state machines.
    pub machine: StateMachine,
    /// The state that was left; none for the first one of a track or a peer connection.
    pub from: Option<String>,
    /// The state that was entered, in W3C's spelling.
    pub to: String,
}

/// The list of all transitions of all peers. Clones share it.
///
/// Everything that changes state is recorded here and nowhere else; the trace, the tests and the reports read it.
#[derive(Debug, Clone)]
pub struct Timeline {
    started: Instant,
    transitions: Arc<Mutex<Vec<Transition>>>,
    call_log: CallLog,
}

impl Default for Timeline {
    fn default() -> Self {
        Self::new()
    }
}

impl Timeline {
    /// An empty timeline that starts now.
    pub fn new() -> Self {
        let started = Instant::now();
        Self {
            started,
            transitions: Arc::default(),
            call_log: CallLog::new(started),
        }
    }

    /// What happened beside the changes of state, on the same clock.
    pub fn call_log(&self) -> &CallLog {
        &self.call_log
    }

    /// Records that a state machine of `peer` is now in state `to`, and traces it. The same state twice is one state.
    pub fn record(&self, peer: &str, machine: StateMachine, to: impl fmt::Display) {
        let to = to.to_string();
        let mut transitions = self.transitions.lock();
        let last = last_state(&transitions, peer, machine);
        if last.as_ref() == Some(&to) {
            return;
        }
        let from = last.filter(|state| !FINAL_STATES.contains(&state.as_str()));
        match &from {
            Some(from) => tracing::info!(peer, "{machine}: {from} => {to}"),
            None => tracing::info!(peer, "{machine}: {to}"),
        }
        transitions.push(Transition {
            at: self.started.elapsed(),
            peer: peer.to_owned(),
            machine,
            from,
            to,
        });
    }

    /// Records a call of `peer`, with the text that was passed to it, for the report.
    pub fn record_call(&self, peer: &str, call: &'static str, text: &str) {
        self.call_log.call(peer, call, text);
    }

    /// The state in which a state machine of `peer` is now.
    pub fn state(&self, peer: &str, machine: StateMachine) -> Option<String> {
        last_state(&self.transitions.lock(), peer, machine)
    }

    /// Everything so far, in the order in which it happened.
    pub fn transitions(&self) -> Vec<Transition> {
        self.transitions.lock().clone()
    }

    /// How long after the start of the timeline a state was first entered.
    pub fn reached(&self, peer: &str, machine: StateMachine, state: &str) -> Option<Duration> {
        let transitions = self.transitions.lock();
        let first = transitions
            .iter()
            .find(|t| t.peer == peer && t.machine == machine && t.to == state);
        first.map(|t| t.at)
    }
}

fn last_state(transitions: &[Transition], peer: &str, machine: StateMachine) -> Option<String> {
    let mut newest_first = transitions.iter().rev();
    let last = newest_first.find(|t| t.peer == peer && t.machine == machine);
    last.map(|t| t.to.clone())
}

/// One line for each state machine of each peer, as in `local  signaling: stable => have-local-offer => stable`. The
/// states of the next call follow after a semicolon.
impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let transitions = self.transitions();
        let mut lines: BTreeMap<(&str, StateMachine), String> = BTreeMap::new();
        for t in &transitions {
            let line = lines.entry((&t.peer, t.machine)).or_default();
            *line += match (&t.from, line.is_empty()) {
                (Some(_), _) => " => ",
                (None, false) => "; ",
                (None, true) => "",
            };
            *line += &t.to;
        }
        for ((peer, machine), line) in lines {
            writeln!(f, "{peer:<6} {machine}: {line}")?;
        }
        Ok(())
    }
}
