//! When the pictures on their way were captured.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// How many pictures may be on their way: two seconds at the highest frame rate.
const PICTURES: usize = 240;

/// What the sender knows of a picture and RTP does not carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capture {
    /// When the picture was captured.
    pub captured_at: Instant,
    /// The number that its source gave it.
    pub number: u64,
}

/// The captures of the latest pictures by their RTP timestamp. Clones share it.
///
/// Sender and receiver of this call live in one process and so share a clock. The sender writes here, and the receiver
/// looks up how old the picture is that it decoded, whatever the source. Between two machines this log stays empty;
/// there one would need RTCP sender reports and synchronised clocks (RFC 3550 §6.4.1).
#[derive(Debug, Clone, Default)]
pub struct CaptureLog(Arc<Mutex<VecDeque<(u32, Capture)>>>);

impl CaptureLog {
    fn lock(&self) -> MutexGuard<'_, VecDeque<(u32, Capture)>> {
        // A push or a pop leaves the ring whole even if its thread panicked later.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a picture that is about to be sent. The oldest one is forgotten when there are too many.
    pub fn record(&self, rtp_timestamp: u32, capture: Capture) {
        let mut captures = self.lock();
        if captures.len() == PICTURES {
            captures.pop_front();
        }
        captures.push_back((rtp_timestamp, capture));
    }

    /// The picture that was sent with this RTP timestamp, if it is not forgotten yet.
    pub fn find(&self, rtp_timestamp: u32) -> Option<Capture> {
        let captures = self.lock();
        let newest_first = captures.iter().rev();
        newest_first
            .filter(|(timestamp, _)| *timestamp == rtp_timestamp)
            .map(|(_, capture)| *capture)
            .next()
    }
}
