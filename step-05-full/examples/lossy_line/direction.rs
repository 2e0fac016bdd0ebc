//! One direction of a line: whether a packet arrives, and when.
//!
//! No device, no thread and no clock: the time and the length of a packet go in, its fate comes out.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It arrives at this time.
    Arrives(Instant),
    /// It is lost on its way.
    Lost,
    /// It finds the queue full.
    Overflowed,
}

/// What became of the packets so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// They arrived, or will.
    pub(crate) passed: u64,
    /// They were lost on their way.
    pub(crate) lost: u64,
    /// They found the queue full.
    pub(crate) overflowed: u64,
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
struct Settings {
    delay: Duration,
    jitter: Duration,
    /// Of 1.
    loss: f64,
    /// Packets that are lost in a row, on average; 0 for losses that know nothing of each other.
    burst: f64,
    /// Bits a second; 0 for no limit.
    rate: f64,
    queue: Duration,
}

/// One direction of a line.
pub(crate) struct Direction {
    settings: Settings,
    chance: StdRng,
    /// In the midst of a burst of losses.
    in_burst: bool,
    /// When the last bit of the packets so far has left.
    free_at: Option<Instant>,
    last_arrival: Option<Instant>,
    counts: Counts,
}

impl Direction {
    /// A direction that passes everything on at once.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            settings: Settings::default(),
            chance: StdRng::seed_from_u64(seed),
            in_burst: false,
            free_at: None,
            last_arrival: None,
            counts: Counts::default(),
        }
    }

    /// Changes one setting, as in `delay=50`.
    ///
    /// # Errors
    /// There is no such setting, or it has no such value.
    pub(crate) fn set(&mut self, setting: &str) -> Result<()> {
        let (name, value) = setting
            .split_once('=')
            .with_context(|| format!("{setting:?} is no setting: write it as in delay=50"))?;
        let value: f64 = value
            .parse()
            .with_context(|| format!("{setting:?} has no number"))?;
        ensure!(
            (0.0..=1e9).contains(&value),
            "{setting:?} is out of range: 0 or more"
        );
        let milliseconds = Duration::from_secs_f64(value / 1e3);
        let settings = &mut self.settings;
        match name {
            "delay" => settings.delay = milliseconds,
            "jitter" => settings.jitter = milliseconds,
            "queue" => settings.queue = milliseconds,
            "loss" => settings.loss = (value / 100.0).min(1.0),
            "burst" => settings.burst = value,
            "rate" => settings.rate = value * 1e3,
            _ => bail!("{name:?} is none of delay, jitter, loss, burst, rate and queue"),
        }
        Ok(())
    }

    /// Decides what becomes of a packet of `length` bytes that comes at `now`.
    pub(crate) fn carry(&mut self, length: usize, now: Instant) -> Fate {
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
        let Settings { loss, burst, .. } = self.settings;
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
    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The file to open when a test fails.
    const LOOK: &str = "see step-05-full/examples/lossy_line/direction.rs";

    fn direction(settings: &str) -> Direction {
        let mut direction = Direction::new(1);
        for setting in settings.split_whitespace() {
            direction.set(setting).expect("the test names settings");
        }
        direction
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
        let fate = direction("delay=50").carry(1000, now);
        assert_eq!(fate, Fate::Arrives(now + milliseconds(50)), "{LOOK}");
    }

    #[test]
    fn packets_wait_for_the_bandwidth_and_overflow_the_queue() {
        let now = Instant::now();
        // 1000 bytes are 8 ms at 1 Mbit/s.
        let mut line = direction("rate=1000 queue=10");
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
        let mut line = direction("delay=10 jitter=80");
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
        for settings in ["loss=10", "loss=10 burst=5"] {
            let lost = losses(&mut direction(settings));
            let lost = lost.iter().filter(|lost| **lost).count();
            assert!(
                (9_000..11_000).contains(&lost),
                "{settings}: expected about 10,000 of 100,000, lost {lost}; {LOOK}"
            );
        }
    }

    #[test]
    fn a_burst_is_as_long_as_was_asked_for() {
        let lost = losses(&mut direction("loss=10 burst=5"));
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
        let mut line = direction("loss=100 burst=5");
        assert!(losses(&mut line).iter().all(|lost| *lost), "{LOOK}");
        line.set("loss=0").expect("it is a setting");
        assert!(!losses(&mut line).iter().any(|lost| *lost), "{LOOK}");
    }

    #[test]
    fn the_same_seed_loses_the_same_packets() {
        let run = || losses(&mut direction("loss=10 burst=2"));
        assert_eq!(run(), run(), "{LOOK}");
    }

    #[test]
    fn a_setting_that_is_none_is_an_error() {
        for wrong in ["delay", "delay=", "delay=-1", "loss=NaN", "lose=10"] {
            assert!(Direction::new(1).set(wrong).is_err(), "{wrong}; {LOOK}");
        }
    }
}
