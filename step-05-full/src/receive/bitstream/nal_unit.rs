//! NAL units in the byte stream format (ITU-T H.264 §7.3.1 and Annex B).

use crate::receive::bitstream::access_unit_error::AccessUnitError;

/// NAL unit types (ITU-T H.264 table 7-1).
pub(super) const SLICE: u8 = 1;
pub(super) const IDR_SLICE: u8 = 5;
pub(super) const SPS: u8 = 7;
pub(super) const PPS: u8 = 8;

/// A slice's header is shorter than this, in bytes.
const HEADER_LENGTH: usize = 64;

/// One NAL unit without its start code. It has at least two bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NalUnit<'a>(&'a [u8]);

impl<'a> NalUnit<'a> {
    /// Checks what every NAL unit must be.
    ///
    /// # Errors
    /// [`AccessUnitError::Malformed`]
    fn new(bytes: &'a [u8]) -> Result<Self, AccessUnitError> {
        match bytes {
            [] | [_] => Err(AccessUnitError::Malformed("a NAL unit is empty")),
            [header, ..] if header & 0x80 != 0 => {
                Err(AccessUnitError::Malformed("forbidden_zero_bit is set"))
            }
            _ if !is_escaped(bytes) => Err(AccessUnitError::Malformed(
                "a NAL unit has bytes that must be escaped",
            )),
            _ => Ok(Self(bytes)),
        }
    }

    pub(super) fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// `nal_unit_type`.
    pub(super) fn kind(self) -> u8 {
        self.0[0] & 0x1f
    }

    /// Whether later frames may refer to it (`nal_ref_idc`).
    pub(super) fn is_reference(self) -> bool {
        self.0[0] & 0x60 != 0
    }

    /// The payload without the bytes that only keep start codes out of it (`emulation_prevention_three_byte`).
    pub(super) fn payload(self) -> Vec<u8> {
        unescape(&self.0[1..])
    }

    /// The beginning of the payload, in which a slice's header fits.
    pub(super) fn payload_prefix(self) -> Vec<u8> {
        unescape(&self.0[1..self.0.len().min(HEADER_LENGTH)])
    }
}

/// Cuts a byte stream at its start codes.
///
/// # Errors
/// [`AccessUnitError::Malformed`], when it does not begin with one.
pub(super) fn nal_units(
    byte_stream: &[u8],
) -> Result<impl Iterator<Item = Result<NalUnit<'_>, AccessUnitError>>, AccessUnitError> {
    let only_zeros_before = |at: &usize| byte_stream[..*at].iter().all(|byte| *byte == 0);
    let first = find_start_code(byte_stream).filter(only_zeros_before);
    let first = first.ok_or(AccessUnitError::Malformed(
        "it does not begin with a start code",
    ))?;
    let mut rest = Some(&byte_stream[first + 3..]);
    Ok(std::iter::from_fn(move || {
        let bytes = rest?;
        let end = find_start_code(bytes);
        rest = end.map(|end| &bytes[end + 3..]);
        let nal_unit = &bytes[..end.unwrap_or(bytes.len())];
        // The next start code may have four bytes, and zeros may precede it.
        let zeros = nal_unit.iter().rev().take_while(|byte| **byte == 0).count();
        Some(NalUnit::new(&nal_unit[..nal_unit.len() - zeros]))
    }))
}

fn find_start_code(bytes: &[u8]) -> Option<usize> {
    find_two_zeros(bytes, |third| third == 1)
}

/// Where two zero bytes stand before a third that `matches`, which must be 3 or less.
fn find_two_zeros(bytes: &[u8], matches: impl Fn(u8) -> bool) -> Option<usize> {
    let mut at = 0;
    while let Some(three) = bytes.get(at..at + 3) {
        match three {
            [0, 0, third] if matches(*third) => return Some(at),
            // A larger byte is none of the three, wherever they begin.
            [_, _, third] if *third > 3 => at += 3,
            _ => at += 1,
        }
    }
    None
}

/// Whether two zero bytes are only followed by what may follow them (ITU-T H.264 §7.4.1).
fn is_escaped(mut bytes: &[u8]) -> bool {
    while let Some(at) = find_two_zeros(bytes, |third| third <= 3) {
        match bytes[at + 2..] {
            [3, 0..=3, ..] => bytes = &bytes[at + 3..],
            _ => return false,
        }
    }
    true
}

fn unescape(mut bytes: &[u8]) -> Vec<u8> {
    let mut payload = Vec::with_capacity(bytes.len());
    while let Some(at) = find_two_zeros(bytes, |third| third == 3) {
        payload.extend_from_slice(&bytes[..at + 2]);
        bytes = &bytes[at + 3..];
    }
    payload.extend_from_slice(bytes);
    payload
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(byte_stream: &[u8]) -> Result<Vec<&[u8]>, AccessUnitError> {
        nal_units(byte_stream)?
            .map(|nal_unit| nal_unit.map(NalUnit::bytes))
            .collect()
    }

    #[test]
    fn start_codes_of_three_and_four_bytes_separate_nal_units() {
        let stream = [
            0, 0, 0, 1, 0x67, 66, 0, 0, 1, 0x68, 7, 0, 0, 0, 1, 0x65, 9, 0,
        ];
        let nal_units: [&[u8]; 3] = [&[0x67, 66], &[0x68, 7], &[0x65, 9]];
        assert_eq!(split(&stream), Ok(nal_units.to_vec()));
    }

    #[test]
    fn what_is_not_a_byte_stream_is_an_error() {
        for stream in [
            &[][..],
            &[0x65, 1, 2],
            &[7, 0, 0, 1, 0x65, 9],
            &[0, 0, 1],
            &[0, 0, 1, 0x65],
        ] {
            let split = split(stream);
            assert!(split.is_err(), "{stream:?} became {split:?}");
        }
    }

    #[test]
    fn two_zero_bytes_are_followed_by_an_escape_or_a_large_byte() {
        for (nal_unit, allowed) in [
            (&[0x65, 0, 0, 4, 5][..], true),
            (&[0x65, 0, 0, 3, 1, 5], true),
            (&[0x65, 0, 0, 3, 0, 0, 3, 0, 5], true),
            (&[0x65, 0, 0, 2, 5], false),
            (&[0x65, 0, 0, 0, 5], false),
            (&[0x65, 0, 0, 3, 4, 5], false),
            (&[0x65, 0, 0, 3], false),
        ] {
            assert_eq!(NalUnit::new(nal_unit).is_ok(), allowed, "{nal_unit:?}");
        }
    }

    #[test]
    fn the_payload_has_no_escapes() {
        let nal_unit = NalUnit::new(&[0x65, 1, 0, 0, 3, 0, 0, 3, 1, 9]).expect("it is escaped");
        assert_eq!(nal_unit.payload(), [1, 0, 0, 0, 0, 1, 9]);
    }
}
