//! Senders that do not do what ours does: nothing wrong may reach the decoder.

mod moving_picture;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::time::Instant;

use moving_picture::{packets, stream};
use rtc::rtp::Packet;
use rule::Rules;
use step_01_capture::Resolution;
use step_05_full::receive::assembler_event::AssemblerEvent;
use step_05_full::receive::frame_assembler::FrameAssembler;
use step_05_full::receive::sequence_number::{SequenceNumber, SequenceNumbers};

const RULES: Rules = Rules::kept_in("step-05-full/src/receive/frame_assembler.rs");
const NUMBERS: Rules = Rules::kept_in("step-05-full/src/receive/sequence_number.rs");

/// Three pictures; 0 and 2 are key frames. Numbers the packets anew, after they were tampered with.
fn push(assembler: &mut FrameAssembler, pictures: &[Vec<Packet>]) -> Vec<AssemblerEvent> {
    for (packet, number) in pictures.iter().flatten().zip(100..) {
        let mut packet = packet.clone();
        packet.header.sequence_number = number;
        assembler.push(packet, Instant::now());
    }
    std::iter::from_fn(|| assembler.poll_event()).collect()
}

fn key_frames(events: &[AssemblerEvent]) -> Vec<Option<bool>> {
    let key_frame = |event: &AssemblerEvent| match event {
        AssemblerEvent::Frame(frame) => Some(frame.key_frame),
        AssemblerEvent::NeedKeyFrame | AssemblerEvent::Missing(_) => None,
    };
    events.iter().map(key_frame).collect()
}

const REQUEST: Option<bool> = None;
const KEY_FRAME: Option<bool> = Some(true);

#[test]
fn parameter_sets_without_an_idr_picture_are_no_place_to_begin() {
    let _rule = RULES.rule("decoding begins at an IDR picture (ITU-T H.264 §3.1)");
    let mut pictures = packets(&stream(Resolution::VGA, 3, &[2]));
    // Picture 0 keeps its parameter sets and loses its IDR slices; picture 1 refers to it.
    pictures[0].truncate(1);
    pictures[0][0].header.marker = true;
    let events = push(&mut FrameAssembler::new(), &pictures);
    assert_eq!(key_frames(&events), [REQUEST, KEY_FRAME]);
}

#[test]
fn after_a_break_too_parameter_sets_alone_are_no_place_to_begin() {
    let _rule = RULES.rule("after a loss decoding begins at an IDR picture (ITU-T H.264 §3.1)");
    let mut pictures = packets(&stream(Resolution::VGA, 3, &[2]));
    let mut parameter_sets = pictures[0][0].clone();
    parameter_sets.header.timestamp = pictures[1][0].header.timestamp;
    let mut broken = pictures[1][..1].to_vec();
    broken[0].header.marker = true;
    pictures[1].insert(0, parameter_sets);
    pictures.insert(1, broken);
    let events = push(&mut FrameAssembler::new(), &pictures);
    assert_eq!(key_frames(&events), [KEY_FRAME, REQUEST, KEY_FRAME]);
}

#[test]
fn a_picture_that_ends_inside_a_nal_unit_breaks_the_chain() {
    let _rule = RULES.rule("a fragmented NAL unit has an end (RFC 6184 §5.8)");
    let mut pictures = packets(&stream(Resolution::VGA, 3, &[2]));
    pictures[1].truncate(2);
    pictures[1][1].header.marker = true;
    let events = push(&mut FrameAssembler::new(), &pictures);
    assert_eq!(key_frames(&events), [KEY_FRAME, REQUEST, KEY_FRAME]);
}

#[test]
fn a_packet_that_comes_twice_is_counted_once() {
    let _rule = RULES.rule("one sequence number is one packet (RFC 3550 §5.1)");
    let pictures = packets(&stream(Resolution::VGA, 1, &[]));
    let mut assembler = FrameAssembler::new();
    for packet in &pictures[0] {
        assembler.push(packet.clone(), Instant::now());
        assembler.push(packet.clone(), Instant::now());
    }
    assert_eq!(assembler.stats().packets_received, pictures[0].len() as u64);
}

#[test]
fn an_old_packet_does_not_move_the_window_back() {
    let _rule = NUMBERS.rule("the newest packet leads, not the last (RFC 3550 §A.1)");
    let mut numbers = SequenceNumbers::default();
    let places = [10_000, 7_500, 12_900].map(|number| numbers.place(number));
    let [
        SequenceNumber::At(first),
        SequenceNumber::At(old),
        SequenceNumber::At(new),
    ] = places
    else {
        panic!("all three are within the window of the newest: {places:?}");
    };
    assert_eq!((first - old, new - first), (2_500, 2_900));
}

#[test]
fn one_far_number_is_a_stray_and_two_in_a_row_are_a_new_beginning() {
    let _rule = NUMBERS.rule("two packets in a row far away are a restart (RFC 3550 §A.1)");
    let mut numbers = SequenceNumbers::default();
    let SequenceNumber::At(first) = numbers.place(10) else {
        panic!("the first packet is always at home");
    };
    assert_eq!(numbers.place(40_000), SequenceNumber::Stray);
    assert_eq!(numbers.place(11), SequenceNumber::At(first + 1));
    assert_eq!(
        numbers.place(40_000),
        SequenceNumber::Stray,
        "the count begins anew"
    );
    let restart = numbers.place(40_001);
    assert!(
        matches!(restart, SequenceNumber::Restart(at) if at > first + 1),
        "{restart:?}"
    );
}

#[test]
fn a_packet_from_before_a_restart_is_never_taken_for_one_of_the_old_stream() {
    let _rule = NUMBERS.rule("after a restart no number has the place that it had before");
    let mut numbers = SequenceNumbers::default();
    let SequenceNumber::At(first) = numbers.place(100) else {
        panic!("the first packet is always at home");
    };
    // The shortest jump that there is: what comes late from before it is still near.
    assert_eq!(numbers.place(3101), SequenceNumber::Stray);
    assert!(matches!(numbers.place(3102), SequenceNumber::Restart(_)));
    let late = numbers.place(102);
    assert!(
        matches!(late, SequenceNumber::At(place) if place > first + 3000),
        "it is told apart by its place: {late:?}, and the old stream began at {first}"
    );
}
