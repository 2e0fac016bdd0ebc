//! Packets that wait until their access unit is whole: this puts them in order again, and gives up what is lost.

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

    /// The packets of the next access unit, in order, as soon as all have come. It begins at `start` and ends where the marker
    /// bit says; or before a new timestamp, as a sender may leave the marker out (RFC 6184 §5.1).
    pub fn pop_access_unit(&mut self) -> Option<Vec<HeldPacket>> {
        let mut begun = None;
        for (expected, (at, held)) in (self.start..).zip(&self.held) {
            if *at != expected {
                return None;
            }
            let timestamp = held.timestamp();
            if begun.is_some() && timestamp.is_some() && timestamp != begun {
                return Some(self.take_before(expected));
            }
            if held.packet.header.marker {
                return Some(self.take_before(expected + 1));
            }
            begun = begun.or(timestamp);
        }
        None
    }

    /// Gives up everything before `from`, and what cannot be decoded after that: the next access unit begins with the first
    /// packet that begins a key frame. Returns whether one has come; without it the next access unit begins at `from`.
    pub fn skip_to_key_frame(&mut self, from: u64) -> bool {
        self.take_before(from);
        let key_frame = self.held.iter().find(|(_, held)| held.begins_key_frame());
        let Some((&at, _)) = key_frame else {
            return false;
        };
        self.take_before(at);
        true
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
