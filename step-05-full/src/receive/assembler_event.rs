//! What comes out of the frame assembler.

use crate::access_unit::ReceivedAccessUnit;

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssemblerEvent {
    /// Decode this access unit. None is missing between it and the one before, or it is a key frame.
    AccessUnit(ReceivedAccessUnit),
    /// Send a PLI (RFC 4585 §6.3.1): no access unit can be decoded before a key frame.
    NeedKeyFrame,
    /// Send a NACK (RFC 4585 §6.2.1): the packets with these sequence numbers are missing.
    Missing(Vec<u16>),
}
