//! 1-5: the check list: which pairs were checked, in which order, and which one was nominated.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use crate::candidate::{Candidate, CandidateType};
use crate::observing::check_log::Check;
use crate::priority::{candidate_priority, pair_priority};
use crate::session::Role;

/// A pair of candidates that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedPair {
    /// Where the checks were sent from: a host candidate or a relayed one.
    pub local: Candidate,
    /// Where they were sent to.
    pub remote: Candidate,
    /// Higher is preferred (RFC 8445 §6.1.2.3).
    pub priority: u64,
    /// How long the first answer took; none while there is none.
    pub round_trip: Option<Duration>,
    /// Whether media takes this pair.
    pub nominated: bool,
}

/// The pairs of one peer, in the order of their first check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckList {
    /// The pairs.
    pub pairs: Vec<CheckedPair>,
    role: Role,
}

impl CheckList {
    /// Finds the candidates that have the addresses of `checks`. `role` says who nominates: the offerer is the
    /// controlling agent (RFC 8445 §6.1.1).
    pub fn new(checks: &[Check], local: &[Candidate], remote: &[Candidate], role: Role) -> Self {
        let pairs = checks.iter().map(|check| {
            let local = candidate_at(check.local, local, None);
            let remote = candidate_at(check.remote, remote, check.remote_priority);
            let priority = match role {
                Role::Offerer => pair_priority(local.priority, remote.priority),
                Role::Answerer => pair_priority(remote.priority, local.priority),
            };
            CheckedPair {
                local,
                remote,
                priority,
                round_trip: check.round_trip,
                nominated: check.nominated,
            }
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

    /// Whether another pair has the priority of the nominated one.
    fn is_tied(&self) -> bool {
        let Some(nominated) = self.nominated() else {
            return false;
        };
        let same = |pair: &&CheckedPair| pair.priority == nominated.priority;
        self.pairs.iter().filter(same).count() > 1
    }
}

/// The candidate with this address. A host candidate and a srflx one may have the same: the one of the higher priority
/// counts (RFC 8445 §6.1.2.4). An address without a candidate was found by the check itself (RFC 8445 §7.3.1.3).
fn candidate_at(socket: SocketAddr, known: &[Candidate], priority: Option<u32>) -> Candidate {
    let same = known.iter().filter(|c| c.socket() == socket.to_string());
    let found = same.max_by_key(|candidate| candidate.priority).cloned();
    found.unwrap_or_else(|| Candidate {
        foundation: String::new(),
        component: 1,
        transport: "udp".to_owned(),
        // What its check says of it, or what every agent calculates (RFC 8445 §7.1.1).
        priority: priority
            .unwrap_or_else(|| candidate_priority(CandidateType::PeerReflexive, u16::MAX, 1)),
        address: socket.ip().to_string(),
        port: socket.port(),
        kind: CandidateType::PeerReflexive,
        related: None,
    })
}

impl CheckedPair {
    /// Whether a TURN server relays what is sent over this pair.
    pub fn is_relayed(&self) -> bool {
        let kinds = [self.local.kind, self.remote.kind];
        kinds.contains(&CandidateType::Relay)
    }
}

impl fmt::Display for CheckedPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = |c: &Candidate| format!("{:<5} {:<21}", c.kind, c.socket());
        let (local, remote) = (end(&self.local), end(&self.remote));
        write!(f, "{local} -> {remote}  priority {:<19}  ", self.priority)?;
        match self.round_trip {
            Some(time) => write!(f, "answered in {:.1} ms", time.as_secs_f64() * 1e3)?,
            None => write!(f, "no answer")?,
        }
        f.write_str(if self.nominated { ", nominated" } else { "" })
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
        write!(
            f,
            "A pair is checked as soon as both of its candidates are there.\n\
             {who} nominates: of the pairs that were answered by then, the one of the highest priority,\n\
             2^32 · the lower of both candidates' + 2 · the higher + 1 if {whose} is the higher (RFC 8445 §6.1.2.3)."
        )?;
        if self.is_tied() {
            write!(
                f,
                "\nSeveral pairs have that priority, because webrtc 0.21 gives every address the local preference 65535. On a machine\n\
                 with more than one address the values should differ (RFC 8445 §5.1.2.1)."
            )?;
        }
        Ok(())
    }
}
