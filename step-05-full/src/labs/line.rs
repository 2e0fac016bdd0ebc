//! One direction of a network line: whether a packet arrives, and when.
//!
//! No device, no thread and no clock: the time and the length of a packet go in, its fate comes out.

use std::fmt;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It arrives at this time.
    Arrives(Instant),
    /// It is lost on its way.
    Lost,
    /// It finds the queue full.
    Overflowed,
}

/// What became of the packets so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// They arrived, or will.
    pub passed: u64,
    /// They were lost on their way.
    pub lost: u64,
    /// They found the queue full.
    pub overflowed: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            passed,
            lost,
            overflowed,
        } = self;
        write!(f, "{passed} passed, {lost} lost, {overflowed} overflowed")
    }
}

/// What a direction does to its packets. The default does nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LineSettings {
    /// How long a packet is on its way.
    pub delay: Duration,
    /// Up to so much longer, at random; packets do not overtake one another.
    pub jitter: Duration,
    /// The share of packets that are lost, at random, of 1.
    pub loss: f64,
    /// Packets that are lost in a row, on average; 0 for losses that know nothing of each other.
    pub burst: f64,
    /// Bits a second; 0 for no limit.
    pub rate: f64,
    /// How long a packet may wait for that bandwidth; what would wait longer is dropped.
    pub queue: Duration,
}

/// One direction of a line.
#[derive(Debug)]
pub struct Direction {
    /// They may change at any time.
    pub settings: LineSettings,
    chance: StdRng,
    /// In the midst of a burst of losses.
    in_burst: bool,
    /// When the last bit of the packets so far has left.
    free_at: Option<Instant>,
    last_arrival: Option<Instant>,
    counts: Counts,
}

impl Direction {
    /// A direction that loses the same packets in every run with the same seed.
    pub fn new(settings: LineSettings, seed: u64) -> Self {
        Self {
            settings,
            chance: StdRng::seed_from_u64(seed),
            in_burst: false,
            free_at: None,
            last_arrival: None,
            counts: Counts::default(),
        }
    }

    /// Decides what becomes of a packet of `length` bytes that comes at `now`.
    pub fn carry(&mut self, length: usize, now: Instant) -> Fate {
        let Some(sent) = self.transmit(length, now) else {
            self.counts.overflowed += 1;
            return Fate::Overflowed;
        };
        // A packet that gets lost further on has used the bandwidth as well.
        if self.loses() {
            self.counts.lost += 1;
            return Fate::Lost;
        }
        let jitter = self.settings.jitter.mul_f64(self.chance.random());
        let arrival = sent + self.settings.delay + jitter;
        let arrival = self.last_arrival.map_or(arrival, |last| arrival.max(last));
        self.last_arrival = Some(arrival);
        self.counts.passed += 1;
        Fate::Arrives(arrival)
    }

    /// When the packet has left, behind all those before it. None when it would wait too long for that.
    fn transmit(&mut self, length: usize, now: Instant) -> Option<Instant> {
        if self.settings.rate == 0.0 {
            self.free_at = None;
            return Some(now);
        }
        let begin = self.free_at.map_or(now, |free_at| free_at.max(now));
        if begin - now > self.settings.queue {
            return None;
        }
        let bits = length as f64 * 8.0;
        let sent = begin + Duration::from_secs_f64(bits / self.settings.rate);
        self.free_at = Some(sent);
        Some(sent)
    }

    /// Losses in bursts are those of Gilbert's channel: it loses all packets in its bad state and none in the good one.
    fn loses(&mut self) -> bool {
        let LineSettings { loss, burst, .. } = self.settings;
        let chance: f64 = self.chance.random();
        if burst == 0.0 || loss == 0.0 || loss == 1.0 {
            self.in_burst = false;
            return chance < loss;
        }
        // The bad state lasts `burst` packets, the good one as many more as make the losses come out at `loss`.
        let leave = 1.0 / burst.max(1.0);
        let enter = leave * loss / (1.0 - loss);
        self.in_burst = match self.in_burst {
            true => chance >= leave,
            false => chance < enter,
        };
        self.in_burst
    }

    /// What became of the packets so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The file to open when a test fails.
    const LOOK: &str = "see step-05-full/src/labs/line.rs";

    fn direction(settings: LineSettings) -> Direction {
        Direction::new(settings, 1)
    }

    fn none() -> LineSettings {
        LineSettings::default()
    }

    fn lossy(loss: f64, burst: f64) -> Direction {
        direction(LineSettings {
            loss,
            burst,
            ..none()
        })
    }

    fn milliseconds(number: u64) -> Duration {
        Duration::from_millis(number)
    }

    /// The fates of 100,000 packets, 1 ms apart.
    fn losses(direction: &mut Direction) -> Vec<bool> {
        let begin = Instant::now();
        let fates = (0..100_000).map(|at| direction.carry(1000, begin + milliseconds(at)));
        fates.map(|fate| fate == Fate::Lost).collect()
    }

    #[test]
    fn a_packet_arrives_when_the_delay_is_over() {
        let now = Instant::now();
        let fate = direction(LineSettings {
            delay: milliseconds(50),
            ..none()
        })
        .carry(1000, now);
        assert_eq!(fate, Fate::Arrives(now + milliseconds(50)), "{LOOK}");
    }

    #[test]
    fn packets_wait_for_the_bandwidth_and_overflow_the_queue() {
        let now = Instant::now();
        // 1000 bytes are 8 ms at 1 Mbit/s.
        let mut line = direction(LineSettings {
            rate: 1e6,
            queue: milliseconds(10),
            ..none()
        });
        let fates = [(); 4].map(|()| line.carry(1000, now));
        let arrives = |at| Fate::Arrives(now + milliseconds(at));
        assert_eq!(
            fates,
            [arrives(8), arrives(16), Fate::Overflowed, Fate::Overflowed],
            "the third would wait for 16 ms, and 10 are permitted; {LOOK}"
        );
        assert_eq!(
            line.carry(1000, now + milliseconds(16)),
            arrives(24),
            "an empty line takes packets again; {LOOK}"
        );
    }

    #[test]
    fn jitter_delays_packets_and_keeps_their_order() {
        let mut line = direction(LineSettings {
            delay: milliseconds(10),
            jitter: milliseconds(80),
            ..none()
        });
        let begin = Instant::now();
        let mut last = begin;
        for at in (0..10_000).map(|at| begin + milliseconds(at)) {
            let Fate::Arrives(arrival) = line.carry(1000, at) else {
                panic!("nothing is lost here; {LOOK}");
            };
            assert!(arrival >= last, "one packet has overtaken another; {LOOK}");
            let delay = arrival - at;
            assert!(
                (milliseconds(10)..=milliseconds(90)).contains(&delay),
                "{delay:?} is not within 10 to 90 ms; {LOOK}"
            );
            last = arrival;
        }
    }

    #[test]
    fn as_many_are_lost_as_was_asked_for() {
        for burst in [0.0, 5.0] {
            let lost = losses(&mut lossy(0.1, burst));
            let lost = lost.iter().filter(|lost| **lost).count();
            assert!(
                (9_000..11_000).contains(&lost),
                "in bursts of {burst}: expected about 10,000 of 100,000, lost {lost}; {LOOK}"
            );
        }
    }

    #[test]
    fn a_burst_is_as_long_as_was_asked_for() {
        let lost = losses(&mut lossy(0.1, 5.0));
        let bursts = lost.chunk_by(|a, b| a == b).filter(|chunk| chunk[0]);
        let lengths: Vec<usize> = bursts.map(<[bool]>::len).collect();
        let mean = lengths.iter().sum::<usize>() as f64 / lengths.len() as f64;
        assert!(
            (4.5..5.5).contains(&mean),
            "expected about 5 lost in a row, measured {mean}; {LOOK}"
        );
    }

    #[test]
    fn an_outage_loses_everything_and_leaves_nothing_behind() {
        let mut line = lossy(1.0, 5.0);
        assert!(losses(&mut line).iter().all(|lost| *lost), "{LOOK}");
        line.settings.loss = 0.0;
        assert!(!losses(&mut line).iter().any(|lost| *lost), "{LOOK}");
    }

    #[test]
    fn the_same_seed_loses_the_same_packets() {
        let run = || losses(&mut lossy(0.1, 2.0));
        assert_eq!(run(), run(), "{LOOK}");
    }
}
