//! After 2-5: packets that wait until their access unit is whole, put in order and given up by you.
//!
//! `cargo test -p step-05-full --features exercise` names what comes next. Compare with `src/receive/reorder_buffer.rs` when you
//! are done.
#![allow(unused, reason = "the bodies are yours to write")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::receive::held_packet::HeldPacket;

/// The packets that have come and were not returned yet.
#[derive(Debug, Default)]
pub struct ReorderBuffer {
    /// By their extended sequence numbers, which do not wrap. None is before `start`.
    held: BTreeMap<u64, HeldPacket>,
    /// Where the next access unit begins. Every packet before it was returned, or given up.
    start: u64,
}

impl ReorderBuffer {
    /// The number of the packet at which the next access unit begins.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// How many packets are held.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether no packet is held.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Whether the packet `at` is of use: it is not held, and neither returned nor given up.
    pub fn wants(&self, at: u64) -> bool {
        at >= self.start && !self.held.contains_key(&at)
    }

    /// Holds a packet that [is of use](ReorderBuffer::wants).
    pub fn insert(&mut self, at: u64, packet: HeldPacket) {
        self.held.insert(at, packet);
    }

    /// Drops the oldest packet.
    pub fn drop_oldest(&mut self) {
        self.held.pop_first();
    }

    /// The number of the newest packet; `start` if there is none.
    pub fn newest(&self) -> u64 {
        self.held.keys().next_back().copied().unwrap_or(self.start)
    }

    /// The packets of the next access unit, in order, as soon as all have come.
    ///
    /// 1. It begins at `self.start`, and each packet has the number after the one before. Walk through `self.held` (a `BTreeMap`
    ///    is sorted) as long as no number is missing. A gap ends the walk: what is beyond has to wait.
    /// 2. The marker bit, `held.packet.header.marker`, is on the last packet of the access unit (RFC 6184 §5.1). It is returned
    ///    with that packet, and does not wait for the next one.
    /// 3. A sender may leave the marker out. So a packet with another timestamp than the access unit ends it too, and belongs
    ///    to the next one. Timestamps wrap: another one can be lower. [`HeldPacket::timestamp`] is none for padding, which ends
    ///    nothing.
    /// 4. `self.take_before(end)` removes the packets before the number `end` and returns them.
    pub fn pop_access_unit(&mut self) -> Option<Vec<HeldPacket>> {
        todo!(
            "2-5 return the packets of the next access unit, in order and once, when none of them is missing; see \
             step-05-full/src/exercise/reorder_buffer.rs"
        )
    }

    /// Gives up everything before `from`, because a packet is lost, and what cannot be decoded after that.
    ///
    /// 1. Whatever is before `from` goes: see `self.take_before()`.
    /// 2. Frames refer to the one before, so the next one that can be decoded is a key frame. If the first packet of one has
    ///    come ([`HeldPacket::begins_key_frame`]), everything before that packet goes too, and the result is true. The others of
    ///    its packets may still be on their way.
    /// 3. If not, the next access unit begins at `from`, what has come from there on is still held, and the result is false: the
    ///    caller then asks for a key frame (PLI).
    pub fn skip_to_key_frame(&mut self, from: u64) -> bool {
        todo!(
            "2-5 give up what is before `from`, and then what is before the next key frame; see \
             step-05-full/src/exercise/reorder_buffer.rs"
        )
    }

    /// The first packet beyond the gap, and until when the gap is held open: it is as old as the oldest packet from beyond.
    pub fn gap(&self, timeout: Duration) -> Option<(u64, Instant)> {
        let in_order = (self.start..).zip(self.held.keys());
        let in_order = in_order.take_while(|(expected, at)| expected == *at);
        let mut beyond = self.held.iter().skip(in_order.count()).peekable();
        let (&first, _) = *beyond.peek()?;
        let arrived = beyond.map(|(_, held)| held.arrived).min()?;
        Some((first, arrived + timeout))
    }

    /// Removes the packets before `end` and returns them in order. The next access unit begins at `end`.
    fn take_before(&mut self, end: u64) -> Vec<HeldPacket> {
        let later = self.held.split_off(&end);
        self.start = end;
        std::mem::replace(&mut self.held, later)
            .into_values()
            .collect()
    }
}
