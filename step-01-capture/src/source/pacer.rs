//! When the next frame is due.

use std::time::{Duration, Instant};

/// The clock of a source that has none of its own: the test pattern and a file.
///
/// Every deadline is counted from the start, so that small delays do not add up: frame 300 at 30 a second is due
/// after 10 s, however late frame 299 was. A reader that was too slow misses deadlines. It never gets two frames in a
/// burst to make up for them.
#[derive(Debug)]
pub struct Pacer {
    start: Instant,
    frame_rate: u32,
    next: u64,
}

impl Pacer {
    /// Starts now. A `frame_rate` of 0 counts as 1.
    pub fn new(frame_rate: u32) -> Self {
        Self {
            start: Instant::now(),
            frame_rate: frame_rate.max(1),
            next: 0,
        }
    }

    /// Sleeps until the next deadline and returns its number, counted from 0. A gap in the numbers is a deadline
    /// that passed while the caller was busy.
    pub fn wait(&mut self) -> u64 {
        let (number, sleep) = self.next_deadline(self.start.elapsed());
        std::thread::sleep(sleep);
        number
    }

    /// The first deadline that has not been missed by a whole interval, and how far away it is.
    fn next_deadline(&mut self, elapsed: Duration) -> (u64, Duration) {
        const SECOND: u128 = 1_000_000_000;
        let (rate, elapsed) = (u128::from(self.frame_rate), elapsed.as_nanos());
        // 584 years of nanoseconds fit into 64 bits.
        let number = self.next.max((elapsed * rate / SECOND) as u64);
        self.next = number + 1;
        let due = u128::from(number) * SECOND / rate;
        (
            number,
            Duration::from_nanos(due.saturating_sub(elapsed) as u64),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn the_first_frame_is_due_at_once() {
        assert_eq!(
            Pacer::new(30).next_deadline(Duration::ZERO),
            (0, Duration::ZERO)
        );
    }

    #[test]
    fn a_late_caller_waits_only_for_what_is_left_of_the_interval() {
        let mut pacer = Pacer::new(10);
        pacer.next_deadline(Duration::ZERO);
        assert_eq!(pacer.next_deadline(70 * MS), (1, 30 * MS));
        assert_eq!(pacer.next_deadline(130 * MS), (2, 70 * MS));
    }

    #[test]
    fn deadlines_do_not_drift_when_the_rate_does_not_divide_a_second() {
        let mut pacer = Pacer::new(30);
        for number in 0..300 {
            assert_eq!(pacer.next_deadline(Duration::ZERO).0, number);
        }
        assert_eq!(pacer.next_deadline(9_990 * MS), (300, 10 * MS));
    }

    #[test]
    fn a_caller_that_slept_through_deadlines_skips_them() {
        let mut pacer = Pacer::new(10);
        pacer.next_deadline(Duration::ZERO);
        let (number, wait) = pacer.next_deadline(1_050 * MS);
        assert_eq!(
            (number, wait),
            (10, Duration::ZERO),
            "1 to 9 are lost, 10 is due"
        );
        assert_eq!(pacer.next_deadline(1_051 * MS), (11, 49 * MS), "no burst");
    }
}
