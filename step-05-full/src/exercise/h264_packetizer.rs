//! After 2-5: one access unit to RTP packets (RFC 6184), for you to write.
//!
//! `cargo test -p step-05-full --features exercise` names what comes next. Compare with `src/send/h264_packetizer.rs` when you
//! are done.
#![allow(unused, reason = "the bodies are yours to write")]

use std::time::Instant;

use rtc::rtp::codec::h264::H264Payloader;
use rtc::rtp::packetizer::Payloader;
use rtc::rtp::{Header, Packet};

use crate::access_unit::AccessUnit;

/// Ticks of the RTP clock a second, for every video format (RFC 6184 §8.2.1, `a=rtpmap:… H264/90000`).
pub const CLOCK_RATE: u32 = 90_000;

/// Bytes of an RTP packet before encryption. Browsers use the same: with all the headers that SRTP, UDP, IPv6 and a tunnel
/// add, it stays below the 1280 that every IPv6 path carries.
pub const MTU: usize = 1200;

/// Bytes of an RTP header without extensions (RFC 3550 §5.1).
const RTP_HEADER: usize = 12;

/// Where an RTP stream begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RtpStreamStart {
    /// The number of the first packet.
    pub sequence_number: u16,
    /// The timestamp of the first access unit.
    pub timestamp: u32,
}

impl RtpStreamStart {
    /// Random, so that an attacker does not know the plain text of the first headers (RFC 3550 §5.1).
    pub fn random() -> Self {
        Self {
            sequence_number: rand::random(),
            timestamp: rand::random(),
        }
    }
}

/// Cuts access units into RTP packets and stamps them.
///
/// The library cuts (FU-A for a NAL unit larger than a packet, STAP-A for SPS and PPS together). The timestamps are made here,
/// because only the caller knows when the frame was captured.
#[derive(Debug)]
pub struct H264Packetizer {
    payloader: H264Payloader,
    payload_type: u8,
    ssrc: u32,
    sequence_number: u16,
    first_timestamp: u32,
    first_captured_at: Option<Instant>,
}

impl H264Packetizer {
    /// A packetizer for one stream, with the payload type and the SSRC that were negotiated.
    pub fn new(payload_type: u8, ssrc: u32, start: RtpStreamStart) -> Self {
        Self {
            payloader: H264Payloader::default(),
            payload_type,
            ssrc,
            sequence_number: start.sequence_number,
            first_timestamp: start.timestamp,
            first_captured_at: None,
        }
    }

    /// The RTP timestamp of a frame: its sampling instant on a clock of 90 kHz (RFC 3550 §5.1).
    ///
    /// Not a counter of frames: when a camera is late or a frame is skipped, the receiver sees the true distance.
    pub fn timestamp(&mut self, captured_at: Instant) -> u32 {
        let first = *self.first_captured_at.get_or_insert(captured_at);
        let elapsed = captured_at.saturating_duration_since(first);
        let ticks = elapsed.as_micros() * u128::from(CLOCK_RATE) / 1_000_000;
        // The clock wraps after 13 hours, and is meant to.
        self.first_timestamp.wrapping_add(ticks as u32)
    }

    /// The packets of one access unit, in order.
    ///
    /// 1. `self.payloader.payload(size, &access_unit.data)` cuts: FU-A for a NAL unit larger than a packet, STAP-A for SPS and
    ///    PPS together. A packet has [`MTU`] bytes at most, and [`RTP_HEADER`] of them are the header. Its result has an error
    ///    for the sake of other codecs; H.264 has none, so no payloads will do.
    /// 2. Each payload becomes a [`Packet`] with a `payload` and a [`Header`]: `version` 2, the `payload_type` and the `ssrc` of this
    ///    stream, and [`Default`] for what is not named here.
    /// 3. All have the access unit's `timestamp`, `self.timestamp(access_unit.captured_at)`, and the last one alone has the
    ///    `marker` bit (RFC 6184 §5.1).
    /// 4. `self.sequence_number` is the number of the next packet. It grows by one for each, over all access units, and wraps
    ///    (RFC 3550 §5.1).
    pub fn packetize(&mut self, access_unit: &AccessUnit) -> Vec<Packet> {
        todo!(
            "2-5 cut the access unit, and put a header before each piece; see step-05-full/src/exercise/h264_packetizer.rs"
        )
    }
}
