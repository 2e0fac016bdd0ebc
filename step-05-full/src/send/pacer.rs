//! When a packet may leave.

use std::time::{Duration, Instant};

/// What a packet is longer on the way than its payload: the headers of RTP, UDP and IPv4, an extension, and the tag of SRTP.
const HEADERS: usize = 12 + 8 + 20 + 8 + 10;

/// Timers are late by 1 ms or 2: what they have missed may leave at once.
const LATE: Duration = Duration::from_millis(5);

/// So many bytes may leave at once when nothing is known of the line: six packets. TCP begins with ten (RFC 6928), but those
/// alone fill a queue of 300 ms on a line of 300 kbit/s, and then what follows is lost.
const FIRST_BURST: usize = 6 * 1200;

/// Spreads the packets of a frame over time. A key frame is ten times as large as another: if its packets left at once, they
/// would fill the queue of the narrowest line on the way, and what does not fit in there is lost.
#[derive(Debug)]
pub struct Pacer {
    /// When the packets so far have left, at the rate of each.
    free_at: Option<Instant>,
    first_burst: usize,
}

impl Default for Pacer {
    fn default() -> Self {
        Self {
            free_at: None,
            first_burst: FIRST_BURST,
        }
    }
}

impl Pacer {
    /// When a packet of `bytes` may leave that is ready at `now`. At once, if no limit is known.
    pub fn departure(
        &mut self,
        bytes: usize,
        bits_per_second: Option<f64>,
        now: Instant,
    ) -> Instant {
        let Some(rate) = bits_per_second else {
            self.free_at = None;
            return now;
        };
        if bytes <= self.first_burst {
            self.first_burst -= bytes;
            return now;
        }
        let earliest = now.checked_sub(LATE).unwrap_or(now);
        let departure = self.free_at.map_or(now, |free_at| free_at.max(earliest));
        let time = Duration::from_secs_f64((bytes + HEADERS) as f64 * 8.0 / rate.max(1.0));
        self.free_at = Some(departure + time);
        departure.max(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: &str = "see step-05-full/src/send/pacer.rs";

    const RATE: Option<f64> = Some(640_000.0);

    /// As long as all packets together take 10 ms at [`RATE`].
    const PAYLOAD: usize = 800 - HEADERS;

    fn burst(pacer: &mut Pacer, packets: usize, now: Instant) -> Vec<u128> {
        let departures = (0..packets).map(|_| pacer.departure(PAYLOAD, RATE, now) - now);
        departures.map(|after| after.as_millis()).collect()
    }

    #[test]
    fn packets_leave_at_the_rate_of_the_line() {
        let (mut pacer, now) = (Pacer::default(), Instant::now());
        pacer.first_burst = 0;
        assert_eq!(burst(&mut pacer, 3, now), [0, 10, 20], "in ms; {LOOK}");
        let later = now + Duration::from_secs(1);
        assert_eq!(
            burst(&mut pacer, 1, later),
            [0],
            "after a pause the line is free; {LOOK}"
        );
    }

    #[test]
    fn the_first_six_packets_leave_at_once() {
        let (mut pacer, now) = (Pacer::default(), Instant::now());
        let departures = [(); 12].map(|()| pacer.departure(1200, RATE, now) - now);
        let at_once = departures.iter().filter(|after| after.is_zero()).count();
        assert_eq!(at_once, 7, "and so does the first that is paced; {LOOK}");
    }

    #[test]
    fn without_a_limit_nothing_waits() {
        let (mut pacer, now) = (Pacer::default(), Instant::now());
        for _ in 0..100 {
            assert_eq!(pacer.departure(1200, None, now), now, "{LOOK}");
        }
    }
}
