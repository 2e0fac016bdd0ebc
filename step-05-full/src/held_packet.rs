//! A packet that waits for the others of its picture.

use std::time::Instant;

use bytes::BytesMut;
use rtc::rtp::Packet;
use rtc::rtp::codec::h264::H264Packet;
use rtc::rtp::packetizer::Depacketizer;

use crate::access_unit::ReceivedAccessUnit;
use crate::h264_payload::{MalformedPayload, PayloadSummary};

/// Before each NAL unit (ITU-T H.264 annex B).
const START_CODE: [u8; 4] = [0, 0, 0, 1];

/// A payload of a type up to this one is one NAL unit as it is (RFC 6184 §5.6).
const LAST_NAL_UNIT_TYPE: u8 = 23;

/// A packet whose picture is not complete.
#[derive(Debug)]
pub(crate) struct HeldPacket {
    pub(crate) packet: Packet,
    /// None for a packet of padding only.
    pub(crate) summary: Option<PayloadSummary>,
    pub(crate) arrived: Instant,
}

/// Joins the NAL units of one picture, each behind a start code. None when there is not one.
pub(crate) fn join(
    packets: impl Iterator<Item = HeldPacket>,
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
        rtp_timestamp = rtp_timestamp.or(Some(held.packet.header.timestamp));
        let payload = &held.packet.payload;
        if payload[0] & 0x1f <= LAST_NAL_UNIT_TYPE {
            // The crate's depacketizer refuses one of two bytes unless it is a delimiter, and every one of one byte.
            data.extend_from_slice(&START_CODE);
            data.extend_from_slice(payload);
        } else {
            let nal_units = depacketizer.depacketize(payload);
            data.extend_from_slice(&nal_units.map_err(|_| MalformedPayload)?);
        }
    }
    match rtp_timestamp {
        Some(_) if inside_nal_unit => Err(MalformedPayload),
        Some(rtp_timestamp) => {
            let data = data.freeze();
            Ok(Some(ReceivedAccessUnit {
                data,
                key_frame,
                rtp_timestamp,
            }))
        }
        None => Ok(None),
    }
}
