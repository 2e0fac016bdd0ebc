//! How long a receiver waits for what it asked for.

use std::time::Duration;

/// A shorter wait would take a packet that was overtaken for one that was lost.
const SHORTEST_GAP: Duration = Duration::from_millis(100);

/// After such a wait a video seems to have ended, however far away the sender is.
const LONGEST_GAP: Duration = Duration::from_secs(1);

/// Chromium's receiver looks after its gaps so often.
const SHORTEST_NACK_INTERVAL: Duration = Duration::from_millis(20);

/// The answer needs the encoder's next frame as well, and a key frame is large.
const SHORTEST_KEY_FRAME_INTERVAL: Duration = Duration::from_millis(250);

/// Everything follows from the round trip: a NACK and the packet sent again need one, a PLI and the key frame too.
#[derive(Debug, Clone, Copy, Default)]
pub struct RepairTiming {
    round_trip: Duration,
    longest_answer: Duration,
}

impl RepairTiming {
    /// For a line with this round trip.
    pub fn new(round_trip: Duration) -> Self {
        Self {
            round_trip,
            longest_answer: Duration::ZERO,
        }
    }

    /// A packet came that was asked for so long ago. The line may have become longer since the round trip was measured. Or
    /// the first answer was lost. It could be either, so this lets gaps stay open for longer, and does not slow the NACKs down.
    pub fn note_answer(&mut self, after: Duration) {
        self.longest_answer = self.longest_answer.max(after);
    }

    /// How long a gap is kept open. After four round trips a packet was asked for seven times: of 100 that are lost in
    /// each direction, 20, it comes all the same in 999 of 1000 cases. A key frame instead would be lost in part as well.
    pub fn gap_timeout(self) -> Duration {
        let longest = (4 * self.round_trip).max(2 * self.longest_answer);
        (longest + SHORTEST_GAP).min(LONGEST_GAP)
    }

    /// How long after a NACK the next one for the same packet goes out. Twice in a round trip: request and answer get lost as
    /// easily as the packet did, and a frame waits.
    pub fn nack_interval(self) -> Duration {
        (self.round_trip / 2 + Duration::from_millis(10)).max(SHORTEST_NACK_INTERVAL)
    }

    /// How long after a PLI the next one goes out: not before the answer can be there, but repeated, because it can be lost.
    pub fn key_frame_interval(self) -> Duration {
        (self.round_trip + SHORTEST_GAP).max(SHORTEST_KEY_FRAME_INTERVAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: &str = "see step-05-full/src/receive/repair_timing.rs";

    /// Milliseconds: how long a gap is kept open, and the intervals between NACKs and between PLIs.
    fn times(timing: RepairTiming) -> [u128; 3] {
        [
            timing.gap_timeout(),
            timing.nack_interval(),
            timing.key_frame_interval(),
        ]
        .map(|time| time.as_millis())
    }

    #[test]
    fn before_the_round_trip_is_known_it_is_short() {
        assert_eq!(times(RepairTiming::default()), [100, 20, 250], "{LOOK}");
    }

    #[test]
    fn everything_takes_longer_over_a_long_way() {
        let [near, far, farther] = [20, 200, 600].map(Duration::from_millis);
        assert_eq!(times(RepairTiming::new(near)), [180, 20, 250], "{LOOK}");
        assert_eq!(times(RepairTiming::new(far)), [900, 110, 300], "{LOOK}");
        let times = times(RepairTiming::new(farther));
        assert_eq!(
            times,
            [1000, 310, 700],
            "no gap is open for more than 1 s; {LOOK}"
        );
    }

    #[test]
    fn a_late_answer_keeps_gaps_open_for_longer_and_changes_nothing_else() {
        let mut timing = RepairTiming::default();
        timing.note_answer(Duration::from_millis(150));
        timing.note_answer(Duration::from_millis(50));
        assert_eq!(times(timing), [400, 20, 250], "{LOOK}");
    }
}
