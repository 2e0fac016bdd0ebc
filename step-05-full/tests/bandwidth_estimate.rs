//! What the estimator makes of lines: a sender that follows it, a line that delays, and the reports about it, on a virtual clock.

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rtc::interceptor::{BandwidthEstimator, PacketReport};
use rtc::rtcp::transport_feedbacks::cc_feedback_report::Ecn;
use rule::Rules;
use step_05_full::bandwidth_estimate::BandwidthEstimate;

const RULES: Rules = Rules::kept_in("step-05-full/src/bandwidth_estimate.rs");

const PACKET: usize = 1200;
const FRAME_INTERVAL: Duration = Duration::from_millis(33);
const REPORT_INTERVAL: Duration = Duration::from_millis(100);

/// A line 50 ms long, and a sender that sends what the estimator says, at most 2 Mbit/s.
struct Call {
    estimator: BandwidthEstimate,
    began: Instant,
    now: Duration,
    chance: StdRng,
    /// Bits a second.
    rate: f64,
    jitter: Duration,
    lost: f64,
    /// When the line is free again.
    free_at: Duration,
    last_arrival: Duration,
    unreported: Vec<PacketReport>,
    reported: Duration,
}

/// What was seen in the last seconds.
#[derive(Debug)]
struct Seen {
    /// The mean of the estimate, of the line's rate.
    used: f64,
    longest_queue: Duration,
}

impl Call {
    fn new(rate: f64) -> Self {
        Self {
            estimator: BandwidthEstimate::default(),
            began: Instant::now() + Duration::from_secs(3600),
            now: Duration::ZERO,
            chance: StdRng::seed_from_u64(1),
            rate,
            jitter: Duration::ZERO,
            lost: 0.0,
            free_at: Duration::ZERO,
            last_arrival: Duration::ZERO,
            unreported: Vec::new(),
            reported: Duration::ZERO,
        }
    }

    fn send(&mut self, departure: Duration) {
        self.free_at = self.free_at.max(departure);
        self.free_at += Duration::from_secs_f64(PACKET as f64 * 8.0 / self.rate);
        let jitter = self.jitter.mul_f64(self.chance.random());
        let arrival = self.free_at + Duration::from_millis(50) + jitter;
        let arrived = self.chance.random::<f64>() >= self.lost;
        // Packets do not overtake one another.
        self.last_arrival = self.last_arrival.max(arrival);
        self.unreported.push(PacketReport {
            ssrc: 1,
            id: 0,
            rtp_sequence_number: 0,
            is_twcc: true,
            twcc_sequence_number: 0,
            size: PACKET,
            arrived,
            departure: self.began + departure,
            arrival: arrived.then_some(self.last_arrival),
            ecn: Ecn::NotEct,
        });
    }

    /// The receiver reports what it has; the report takes 50 ms.
    fn report(&mut self) {
        let received_by = self.now.saturating_sub(Duration::from_millis(50));
        let arrived = |report: &PacketReport| report.arrival.is_none_or(|at| at <= received_by);
        let count = self
            .unreported
            .iter()
            .take_while(|report| arrived(report))
            .count();
        let reports: Vec<PacketReport> = self.unreported.drain(..count).collect();
        self.estimator.on_reports(self.began + self.now, &reports);
    }

    /// The last two thirds of the time are what was seen.
    fn run(&mut self, seconds: u64) -> Seen {
        let begin = self.now;
        let duration = Duration::from_secs(seconds);
        let (mut used, mut frames, mut longest_queue) = (0.0, 0, Duration::ZERO);
        while self.now < begin + duration {
            // The packets of a frame are spread over its interval, as the pacer does; those of the first leave at once.
            let bits = self.estimator.target_bitrate().min(2e6) * FRAME_INTERVAL.as_secs_f64();
            let packets = match self.now.is_zero() {
                true => 6,
                false => ((bits / 8.0 / PACKET as f64) + self.chance.random::<f64>()) as u32,
            };
            for index in 0..packets {
                let after = FRAME_INTERVAL * index / packets;
                self.send(if self.now.is_zero() {
                    self.now
                } else {
                    self.now + after
                });
            }
            self.now += FRAME_INTERVAL;
            if self.now >= self.reported + REPORT_INTERVAL {
                self.reported = self.now;
                self.report();
            }
            if self.now > begin + duration / 3 {
                longest_queue = longest_queue.max(self.free_at.saturating_sub(self.now));
                used += self.estimator.target_bitrate() / self.rate;
                frames += 1;
            }
        }
        Seen {
            used: used / f64::from(frames),
            longest_queue,
        }
    }
}

#[test]
fn the_first_frame_shows_how_fast_the_line_is() {
    let _rule = RULES.rule("the first report is enough for a first estimate");
    for rate in [1e6, 100e6] {
        let mut call = Call::new(rate);
        call.run(1);
        let estimate = call.estimator.target_bitrate();
        let expected = (0.7 * rate).min(20e6)..=1.2 * rate;
        assert!(expected.contains(&estimate), "{estimate} of {rate} bit/s");
    }
}

#[test]
fn a_narrow_line_is_used_and_its_queue_stays_short() {
    let _rule = RULES.rule("the estimate follows the line, and packets do not wait for long");
    for rate in [300e3, 1e6] {
        let seen = Call::new(rate).run(60);
        assert!((0.7..1.1).contains(&seen.used), "{rate} bit/s: {seen:?}");
        let longest = Duration::from_millis(250);
        assert!(seen.longest_queue < longest, "{rate} bit/s: {seen:?}");
    }
}

#[test]
fn a_line_that_becomes_narrow_and_wide_again_is_followed() {
    let _rule = RULES.rule("the estimate goes down within a second, and up again within ten");
    let mut call = Call::new(50e6);
    call.run(5);
    call.rate = 300e3;
    call.run(1);
    let estimate = call.estimator.target_bitrate();
    assert!(estimate < 330e3, "{estimate} on a line of 300 kbit/s");
    call.run(20);
    call.rate = 50e6;
    call.run(10);
    let estimate = call.estimator.target_bitrate();
    assert!(estimate > 1.6e6, "{estimate} on a line of 50 Mbit/s");
}

#[test]
fn losses_by_chance_and_jitter_are_no_queue() {
    let _rule = RULES.rule("a line that loses 10 of 100, or delays at random, is not narrow");
    let mut call = Call::new(50e6);
    call.lost = 0.1;
    call.run(30);
    let estimate = call.estimator.target_bitrate();
    assert!(estimate > 1.6e6, "{estimate} with 10 of 100 lost");
    let mut call = Call::new(50e6);
    call.jitter = Duration::from_millis(80);
    call.run(30);
    let estimate = call.estimator.target_bitrate();
    assert!(estimate > 1e6, "{estimate} with 80 ms of jitter");
}
