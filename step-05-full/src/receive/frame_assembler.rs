//! RTP packets to access units: the receiver's half of RFC 6184.
//!
//! Packets get lost, overtake each other and come twice. A decoder forgives none of it: every picture is told as a
//! difference to the one before. So this assembler hands out whole pictures, in order, with none missing in between; where
//! one is missing, it asks for a key frame and hands out nothing until that comes.
//!
//! It has no socket, no thread and no clock: packets and the time go in, events come out. So a test can show it a minute
//! of bad network in a millisecond.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use rtc::rtp::Packet;

use crate::receive::assembler_event::{AssemblerEvent, AssemblerStats};
use crate::receive::h264_payload::{MalformedPayload, PayloadSummary};
use crate::receive::held_packet::{HeldPacket, join};
use crate::receive::missing_packets::MissingPackets;
use crate::receive::repair_timing::RepairTiming;
use crate::receive::sequence_number::{SequenceNumber, SequenceNumbers};

/// Ticks of the RTP timestamp in a second (RFC 6184 §8.2.1).
const CLOCK_RATE: u64 = 90_000;

/// So many packets are held at most, 2.4 MB. A key frame of the largest picture has about a thousand.
pub const MAX_PACKETS: usize = 2048;

/// Where the assembler is in the stream. Everything below `start` is done with.
#[derive(Debug, Clone, Copy)]
enum SyncState {
    /// Every picture before `start` was handed out. `missing` is the first packet that has not come.
    InSync { start: u64, missing: u64 },
    /// No picture can be decoded before a key frame. `key_frame` is where one seems to begin.
    AwaitingKeyFrame { start: u64, key_frame: Option<u64> },
}

/// Puts access units together from RTP packets.
#[derive(Debug)]
pub struct FrameAssembler {
    numbers: SequenceNumbers,
    held: BTreeMap<u64, HeldPacket>,
    chain: SyncState,
    /// The next picture must be a key frame, because there is none before it or because the chain broke.
    key_frame_due: bool,
    requested: Option<Instant>,
    missing: MissingPackets,
    newest_timestamp: u32,
    timing: RepairTiming,
    events: VecDeque<AssemblerEvent>,
    stats: AssemblerStats,
}

impl Default for FrameAssembler {
    fn default() -> Self {
        Self::new()
    }
}

impl FrameAssembler {
    /// An assembler that waits for the first key frame.
    pub fn new() -> Self {
        Self {
            numbers: SequenceNumbers::default(),
            held: BTreeMap::new(),
            chain: SyncState::AwaitingKeyFrame {
                start: 0,
                key_frame: None,
            },
            key_frame_due: true,
            requested: None,
            missing: MissingPackets::default(),
            newest_timestamp: 0,
            timing: RepairTiming::default(),
            events: VecDeque::new(),
            stats: AssemblerStats::default(),
        }
    }

    /// How long a packet and its answer need now (W3C `currentRoundTripTime`).
    pub fn set_round_trip(&mut self, round_trip: Duration) {
        self.timing = RepairTiming::new(round_trip);
    }

    /// Takes a packet from the network, which came at `now`.
    pub fn push(&mut self, packet: Packet, now: Instant) {
        let at = match self.numbers.place(packet.header.sequence_number) {
            SequenceNumber::At(at) => at,
            SequenceNumber::Restart(at) => {
                self.held.clear();
                self.break_chain(at);
                self.missing = MissingPackets::default();
                at
            }
            SequenceNumber::Stray => return,
        };
        self.notice_gap(at, packet.header.timestamp, now);
        if at < self.start() || self.held.contains_key(&at) {
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
        if let (SyncState::AwaitingKeyFrame { key_frame, .. }, Some(summary)) =
            (&mut self.chain, summary)
        {
            // A key frame begins with its SPS: without one the decoder would not know the size of the pictures.
            *key_frame = key_frame.or(summary.sps.then_some(at));
        }
        self.held.insert(
            at,
            HeldPacket {
                packet,
                summary,
                arrived: now,
            },
        );
        self.limit_memory();
        self.advance(now);
    }

    /// Tells the time, when [`FrameAssembler::next_deadline`] has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.advance(now);
    }

    /// When the assembler must be told the time, if no packet comes before.
    pub fn next_deadline(&self) -> Option<Instant> {
        let give_up = match self.chain {
            SyncState::InSync { missing, .. } => self.gap_deadline(missing),
            SyncState::AwaitingKeyFrame { .. } => self
                .requested
                .map(|at| at + self.timing.key_frame_interval()),
        };
        let ask_again = self.missing.next_due(self.timing.nack_interval());
        give_up.into_iter().chain(ask_again).min()
    }

    /// What is to be done next; none until the next packet or deadline.
    pub fn poll_event(&mut self) -> Option<AssemblerEvent> {
        self.events.pop_front()
    }

    /// Breaks the chain from outside: the decoder failed or lost a picture, so it needs a key frame too.
    pub fn require_key_frame(&mut self, now: Instant) {
        if let SyncState::InSync { start, .. } = self.chain {
            self.break_chain(start);
        }
        self.advance(now);
    }

    /// What happened so far.
    pub fn stats(&self) -> AssemblerStats {
        self.stats
    }

    fn start(&self) -> u64 {
        match self.chain {
            SyncState::InSync { start, .. } | SyncState::AwaitingKeyFrame { start, .. } => start,
        }
    }

    /// A gap as long as no retransmission is waited for, is the end of an outage: a key frame is there sooner than all that.
    fn notice_gap(&mut self, at: u64, timestamp: u32, now: Instant) {
        let newest = self.missing.newest();
        if let Some(answered) = self.missing.arrived(at, now) {
            self.timing.note_answer(answered);
        }
        if newest.is_some_and(|newest| at > newest + 1) {
            let ticks = timestamp.wrapping_sub(self.newest_timestamp);
            let skipped = Duration::from_millis(u64::from(ticks) * 1000 / CLOCK_RATE);
            if skipped > self.timing.gap_timeout() && (ticks as i32) > 0 {
                self.break_chain(at);
            }
        }
        if newest.is_none_or(|newest| at > newest) {
            self.newest_timestamp = timestamp;
        }
    }

    /// Does everything that the packets held and the time allow.
    fn advance(&mut self, now: Instant) {
        self.advance_frames(now);
        self.missing.give_up_before(self.start());
        let missing = self.missing.take_due(self.timing.nack_interval(), now);
        if !missing.is_empty() {
            self.stats.packets_requested += missing.len() as u64;
            self.events.push_back(AssemblerEvent::Missing(missing));
        }
    }

    fn advance_frames(&mut self, now: Instant) {
        loop {
            match self.chain {
                SyncState::InSync { start, missing } => {
                    if self.held.contains_key(&missing) {
                        self.extend(start, missing);
                    } else if self
                        .gap_deadline(missing)
                        .is_some_and(|deadline| now >= deadline)
                    {
                        let beyond_gap = self.held.range(missing..).next();
                        let restart = beyond_gap.map_or(missing, |(at, _)| *at);
                        self.break_chain(restart);
                    } else {
                        return;
                    }
                }
                SyncState::AwaitingKeyFrame {
                    key_frame: Some(start),
                    ..
                } => {
                    self.held = self.held.split_off(&start);
                    self.chain = SyncState::InSync {
                        start,
                        missing: start,
                    };
                }
                SyncState::AwaitingKeyFrame {
                    key_frame: None, ..
                } => return self.request_key_frame(now),
            }
        }
    }

    /// The packet `at` continues the picture that began at `start`: the marker bit on it ends the picture.
    ///
    /// A sender may forget the marker, so a new timestamp ends the picture before it as well (RFC 6184 §5.1).
    fn extend(&mut self, start: u64, at: u64) {
        let Some(packet) = self.held.get(&at) else {
            return;
        };
        let marker = packet.packet.header.marker;
        let timestamp = packet.summary.map(|_| packet.packet.header.timestamp);
        let of_picture = self
            .held
            .range(start..at)
            .find(|(_, held)| held.summary.is_some());
        let begun = of_picture.map(|(_, held)| held.packet.header.timestamp);
        if timestamp.is_some() && begun.is_some() && timestamp != begun {
            self.release(at);
        } else if marker {
            self.release(at + 1);
        } else {
            self.chain = SyncState::InSync {
                start,
                missing: at + 1,
            };
        }
    }

    /// Hands out the picture whose packets end before `end`.
    fn release(&mut self, end: u64) {
        let later = self.held.split_off(&end);
        let packets = std::mem::replace(&mut self.held, later);
        self.chain = SyncState::InSync {
            start: end,
            missing: end,
        };
        match join(packets.into_values()) {
            // There was padding only.
            Ok(None) => {}
            Ok(Some(frame)) if frame.key_frame || !self.key_frame_due => {
                self.key_frame_due = false;
                self.stats.frames_assembled += 1;
                self.events.push_back(AssemblerEvent::Frame(frame));
            }
            // An SPS without an IDR picture behind it is no place to begin.
            Ok(Some(_)) | Err(MalformedPayload) => self.break_chain(end),
        }
    }

    /// The gap is as old as the oldest packet that came from beyond it.
    fn gap_deadline(&self, missing: u64) -> Option<Instant> {
        let beyond = self.held.range(missing..);
        beyond
            .map(|(_, held)| held.arrived)
            .min()
            .map(|arrived| arrived + self.timing.gap_timeout())
    }

    /// Gives up everything before `start`. A key frame may have begun beyond it already.
    fn break_chain(&mut self, start: u64) {
        self.stats.chains_broken += 1;
        self.key_frame_due = true;
        self.held = self.held.split_off(&start);
        let has_sps = |held: &HeldPacket| held.summary.is_some_and(|summary| summary.sps);
        let key_frame = self
            .held
            .iter()
            .find(|(_, held)| has_sps(held))
            .map(|(at, _)| *at);
        self.chain = SyncState::AwaitingKeyFrame { start, key_frame };
    }

    fn request_key_frame(&mut self, now: Instant) {
        // Before the first packet there is nobody to ask.
        let silent = self.start() == 0 && self.held.is_empty();
        let interval = self.timing.key_frame_interval();
        let again = |at: Instant| now.saturating_duration_since(at) >= interval;
        if !silent && self.requested.is_none_or(again) {
            self.requested = Some(now);
            self.stats.key_frame_requests += 1;
            self.events.push_back(AssemblerEvent::NeedKeyFrame);
        }
    }

    /// A picture that needs more packets than this never ends; and while a key frame is awaited the oldest go first.
    fn limit_memory(&mut self) {
        if self.held.len() <= MAX_PACKETS {
            return;
        }
        match self.chain {
            SyncState::InSync { .. } => {
                let newest = self.held.keys().next_back().copied();
                self.break_chain(newest.unwrap_or_default());
            }
            SyncState::AwaitingKeyFrame { .. } => drop(self.held.pop_first()),
        }
    }
}
