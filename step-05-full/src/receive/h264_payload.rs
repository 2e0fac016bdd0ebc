//! What an RTP packet of H.264 carries (RFC 6184 §5).

use bytes::Bytes;

/// NAL unit types (ITU-T H.264 table 7-1, RFC 6184 table 1).
const IDR: u8 = 5;
const SPS: u8 = 7;
const END_OF_SEQUENCE: u8 = 10;
const END_OF_STREAM: u8 = 11;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

/// The payload is not what RFC 6184 allows in packetization mode 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the RTP payload is no H.264 of packetization mode 1")]
pub struct MalformedPayload;

/// Whether the payload is one NAL unit, whole (RFC 6184 §5.6).
pub(crate) fn is_single_nal_unit(payload: &[u8]) -> bool {
    payload
        .first()
        .is_some_and(|header| matches!(header & 0x1f, 1..=23))
}

/// What one payload holds, as far as assembling access units needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PayloadSummary {
    /// A sequence parameter set is in it: only the beginning of a key frame has one.
    pub sps: bool,
    /// A slice of an IDR picture, or a piece of one, is in it.
    pub idr: bool,
    /// It is the piece of a NAL unit that began in an earlier packet.
    pub continues: bool,
    /// A NAL unit ends in it.
    pub ends: bool,
}

impl PayloadSummary {
    /// Reads the headers of a payload that is not empty.
    ///
    /// The lengths within a STAP-A are checked here, so that whatever reads the payload later can trust them.
    ///
    /// # Errors
    /// [`MalformedPayload`]: truncated, or of a type that packetization mode 1 does not use (RFC 6184 §6.3).
    pub fn read(payload: &Bytes) -> Result<Self, MalformedPayload> {
        let [header, rest @ ..] = &payload[..] else {
            return Err(MalformedPayload);
        };
        match header & 0x1f {
            // A short one is whole too: an access unit delimiter has two bytes, and these two have nothing but the header.
            nal_type @ (END_OF_SEQUENCE | END_OF_STREAM) => Ok(Self::of_nal_unit(nal_type)),
            nal_type @ 1..=23 if !rest.is_empty() => Ok(Self::of_nal_unit(nal_type)),
            STAP_A => Self::of_aggregate(rest),
            FU_A if rest.len() >= 2 => Ok(Self::of_fragment(rest[0])),
            _ => Err(MalformedPayload),
        }
    }

    fn of_nal_unit(nal_type: u8) -> Self {
        Self {
            sps: nal_type == SPS,
            idr: nal_type == IDR,
            continues: false,
            ends: true,
        }
    }

    /// Several small NAL units, each behind its length in two bytes (RFC 6184 §5.7.1).
    fn of_aggregate(mut rest: &[u8]) -> Result<Self, MalformedPayload> {
        let mut summary = Self {
            ends: true,
            ..Self::default()
        };
        if rest.is_empty() {
            return Err(MalformedPayload);
        }
        while let [high, low, nal_units @ ..] = rest {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            let (nal_unit, next) = nal_units.split_at_checked(length).ok_or(MalformedPayload)?;
            let nal_type = nal_unit.first().ok_or(MalformedPayload)? & 0x1f;
            summary.sps |= nal_type == SPS;
            summary.idr |= nal_type == IDR;
            rest = next;
        }
        // A single byte is left over when the lengths do not add up.
        if rest.is_empty() {
            Ok(summary)
        } else {
            Err(MalformedPayload)
        }
    }

    /// A piece of a large NAL unit: the FU header says which (RFC 6184 §5.8).
    fn of_fragment(fu_header: u8) -> Self {
        let (start, end, nal_type) = (fu_header & 0x80, fu_header & 0x40, fu_header & 0x1f);
        Self {
            sps: nal_type == SPS && start != 0,
            idr: nal_type == IDR,
            continues: start == 0,
            ends: end != 0,
        }
    }
}
