//! How many bits a second the network to the other peer takes.

use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;
use rtc::interceptor::{
    BandwidthEstimator, CongestionControlBuilder, PacketReport, Registry, Slot, TwccSenderBuilder,
};

/// The estimate of one peer, for whoever sends its video.
///
/// webrtc numbers every packet across all streams, and the other peer reports when each number arrived: `a=rtcp-fb:…
/// transport-cc`. The estimator compares these times with those of sending. It sits among the interceptors of the
/// connection, so a clone of it stays outside.
#[derive(Clone)]
pub struct Bandwidth(Arc<Mutex<Estimate>>);

struct Estimate {
    estimator: Box<dyn BandwidthEstimator>,
    /// Whether the other peer reports at all. Not all can: the header extension or the feedback is not negotiated.
    reported: bool,
}

impl Bandwidth {
    /// The bandwidth as `estimator` sees it.
    pub fn new(estimator: Box<dyn BandwidthEstimator>) -> Self {
        Self(Arc::new(Mutex::new(Estimate {
            estimator,
            reported: false,
        })))
    }

    /// The bits a second to send; none while the other peer has reported nothing.
    pub fn bits_per_second(&self) -> Option<f64> {
        let estimate = self.0.lock();
        estimate
            .reported
            .then(|| estimate.estimator.target_bitrate())
    }

    /// Whether the line has shown its limit: packets have waited for one another (`delay_based_bitrate` is known).
    pub fn is_limited(&self) -> bool {
        let stats = self.0.lock().estimator.stats();
        stats.delay_based_bitrate.is_some()
    }

    /// Numbers the packets of a connection, and passes the reports about them to the estimator.
    pub(crate) fn register(&self, interceptors: Registry) -> Registry {
        let congestion_control = CongestionControlBuilder::new(self.clone()).build();
        interceptors
            .with(Slot::TwccSender, TwccSenderBuilder::new().build())
            .with(Slot::CongestionControl, congestion_control)
    }
}

impl BandwidthEstimator for Bandwidth {
    fn on_reports(&mut self, now: Instant, reports: &[PacketReport]) {
        let mut estimate = self.0.lock();
        estimate.reported |= !reports.is_empty();
        estimate.estimator.on_reports(now, reports);
    }

    fn target_bitrate(&self) -> f64 {
        self.0.lock().estimator.target_bitrate()
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.0.lock().estimator.handle_timeout(now);
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.0.lock().estimator.poll_timeout()
    }
}
