//! Picture parameter sets (ITU-T H.264 §7.3.2.2), as far as constrained baseline uses them.

use crate::receive::bitstream::access_unit_error::AccessUnitError;
use crate::receive::bitstream::bit_reader::BitReader;

/// What the PPS says that is needed to read slices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pps {
    pub(super) id: u32,
    pub(super) sps_id: u32,
    pub(super) order_count_deltas: bool,
}

impl Pps {
    /// Reads and checks a PPS.
    ///
    /// # Errors
    /// [`AccessUnitError`]: it is damaged, or uses a tool that constrained baseline does not have.
    pub(super) fn read(payload: &[u8]) -> Result<Self, AccessUnitError> {
        let mut reader = BitReader::of_payload(payload)?;
        let (id, sps_id) = (reader.unsigned(255)?, reader.unsigned(31)?);
        if reader.flag()? {
            return Err(AccessUnitError::Profile("it has CABAC"));
        }
        let order_count_deltas = reader.flag()?;
        if reader.unsigned(7)? != 0 {
            return Err(AccessUnitError::Profile("it has slice groups"));
        }
        // How many references a slice has if it does not say so, for both lists.
        let (_list_0, _list_1) = (reader.unsigned(15)?, reader.unsigned(15)?);
        if reader.bits(3)? != 0 {
            return Err(AccessUnitError::Profile("it has weighted prediction"));
        }
        let (_qp, _qs, _chroma_qp) = (reader.signed(26)?, reader.signed(26)?, reader.signed(12)?);
        let (_deblocking_control, _constrained_intra) = (reader.flag()?, reader.flag()?);
        if reader.flag()? {
            return Err(AccessUnitError::Profile("it has redundant slices"));
        }
        if reader.has_more() {
            return Err(AccessUnitError::Profile("it has the 8x8 transform"));
        }
        Ok(Self {
            id,
            sps_id,
            order_count_deltas,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receive::bitstream::bit_writer::BitWriter;

    #[test]
    fn a_pps_has_no_tool_of_another_profile() {
        let pps = |cabac, slice_groups, weighted, redundant, more: &[u32]| {
            let tools = BitWriter::default()
                .unsigned(7)
                .unsigned(0)
                .bits(1, cabac)
                .bits(1, 0);
            let tools = tools
                .unsigned(slice_groups)
                .unsigned(0)
                .unsigned(0)
                .bits(3, weighted);
            let tools = tools
                .unsigned(0)
                .unsigned(0)
                .unsigned(0)
                .bits(2, 0)
                .bits(1, redundant);
            let bits = more.iter().fold(tools, |bits, bit| bits.bits(1, *bit));
            Pps::read(&bits.payload())
        };
        let plain = pps(0, 0, 0, 0, &[]).map(|pps| (pps.id, pps.sps_id));
        assert_eq!(plain, Ok((7, 0)));
        for other in [
            pps(1, 0, 0, 0, &[]),
            pps(0, 1, 0, 0, &[]),
            pps(0, 0, 4, 0, &[]),
            pps(0, 0, 0, 1, &[]),
            pps(0, 0, 0, 0, &[1, 0, 1]),
        ] {
            assert!(
                matches!(other, Err(AccessUnitError::Profile(_))),
                "{other:?}"
            );
        }
    }
}
