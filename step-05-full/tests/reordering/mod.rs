//! What `ReorderBuffer` returns and what it gives up, with packets made by hand.

use std::time::{Duration, Instant};

use bytes::Bytes;
use rtc::rtp::{Header, Packet};
use step_05_full::access_unit::AccessUnit;
use step_05_full::receive::assembler_event::AssemblerEvent;
use step_05_full::receive::frame_assembler::FrameAssembler;
use step_05_full::receive::held_packet::HeldPacket;
use step_05_full::receive::reorder_buffer::ReorderBuffer;

use crate::moving_frames::{packets, size, stream};
use crate::task::same;

/// A slice of a picture that refers to another one, and a sequence parameter set (ITU-T H.264 table 7-1).
const SLICE: &[u8] = &[0x41, 1];
const SPS: &[u8] = &[0x67, 1];
const PADDING: &[u8] = &[];

/// A packet: its number, its timestamp, what it carries, and whether it has the marker bit.
type Sent = (u64, u32, &'static [u8], bool);

fn insert(buffer: &mut ReorderBuffer, packets: &[Sent]) {
    for &(at, timestamp, payload, marker) in packets {
        let header = Header {
            version: 2,
            sequence_number: at as u16,
            timestamp,
            marker,
            ..Header::default()
        };
        let payload = Bytes::from_static(payload);
        let held = HeldPacket::new(Packet { header, payload }, Instant::now());
        assert!(buffer.wants(at), "the buffer does not want packet {at}");
        buffer.insert(at, held.expect("the payload is H.264"));
    }
}

fn holding(packets: &[Sent]) -> ReorderBuffer {
    let mut buffer = ReorderBuffer::default();
    insert(&mut buffer, packets);
    buffer
}

/// The numbers of the packets that come out.
#[track_caller]
fn pops(buffer: &mut ReorderBuffer, when: &str, expected: Option<&[u16]>) {
    let packets = buffer.pop_access_unit();
    let number = |held: &HeldPacket| held.packet.header.sequence_number;
    let numbers: Option<Vec<u16>> = packets.map(|packets| packets.iter().map(number).collect());
    same(
        &format!("{when}, the access unit (its packets)"),
        numbers.as_deref(),
        expected,
    );
}

pub(crate) fn nothing_comes_out_of_nothing() {
    pops(&mut ReorderBuffer::default(), "without a packet", None);
}

pub(crate) fn the_marker_ends_it() {
    let mut buffer = holding(&[(0, 1000, SLICE, false), (1, 1000, SLICE, false)]);
    pops(&mut buffer, "before the marker bit has come", None);
    insert(&mut buffer, &[(2, 1000, SLICE, true)]);
    pops(&mut buffer, "with the marker bit", Some(&[0, 1, 2]));
    insert(&mut buffer, &[(3, 4000, SLICE, true)]);
    pops(
        &mut buffer,
        "with the marker bit on its only packet",
        Some(&[3]),
    );
}

pub(crate) fn once() {
    let mut buffer = holding(&[(0, 1000, SLICE, false), (1, 1000, SLICE, true)]);
    pops(&mut buffer, "at first", Some(&[0, 1]));
    pops(&mut buffer, "after it was returned", None);
    same("start()", buffer.start(), 2);
    assert!(
        !buffer.wants(1),
        "packet 1 was returned and is wanted again"
    );
}

pub(crate) fn in_the_order_of_their_numbers() {
    let mut buffer = holding(&[(2, 1000, SLICE, true)]);
    pops(&mut buffer, "with the last packet alone", None);
    insert(&mut buffer, &[(1, 1000, SLICE, false)]);
    pops(&mut buffer, "while packet 0 is missing", None);
    insert(&mut buffer, &[(0, 1000, SLICE, false)]);
    pops(&mut buffer, "with all three packets", Some(&[0, 1, 2]));
}

pub(crate) fn a_gap_holds_all_back() {
    let mut buffer = holding(&[(0, 1000, SLICE, false), (2, 1000, SLICE, true)]);
    pops(&mut buffer, "while packet 1 of it is missing", None);
    // Packet 1 may be the last of the first access unit, or the first of the second.
    let mut buffer = holding(&[(0, 1000, SLICE, false), (2, 4000, SLICE, true)]);
    pops(&mut buffer, "while packet 1 is missing", None);
    insert(&mut buffer, &[(3, 7000, SLICE, true)]);
    pops(&mut buffer, "with a whole one beyond the gap", None);
    insert(&mut buffer, &[(1, 1000, SLICE, true)]);
    pops(&mut buffer, "when packet 1 has come", Some(&[0, 1]));
    pops(&mut buffer, "after that", Some(&[2]));
}

pub(crate) fn one_at_a_time() {
    let mut buffer = holding(&[(0, 1000, SLICE, true), (1, 4000, SLICE, false)]);
    insert(
        &mut buffer,
        &[(2, 4000, SLICE, true), (3, 7000, SLICE, true)],
    );
    pops(&mut buffer, "of three", Some(&[0]));
    pops(&mut buffer, "of two", Some(&[1, 2]));
    pops(&mut buffer, "of one", Some(&[3]));
    pops(&mut buffer, "of none", None);
}

pub(crate) fn a_new_timestamp_ends_it() {
    // The timestamp wraps here: a new one can be the lower one.
    let (before, after) = (u32::MAX - 10, 2990);
    let mut buffer = holding(&[(0, before, SLICE, false), (1, before, SLICE, false)]);
    insert(&mut buffer, &[(2, after, SLICE, false)]);
    let when = "without a marker bit, when a new timestamp has come";
    pops(&mut buffer, when, Some(&[0, 1]));
    pops(&mut buffer, "before the next has ended", None);
    insert(&mut buffer, &[(3, after, SLICE, true)]);
    pops(&mut buffer, "when the next has ended", Some(&[2, 3]));
    let mut buffer = holding(&[(0, 1000, SLICE, false), (1, 4000, SLICE, true)]);
    pops(&mut buffer, when, Some(&[0]));
    pops(&mut buffer, "after that", Some(&[1]));
}

pub(crate) fn padding_ends_nothing() {
    let mut buffer = holding(&[(0, 500, PADDING, false), (1, 1000, SLICE, false)]);
    insert(&mut buffer, &[(2, 700, PADDING, false)]);
    pops(&mut buffer, "after padding with another timestamp", None);
    insert(&mut buffer, &[(3, 1000, SLICE, true)]);
    pops(&mut buffer, "with padding in it", Some(&[0, 1, 2, 3]));
    insert(
        &mut buffer,
        &[(4, 4000, SLICE, false), (5, 4000, PADDING, false)],
    );
    insert(&mut buffer, &[(6, 7000, SLICE, false)]);
    let when = "without a marker bit and with padding before the new timestamp";
    pops(&mut buffer, when, Some(&[4, 5]));
}

/// Two access units without a key frame, 0 and 1, 2 and 3.
const TWO: [Sent; 4] = [
    (0, 1000, SLICE, false),
    (1, 1000, SLICE, true),
    (2, 4000, SLICE, false),
    (3, 4000, SLICE, true),
];

/// Skips, and compares what is returned and where the next access unit begins.
#[track_caller]
fn skips(buffer: &mut ReorderBuffer, from: u64, found: bool, start: u64) {
    let returned = buffer.skip_to_key_frame(from);
    same(
        &format!("(skip_to_key_frame({from}), start() after it)"),
        (returned, buffer.start()),
        (found, start),
    );
}

pub(crate) fn without_a_key_frame() {
    let mut buffer = holding(&TWO);
    skips(&mut buffer, 2, false, 2);
    same("how many packets are held", buffer.len(), 2);
    pops(&mut buffer, "after skip_to_key_frame(2)", Some(&[2, 3]));
    let mut buffer = holding(&TWO);
    skips(&mut buffer, 1, false, 1);
    same("how many packets are held", buffer.len(), 3);
    skips(
        &mut holding(&[(0, 1000, SLICE, false), (5, 4000, SLICE, true)]),
        3,
        false,
        3,
    );
}

pub(crate) fn what_is_given_up_is_not_wanted() {
    let mut buffer = holding(&TWO[2..]);
    skips(&mut buffer, 2, false, 2);
    assert!(
        !buffer.wants(1),
        "packet 1 was given up and is wanted again"
    );
    let mut empty = ReorderBuffer::default();
    skips(&mut empty, 10, false, 10);
    assert!(!empty.wants(9), "packet 9 was given up and is wanted again");
    assert!(empty.wants(10), "packet 10 is not wanted any more");
}

pub(crate) fn to_the_key_frame() {
    let mut buffer = holding(&TWO);
    insert(
        &mut buffer,
        &[(4, 7000, SPS, false), (5, 7000, SLICE, true)],
    );
    insert(&mut buffer, &[(6, 9000, SLICE, true)]);
    skips(&mut buffer, 2, true, 4);
    same("how many packets are held", buffer.len(), 3);
    pops(&mut buffer, "after that", Some(&[4, 5]));
    pops(&mut buffer, "after the key frame", Some(&[6]));
}

pub(crate) fn a_key_frame_at_the_place_itself() {
    let mut buffer = holding(&[(0, 1000, SLICE, true), (1, 4000, SPS, true)]);
    skips(&mut buffer, 1, true, 1);
    pops(&mut buffer, "after skip_to_key_frame(1)", Some(&[1]));
}

pub(crate) fn an_earlier_key_frame_does_not_count() {
    let mut buffer = holding(&[(0, 1000, SPS, false), (2, 1000, SLICE, true)]);
    skips(&mut buffer, 2, false, 2);
    same("how many packets are held", buffer.len(), 1);
}

pub(crate) fn the_first_of_two_key_frames() {
    let mut buffer = holding(&TWO);
    insert(&mut buffer, &[(4, 7000, SPS, true), (5, 9000, SPS, true)]);
    skips(&mut buffer, 2, true, 4);
    pops(&mut buffer, "after skip_to_key_frame(2)", Some(&[4]));
    pops(&mut buffer, "after that", Some(&[5]));
}

pub(crate) fn a_key_frame_that_has_begun() {
    let mut buffer = holding(&TWO[..1]);
    insert(
        &mut buffer,
        &[(4, 7000, SPS, false), (6, 7000, SLICE, true)],
    );
    skips(&mut buffer, 2, true, 4);
    pops(&mut buffer, "while packet 5 is missing", None);
    insert(&mut buffer, &[(5, 7000, SLICE, false)]);
    pops(&mut buffer, "when packet 5 has come", Some(&[4, 5, 6]));
}

/// Ten access units, 0 and 6 are key frames. A packet of the second is lost, and every packet overtakes the one before it.
pub(crate) fn a_bad_line() {
    let sent: Vec<AccessUnit> = stream(size(640, 480), 10, &[6]);
    let mut packets = packets(&sent);
    packets[1].remove(1);
    let (mut assembler, mut now) = (FrameAssembler::new(), Instant::now());
    let mut shown = Vec::new();
    for pair in packets.concat().chunks(2) {
        for packet in pair.iter().rev() {
            now += Duration::from_millis(5);
            assembler.push(packet.clone(), now);
        }
        while let Some(event) = assembler.poll_event() {
            if let AssemblerEvent::AccessUnit(unit) = event {
                shown.push(sent.iter().position(|sent| sent.data == unit.data));
            }
        }
    }
    same(
        "which of ten access units can be decoded, with 6 a key frame and a packet of 1 lost,",
        shown,
        [0, 6, 7, 8, 9].map(Some).to_vec(),
    );
}
