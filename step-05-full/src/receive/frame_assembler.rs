//! RTP packets to access units: the receiver's half of RFC 6184.
//!
//! Packets are lost, arrive in another order, or arrive twice. A decoder tolerates none of it: every frame refers to the one
//! before. So this assembler returns whole access units, in order, with none missing in between. Where one is missing, it
//! asks for a key frame and returns nothing before that one.
//!
//! It has no socket, no thread and no clock: packets and the time go in, events come out. So a test can run a minute of bad
//! network in a millisecond.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use rtc::rtp::Packet;

use crate::figures::rtp_stream_stats::InboundStats;
use crate::receive::assembler_event::AssemblerEvent;
use crate::receive::h264_payload::{MalformedPayload, PayloadSummary};
use crate::receive::held_packet::{HeldPacket, join};
use crate::receive::missing_packets::MissingPackets;
use crate::receive::repair_timing::RepairTiming;
use crate::receive::sequence_number::{SequenceNumber, SequenceNumbers};

/// Ticks of the RTP timestamp in a second (RFC 6184 §8.2.1).
const CLOCK_RATE: u64 = 90_000;

/// So many packets are held at most, 2.4 MB. A key frame of the largest size has about a thousand.
pub const MAX_PACKETS: usize = 2048;

/// Which access units can be decoded.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum SyncState {
    /// The next one: all before it were returned.
    InSync,
    /// The next one, if it is the key frame that has begun.
    KeyFrameBegun,
    /// None before a key frame, and none has begun.
    #[default]
    AwaitingKeyFrame,
}

/// Assembles access units from RTP packets.
#[derive(Debug, Default)]
pub struct FrameAssembler {
    numbers: SequenceNumbers,
    held: BTreeMap<u64, HeldPacket>,
    sync: SyncState,
    /// Where the next access unit begins. Every packet before it was returned, or given up.
    start: u64,
    /// The first packet from `start` on that has not come.
    missing: u64,
    requested: Option<Instant>,
    /// What to ask for again.
    gaps: MissingPackets,
    newest_timestamp: u32,
    timing: RepairTiming,
    events: VecDeque<AssemblerEvent>,
    stats: InboundStats,
}

impl FrameAssembler {
    /// An assembler that waits for the first key frame.
    pub fn new() -> Self {
        Self::default()
    }

    /// The round trip takes so long now (W3C webrtc-stats `currentRoundTripTime`).
    pub fn set_round_trip(&mut self, round_trip: Duration) {
        self.timing = RepairTiming::new(round_trip);
    }

    /// Takes a packet from the network, which came at `now`.
    pub fn push(&mut self, packet: Packet, now: Instant) {
        let at = match self.numbers.extend(packet.header.sequence_number) {
            SequenceNumber::At(at) => at,
            SequenceNumber::Restart(at) => {
                self.held.clear();
                self.lose_sync(at);
                self.gaps = MissingPackets::default();
                at
            }
            SequenceNumber::Stray => return,
        };
        self.notice_gap(at, packet.header.timestamp, now);
        if at < self.start || self.held.contains_key(&at) {
            return;
        }
        // Browsers probe the bandwidth with packets of padding only: nothing to decode, but numbered like the others.
        let summary = match packet.payload.is_empty() {
            true => None,
            false => match PayloadSummary::read(&packet.payload) {
                Ok(summary) => Some(summary),
                // As good as lost, and no retransmission will be better.
                Err(MalformedPayload) => return,
            },
        };
        self.stats.packets_received += 1;
        let held = HeldPacket {
            packet,
            summary,
            arrived: now,
        };
        let begins_key_frame = held.begins_key_frame();
        self.held.insert(at, held);
        if self.sync == SyncState::AwaitingKeyFrame && begins_key_frame {
            self.begin_key_frame(at);
        }
        self.limit_memory();
        self.advance(now);
    }

    /// Call this when [`FrameAssembler::next_deadline`] has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.advance(now);
    }

    /// When to call [`FrameAssembler::handle_timeout`], if no packet comes before.
    pub fn next_deadline(&self) -> Option<Instant> {
        let key_frame_interval = self.timing.key_frame_interval();
        let give_up = match self.sync {
            SyncState::AwaitingKeyFrame => self.requested.map(|at| at + key_frame_interval),
            SyncState::InSync | SyncState::KeyFrameBegun => self.gap_deadline(),
        };
        let ask_again = self.gaps.next_due(self.timing.nack_interval());
        give_up.into_iter().chain(ask_again).min()
    }

    /// What is to be done next; none until the next packet or deadline.
    pub fn poll_event(&mut self) -> Option<AssemblerEvent> {
        self.events.pop_front()
    }

    /// Returns nothing before the next key frame: the decoder failed, or dropped an access unit.
    pub fn require_key_frame(&mut self, now: Instant) {
        if self.sync != SyncState::AwaitingKeyFrame {
            self.lose_sync(self.start);
        }
        self.advance(now);
    }

    /// What was counted so far; what the decoder counts is 0.
    pub fn stats(&self) -> InboundStats {
        self.stats
    }

    /// A gap longer than any that is kept open is the end of an outage: a key frame comes sooner than all that is missing.
    fn notice_gap(&mut self, at: u64, timestamp: u32, now: Instant) {
        let newest = self.gaps.newest();
        if let Some(answered) = self.gaps.arrived(at, now) {
            self.timing.note_answer(answered);
        }
        if newest.is_some_and(|newest| at > newest + 1) {
            let ticks = timestamp.wrapping_sub(self.newest_timestamp);
            let skipped = Duration::from_millis(u64::from(ticks) * 1000 / CLOCK_RATE);
            // Timestamps wrap: the upper half of the differences is the past.
            if skipped > self.timing.gap_timeout() && ticks < u32::MAX / 2 {
                self.lose_sync(at);
            }
        }
        if newest.is_none_or(|newest| at > newest) {
            self.newest_timestamp = timestamp;
        }
    }

    /// Does everything that the packets held and the time allow.
    fn advance(&mut self, now: Instant) {
        self.advance_access_units(now);
        self.gaps.give_up_before(self.start);
        let missing = self.gaps.take_due(self.timing.nack_interval(), now);
        if !missing.is_empty() {
            self.stats.packets_requested += missing.len() as u64;
            self.events.push_back(AssemblerEvent::Missing(missing));
        }
    }

    fn advance_access_units(&mut self, now: Instant) {
        while self.sync != SyncState::AwaitingKeyFrame {
            if self.held.contains_key(&self.missing) {
                self.take_next_packet();
            } else if self.gap_deadline().is_some_and(|deadline| now >= deadline) {
                let beyond_gap = self.held.range(self.missing..).next();
                let restart = beyond_gap.map_or(self.missing, |(at, _)| *at);
                self.lose_sync(restart);
            } else {
                return;
            }
        }
        self.request_key_frame(now);
    }

    /// The packet `missing` is here: the marker bit on it ends the access unit that began at `start`.
    ///
    /// A sender may leave the marker out, so a new timestamp ends the access unit before it as well (RFC 6184 §5.1).
    fn take_next_packet(&mut self) {
        let at = self.missing;
        let Some(next) = self.held.get(&at) else {
            return;
        };
        let before = self.held.range(self.start..at);
        let begun = before.filter_map(|(_, held)| held.timestamp()).next();
        let timestamp = next.timestamp();
        if timestamp.is_some() && begun.is_some() && timestamp != begun {
            self.release(at);
        } else if next.packet.header.marker {
            self.release(at + 1);
        } else {
            self.missing = at + 1;
        }
    }

    /// Returns the access unit whose packets end before `end`.
    fn release(&mut self, end: u64) {
        let later = self.held.split_off(&end);
        let packets = std::mem::replace(&mut self.held, later);
        (self.start, self.missing) = (end, end);
        match join(packets.into_values()) {
            // There was padding only.
            Ok(None) => {}
            Ok(Some(access_unit)) if access_unit.key_frame || self.sync == SyncState::InSync => {
                self.sync = SyncState::InSync;
                self.stats.frames_received += 1;
                self.events
                    .push_back(AssemblerEvent::AccessUnit(access_unit));
            }
            // Decoding cannot begin at an SPS without an IDR picture.
            Ok(Some(_)) | Err(MalformedPayload) => self.lose_sync(end),
        }
    }

    /// The gap is as old as the oldest packet that came from beyond it.
    fn gap_deadline(&self) -> Option<Instant> {
        let beyond = self.held.range(self.missing..);
        let arrived = beyond.map(|(_, held)| held.arrived).min();
        arrived.map(|arrived| arrived + self.timing.gap_timeout())
    }

    /// Gives up everything before `start`. A key frame may have begun beyond it already.
    fn lose_sync(&mut self, start: u64) {
        self.stats.sync_losses += 1;
        self.held = self.held.split_off(&start);
        (self.start, self.missing) = (start, start);
        self.sync = SyncState::AwaitingKeyFrame;
        let key_frame = self.held.iter().find(|(_, held)| held.begins_key_frame());
        if let Some((at, _)) = key_frame {
            self.begin_key_frame(*at);
        }
    }

    fn begin_key_frame(&mut self, at: u64) {
        self.held = self.held.split_off(&at);
        (self.start, self.missing) = (at, at);
        self.sync = SyncState::KeyFrameBegun;
    }

    fn request_key_frame(&mut self, now: Instant) {
        // Before the first packet there is nobody to ask.
        let silent = self.start == 0 && self.held.is_empty();
        let interval = self.timing.key_frame_interval();
        let again = |at: Instant| now.saturating_duration_since(at) >= interval;
        if !silent && self.requested.is_none_or(again) {
            self.requested = Some(now);
            self.stats.pli_count += 1;
            self.events.push_back(AssemblerEvent::NeedKeyFrame);
        }
    }

    /// An access unit that needs more packets than this never ends; while a key frame is awaited the oldest packets go first.
    fn limit_memory(&mut self) {
        if self.held.len() <= MAX_PACKETS {
            return;
        }
        match self.sync {
            SyncState::AwaitingKeyFrame => drop(self.held.pop_first()),
            SyncState::InSync | SyncState::KeyFrameBegun => {
                let newest = self.held.keys().next_back().copied();
                self.lose_sync(newest.unwrap_or_default());
            }
        }
    }
}
