//! What the decoder may see.

use crate::receive::bitstream::access_unit_error::AccessUnitError;
use crate::receive::bitstream::nal_unit::{IDR_SLICE, NalUnit, PPS, SLICE, SPS, nal_units};
use crate::receive::bitstream::sequence::Sequence;
use crate::receive::bitstream::slice_header::{SliceHeader, pps_id};
use crate::receive::bitstream::stream_limits::StreamLimits;

/// An access unit that may be decoded.
#[derive(Debug, PartialEq, Eq)]
pub struct CheckedAccessUnit {
    /// It begins with new parameter sets and an IDR frame: decode it with a new decoder.
    pub begins_sequence: bool,
    /// The NAL units of one frame in the byte stream format, and nothing else. Parameter sets only where a sequence begins.
    pub data: Vec<u8>,
}

/// Stands between a stranger's stream and the decoder.
///
/// It lets pass whole frames only, each of which uses the parameter sets that its sequence began with. Everything that is
/// no frame (SEI, delimiters, extensions) stays here.
#[derive(Debug)]
pub struct AccessUnitCheck {
    limits: StreamLimits,
    /// None until a key frame begins one.
    sequence: Option<Sequence>,
}

impl AccessUnitCheck {
    /// A check that waits for the first key frame.
    pub fn new(limits: StreamLimits) -> Self {
        Self {
            limits,
            sequence: None,
        }
    }

    /// Requires a key frame with its parameter sets next, because the decoder failed.
    pub fn reset(&mut self) {
        self.sequence = None;
    }

    /// Checks the next access unit. None when there is no frame in it.
    ///
    /// # Errors
    /// [`AccessUnitError`]. A key frame with its own parameter sets must follow.
    pub fn check(
        &mut self,
        access_unit: &[u8],
    ) -> Result<Option<CheckedAccessUnit>, AccessUnitError> {
        let checked =
            Contents::read(access_unit).and_then(|contents| self.check_contents(contents));
        if checked.is_err() {
            self.reset();
        }
        checked
    }

    fn check_contents(
        &mut self,
        contents: Contents<'_>,
    ) -> Result<Option<CheckedAccessUnit>, AccessUnitError> {
        let begun = self.begin_sequence(&contents)?;
        let begins_sequence = begun.is_some();
        let sequence = match (begun, &mut self.sequence) {
            (Some(begun), sequence) => sequence.insert(begun),
            (None, Some(sequence)) => {
                sequence.check_repeated(&contents.parameter_sets, self.limits)?;
                sequence
            }
            (None, None) if contents.slices.is_empty() => return Ok(None),
            (None, None) => return Err(AccessUnitError::NoParameterSets),
        };
        if contents.slices.is_empty() {
            return Ok(None);
        }
        check_slices(&contents.slices, sequence)?;
        let mut data = Vec::new();
        let parameter_sets = sequence.nal_units().filter(|_| begins_sequence);
        for nal_unit in parameter_sets.chain(contents.slices.iter().map(|slice| slice.bytes())) {
            data.extend_from_slice(&[0, 0, 0, 1]);
            data.extend_from_slice(nal_unit);
        }
        Ok(Some(CheckedAccessUnit {
            begins_sequence,
            data,
        }))
    }

    /// The sequence that begins here, if one does: at an IDR frame whose parameter sets are not those in force.
    fn begin_sequence(&self, contents: &Contents<'_>) -> Result<Option<Sequence>, AccessUnitError> {
        let Some(slice) = contents
            .slices
            .first()
            .filter(|slice| slice.kind() == IDR_SLICE)
        else {
            return Ok(None);
        };
        let begun = Sequence::begin(&contents.parameter_sets, pps_id(*slice)?, self.limits)?;
        let known = |begun: &Sequence| match &self.sequence {
            Some(sequence) => sequence.includes(begun),
            None => false,
        };
        Ok(begun.filter(|begun| !known(begun)))
    }
}

/// The NAL units of an access unit that matter.
struct Contents<'a> {
    parameter_sets: Vec<NalUnit<'a>>,
    slices: Vec<NalUnit<'a>>,
}

impl<'a> Contents<'a> {
    fn read(access_unit: &'a [u8]) -> Result<Self, AccessUnitError> {
        let (mut parameter_sets, mut slices) = (Vec::new(), Vec::new());
        for nal_unit in nal_units(access_unit)? {
            let nal_unit = nal_unit?;
            match nal_unit.kind() {
                SLICE | IDR_SLICE => slices.push(nal_unit),
                // GStreamer repeats them before every slice. The decoder gets them once, before the first.
                SPS | PPS => parameter_sets.push(nal_unit),
                2..=4 => return Err(AccessUnitError::Profile("its slices are partitioned")),
                // A decoder of this profile ignores all others (ITU-T H.264 §7.4.1).
                _ => {}
            }
        }
        Ok(Self {
            parameter_sets,
            slices,
        })
    }
}

/// All slices are of one frame, and in the order of its macroblocks from the first one on.
fn check_slices(slices: &[NalUnit<'_>], sequence: &Sequence) -> Result<(), AccessUnitError> {
    let mut previous: Option<SliceHeader> = None;
    for slice in slices {
        let pps = sequence.pps(pps_id(*slice)?)?;
        let header = SliceHeader::read(*slice, sequence.sps(), pps)?;
        match previous {
            None if header.first_macroblock != 0 => {
                return Err(AccessUnitError::Malformed("the first slice is missing"));
            }
            Some(previous) if previous.frame != header.frame => {
                return Err(AccessUnitError::Malformed("it has slices of two frames"));
            }
            Some(previous) if previous.first_macroblock >= header.first_macroblock => {
                return Err(AccessUnitError::Profile("its slices are out of order"));
            }
            _ => previous = Some(header),
        }
    }
    Ok(())
}
