//! The connectivity checks that one peer sent and received.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rtc::stun::message::TransactionId;

/// Two peers have a handful of candidates each. A stranger who sends from many ports must not fill the memory.
const MOST_PAIRS: usize = 512;
/// Checks of one pair whose answers may still arrive.
const MOST_PENDING: usize = 8;

/// A local address and a remote one.
pub(crate) type Pair = (SocketAddr, SocketAddr);

/// One pair of addresses and the outcome of its checks.
///
/// A server-reflexive candidate has no socket of its own: its checks are sent from the host candidate behind it, its
/// base, so the two make one pair here (RFC 8445 §6.1.2.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Where the checks are sent from: a socket of this machine, or an address on a relay.
    pub local: SocketAddr,
    /// Where they are sent to.
    pub remote: SocketAddr,
    /// How many have been sent.
    pub sent: u32,
    /// How long the first answer took; none while there is none.
    pub round_trip: Option<Duration>,
    /// Whether the controlling peer has nominated the pair (USE-CANDIDATE, RFC 8445 §8.1.1): media takes it.
    pub nominated: bool,
    /// The PRIORITY in the other peer's own checks (RFC 8445 §7.1.1).
    pub remote_priority: Option<u32>,
}

/// All of them, in the order of the first check.
#[derive(Default)]
pub(crate) struct CheckLog {
    checks: Vec<Entry>,
}

/// A pair with its checks that have no answer yet.
type Entry = (Check, VecDeque<(TransactionId, Instant)>);

impl CheckLog {
    pub(crate) fn sent(&mut self, now: Instant, pair: Pair, id: TransactionId, nominates: bool) {
        let Some((check, pending)) = self.entry(pair) else {
            return;
        };
        check.sent += 1;
        check.nominated |= nominates;
        pending.truncate(MOST_PENDING - 1);
        pending.push_front((id, now));
    }

    pub(crate) fn received(&mut self, pair: Pair, priority: Option<u32>, nominates: bool) {
        if let Some((check, _)) = self.entry(pair) {
            check.remote_priority = priority.or(check.remote_priority);
            check.nominated |= nominates;
        }
    }

    /// Notes an answer, and returns how long it took; none for the second answer to one check.
    pub(crate) fn answered(&mut self, now: Instant, id: TransactionId) -> Option<Duration> {
        let mut newest = None;
        for (check, pending) in &mut self.checks {
            let place = pending.iter().position(|(pending, _)| *pending == id);
            if let Some((_, sent)) = place.and_then(|place| pending.remove(place)) {
                let took = now.saturating_duration_since(sent);
                check.round_trip.get_or_insert(took);
                newest = Some(took);
            }
        }
        newest
    }

    /// The pairs on which this peer has sent a check.
    pub(crate) fn checks(&self) -> Vec<Check> {
        let sent = self.checks.iter().filter(|(check, _)| check.sent > 0);
        sent.map(|(check, _)| check.clone()).collect()
    }

    fn entry(&mut self, (local, remote): Pair) -> Option<&mut Entry> {
        let known = |(check, _): &Entry| check.local == local && check.remote == remote;
        if let Some(index) = self.checks.iter().position(known) {
            return self.checks.get_mut(index);
        }
        if self.checks.len() == MOST_PAIRS {
            return None;
        }
        let check = Check {
            local,
            remote,
            sent: 0,
            round_trip: None,
            nominated: false,
            remote_priority: None,
        };
        self.checks.push((check, VecDeque::new()));
        self.checks.last_mut()
    }
}

#[cfg(test)]
#[path = "check_log_tests.rs"]
mod tests;
