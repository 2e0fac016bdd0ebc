//! The check list, for people: which pairs were tried, in which order, and which one won.

use std::cmp::{max, min};
use std::fmt;
use std::time::Duration;

use crate::candidate::{Candidate, CandidateType};
use crate::observing::check_log::Check;
use crate::session::Role;

/// A pair of candidates that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedPair {
    /// What the checks left from: a host candidate or a relayed one.
    pub local: CheckedEnd,
    /// Where they went.
    pub remote: CheckedEnd,
    /// How many checks were sent.
    pub sent: u32,
    /// How long the first answer took; none while there is none.
    pub round_trip: Option<Duration>,
    /// Whether media takes this way.
    pub nominated: bool,
    role: Role,
}

/// One end of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedEnd {
    /// How the address was learned.
    pub kind: CandidateType,
    /// The address and the port.
    pub socket: String,
    /// The candidate's priority (RFC 8445 §5.1.2).
    pub priority: u32,
}

/// The pairs of one peer, in the order of their first check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckList {
    /// The pairs.
    pub pairs: Vec<CheckedPair>,
    role: Role,
}

impl CheckList {
    /// Finds the candidates behind the addresses. `role` says who nominates: the offerer is the controlling agent
    /// (RFC 8445 §6.1.1).
    pub fn new(checks: &[Check], local: &[Candidate], remote: &[Candidate], role: Role) -> Self {
        let pairs = checks.iter().map(|check| CheckedPair {
            local: end(&check.local.to_string(), local, None),
            remote: end(&check.remote.to_string(), remote, check.told_priority),
            sent: check.sent,
            round_trip: check.round_trip,
            nominated: check.nominated,
            role,
        });
        Self {
            pairs: pairs.collect(),
            role,
        }
    }

    /// The pair that media takes.
    pub fn nominated(&self) -> Option<&CheckedPair> {
        self.pairs.iter().find(|pair| pair.nominated)
    }
}

/// The candidate with this address; where several have it, as a host candidate and its srflx twin do, the first
/// counts (RFC 8445 §6.1.2.4). An address that nobody told of was learned from the check itself.
fn end(socket: &str, candidates: &[Candidate], told_priority: Option<u32>) -> CheckedEnd {
    let same = candidates.iter().filter(|c| c.socket() == socket);
    let known = same.max_by_key(|candidate| candidate.priority);
    CheckedEnd {
        kind: known.map_or(CandidateType::PeerReflexive, |candidate| candidate.kind),
        socket: socket.to_owned(),
        priority: known.map_or(told_priority.unwrap_or(0), |candidate| candidate.priority),
    }
}

impl CheckedPair {
    /// `2^32 · min(G, D) + 2 · max(G, D) + (G > D ? 1 : 0)` with G of the controlling and D of the controlled agent
    /// (RFC 8445 §6.1.2.3), so that both agents give the pair the same priority.
    pub fn priority(&self) -> u64 {
        let (local, remote) = (self.local.priority.into(), self.remote.priority.into());
        let (g, d): (u64, u64) = match self.role {
            Role::Offerer => (local, remote),
            Role::Answerer => (remote, local),
        };
        // RFC 8445 §5.1.2 keeps priorities below 2^31, but a stranger may not.
        (min(g, d) << 32).saturating_add(2 * max(g, d) + u64::from(g > d))
    }

    /// Whether something passes everything on.
    pub fn is_relayed(&self) -> bool {
        [&self.local, &self.remote]
            .iter()
            .any(|end| end.kind == CandidateType::Relay)
    }
}

impl fmt::Display for CheckedEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<5} {:<21}", self.kind, self.socket)
    }
}

impl fmt::Display for CheckedPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} -> {}  priority {:<19}  ",
            self.local,
            self.remote,
            self.priority()
        )?;
        match self.round_trip {
            Some(time) => write!(f, "answered in {:.1} ms", time.as_secs_f64() * 1e3)?,
            None => write!(f, "no answer")?,
        }
        if self.nominated {
            write!(f, ", nominated")?;
        }
        Ok(())
    }
}

impl fmt::Display for CheckList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pairs.is_empty() {
            return write!(f, "none: there was no pair of candidates to check");
        }
        for (number, pair) in (1..).zip(&self.pairs) {
            writeln!(f, "{number:>2}  {pair}")?;
        }
        let (who, whose) = match self.role {
            Role::Offerer => ("This peer made the offer, so it", "its own"),
            Role::Answerer => ("The other peer made the offer, so it", "the other peer's"),
        };
        writeln!(
            f,
            "A pair is checked as soon as both of its candidates are there."
        )?;
        writeln!(
            f,
            "{who} nominates: of the pairs that were answered by then, the one of the highest priority,"
        )?;
        write!(
            f,
            "2^32 · the lower of both candidates' + 2 · the higher + 1 if {whose} is the higher (RFC 8445 §6.1.2.3)."
        )
    }
}
