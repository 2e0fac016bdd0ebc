//! When a frame is shown.
//!
//! Frames are captured at equal distances, and arrive at unequal ones: a packet waited in a queue, or was sent again. Shown
//! as they come, a movement stutters. So each frame waits until its time has come: when it was captured, by its RTP timestamp,
//! plus a delay that is the same for all. The delay is as long as frames are late by, and no longer, because the whole call
//! is late by it.

use std::collections::VecDeque;
use std::str::FromStr;
use std::time::{Duration, Instant};

use crate::access_unit::ReceivedAccessUnit;
use crate::send::h264_packetizer::CLOCK_RATE;

/// Hardly any frame is later than the mean by so many times the jitter, which is a mean as well.
const LATENESS: f64 = 2.5;

/// Less jitter than this is not seen, in seconds. On loopback nothing waits.
const NOTICED: f64 = 0.003;

/// The delay follows the jitter in steps so small that nobody sees them, in seconds a frame: a late frame stutters, so it
/// grows fast, and shrinks slowly.
const GROW: f64 = 0.004;
const SHRINK: f64 = 0.0005;

/// The frame that was fastest of so many is the measure for all others. An older one may have taken another path.
const FRAMES: usize = 300;

/// A longer delay is no call any more, in seconds.
const LONGEST: f64 = 0.5;

/// `--jitter-buffer`: how long frames wait before they are shown.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum PlayoutDelay {
    /// As long as the jitter makes it necessary.
    #[default]
    Auto,
    /// Not at all.
    Off,
    /// So long.
    Fixed(Duration),
}

/// The text is no playout delay.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no delay: write auto, off, or milliseconds from 1 to 500")]
pub struct PlayoutDelayError(String);

impl FromStr for PlayoutDelay {
    type Err = PlayoutDelayError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match (text, text.parse()) {
            ("auto", _) => Ok(Self::Auto),
            ("off", _) => Ok(Self::Off),
            (_, Ok(milliseconds @ 1..=500)) => Ok(Self::Fixed(Duration::from_millis(milliseconds))),
            _ => Err(PlayoutDelayError(text.to_owned())),
        }
    }
}

/// Holds access units until it is time to decode and show them. Like the frame assembler, it has no clock.
#[derive(Debug)]
pub struct JitterBuffer {
    playout: PlayoutDelay,
    waiting: VecDeque<(Instant, ReceivedAccessUnit)>,
    /// When the first frame arrived: times count from here, in seconds.
    began: Option<Instant>,
    last_timestamp: u32,
    /// When the latest frame was captured, on the clock of the RTP timestamps.
    captured: f64,
    /// What the latest frames took, plus an unknown constant: the clocks differ.
    transits: VecDeque<f64>,
    jitter: f64,
    delay: f64,
}

impl JitterBuffer {
    /// A buffer that delays by `playout`.
    pub fn new(playout: PlayoutDelay) -> Self {
        Self {
            playout,
            waiting: VecDeque::new(),
            began: None,
            last_timestamp: 0,
            captured: 0.0,
            transits: VecDeque::new(),
            jitter: 0.0,
            delay: match playout {
                PlayoutDelay::Fixed(delay) => delay.as_secs_f64(),
                PlayoutDelay::Auto | PlayoutDelay::Off => 0.0,
            },
        }
    }

    /// Takes an access unit that was complete at `now`.
    pub fn push(&mut self, access_unit: ReceivedAccessUnit, now: Instant) {
        let began = *self.began.get_or_insert_with(|| {
            self.last_timestamp = access_unit.rtp_timestamp;
            now
        });
        // Timestamps wrap, so only their difference is a time.
        let ticks = access_unit.rtp_timestamp.wrapping_sub(self.last_timestamp) as i32;
        self.last_timestamp = access_unit.rtp_timestamp;
        self.captured += f64::from(ticks) / f64::from(CLOCK_RATE);
        let arrived = now.saturating_duration_since(began).as_secs_f64();
        self.measure(arrived - self.captured);
        let due = (self.captured + self.fastest() + self.delay).clamp(arrived, arrived + LONGEST);
        let due = match self.playout {
            PlayoutDelay::Off => now,
            PlayoutDelay::Auto | PlayoutDelay::Fixed(_) => began + Duration::from_secs_f64(due),
        };
        // A frame that is due earlier than the one before it is shown after it all the same.
        let last = self.waiting.back().map_or(due, |(last, _)| *last);
        self.waiting.push_back((due.max(last), access_unit));
    }

    /// The interarrival jitter (RFC 3550 §6.4.1), of frames instead of packets, and the delay that follows it.
    fn measure(&mut self, transit: f64) {
        let difference = self.transits.back().map_or(0.0, |last| transit - last);
        self.jitter += (difference.abs() - self.jitter) / 16.0;
        if self.transits.len() == FRAMES {
            self.transits.pop_front();
        }
        self.transits.push_back(transit);
        if self.playout == PlayoutDelay::Auto {
            let wanted = match self.jitter < NOTICED {
                true => 0.0,
                false => self.mean() - self.fastest() + LATENESS * self.jitter,
            }
            .min(LONGEST);
            self.delay += (wanted - self.delay).clamp(-SHRINK, GROW);
        }
    }

    fn fastest(&self) -> f64 {
        self.transits.iter().copied().fold(f64::MAX, f64::min)
    }

    fn mean(&self) -> f64 {
        self.transits.iter().sum::<f64>() / self.transits.len() as f64
    }

    /// When the next access unit is due.
    pub fn next_due(&self) -> Option<Instant> {
        self.waiting.front().map(|(due, _)| *due)
    }

    /// The next access unit, if it is due.
    pub fn pop_due(&mut self, now: Instant) -> Option<ReceivedAccessUnit> {
        let (_, access_unit) = self.waiting.pop_front_if(|(due, _)| *due <= now)?;
        Some(access_unit)
    }

    /// The jitter that was measured (`jitter`, W3C webrtc-stats §8.5).
    pub fn jitter(&self) -> Duration {
        Duration::from_secs_f64(self.jitter)
    }

    /// How long the frame that takes the shortest time waits.
    pub fn delay(&self) -> Duration {
        Duration::from_secs_f64(self.delay)
    }
}
