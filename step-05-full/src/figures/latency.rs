//! How old the frames are when they are decoded.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Serialize, Serializer};

/// How many measurements are kept: nine minutes at 30 frames a second, 256 kB.
const MEASUREMENTS: usize = 16_384;

/// The latencies of the latest frames, each from capture to decoded.
#[derive(Debug, Clone, Default)]
pub struct Latencies(VecDeque<Duration>);

/// The latency that so many in 100 frames did not exceed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Percentiles {
    /// 50 in 100: the median.
    #[serde(serialize_with = "milliseconds")]
    pub p50: Option<Duration>,
    /// 99 in 100.
    #[serde(serialize_with = "milliseconds")]
    pub p99: Option<Duration>,
}

impl Latencies {
    /// Adds the latency of one frame. The oldest one is forgotten when there are too many.
    pub fn record(&mut self, latency: Duration) {
        if self.0.len() == MEASUREMENTS {
            self.0.pop_front();
        }
        self.0.push_back(latency);
    }

    /// How many measurements there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The latency that `percent` of the frames did not exceed. By nearest rank, so it is always one that was measured. None
    /// before the first frame.
    pub fn percentile(&self, percent: u8) -> Option<Duration> {
        let mut sorted: Vec<Duration> = self.0.iter().copied().collect();
        sorted.sort_unstable();
        let rank = (sorted.len() * usize::from(percent.min(100))).div_ceil(100);
        sorted.get(rank.saturating_sub(1)).copied()
    }

    /// The figures that are reported.
    pub fn percentiles(&self) -> Percentiles {
        let [p50, p99] = [50, 99].map(|percent| self.percentile(percent));
        Percentiles { p50, p99 }
    }
}

/// Writes a time as milliseconds, with three digits behind the point.
pub(crate) fn milliseconds<S: Serializer>(
    time: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let milliseconds = time.map(|time| time.as_micros() as f64 / 1e3);
    milliseconds.serialize(serializer)
}
