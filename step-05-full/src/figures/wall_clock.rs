//! The latency of frames between two programs.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A larger age is no latency: the clocks differ, or the number is no time.
const LONGEST: u32 = 10_000;

/// Milliseconds since 1970, without the upper bits: they wrap every 49 days and fit into the frame code of step 01.
pub fn now() -> u32 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    // The cast cuts the upper bits off.
    since.as_millis() as u32
}

/// The age of a frame into which its sender painted its [`now`]. It is right if both programs use the same clock, as on
/// one machine. None if the number cannot be such a time.
pub fn age(painted: u32, now: u32) -> Option<Duration> {
    let age = now.wrapping_sub(painted);
    (age <= LONGEST).then(|| Duration::from_millis(age.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_right_across_the_wrap() {
        assert_eq!(age(u32::MAX - 9, 10), Some(Duration::from_millis(20)));
        assert_eq!(age(1000, 1000), Some(Duration::ZERO));
    }

    #[test]
    fn a_number_that_is_no_time_has_no_age() {
        assert_eq!(age(42, 3_000_000_000), None, "a frame number");
        assert_eq!(age(1001, 1000), None, "the future");
    }
}
