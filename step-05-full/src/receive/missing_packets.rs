//! Which packets are missing, and when to ask for each of them (RFC 4585 §6.2.1).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// So often one packet is asked for. What has not come by then will not come any more.
const MAX_REQUESTS: u32 = 10;

/// So many packets are missed at most. Where more are missing, a key frame is the better answer.
const MAX_MISSING: usize = 512;

/// The gaps in the numbers of a stream.
#[derive(Debug, Default)]
pub(crate) struct MissingPackets {
    newest: Option<u64>,
    gaps: BTreeMap<u64, Requests>,
    /// Given up, but if they come after all, that tells how far away the sender is.
    given_up: BTreeMap<u64, Requests>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Requests {
    count: u32,
    first: Option<Instant>,
    last: Option<Instant>,
}

impl MissingPackets {
    /// The number of the newest packet.
    pub(crate) fn newest(&self) -> Option<u64> {
        self.newest
    }

    /// Takes note of a packet: what it skipped is missing. Returns how long ago it was asked for, if it was.
    pub(crate) fn arrived(&mut self, at: u64, now: Instant) -> Option<Duration> {
        if let Some(newest) = self.newest {
            let first = at.saturating_sub(MAX_MISSING as u64).max(newest + 1);
            for skipped in first..at {
                self.gaps.insert(skipped, Requests::default());
            }
            limit(&mut self.gaps);
        }
        self.newest = self.newest.max(Some(at));
        let requests = self.gaps.remove(&at).or_else(|| self.given_up.remove(&at));
        Some(now.saturating_duration_since(requests?.first?))
    }

    /// Gives up everything before `start`.
    pub(crate) fn give_up_before(&mut self, start: u64) {
        if self.gaps.range(..start).next().is_some() {
            let later = self.gaps.split_off(&start);
            self.given_up.append(&mut self.gaps);
            self.gaps = later;
            limit(&mut self.given_up);
        }
    }

    /// What is to be asked for now. The same packet comes up again after `interval`.
    pub(crate) fn take_due(&mut self, interval: Duration, now: Instant) -> Vec<u16> {
        let mut due = Vec::new();
        for (at, requests) in &mut self.gaps {
            let again = requests.last.is_none_or(|last| now >= last + interval);
            if again && requests.count < MAX_REQUESTS {
                requests.count += 1;
                requests.first.get_or_insert(now);
                requests.last = Some(now);
                due.push(*at as u16);
            }
        }
        due
    }

    /// When [`MissingPackets::take_due`] will have something, if no packet comes before.
    pub(crate) fn next_due(&self, interval: Duration) -> Option<Instant> {
        let open = |requests: &&Requests| requests.count < MAX_REQUESTS;
        let asked = self.gaps.values().filter(open);
        asked
            .filter_map(|requests| Some(requests.last? + interval))
            .min()
    }
}

fn limit(packets: &mut BTreeMap<u64, Requests>) {
    while packets.len() > MAX_MISSING {
        packets.pop_first();
    }
}
