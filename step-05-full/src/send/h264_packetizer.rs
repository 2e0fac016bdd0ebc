//! One access unit to RTP packets (RFC 6184).

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

    /// The packets of one access unit, in order. All carry its timestamp, and the last carries the marker bit (RFC 6184 §5.1).
    pub fn packetize(&mut self, access_unit: &AccessUnit) -> Vec<Packet> {
        let timestamp = self.timestamp(access_unit.captured_at);
        let payloads = self.payloader.payload(MTU - RTP_HEADER, &access_unit.data);
        // The payloader's signature is that of all codecs; the one for H.264 has no error of its own.
        let payloads = payloads.unwrap_or_default();
        let count = payloads.len();
        let packets = payloads.into_iter().enumerate().map(|(index, payload)| {
            let header = Header {
                version: 2,
                marker: index + 1 == count,
                payload_type: self.payload_type,
                sequence_number: self.sequence_number,
                timestamp,
                ssrc: self.ssrc,
                ..Header::default()
            };
            self.sequence_number = self.sequence_number.wrapping_add(1);
            Packet { header, payload }
        });
        packets.collect()
    }
}
