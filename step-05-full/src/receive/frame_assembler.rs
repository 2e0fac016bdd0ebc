//! RTP packets to access units: the receiver's half of RFC 6184.
//!
//! Packets are lost, arrive in another order, or arrive twice. A decoder tolerates none of it: every frame refers to the one
//! before. So this assembler returns whole access units, in order, with none missing in between. Where one is missing, it
//! asks for a key frame and returns nothing before that one.
//!
//! It has no socket, no thread and no clock: packets and the time go in, events come out. So a test can run a minute of bad
//! network in a millisecond.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use rtc::rtp::Packet;

use crate::figures::rtp_stream_stats::InboundStats;
use crate::receive::assembler_event::AssemblerEvent;
use crate::receive::h264_payload::MalformedPayload;
use crate::receive::held_packet::{HeldPacket, join};
use crate::receive::missing_packets::MissingPackets;
use crate::receive::reorder_buffer::ReorderBuffer;
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
    buffer: ReorderBuffer,
    sync: SyncState,
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
                self.lose_sync(at);
                self.gaps = MissingPackets::default();
                at
            }
            SequenceNumber::Stray => return,
        };
        self.notice_gap(at, packet.header.timestamp, now);
        if !self.buffer.wants(at) {
            return;
        }
        // As good as lost, and no retransmission will be better.
        let Ok(held) = HeldPacket::new(packet, now) else {
            return;
        };
        self.stats.packets_received += 1;
        let begins_key_frame = held.begins_key_frame();
        self.buffer.insert(at, held);
        if self.sync == SyncState::AwaitingKeyFrame && begins_key_frame {
            self.skip_to_key_frame(at);
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
            self.lose_sync(self.buffer.start());
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
        self.gaps.give_up_before(self.buffer.start());
        let missing = self.gaps.take_due(self.timing.nack_interval(), now);
        if !missing.is_empty() {
            self.stats.packets_requested += missing.len() as u64;
            self.events.push_back(AssemblerEvent::Missing(missing));
        }
    }

    fn advance_access_units(&mut self, now: Instant) {
        while self.sync != SyncState::AwaitingKeyFrame {
            if let Some(packets) = self.buffer.pop_access_unit() {
                self.release(packets);
                continue;
            }
            match self.buffer.gap(self.timing.gap_timeout()) {
                Some((beyond, deadline)) if now >= deadline => self.lose_sync(beyond),
                _ => return,
            }
        }
        self.request_key_frame(now);
    }

    /// Returns the access unit of these packets, if it can be decoded.
    fn release(&mut self, packets: Vec<HeldPacket>) {
        match join(packets) {
            // There was padding only.
            Ok(None) => {}
            Ok(Some(access_unit)) if access_unit.key_frame || self.sync == SyncState::InSync => {
                self.sync = SyncState::InSync;
                self.stats.frames_received += 1;
                self.events
                    .push_back(AssemblerEvent::AccessUnit(access_unit));
            }
            // Decoding cannot begin at an SPS without an IDR picture.
            Ok(Some(_)) | Err(MalformedPayload) => self.lose_sync(self.buffer.start()),
        }
    }

    fn gap_deadline(&self) -> Option<Instant> {
        let gap = self.buffer.gap(self.timing.gap_timeout());
        gap.map(|(_, deadline)| deadline)
    }

    /// Gives up everything before `start`. A key frame may have begun beyond it already.
    fn lose_sync(&mut self, start: u64) {
        self.stats.sync_losses += 1;
        self.skip_to_key_frame(start);
    }

    fn skip_to_key_frame(&mut self, from: u64) {
        self.sync = match self.buffer.skip_to_key_frame(from) {
            true => SyncState::KeyFrameBegun,
            false => SyncState::AwaitingKeyFrame,
        };
    }

    fn request_key_frame(&mut self, now: Instant) {
        // Before the first packet there is nobody to ask.
        let silent = self.buffer.start() == 0 && self.buffer.is_empty();
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
        if self.buffer.len() <= MAX_PACKETS {
            return;
        }
        match self.sync {
            SyncState::AwaitingKeyFrame => self.buffer.drop_oldest(),
            SyncState::InSync | SyncState::KeyFrameBegun => self.lose_sync(self.buffer.newest()),
        }
    }
}
