//! Reads syntax elements bit by bit (ITU-T H.264 §7.2 and §9.1).

use crate::receive::bitstream::access_unit_error::AccessUnitError;

const TOO_SHORT: AccessUnitError = AccessUnitError::Malformed("a NAL unit ends too early");
const OUT_OF_RANGE: AccessUnitError =
    AccessUnitError::Malformed("a syntax element is out of range");

/// A position in the bits of a NAL unit. Every element is read with the range that it may have.
#[derive(Debug)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    /// The next bit, counted from the first byte's most significant.
    position: usize,
    /// One behind the last bit that is data.
    end: usize,
}

impl<'a> BitReader<'a> {
    /// Reads from the beginning of a payload of which the rest is not looked at.
    pub(super) fn of_prefix(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            position: 0,
            end: bytes.len() * 8,
        }
    }

    /// Reads a whole payload. Its last bit that is set ends the data (`rbsp_trailing_bits`, ITU-T H.264 §7.3.2.11).
    ///
    /// # Errors
    /// [`AccessUnitError::Malformed`], when no bit is set in the last byte.
    pub(super) fn of_payload(bytes: &'a [u8]) -> Result<Self, AccessUnitError> {
        let last = bytes.last().filter(|last| **last != 0).ok_or(TOO_SHORT)?;
        let behind_data = 1 + last.trailing_zeros() as usize;
        Ok(Self {
            bytes,
            position: 0,
            end: bytes.len() * 8 - behind_data,
        })
    }

    /// One bit, u(1).
    pub(super) fn flag(&mut self) -> Result<bool, AccessUnitError> {
        if self.position >= self.end {
            return Err(TOO_SHORT);
        }
        let byte = self.bytes.get(self.position / 8).ok_or(TOO_SHORT)?;
        let bit = byte >> (7 - self.position % 8) & 1;
        self.position += 1;
        Ok(bit == 1)
    }

    /// An unsigned number of `count` bits, u(n). At most 32.
    pub(super) fn bits(&mut self, count: u32) -> Result<u32, AccessUnitError> {
        let mut value = 0;
        for _ in 0..count {
            value = value << 1 | u32::from(self.flag()?);
        }
        Ok(value)
    }

    /// An unsigned Exp-Golomb number, ue(v), that is at most `max`.
    pub(super) fn unsigned(&mut self, max: u32) -> Result<u32, AccessUnitError> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            // 2^31 and above is larger than any limit.
            if zeros > 30 {
                return Err(OUT_OF_RANGE);
            }
        }
        let value = (1 << zeros) - 1 + self.bits(zeros)?;
        (value <= max).then_some(value).ok_or(OUT_OF_RANGE)
    }

    /// A signed Exp-Golomb number, se(v), between `-max` and `max`.
    pub(super) fn signed(&mut self, max: u32) -> Result<i32, AccessUnitError> {
        let code = self.unsigned(max.saturating_mul(2))?;
        let magnitude = code.div_ceil(2) as i32;
        Ok(if code % 2 == 1 { magnitude } else { -magnitude })
    }

    /// Whether data is left (`more_rbsp_data`).
    pub(super) fn has_more(&self) -> bool {
        self.position < self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_golomb_numbers_are_read_as_in_table_9_2() {
        // 1, 010, 011, 00100, 00101, and the stop bit.
        let mut reader = BitReader::of_payload(&[0b1010_0110, 0b0100_0010, 0b1100_0000])
            .expect("the last byte has a bit set");
        let numbers: Vec<_> = (0..5).map(|_| reader.unsigned(9)).collect();
        assert_eq!(numbers, [Ok(0), Ok(1), Ok(2), Ok(3), Ok(4)]);
        assert!(!reader.has_more(), "what follows is rbsp_trailing_bits");
    }

    #[test]
    fn signed_numbers_alternate_as_in_table_9_3() {
        let mut reader = BitReader::of_prefix(&[0b1010_0110, 0b0100_0010, 0b1000_0000]);
        let numbers: Vec<_> = (0..5).map(|_| reader.signed(9)).collect();
        assert_eq!(numbers, [Ok(0), Ok(1), Ok(-1), Ok(2), Ok(-2)]);
    }

    #[test]
    fn a_number_above_its_range_is_an_error() {
        let mut reader = BitReader::of_prefix(&[0b0010_0000]);
        assert_eq!(reader.unsigned(2), Err(OUT_OF_RANGE), "the number is 3");
    }

    #[test]
    fn a_number_of_any_length_ends() {
        assert_eq!(BitReader::of_prefix(&[0; 9]).unsigned(9), Err(OUT_OF_RANGE));
        assert_eq!(BitReader::of_prefix(&[0; 3]).unsigned(9), Err(TOO_SHORT));
        let largest = [0, 0, 0, 3, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(
            BitReader::of_prefix(&largest).unsigned(u32::MAX),
            Ok((1 << 31) - 2)
        );
    }
}
