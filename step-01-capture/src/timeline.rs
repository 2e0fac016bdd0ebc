//! Every state machine of the call, in one list.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

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

/// One step of one state machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// Since the timeline began.
    pub at: Duration,
    /// Who: `local`, `remote`.
    pub peer: String,
    /// Which of its state machines.
    pub machine: StateMachine,
    /// The state that was left; none for the first one.
    pub from: Option<String>,
    /// The state that was entered, in W3C's spelling.
    pub to: String,
}

/// The list of all transitions of all peers. Clones share it.
///
/// Everything that changes state is recorded here and nowhere else; the trace, the tests and the reports read it.
#[derive(Clone)]
pub struct Timeline {
    began: Instant,
    transitions: Arc<Mutex<Vec<Transition>>>,
}

impl Default for Timeline {
    fn default() -> Self {
        Self::new()
    }
}

impl Timeline {
    /// An empty timeline that begins now.
    pub fn new() -> Self {
        Self {
            began: Instant::now(),
            transitions: Arc::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Transition>> {
        // A push leaves the list whole even if the thread that pushed panicked later.
        self.transitions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a state machine of `peer` is now in state `to`, and traces it. The same state twice is one state.
    pub fn record(&self, peer: &str, machine: StateMachine, to: impl fmt::Display) {
        let to = to.to_string();
        let mut transitions = self.lock();
        let of_machine = |t: &&Transition| t.peer == peer && t.machine == machine;
        let from = transitions
            .iter()
            .rev()
            .find(of_machine)
            .map(|t| t.to.clone());
        if from.as_ref() == Some(&to) {
            return;
        }
        match &from {
            Some(from) => tracing::info!(peer, "{machine}: {from} => {to}"),
            None => tracing::info!(peer, "{machine}: {to}"),
        }
        let at = self.began.elapsed();
        transitions.push(Transition {
            at,
            peer: peer.to_owned(),
            machine,
            from,
            to,
        });
    }

    /// The state in which a state machine of `peer` is now.
    pub fn state(&self, peer: &str, machine: StateMachine) -> Option<String> {
        let transitions = self.lock();
        transitions
            .iter()
            .rev()
            .find(|t| t.peer == peer && t.machine == machine)
            .map(|t| t.to.clone())
    }

    /// Everything so far, in the order in which it happened.
    pub fn transitions(&self) -> Vec<Transition> {
        self.lock().clone()
    }

    /// How long after the beginning a state was first entered.
    pub fn reached(&self, peer: &str, machine: StateMachine, state: &str) -> Option<Duration> {
        let transitions = self.lock();
        transitions
            .iter()
            .find(|t| t.peer == peer && t.machine == machine && t.to == state)
            .map(|t| t.at)
    }
}

/// One line for each state machine of each peer, as in `local  signaling: stable => have-local-offer => stable`.
impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines: BTreeMap<(String, StateMachine), String> = BTreeMap::new();
        for t in self.lock().iter() {
            let line = lines.entry((t.peer.clone(), t.machine)).or_default();
            if !line.is_empty() {
                line.push_str(" => ");
            }
            line.write_str(&t.to)?;
        }
        for ((peer, machine), states) in lines {
            writeln!(f, "{peer:<6} {machine}: {states}")?;
        }
        Ok(())
    }
}
