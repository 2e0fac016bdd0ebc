//! Slice headers (ITU-T H.264 §7.3.3), as far as they say which frame a slice belongs to, and where in it.

use crate::receive::bitstream::access_unit_error::AccessUnitError;
use crate::receive::bitstream::bit_reader::BitReader;
use crate::receive::bitstream::nal_unit::{IDR_SLICE, NalUnit};
use crate::receive::bitstream::pps::Pps;
use crate::receive::bitstream::sps::{OrderCount, Sps};

/// The beginning of a slice.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SliceHeader {
    /// The macroblock at which it begins.
    pub(super) first_macroblock: u32,
    /// What all slices of a frame have in common.
    pub(super) frame: FrameIdentity,
}

/// What all slices of a frame have in common: a slice that differs in one of these begins another (ITU-T H.264 §7.4.1.2.4).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FrameIdentity {
    pps_id: u32,
    frame_num: u32,
    is_reference: bool,
    idr_pic_id: Option<u32>,
    order_count: [i32; 2],
}

/// Which PPS a slice uses. Without that PPS nothing more can be read of it.
///
/// # Errors
/// [`AccessUnitError`]
pub(super) fn pps_id(slice: NalUnit<'_>) -> Result<u32, AccessUnitError> {
    let payload = slice.payload_prefix();
    let mut reader = BitReader::of_prefix(&payload);
    let (_first_macroblock, _kind) = (reader.unsigned(u32::MAX)?, reader.unsigned(9)?);
    reader.unsigned(255)
}

impl SliceHeader {
    /// Reads and checks the header of a slice that uses `pps` and `sps`.
    ///
    /// # Errors
    /// [`AccessUnitError`]
    pub(super) fn read(slice: NalUnit<'_>, sps: &Sps, pps: &Pps) -> Result<Self, AccessUnitError> {
        let payload = slice.payload_prefix();
        let mut reader = BitReader::of_prefix(&payload);
        let first_macroblock = reader.unsigned(sps.frame_size - 1)?;
        let idr = slice.kind() == IDR_SLICE;
        let intra = check_kind(reader.unsigned(9)?, idr)?;
        let pps_id = reader.unsigned(255)?;
        let frame_num = reader.bits(sps.frame_num_bits)?;
        let idr_pic_id = idr.then(|| reader.unsigned(65_535)).transpose()?;
        let order_count = order_count(&mut reader, sps, pps)?;
        // num_ref_idx_active_override_flag: a frame has at most 16 references.
        if !intra && reader.flag()? {
            reader.unsigned(15)?;
        }
        if idr && (!slice.is_reference() || frame_num != 0) {
            return Err(AccessUnitError::Malformed(
                "an IDR slice has nal_ref_idc 0 or another frame_num than 0",
            ));
        }
        Ok(Self {
            first_macroblock,
            frame: FrameIdentity {
                pps_id,
                frame_num,
                is_reference: slice.is_reference(),
                idr_pic_id,
                order_count,
            },
        })
    }
}

/// Whether the slice is predicted from its own frame only (I) or from others too (P). From 5 on, all slices of the frame
/// are of that kind (ITU-T H.264 table 7-6).
fn check_kind(slice_type: u32, idr: bool) -> Result<bool, AccessUnitError> {
    match slice_type {
        2 | 7 => Ok(true),
        0 | 5 if !idr => Ok(false),
        0 | 5 => Err(AccessUnitError::Malformed("an IDR slice is predicted")),
        _ => Err(AccessUnitError::Profile("it has B, SP or SI slices")),
    }
}

fn order_count(
    reader: &mut BitReader<'_>,
    sps: &Sps,
    pps: &Pps,
) -> Result<[i32; 2], AccessUnitError> {
    let first = match sps.order_count {
        OrderCount::Bits(count) => reader.bits(count)? as i32,
        OrderCount::Deltas => reader.signed(1 << 29)?,
        OrderCount::FrameNum => return Ok([0, 0]),
    };
    // The second is for the bottom field of an interlaced frame, and may be there in others.
    let second = match pps.order_count_deltas {
        true => reader.signed(1 << 29)?,
        false => 0,
    };
    Ok([first, second])
}
