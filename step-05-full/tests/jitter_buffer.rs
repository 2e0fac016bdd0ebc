//! When frames are shown that arrive at unequal distances.

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::time::{Duration, Instant};

use bytes::Bytes;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rule::Rules;
use step_05_full::access_unit::ReceivedAccessUnit;
use step_05_full::receive::jitter_buffer::{JitterBuffer, PlayoutDelay};

const RULES: Rules = Rules::kept_in("step-05-full/src/receive/jitter_buffer.rs");

const FRAMES: u32 = 600;

/// What was seen of the last half of the frames, in milliseconds.
#[derive(Debug)]
struct Seen {
    /// The standard deviation of the distance between two frames.
    deviation: f64,
    /// From the capture of a frame, which takes no other time than the jitter.
    mean_delay: f64,
}

/// Thirty frames a second that are late by up to `jitter`, in order. The timestamps wrap on the way.
fn play(playout: PlayoutDelay, jitter: Duration) -> Seen {
    let (mut buffer, mut chance) = (JitterBuffer::new(playout), StdRng::seed_from_u64(1));
    let began = Instant::now();
    let mut arrivals = Vec::new();
    for number in 0..FRAMES {
        let captured = Duration::from_secs(1) * number / 30;
        let arrival = captured + jitter.mul_f64(chance.random());
        let last = arrivals.last().copied().unwrap_or_default();
        arrivals.push(arrival.max(last));
    }
    let (mut shown, mut delays) = (Vec::new(), Vec::new());
    let show = |buffer: &mut JitterBuffer, until: Duration, shown: &mut Vec<Duration>| {
        while let Some(due) = buffer.next_due().filter(|due| *due <= began + until) {
            assert!(buffer.pop_due(due).is_some(), "it is due");
            shown.push(due.saturating_duration_since(began));
        }
    };
    for (number, arrival) in (0..FRAMES).zip(&arrivals) {
        show(&mut buffer, *arrival, &mut shown);
        let access_unit = ReceivedAccessUnit {
            data: Bytes::new(),
            key_frame: false,
            rtp_timestamp: (u32::MAX - 90_000).wrapping_add(3000 * number),
        };
        buffer.push(access_unit, began + *arrival);
    }
    show(&mut buffer, Duration::from_secs(3600), &mut shown);
    assert_eq!(shown.len(), FRAMES as usize, "every frame is shown");
    for (number, shown) in (0..FRAMES).zip(&shown) {
        delays.push(shown.saturating_sub(Duration::from_secs(1) * number / 30));
    }
    let half = FRAMES as usize / 2;
    let distances = shown[half..]
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).as_secs_f64() * 1e3);
    let count = (half - 1) as f64;
    let mean = distances.clone().sum::<f64>() / count;
    let variance = distances
        .map(|distance| (distance - mean).powi(2))
        .sum::<f64>()
        / count;
    let mean_delay = delays[half..]
        .iter()
        .map(Duration::as_secs_f64)
        .sum::<f64>()
        * 1e3;
    Seen {
        deviation: variance.sqrt(),
        mean_delay: mean_delay / half as f64,
    }
}

const JITTER: Duration = Duration::from_millis(80);

#[test]
fn frames_that_arrive_at_unequal_distances_are_shown_at_equal_ones() {
    let _rule = RULES.rule("the delay follows the jitter (RFC 3550 §6.4.1)");
    let (as_they_come, in_time) = (
        play(PlayoutDelay::Off, JITTER),
        play(PlayoutDelay::Auto, JITTER),
    );
    assert!(as_they_come.deviation > 15.0, "without: {as_they_come:?}");
    assert!(in_time.deviation < 8.0, "with: {in_time:?}");
    assert!(
        in_time.mean_delay < 120.0,
        "not later than needed: {in_time:?}"
    );
}

#[test]
fn without_jitter_nothing_waits() {
    let _rule = RULES.rule("frames that come in time are shown at once");
    let seen = play(PlayoutDelay::Auto, Duration::from_millis(2));
    assert!(seen.mean_delay < 3.0, "{seen:?}");
}

#[test]
fn a_fixed_delay_is_kept() {
    let _rule = RULES.rule("--jitter-buffer MS delays the fastest frame by MS");
    let seen = play(PlayoutDelay::Fixed(Duration::from_millis(100)), JITTER);
    assert!((98.0..105.0).contains(&seen.mean_delay), "{seen:?}");
    assert!(seen.deviation < 1.0, "{seen:?}");
}

#[test]
fn the_option_is_a_word_or_milliseconds() {
    let _rule = RULES.rule("--jitter-buffer auto|off|MS");
    assert_eq!("auto".parse(), Ok(PlayoutDelay::Auto));
    assert_eq!("off".parse(), Ok(PlayoutDelay::Off));
    let fixed = PlayoutDelay::Fixed(Duration::from_millis(60));
    assert_eq!("60".parse(), Ok(fixed));
    for wrong in ["", "on", "0", "501", "60ms", "-1"] {
        assert!(wrong.parse::<PlayoutDelay>().is_err(), "{wrong}");
    }
}
