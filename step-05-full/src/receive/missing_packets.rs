//! Which packets are missing, and when to ask for each of them (RFC 4585 §6.2.1).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// So often one packet is asked for. What has not come by then will not come any more.
const MAX_REQUESTS: u32 = 10;

/// So many packets are asked for at most. Where more are missing, a key frame is the better answer.
const MAX_MISSING: usize = 512;

/// The gaps in the numbers of a stream.
#[derive(Debug, Default)]
pub(crate) struct MissingPackets {
    newest: Option<u64>,
    gaps: BTreeMap<u64, Requests>,
    /// Given up. If they come after all, the round trip is longer than was known.
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

    /// Adds a packet: what it skipped is missing. Returns how long ago it was asked for, if it was.
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

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_millis(20);
    const LOOK: &str = "see step-05-full/src/receive/missing_packets.rs";

    /// The packets 0 and `beyond` have come, at the time that is returned.
    fn gap(beyond: u64) -> (MissingPackets, Instant) {
        let (mut packets, now) = (MissingPackets::default(), Instant::now());
        packets.arrived(0, now);
        packets.arrived(beyond, now);
        (packets, now)
    }

    #[test]
    fn a_packet_that_was_skipped_is_requested_until_it_comes() {
        let (mut packets, now) = gap(3);
        assert_eq!(packets.take_due(INTERVAL, now), [1, 2], "at once; {LOOK}");
        assert_eq!(packets.take_due(INTERVAL, now), [0; 0], "not twice; {LOOK}");
        assert_eq!(packets.next_due(INTERVAL), Some(now + INTERVAL), "{LOOK}");
        let answered = packets.arrived(1, now + INTERVAL);
        assert_eq!(answered, Some(INTERVAL), "since the first request; {LOOK}");
        let again = packets.take_due(INTERVAL, now + INTERVAL);
        assert_eq!(again, [2], "1 is here; {LOOK}");
    }

    #[test]
    fn one_packet_is_requested_ten_times_at_most() {
        let (mut packets, now) = gap(2);
        let due = (0..100).map(|round| packets.take_due(INTERVAL, now + round * INTERVAL));
        assert_eq!(due.flatten().count(), 10, "{LOOK}");
        assert_eq!(packets.next_due(INTERVAL), None, "{LOOK}");
    }

    #[test]
    fn what_was_given_up_is_not_requested_but_its_time_counts() {
        let (mut packets, now) = gap(2);
        assert_eq!(packets.take_due(INTERVAL, now), [1], "{LOOK}");
        packets.give_up_before(2);
        let later = now + 10 * INTERVAL;
        assert_eq!(packets.take_due(INTERVAL, later), [0; 0], "{LOOK}");
        assert_eq!(packets.arrived(1, later), Some(10 * INTERVAL), "{LOOK}");
    }

    #[test]
    fn of_a_long_gap_the_newest_packets_are_requested() {
        let (mut packets, now) = gap(1000);
        let due = packets.take_due(INTERVAL, now);
        let ends = (due.first().copied(), due.last().copied());
        assert_eq!(due.len(), MAX_MISSING, "{LOOK}");
        assert_eq!(ends, (Some(488), Some(999)), "{LOOK}");
    }
}
