//! What was counted of an RTP stream, at the side that sends it and at the side that receives it.

use std::time::{Duration, Instant};

use crate::figures::freezes::FreezeStats;
use crate::figures::latency::Percentiles;

/// What was sent of a video so far, named as in W3C webrtc-stats §8.8 (`RTCOutboundRtpStreamStats`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutboundStats {
    /// Frames that the source made since the connection was established, sent or not.
    pub frames_captured: u64,
    /// Frames encoded.
    pub frames_encoded: u64,
    /// Key frames among them.
    pub key_frames_encoded: u64,
    /// Bytes of H.264.
    pub bytes_encoded: u64,
    /// Access units handed to the network.
    pub frames_sent: u64,
    /// RTP packets handed to the network.
    pub packets_sent: u64,
    /// Bits a second that are asked of the encoder now (`targetBitrate`).
    pub target_bitrate: Option<u32>,
    /// Key frames that the receiver asked for (PLI or FIR, RFC 4585 §6.3.1, RFC 5104 §4.3.1).
    pub pli_count: u64,
}

/// What was received of a video so far, named as in W3C webrtc-stats §8.5 (`RTCInboundRtpStreamStats`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InboundStats {
    /// Packets that belonged to the stream and were new.
    pub packets_received: u64,
    /// Access units assembled.
    pub frames_received: u64,
    /// How often a gap was given up, or the stream was damaged.
    pub sync_losses: u64,
    /// Key frames asked for (PLI, RFC 4585 §6.3.1).
    pub pli_count: u64,
    /// Packets asked for again, each as often as it was asked for (NACK, RFC 4585 §6.2.1).
    pub packets_requested: u64,
    /// How unequal the distances are at which frames arrive (`jitter`, RFC 3550 §6.4.1).
    pub jitter: Duration,
    /// How long frames wait so that they are shown at equal distances.
    pub playout_delay: Duration,
    /// Frames decoded.
    pub frames_decoded: u64,
    /// Key frames among them.
    pub key_frames_decoded: u64,
    /// Access units dropped: the decoder's queue was full, or the key frame that they need had not come.
    pub frames_dropped: u64,
    /// Access units that the decoder refused.
    pub decode_errors: u64,
    /// Bytes of H.264 decoded.
    pub bytes_decoded: u64,
    /// When the first frame was decoded.
    pub first_decoded_at: Option<Instant>,
    /// When the latest frame was decoded.
    pub last_decoded_at: Option<Instant>,
    /// From capture to decoded, where the time of capture is known.
    pub latency: Percentiles,
    /// How long the video stood still.
    pub freezes: FreezeStats,
}

impl InboundStats {
    /// From the first frame that was decoded to the latest one.
    fn decoding_time(&self) -> Option<Duration> {
        let time = self
            .last_decoded_at?
            .saturating_duration_since(self.first_decoded_at?);
        (!time.is_zero()).then_some(time)
    }

    /// Frames decoded a second.
    pub fn frames_per_second(&self) -> Option<f64> {
        let intervals = self.frames_decoded.checked_sub(1)?;
        Some(intervals as f64 / self.decoding_time()?.as_secs_f64())
    }

    /// H.264 decoded, in bits a second.
    pub fn bits_per_second(&self) -> Option<f64> {
        Some(self.bytes_decoded as f64 * 8.0 / self.decoding_time()?.as_secs_f64())
    }
}
