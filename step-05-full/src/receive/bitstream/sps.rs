//! Sequence parameter sets (ITU-T H.264 §7.3.2.1.1), as far as constrained baseline uses them.

use crate::receive::bitstream::access_unit_error::AccessUnitError;
use crate::receive::bitstream::bit_reader::BitReader;
use crate::receive::bitstream::stream_limits::StreamLimits;

/// What the SPS says that is needed to read slices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sps {
    pub(super) id: u32,
    /// Macroblocks in a frame.
    pub(super) frame_size: u32,
    pub(super) frame_num_bits: u32,
    pub(super) order_count: OrderCount,
}

/// How a slice gives the order in which frames are shown (`pic_order_cnt_type`, ITU-T H.264 §8.2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OrderCount {
    /// By a number of so many bits.
    Bits(u32),
    /// By its distance from the order expected.
    Deltas,
    /// Not at all: it follows from `frame_num`.
    FrameNum,
}

impl Sps {
    /// Reads and checks an SPS up to the cropping; nothing behind that changes how slices are read.
    ///
    /// # Errors
    /// [`AccessUnitError`]: it is damaged, or not what the session negotiated.
    pub(super) fn read(payload: &[u8], limits: StreamLimits) -> Result<Self, AccessUnitError> {
        let mut reader = BitReader::of_payload(payload)?;
        let (profile, constraints) = (reader.bits(8)?, reader.bits(8)?);
        check_profile(profile, constraints)?;
        let _level = reader.bits(8)?;
        let id = reader.unsigned(31)?;
        let frame_num_bits = reader.unsigned(12)? + 4;
        let order_count = OrderCount::read(&mut reader)?;
        let reference_frames = reader.unsigned(16)?;
        let _gaps_in_frame_num_allowed = reader.flag()?;
        // 4096 pixels are 256 macroblocks.
        let (width, height) = (reader.unsigned(255)? + 1, reader.unsigned(255)? + 1);
        let frame_size = width * height;
        check_size(frame_size, reference_frames, limits)?;
        if !reader.flag()? {
            return Err(AccessUnitError::Profile("frames are interlaced"));
        }
        let _direct_8x8_inference = reader.flag()?;
        if reader.flag()? {
            check_cropping(&mut reader, width)?;
            check_cropping(&mut reader, height)?;
        }
        let _vui_parameters_present = reader.flag()?;
        Ok(Self {
            id,
            frame_size,
            frame_num_bits,
            order_count,
        })
    }
}

/// The three profiles whose constraints can make them constrained baseline (RFC 6184 table 5). A sender that says
/// baseline may leave the constraints out: the tools that they exclude are looked for in the PPS and in the slices.
fn check_profile(profile: u32, constraints: u32) -> Result<(), AccessUnitError> {
    match profile {
        66 => Ok(()),
        77 if constraints & 0x80 != 0 => Ok(()),
        88 if constraints & 0xc0 == 0xc0 => Ok(()),
        77 => Err(AccessUnitError::Profile("its profile is main")),
        100 => Err(AccessUnitError::Profile("its profile is high")),
        _ => Err(AccessUnitError::Profile("it has another profile")),
    }
}

fn check_size(
    frame_size: u32,
    reference_frames: u32,
    limits: StreamLimits,
) -> Result<(), AccessUnitError> {
    if frame_size > limits.frame_size {
        return Err(AccessUnitError::AboveLimit {
            what: "the frame size in macroblocks of 16x16",
            actual: frame_size,
            limit: limits.frame_size,
        });
    }
    let most = limits.decoded_frames_size / frame_size;
    if reference_frames > most {
        return Err(AccessUnitError::AboveLimit {
            what: "the number of reference frames",
            actual: reference_frames,
            limit: most,
        });
    }
    Ok(())
}

/// Cropping is counted in steps of two pixels, and something must be left.
fn check_cropping(reader: &mut BitReader<'_>, macroblocks: u32) -> Result<(), AccessUnitError> {
    let steps = macroblocks * 8 - 1;
    let first = reader.unsigned(steps)?;
    reader.unsigned(steps - first)?;
    Ok(())
}

impl OrderCount {
    fn read(reader: &mut BitReader<'_>) -> Result<Self, AccessUnitError> {
        match reader.unsigned(2)? {
            0 => Ok(Self::Bits(reader.unsigned(12)? + 4)),
            1 => {
                let always_zero = reader.flag()?;
                let (_not_reference, _field) = (reader.signed(1 << 29)?, reader.signed(1 << 29)?);
                for _ in 0..reader.unsigned(255)? {
                    reader.signed(1 << 29)?;
                }
                Ok(if always_zero {
                    Self::FrameNum
                } else {
                    Self::Deltas
                })
            }
            _ => Ok(Self::FrameNum),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receive::bitstream::bit_writer::BitWriter;

    /// Up to the number of reference frames, with frame numbers of four bits and no order count.
    fn beginning(profile: u32, constraints: u32) -> BitWriter {
        BitWriter::default()
            .bits(8, profile)
            .bits(8, constraints)
            .bits(8, 31)
            .unsigned(0)
            .unsigned(0)
            .unsigned(2)
    }

    fn sps(reference_frames: u32, width: u32, height: u32) -> Result<Sps, AccessUnitError> {
        let size = beginning(66, 0xc0)
            .unsigned(reference_frames)
            .bits(1, 0)
            .unsigned(width - 1)
            .unsigned(height - 1);
        // Not interlaced, 8x8 inference, no cropping, no VUI.
        let payload = size.bits(4, 0b1100).payload();
        Sps::read(&payload, StreamLimits::LEVEL_3_1)
    }

    #[test]
    fn the_sps_has_the_size_of_a_frame_in_macroblocks() {
        let sps = sps(1, 40, 30).expect("640x480 with one reference is within level 3.1");
        assert_eq!(sps.frame_size, 1200, "40x30 macroblocks");
        assert_eq!((sps.id, sps.frame_num_bits), (0, 4));
        assert_eq!(sps.order_count, OrderCount::FrameNum);
    }

    #[test]
    fn a_frame_is_no_larger_than_the_level_allows() {
        assert!(
            sps(5, 80, 45).is_ok(),
            "1280x720 is the largest of level 3.1"
        );
        let above = AccessUnitError::AboveLimit {
            what: "the frame size in macroblocks of 16x16",
            actual: 36_864,
            limit: 3600,
        };
        assert_eq!(sps(1, 256, 144), Err(above), "4096x2304");
        assert!(
            sps(1, 257, 1).is_err(),
            "4112 pixels are too wide for anyone"
        );
    }

    #[test]
    fn no_more_frames_are_kept_than_the_level_allows() {
        let above = AccessUnitError::AboveLimit {
            what: "the number of reference frames",
            actual: 6,
            limit: 5,
        };
        assert_eq!(sps(6, 80, 45), Err(above), "18000 macroblocks (table A-1)");
        assert!(sps(16, 20, 15).is_ok(), "small frames may be 16");
    }

    #[test]
    fn only_constrained_baseline_was_negotiated() {
        for (profile, constraints, allowed) in [
            (66, 0xe0, true),
            (66, 0, true),
            (77, 0x80, true),
            (77, 0, false),
            (88, 0xc0, true),
            (88, 0x80, false),
            (100, 0x0c, false),
            (244, 0, false),
        ] {
            let read = check_profile(profile, constraints);
            assert_eq!(read.is_ok(), allowed, "{profile} with {constraints:#x}");
        }
    }

    #[test]
    fn cropping_leaves_something_of_the_frame() {
        let sps = |top: u32, bottom: u32| {
            let size = beginning(66, 0xc0).unsigned(1).bits(1, 0).unsigned(3);
            let cropping = size.unsigned(3).bits(3, 0b111).unsigned(0).unsigned(0);
            let payload = cropping.unsigned(top).unsigned(bottom).bits(1, 0).payload();
            Sps::read(&payload, StreamLimits::LEVEL_3_1)
        };
        assert!(sps(15, 16).is_ok(), "62 of 64 rows are cut off");
        assert!(sps(16, 16).is_err(), "all rows are cut off");
    }

    #[test]
    fn an_sps_cut_short_anywhere_is_an_error() {
        let whole = beginning(66, 0xc0)
            .unsigned(1)
            .bits(1, 0)
            .unsigned(39)
            .unsigned(29);
        let whole = whole.bits(4, 0b1100).payload();
        for length in 0..whole.len() {
            let read = Sps::read(&whole[..length], StreamLimits::LEVEL_3_1);
            assert!(read.is_err(), "{length} of {} bytes: {read:?}", whole.len());
        }
    }
}
