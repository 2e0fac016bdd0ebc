//! How old the pictures are when they arrive.

use std::collections::VecDeque;
use std::time::Duration;

/// How many measurements are kept: nine minutes at 30 frames a second, 256 kB.
const MEASUREMENTS: usize = 16_384;

/// The latencies of the latest pictures, each from capture to decoded.
#[derive(Debug, Clone, Default)]
pub struct Latencies(VecDeque<Duration>);

impl Latencies {
    /// Adds the latency of one picture. The oldest one is forgotten when there are too many.
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

    /// The latency that `percent` of the pictures did not exceed: 50 is the median. By nearest rank, so it is always one
    /// that was really measured. None before the first picture.
    pub fn percentile(&self, percent: u8) -> Option<Duration> {
        let mut sorted: Vec<Duration> = self.0.iter().copied().collect();
        sorted.sort_unstable();
        let rank = (sorted.len() * usize::from(percent.min(100))).div_ceil(100);
        sorted.get(rank.saturating_sub(1)).copied()
    }
}
