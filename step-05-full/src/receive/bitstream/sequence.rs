//! The parameter sets that are in force.

use std::collections::BTreeMap;

use crate::receive::bitstream::access_unit_error::AccessUnitError;
use crate::receive::bitstream::nal_unit::{NalUnit, PPS, SPS};
use crate::receive::bitstream::pps::Pps;
use crate::receive::bitstream::sps::Sps;
use crate::receive::bitstream::stream_limits::StreamLimits;

const AMBIGUOUS: AccessUnitError =
    AccessUnitError::Malformed("two parameter sets of one number differ");
const CHANGED: AccessUnitError =
    AccessUnitError::Malformed("a parameter set changes without a key frame");

/// One SPS and the PPSs that refer to it. They stay the same for as long as the decoder lives: the decoder keeps tables
/// of the size that the first SPS said, and an SPS that took its place made it read and write beyond them
/// (<https://github.com/cisco/openh264/issues/3925>).
#[derive(Debug)]
pub(super) struct Sequence {
    sps: (Sps, Vec<u8>),
    pps: BTreeMap<u32, (Pps, Vec<u8>)>,
}

impl Sequence {
    /// The sequence that begins with an access unit whose slices use `pps_id`. None when that PPS or its SPS is not among
    /// the access unit's own `parameter_sets`.
    ///
    /// # Errors
    /// [`AccessUnitError`]
    pub(super) fn begin(
        parameter_sets: &[NalUnit<'_>],
        pps_id: u32,
        limits: StreamLimits,
    ) -> Result<Option<Self>, AccessUnitError> {
        let mut sps = BTreeMap::new();
        for nal_unit in of_kind(parameter_sets, SPS) {
            let read = Sps::read(&nal_unit.payload(), limits)?;
            insert(&mut sps, read.id, (read, nal_unit.bytes().to_vec()))?;
        }
        let mut pps = BTreeMap::new();
        for nal_unit in of_kind(parameter_sets, PPS) {
            let read = Pps::read(&nal_unit.payload())?;
            insert(&mut pps, read.id, (read, nal_unit.bytes().to_vec()))?;
        }
        let Some(sps_id) = pps.get(&pps_id).map(|(pps, _)| pps.sps_id) else {
            return Ok(None);
        };
        pps.retain(|_, (pps, _)| pps.sps_id == sps_id);
        Ok(sps.remove(&sps_id).map(|sps| Self { sps, pps }))
    }

    /// Whether `other` brings nothing new.
    pub(super) fn includes(&self, other: &Self) -> bool {
        let known = |(id, pps)| self.pps.get(id) == Some(pps);
        self.sps == other.sps && other.pps.iter().all(known)
    }

    /// Lets parameter sets pass that come again in the middle of the sequence. They must be what they were.
    ///
    /// # Errors
    /// [`AccessUnitError::Malformed`]
    pub(super) fn check_repeated(
        &self,
        parameter_sets: &[NalUnit<'_>],
        limits: StreamLimits,
    ) -> Result<(), AccessUnitError> {
        for nal_unit in parameter_sets {
            let (ours, repeated) = match nal_unit.kind() {
                SPS => {
                    let ours = Sps::read(&nal_unit.payload(), limits)?.id == self.sps.0.id;
                    (ours, self.sps.1 == nal_unit.bytes())
                }
                _ => {
                    let pps = Pps::read(&nal_unit.payload())?;
                    let known = self.pps.get(&pps.id);
                    let repeated = known.is_some_and(|(_, bytes)| bytes == nal_unit.bytes());
                    (pps.sps_id == self.sps.0.id || known.is_some(), repeated)
                }
            };
            if ours && !repeated {
                return Err(CHANGED);
            }
        }
        Ok(())
    }

    pub(super) fn sps(&self) -> &Sps {
        &self.sps.0
    }

    /// # Errors
    /// [`AccessUnitError::Malformed`], when there is none of that number.
    pub(super) fn pps(&self, id: u32) -> Result<&Pps, AccessUnitError> {
        let pps = self.pps.get(&id).map(|(pps, _)| pps);
        pps.ok_or(AccessUnitError::Malformed("a slice uses an unknown PPS"))
    }

    /// The NAL units, the SPS first.
    pub(super) fn nal_units(&self) -> impl Iterator<Item = &[u8]> {
        let pps = self.pps.values().map(|(_, bytes)| bytes.as_slice());
        std::iter::once(self.sps.1.as_slice()).chain(pps)
    }
}

fn of_kind<'a>(
    nal_units: &'a [NalUnit<'a>],
    kind: u8,
) -> impl Iterator<Item = &'a NalUnit<'a>> + 'a {
    nal_units
        .iter()
        .filter(move |nal_unit| nal_unit.kind() == kind)
}

fn insert<T: PartialEq>(
    map: &mut BTreeMap<u32, T>,
    id: u32,
    new: T,
) -> Result<(), AccessUnitError> {
    match map.get(&id) {
        Some(known) if *known != new => Err(AMBIGUOUS),
        _ => {
            map.insert(id, new);
            Ok(())
        }
    }
}
