//! How much the line carries: a bandwidth estimator that sees a queue grow before a packet is lost.
//!
//! A narrow line keeps what it cannot carry yet in a queue, and loses packets only when that is full. By then each packet is
//! as late as the queue is long. So the estimator watches the delay. It reads when each packet was sent and when it arrived
//! (`transport-cc`, draft-holmer-rmcat-transport-wide-cc-extensions-01). The two clocks differ by an unknown time, but that is the
//! same for all packets: what a packet took longer than the fastest one, it has waited in the queue.
//!
//! Like all that came after TCP, it searches: faster while nothing waits, slower when something does. This is the idea of
//! Google Congestion Control (draft-ietf-rmcat-gcc-02), with the delay itself in the place of its slope, and without its filter.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use rtc::interceptor::{BandwidthEstimator, EstimatorStats, PacketReport};
use step_02_peer::Bandwidth;

/// Bits a second before anything is known. Most lines carry more, and the others soon say so.
pub const START: f64 = 300_000.0;

/// More is not asked of any encoder.
const MOST: f64 = 20_000_000.0;

/// Below this there is no video.
const LEAST: f64 = 60_000.0;

/// The queue is measured over so long: of the packets of several frames, the one that waited least. The others may have
/// waited for packets of their own frame, or been late by chance.
const QUEUE_WINDOW: Duration = Duration::from_millis(200);

/// Nothing waits.
const EMPTY: Duration = Duration::from_millis(20);

/// The queue grows. A shorter wait could be chance as well.
const GROWING: Duration = Duration::from_millis(50);

/// The fastest packet of so long is the measure for all others: when the path has changed, the old one must be forgotten.
const FASTEST_WINDOW: Duration = Duration::from_secs(15);

/// What arrives is counted over so long.
const RATE_WINDOW: Duration = Duration::from_millis(500);

/// From one decrease to the next. The first must have its effect before it can be seen.
const DECREASE_INTERVAL: Duration = Duration::from_millis(300);

/// On a line that is used up, the queue grows every few seconds. If it has not for so long, there may be more room now.
const FORGOTTEN: Duration = Duration::from_secs(10);

/// When packets wait even a little, and such a share of them is lost, the queue is short and full. When none waits, they are
/// lost by chance, as on a radio link, and fewer bits would not help.
const OVERFLOWING: f64 = 0.1;

/// No chance loses so many.
const TOO_MANY_LOST: f64 = 0.5;

/// Packets that left within so short a time left together.
const TOGETHER: Duration = Duration::from_millis(5);

/// A packet that arrived.
#[derive(Debug, Clone, Copy)]
struct Arrival {
    /// On the clock of the other peer.
    at: Duration,
    bits: f64,
    /// On the way, plus the unknown difference of the clocks, in seconds.
    delay: f64,
}

/// The estimator of one connection.
#[derive(Debug, Default)]
pub struct BandwidthEstimate {
    target: Option<f64>,
    began: Option<Instant>,
    /// Of the last 15 s, oldest first.
    arrivals: VecDeque<Arrival>,
    /// What the line carried when its queue grew last, and when that was; none as long as it has not.
    ceiling: Option<(f64, Instant)>,
    queue_grew: Option<Instant>,
    lost_too_many: Option<Instant>,
    /// The share of packets that were lost, smoothed.
    lost: f64,
}

impl BandwidthEstimate {
    /// The bandwidth of a new connection.
    pub fn bandwidth() -> Bandwidth {
        Bandwidth::new(Box::new(Self::default()))
    }

    fn record(&mut self, now: Instant, reports: &[PacketReport]) {
        let began = *self.began.get_or_insert(now);
        for report in reports {
            if let (true, Some(at)) = (report.arrived, report.arrival) {
                let sent = match report.departure.checked_duration_since(began) {
                    Some(after) => after.as_secs_f64(),
                    None => -began.duration_since(report.departure).as_secs_f64(),
                };
                self.arrivals.push_back(Arrival {
                    at,
                    bits: report.size as f64 * 8.0,
                    delay: at.as_secs_f64() - sent,
                });
            }
        }
        let newest = self.newest();
        self.arrivals
            .retain(|arrival| newest.saturating_sub(arrival.at) <= FASTEST_WINDOW);
        let lost = reports.iter().filter(|report| !report.arrived).count() as f64;
        self.lost += 0.2 * (lost / reports.len() as f64 - self.lost);
    }

    fn newest(&self) -> Duration {
        let times = self.arrivals.iter().map(|arrival| arrival.at);
        times.max().unwrap_or_default()
    }

    fn latest(&self, window: Duration) -> impl Iterator<Item = &Arrival> {
        let newest = self.newest();
        let recent = move |arrival: &&Arrival| newest.saturating_sub(arrival.at) < window;
        self.arrivals.iter().rev().take_while(recent)
    }

    /// How long packets wait in the queue now.
    fn queue(&self) -> Duration {
        let fastest = |delay: f64, arrival: &Arrival| delay.min(arrival.delay);
        let now = self.latest(QUEUE_WINDOW).fold(f64::MAX, fastest);
        let ever = self.arrivals.iter().fold(f64::MAX, fastest);
        Duration::from_secs_f64((now - ever).max(0.0))
    }

    /// Bits a second that arrived in the last `window`.
    fn received(&self, window: Duration) -> f64 {
        let bits: f64 = self.latest(window).map(|arrival| arrival.bits).sum();
        let oldest = self.arrivals.front().map(|arrival| arrival.at);
        let known = self.newest().saturating_sub(oldest.unwrap_or_default());
        bits / known.clamp(window / 5, window).as_secs_f64()
    }

    /// What to send from now on.
    fn next_target(&mut self, now: Instant) -> f64 {
        let (target, queue) = (self.target_bitrate(), self.queue());
        let received = self.received(RATE_WINDOW);
        if self.is_growing(queue) && is_over(self.queue_grew, now) {
            // What arrives is what the line carries. With less than that the queue empties, and the longer it is the less.
            let carried = received.max(self.received(QUEUE_WINDOW));
            (self.ceiling, self.queue_grew) = (Some((carried, now)), Some(now));
            return target.min((0.9 - queue.as_secs_f64()).max(0.5) * carried);
        }
        if self.lost > TOO_MANY_LOST && is_over(self.lost_too_many, now) {
            self.lost_too_many = Some(now);
            return target * (1.0 - 0.5 * self.lost);
        }
        if queue > EMPTY || self.lost > TOO_MANY_LOST {
            return target;
        }
        // More arrives than when the queue grew last, or it has not grown for long: the line has become wider.
        self.ceiling = self.ceiling.filter(|(ceiling, at)| {
            received <= 1.1 * ceiling && now.saturating_duration_since(*at) < FORGOTTEN
        });
        let growth = match self.ceiling {
            None => 1.25,
            Some((ceiling, _)) if target < 0.7 * ceiling => 1.08,
            Some(_) => 1.015,
        };
        // What is not sent proves nothing: a still picture needs few bits.
        (target * growth).min((1.4 * received).max(target))
    }

    /// A short queue overflows before it delays much.
    fn is_growing(&self, queue: Duration) -> bool {
        queue >= GROWING || queue > EMPTY && self.lost > OVERFLOWING
    }
}

/// Whether the last decrease has had the time to have its effect.
fn is_over(decreased: Option<Instant>, now: Instant) -> bool {
    decreased.is_none_or(|at| now.saturating_duration_since(at) >= DECREASE_INTERVAL)
}

/// The packets of the first frame left together. How far apart they arrived says how fast the line is: the fastest three do,
/// because a busy receiver is late by chance, and never early.
fn first_burst(reports: &[PacketReport]) -> Option<f64> {
    let first = reports.first()?;
    let together = |report: &&PacketReport| {
        report.departure.saturating_duration_since(first.departure) < TOGETHER
    };
    let arrived = reports.iter().take_while(together);
    let arrived: Vec<_> = arrived
        .filter_map(|report| Some((report.arrival?, report.size)))
        .collect();
    let rates = arrived.windows(3).map(|three| {
        let bits = (three[1].1 + three[2].1) as f64 * 8.0;
        let time = three[2].0.saturating_sub(three[0].0);
        // Reports have a resolution of 250 µs.
        bits / time.as_secs_f64().max(0.0005)
    });
    rates.reduce(f64::max)
}

impl BandwidthEstimator for BandwidthEstimate {
    fn on_reports(&mut self, now: Instant, reports: &[PacketReport]) {
        if reports.is_empty() {
            return;
        }
        self.record(now, reports);
        let target = match (self.target, first_burst(reports)) {
            (None, Some(carried)) => {
                self.ceiling = (carried < MOST).then_some((carried, now));
                0.85 * carried
            }
            _ => self.next_target(now),
        };
        let target = target.clamp(LEAST, MOST);
        self.target = Some(target);
        tracing::trace!(
            "bandwidth: {:.0} kbit/s, {:.0} received, queue {:?}, {:.0} % lost",
            target / 1e3,
            self.received(RATE_WINDOW) / 1e3,
            self.queue(),
            self.lost * 100.0
        );
    }

    fn target_bitrate(&self) -> f64 {
        self.target.unwrap_or(START)
    }

    fn stats(&self) -> EstimatorStats {
        let mut stats = EstimatorStats::default();
        stats.delay_based_bitrate = self.ceiling.map(|(carried, _)| carried);
        stats.packet_loss = Some(self.lost);
        stats
    }
}
