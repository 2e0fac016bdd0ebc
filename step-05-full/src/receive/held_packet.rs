//! A packet that waits for the others of its access unit.

use std::time::Instant;

use bytes::BytesMut;
use rtc::rtp::Packet;
use rtc::rtp::codec::h264::{ANNEXB_NALUSTART_CODE, H264Packet};
use rtc::rtp::packetizer::Depacketizer;

use crate::access_unit::ReceivedAccessUnit;
use crate::receive::h264_payload::{MalformedPayload, PayloadSummary, is_single_nal_unit};

/// A packet whose access unit is not complete.
#[derive(Debug)]
pub struct HeldPacket {
    /// As it came.
    pub packet: Packet,
    /// None for a packet of padding only.
    pub summary: Option<PayloadSummary>,
    /// When it came.
    pub arrived: Instant,
}

impl HeldPacket {
    /// A packet that came at `arrived`.
    ///
    /// # Errors
    /// [`MalformedPayload`], when it carries no H.264.
    pub fn new(packet: Packet, arrived: Instant) -> Result<Self, MalformedPayload> {
        // Browsers probe the bandwidth with packets of padding only: nothing to decode, but numbered like the others.
        let summary = match packet.payload.is_empty() {
            true => None,
            false => Some(PayloadSummary::read(&packet.payload)?),
        };
        Ok(Self {
            packet,
            summary,
            arrived,
        })
    }

    /// The RTP timestamp of its access unit; none for padding.
    pub fn timestamp(&self) -> Option<u32> {
        self.summary.map(|_| self.packet.header.timestamp)
    }

    /// A key frame begins with its SPS: without one the decoder would not know the size of the frames.
    pub fn begins_key_frame(&self) -> bool {
        self.summary.is_some_and(|summary| summary.sps)
    }
}

/// Joins the NAL units of one access unit, each behind a start code. None when there is not one.
pub(crate) fn join(
    packets: impl IntoIterator<Item = HeldPacket>,
) -> Result<Option<ReceivedAccessUnit>, MalformedPayload> {
    let (mut depacketizer, mut data) = (H264Packet::default(), BytesMut::new());
    let (mut key_frame, mut inside_nal_unit, mut rtp_timestamp) = (false, false, None);
    for held in packets {
        let Some(summary) = held.summary else {
            continue;
        };
        if summary.continues != inside_nal_unit {
            return Err(MalformedPayload);
        }
        inside_nal_unit = !summary.ends;
        key_frame |= summary.idr;
        rtp_timestamp = rtp_timestamp.or(held.timestamp());
        let payload = &held.packet.payload;
        if is_single_nal_unit(payload) {
            // The library refuses most of those that have one or two bytes.
            data.extend_from_slice(&ANNEXB_NALUSTART_CODE);
            data.extend_from_slice(payload);
        } else {
            let nal_units = depacketizer.depacketize(payload);
            data.extend_from_slice(&nal_units.map_err(|_| MalformedPayload)?);
        }
    }
    if inside_nal_unit {
        return Err(MalformedPayload);
    }
    Ok(rtp_timestamp.map(|rtp_timestamp| ReceivedAccessUnit {
        data: data.freeze(),
        key_frame,
        rtp_timestamp,
    }))
}
