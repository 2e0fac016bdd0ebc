//! When the frames on their way were captured.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;

/// How many frames may be on their way: two seconds at the highest frame rate.
const FRAMES: usize = 240;

/// What the sender knows of a frame and RTP does not carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capture {
    /// When the frame was captured.
    pub captured_at: Instant,
    /// The number that its source gave it.
    pub number: u64,
}

/// The captures of the latest frames by their RTP timestamp. Clones share it.
///
/// Sender and receiver of a call inside one process share a clock. The sender writes here, and the receiver looks up how
/// old the frame is that it decoded. Between two machines this log stays empty: there one would need RTCP sender reports
/// and synchronised clocks (RFC 3550 §6.4.1).
#[derive(Debug, Clone, Default)]
pub struct CaptureLog(Arc<Mutex<VecDeque<(u32, Capture)>>>);

impl CaptureLog {
    /// Records a frame that is about to be sent. The oldest one is forgotten when there are too many.
    pub fn record(&self, rtp_timestamp: u32, capture: Capture) {
        let mut captures = self.0.lock();
        if captures.len() == FRAMES {
            captures.pop_front();
        }
        captures.push_back((rtp_timestamp, capture));
    }

    /// The frame that was sent with this RTP timestamp, if it is not forgotten yet.
    pub fn find(&self, rtp_timestamp: u32) -> Option<Capture> {
        let captures = self.0.lock();
        let mut newest_first = captures.iter().rev();
        let found = newest_first.find(|(timestamp, _)| *timestamp == rtp_timestamp);
        found.map(|(_, capture)| *capture)
    }
}
