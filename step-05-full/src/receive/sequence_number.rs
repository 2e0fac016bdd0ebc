//! RTP sequence numbers that do not wrap.

/// A jump further than this, forth or back, is not loss or reordering but another stream or a damaged packet
/// (RFC 3550 appendix A.1, `MAX_DROPOUT`). At 1.7 Mbit/s it is about 15 seconds of packets.
const MAX_DROPOUT: u64 = 3000;

/// The extended number of the first packet is above this, so that those before it do not fall below zero.
const ORIGIN: u64 = 1 << 32;

/// Extends the 16 bits of a sequence number (RFC 3550 §5.1), which wrap every few minutes, to 64 bits, which do not.
#[derive(Debug, Default)]
pub struct SequenceNumbers {
    newest: Option<u64>,
    /// The number that would confirm a far jump.
    probation: Option<u16>,
}

/// What a sequence number says about its packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SequenceNumber {
    /// It belongs to the stream, with this extended number.
    At(u64),
    /// The sender jumped to this number: what comes now has nothing to do with what came before.
    Restart(u64),
    /// It is far off, and the only one so far: ignore the packet.
    Stray,
}

impl SequenceNumbers {
    /// Extends the number of a packet to the one nearest to the newest seen so far.
    ///
    /// After a far jump the first packet is ignored; the one that follows it directly confirms the jump.
    pub fn extend(&mut self, number: u16) -> SequenceNumber {
        let Some(newest) = self.newest else {
            let first = ORIGIN + u64::from(number);
            self.newest = Some(first);
            return SequenceNumber::At(first);
        };
        // The shorter way round the circle decides whether it is older or newer.
        let distance = number.wrapping_sub(newest as u16) as i16;
        let extended = newest.wrapping_add_signed(i64::from(distance));
        if extended.abs_diff(newest) <= MAX_DROPOUT {
            self.probation = None;
            self.newest = Some(newest.max(extended));
            return SequenceNumber::At(extended);
        }
        if self.probation.replace(number.wrapping_add(1)) != Some(number) {
            return SequenceNumber::Stray;
        }
        // Always forward, so that nothing from before can be taken for something new.
        let restart = newest + u64::from(number.wrapping_sub(newest as u16)) + (1 << 16);
        self.probation = None;
        self.newest = Some(restart);
        SequenceNumber::Restart(restart)
    }
}
