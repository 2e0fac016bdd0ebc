//! One frame, encoded.

use std::time::Instant;

use bytes::Bytes;

/// One frame as it leaves the encoder: an access unit of H.264 (ITU-T H.264 §3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessUnit {
    /// The NAL units in the byte stream format: each behind a start code (ITU-T H.264 Annex B).
    pub data: Bytes,
    /// Whether a decoder can begin here: an IDR picture with its parameter sets.
    pub key_frame: bool,
    /// When the frame was captured; the RTP timestamp is made from it.
    pub captured_at: Instant,
    /// The number that the source gave the frame.
    pub number: u64,
}

/// One frame as it was assembled from RTP packets, still encoded. The sender's clock is not ours, so instead of an instant it
/// carries the time that the packets had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedAccessUnit {
    /// The NAL units in the byte stream format: each behind a start code (ITU-T H.264 Annex B).
    pub data: Bytes,
    /// Whether a decoder can begin here: it holds an IDR picture (NAL unit type 5).
    pub key_frame: bool,
    /// The sampling instant, in 1/90000 s from an unknown origin, wrapping (RFC 3550 §5.1).
    pub rtp_timestamp: u32,
}
