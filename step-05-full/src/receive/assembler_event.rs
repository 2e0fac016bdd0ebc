//! What comes out of the frame assembler.

use crate::access_unit::ReceivedAccessUnit;

/// What the assembler wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssemblerEvent {
    /// A whole picture, to be decoded next.
    Frame(ReceivedAccessUnit),
    /// The chain of pictures is broken: send a PLI (RFC 4585 §6.3.1).
    NeedKeyFrame,
    /// The packets with these sequence numbers are missing: send a NACK (RFC 4585 §6.2.1).
    Missing(Vec<u16>),
}

/// Counts what happened, for reports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AssemblerStats {
    /// Packets that belonged to the stream and were new.
    pub packets_received: u64,
    /// Pictures handed out.
    pub frames_assembled: u64,
    /// How often a gap was given up, or the stream was damaged.
    pub chains_broken: u64,
    /// Requests for a key frame (W3C `pliCount`).
    pub key_frame_requests: u64,
    /// Packets asked for again, each as often as it was (NACK).
    pub packets_requested: u64,
}
