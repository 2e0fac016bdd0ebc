//! How many frames a second the source really delivers.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The time over which the rate is measured.
const WINDOW: Duration = Duration::from_secs(1);

/// Measures the rate of the newest second from the times at which frames were captured.
#[derive(Debug, Clone, Default)]
pub(super) struct FrameRate {
    newest: VecDeque<Instant>,
}

impl FrameRate {
    /// Counts a frame.
    pub(super) fn count(&mut self, captured_at: Instant) {
        self.newest.push_back(captured_at);
        let is_old = |first: &Instant| captured_at.saturating_duration_since(*first) > WINDOW;
        while self.newest.front().is_some_and(is_old) {
            self.newest.pop_front();
        }
    }

    /// Frames a second; none before the second frame.
    pub(super) fn per_second(&self) -> Option<f64> {
        let (first, last) = (self.newest.front()?, self.newest.back()?);
        let seconds = last.saturating_duration_since(*first).as_secs_f64();
        (seconds > 0.0).then(|| (self.newest.len() - 1) as f64 / seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(times: impl IntoIterator<Item = u64>) -> Option<f64> {
        let start = Instant::now();
        let mut rate = FrameRate::default();
        for milliseconds in times {
            rate.count(start + Duration::from_millis(milliseconds));
        }
        rate.per_second()
    }

    #[test]
    fn one_frame_has_no_rate() {
        assert_eq!(after([]), None);
        assert_eq!(after([5]), None);
    }

    #[test]
    fn a_frame_every_40_milliseconds_is_25_a_second() {
        assert_eq!(after((0..100).map(|n| n * 40)), Some(25.0));
    }

    #[test]
    fn two_frames_a_tenth_of_a_second_apart_are_ten_a_second() {
        assert_eq!(after([300, 400]), Some(10.0));
    }

    #[test]
    fn a_frame_counts_until_it_is_older_than_a_second() {
        assert_eq!(after([0, 900, 1000]), Some(2.0), "one second old counts");
        assert_eq!(after([0, 901, 1001]), Some(10.0), "older does not");
    }

    #[test]
    fn only_the_newest_second_counts() {
        let slow_then_fast = [0, 500, 1000]
            .into_iter()
            .chain((1..=20).map(|n| 1000 + n * 50));
        assert_eq!(after(slow_then_fast), Some(20.0));
    }
}
