//! How long the remote video stood still.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde::{Serialize, Serializer};

/// Of so many intervals the average is the usual one.
const USUAL: usize = 30;

/// The deviation is that of so many intervals, the last 10 s at 30 frames a second.
const LATEST: usize = 300;

/// A freeze is at least so much longer than a usual interval.
const NOTICED: Duration = Duration::from_millis(150);

/// Measures the intervals between frames.
#[derive(Debug, Clone, Default)]
pub struct Freezes {
    last: Option<Instant>,
    latest: VecDeque<Duration>,
    stats: FreezeStats,
}

/// `freezeCount` and `totalFreezesDuration` (W3C webrtc-stats §8.5 `RTCInboundRtpStreamStats`), and the longest interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct FreezeStats {
    /// Intervals of at least three times a usual one, and of at least 150 ms more.
    pub count: u64,
    /// Their sum.
    #[serde(rename = "total_ms", serialize_with = "milliseconds")]
    pub total: Duration,
    /// The longest time from one frame to the next, whether it is a freeze or not.
    #[serde(rename = "longest_interval_ms", serialize_with = "milliseconds")]
    pub longest_interval: Duration,
    /// The standard deviation of the latest 300 intervals: how much the video stutters.
    #[serde(rename = "interval_deviation_ms", serialize_with = "milliseconds")]
    pub interval_deviation: Duration,
}

impl Freezes {
    /// Adds a frame, which was shown at this time. Returns how long the freeze was that it ends, if it does.
    pub fn record(&mut self, at: Instant) -> Option<Duration> {
        let last = self.last.replace(at)?;
        let interval = at.saturating_duration_since(last);
        let stats = &mut self.stats;
        stats.longest_interval = stats.longest_interval.max(interval);
        let usual = mean(self.latest.iter().rev().take(USUAL));
        let frozen = usual.is_some_and(|usual| interval >= (3 * usual).max(usual + NOTICED));
        if frozen {
            stats.count += 1;
            stats.total += interval;
        }
        if self.latest.len() == LATEST {
            self.latest.pop_front();
        }
        self.latest.push_back(interval);
        frozen.then_some(interval)
    }

    /// The figures so far.
    pub fn stats(&self) -> FreezeStats {
        let mut stats = self.stats;
        let mean = mean(self.latest.iter()).unwrap_or_default().as_secs_f64();
        let squares = self
            .latest
            .iter()
            .map(|interval| (interval.as_secs_f64() - mean).powi(2));
        let variance = squares.sum::<f64>() / self.latest.len().max(1) as f64;
        stats.interval_deviation = Duration::from_secs_f64(variance.sqrt());
        stats
    }
}

/// None of no intervals.
fn mean<'a>(intervals: impl ExactSizeIterator<Item = &'a Duration>) -> Option<Duration> {
    let count = u32::try_from(intervals.len()).ok()?;
    intervals.sum::<Duration>().checked_div(count)
}

fn milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    crate::figures::latency::milliseconds(&Some(*time), serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: &str = "see step-05-full/src/figures/freezes.rs";

    #[test]
    fn a_freeze_is_an_interval_far_longer_than_the_usual_one() {
        let mut freezes = Freezes::default();
        let begin = Instant::now();
        for at in [0, 40, 80, 120, 260, 300, 340, 540, 1540] {
            let frozen = freezes.record(begin + Duration::from_millis(at));
            assert_eq!(frozen.is_some(), at == 1540, "at {at} ms; {LOOK}");
        }
        let expected = FreezeStats {
            count: 1,
            total: Duration::from_secs(1),
            longest_interval: Duration::from_secs(1),
            interval_deviation: Duration::ZERO,
        };
        let stats = FreezeStats {
            interval_deviation: Duration::ZERO,
            ..freezes.stats()
        };
        assert_eq!(
            stats, expected,
            "140 and 200 ms are none, one second is; {LOOK}"
        );
    }
}
