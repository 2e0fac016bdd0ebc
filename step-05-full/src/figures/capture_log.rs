//! When the frames on their way were captured.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use step_01_capture::CallLog;

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
#[derive(Clone, Default)]
pub struct CaptureLog {
    captures: Arc<Mutex<VecDeque<(u32, Capture)>>>,
    call: Option<LoggedCall>,
}

/// The log of the call to which the frames belong, for the report.
#[derive(Clone)]
struct LoggedCall {
    log: CallLog,
    sender: String,
    receiver: String,
}

impl CaptureLog {
    /// A log that writes into that of the call what happens to its frames, between peers of these names.
    pub fn of_call(log: &CallLog, sender: &str, receiver: &str) -> Self {
        let call = LoggedCall {
            log: log.clone(),
            sender: sender.to_owned(),
            receiver: receiver.to_owned(),
        };
        Self {
            call: Some(call),
            ..Self::default()
        }
    }

    /// Records a frame that is about to be sent. The oldest one is forgotten when there are too many.
    pub fn record(&self, rtp_timestamp: u32, capture: Capture) {
        let mut captures = self.captures.lock();
        if captures.len() == FRAMES {
            captures.pop_front();
        }
        captures.push_back((rtp_timestamp, capture));
    }

    /// The frame that was sent with this RTP timestamp, if it is not forgotten yet.
    pub fn find(&self, rtp_timestamp: u32) -> Option<Capture> {
        let captures = self.captures.lock();
        let mut newest_first = captures.iter().rev();
        let found = newest_first.find(|(timestamp, _)| *timestamp == rtp_timestamp);
        found.map(|(_, capture)| *capture)
    }

    /// Notes for the report that a frame was sent, of so many that were captured since the one before it.
    pub fn note_sent(&self, captured: u64, key_frame: bool, bytes: usize) {
        let Some(LoggedCall { log, sender, .. }) = &self.call else {
            return;
        };
        log.sample("frames captured", captured as f64);
        let name = match key_frame {
            true => "key frame sent, bytes",
            false => "frame sent, bytes",
        };
        log.sample(name, bytes as f64);
        if key_frame {
            let text = format!("an IDR picture with its SPS and PPS, {bytes} bytes of H.264");
            log.call(sender, "key frame sent", &text);
        }
    }

    /// Notes for the report which bitrate is asked of the encoder from now on.
    pub fn note_bitrate(&self, bitrate: u32) {
        if let Some(LoggedCall { log, .. }) = &self.call {
            log.sample("bitrate asked for, bit/s", f64::from(bitrate));
        }
    }

    /// Notes for the report that a frame was decoded.
    pub fn note_decoded(&self, latency: Option<Duration>, key_frame: bool, bytes: usize) {
        let Some(LoggedCall { log, receiver, .. }) = &self.call else {
            return;
        };
        log.sample("frame decoded, bytes", bytes as f64);
        if let Some(latency) = latency {
            log.sample("latency, ms", latency.as_secs_f64() * 1e3);
        }
        if key_frame {
            log.call(
                receiver,
                "key frame decoded",
                &format!("{bytes} bytes of H.264"),
            );
        }
    }
}
