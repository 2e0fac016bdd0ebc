//! How many frames of a track were captured and shown.

use std::fmt;
use std::time::{Duration, Instant};

use crate::VideoFrame;

/// How many frames were captured and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FrameCounts {
    /// Captured while the element was attached, by the numbers of the frames.
    pub captured: u64,
    /// Of these, shown.
    pub shown: u64,
    /// Sum over the frames shown, from captured to shown.
    pub latency: Duration,
    /// From the first frame to the last.
    pub time: Duration,
    first: Option<(u64, Instant)>,
}

impl FrameCounts {
    /// Counts a frame, and by its number those that were replaced before it.
    pub fn count_captured(&mut self, frame: &VideoFrame) {
        let (number, at) = *self.first.get_or_insert((frame.number, frame.captured_at));
        self.captured = frame.number.saturating_sub(number) + 1;
        self.time = frame.captured_at.saturating_duration_since(at);
    }

    /// Counts a frame that was shown so long after it was captured.
    pub fn count_shown(&mut self, latency: Duration) {
        self.shown += 1;
        self.latency += latency;
    }

    /// Captured frames a second over the whole time; none before the second frame.
    pub fn per_second(&self) -> Option<f64> {
        let seconds = self.time.as_secs_f64();
        (seconds > 0.0).then(|| (self.captured - 1) as f64 / seconds)
    }
}

/// Two lines: `captured 91 frames in 3.0 s (30.0 a second)` and how many of them were shown.
impl fmt::Display for FrameCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (captured, shown) = (self.captured, self.shown);
        let seconds = self.time.as_secs_f64();
        write!(f, "captured {captured} frames in {seconds:.1} s")?;
        if let Some(rate) = self.per_second() {
            write!(f, " ({rate:.1} a second)")?;
        }
        let skipped = captured.saturating_sub(shown);
        write!(f, "\nshown {shown}, skipped {skipped}")?;
        if shown > 0 {
            let mean = self.latency.as_secs_f64() * 1e3 / shown as f64;
            write!(f, ", {mean:.1} ms from captured to shown")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Resolution;

    #[test]
    fn the_counts_print_as_two_lines() {
        let mut counts = FrameCounts::default();
        insta::assert_snapshot!(counts, @r"
        captured 0 frames in 0.0 s
        shown 0, skipped 0
        ");
        let mut frame = VideoFrame::black(Resolution::VGA);
        counts.count_captured(&frame);
        counts.count_shown(Duration::from_micros(1500));
        frame.number = 60;
        frame.captured_at += Duration::from_secs(2);
        counts.count_captured(&frame);
        counts.count_shown(Duration::from_micros(2500));
        insta::assert_snapshot!(counts, @r"
        captured 61 frames in 2.0 s (30.0 a second)
        shown 2, skipped 59, 2.0 ms from captured to shown
        ");
    }
}
