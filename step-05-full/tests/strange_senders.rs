//! Senders that do not do what ours does: nothing wrong may reach the decoder.

mod moving_frames;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::time::Instant;

use bytes::Bytes;
use moving_frames::{packets, stream};
use rtc::rtp::{Header, Packet};
use rule::Rules;
use step_01_capture::Resolution;
use step_05_full::receive::assembler_event::AssemblerEvent;
use step_05_full::receive::bitstream::stream_limits::StreamLimits;
use step_05_full::receive::decoder::H264Decoder;
use step_05_full::receive::frame_assembler::FrameAssembler;
use step_05_full::receive::sequence_number::{SequenceNumber, SequenceNumbers};

const RULES: Rules = Rules::kept_in("step-05-full/src/receive/frame_assembler.rs");
const PAYLOAD: Rules = Rules::kept_in("step-05-full/src/receive/h264_payload.rs");
const NUMBERS: Rules = Rules::kept_in("step-05-full/src/receive/sequence_number.rs");

/// Three access units; 0 and 2 are key frames. Numbers the packets anew, after the test has changed them.
fn push(assembler: &mut FrameAssembler, access_units: &[Vec<Packet>]) -> Vec<AssemblerEvent> {
    for (packet, number) in access_units.iter().flatten().zip(100..) {
        let mut packet = packet.clone();
        packet.header.sequence_number = number;
        assembler.push(packet, Instant::now());
    }
    std::iter::from_fn(|| assembler.poll_event()).collect()
}

fn key_frames(events: &[AssemblerEvent]) -> Vec<Option<bool>> {
    let key_frame = |event: &AssemblerEvent| match event {
        AssemblerEvent::AccessUnit(frame) => Some(frame.key_frame),
        AssemblerEvent::NeedKeyFrame | AssemblerEvent::Missing(_) => None,
    };
    events.iter().map(key_frame).collect()
}

const REQUEST: Option<bool> = None;
const KEY_FRAME: Option<bool> = Some(true);

#[test]
fn decoding_does_not_begin_at_parameter_sets_without_an_idr_picture() {
    let _rule = RULES.rule("decoding begins at an IDR picture (ITU-T H.264 §3)");
    let mut access_units = packets(&stream(Resolution::VGA, 3, &[2]));
    // Access unit 0 keeps its parameter sets and loses its IDR slices; access unit 1 refers to it.
    access_units[0].truncate(1);
    access_units[0][0].header.marker = true;
    let events = push(&mut FrameAssembler::new(), &access_units);
    assert_eq!(key_frames(&events), [REQUEST, KEY_FRAME]);
}

#[test]
fn after_a_loss_too_decoding_does_not_begin_at_parameter_sets_alone() {
    let _rule = RULES.rule("after a loss decoding begins at an IDR picture (ITU-T H.264 §3)");
    let mut access_units = packets(&stream(Resolution::VGA, 3, &[2]));
    let mut parameter_sets = access_units[0][0].clone();
    parameter_sets.header.timestamp = access_units[1][0].header.timestamp;
    let mut broken = access_units[1][..1].to_vec();
    broken[0].header.marker = true;
    access_units[1].insert(0, parameter_sets);
    access_units.insert(1, broken);
    let events = push(&mut FrameAssembler::new(), &access_units);
    assert_eq!(key_frames(&events), [KEY_FRAME, REQUEST, KEY_FRAME]);
}

#[test]
fn an_access_unit_that_ends_inside_a_nal_unit_is_dropped_until_a_key_frame() {
    let _rule = RULES.rule("a fragmented NAL unit has an end (RFC 6184 §5.8)");
    let mut access_units = packets(&stream(Resolution::VGA, 3, &[2]));
    access_units[1].truncate(2);
    access_units[1][1].header.marker = true;
    let events = push(&mut FrameAssembler::new(), &access_units);
    assert_eq!(key_frames(&events), [KEY_FRAME, REQUEST, KEY_FRAME]);
}

#[test]
fn an_access_unit_delimiter_in_a_packet_of_its_own_is_no_loss() {
    let _rule = PAYLOAD.rule("a NAL unit may have two bytes (ITU-T H.264 §7.3.2.4)");
    let mut access_units = packets(&stream(Resolution::VGA, 3, &[2]));
    for packets in &mut access_units {
        let header = Header {
            marker: false,
            ..packets[0].header.clone()
        };
        let payload = Bytes::from_static(&[0x09, 0x10]);
        packets.insert(0, Packet { header, payload });
    }
    let events = push(&mut FrameAssembler::new(), &access_units);
    // The first delimiter comes before the first key frame, as in a stream that was joined in the middle.
    let not_key_frame = Some(false);
    assert_eq!(
        key_frames(&events),
        [REQUEST, KEY_FRAME, not_key_frame, KEY_FRAME]
    );
    let mut decoder = H264Decoder::new(StreamLimits::LEVEL_5_2).expect("a decoder");
    for event in events {
        if let AssemblerEvent::AccessUnit(access_unit) = event {
            let decoded = decoder.decode(&access_unit.data);
            assert!(matches!(decoded, Ok(Some(_))), "{decoded:?}");
        }
    }
}

#[test]
fn a_packet_that_comes_twice_is_counted_once() {
    let _rule = RULES.rule("one sequence number is one packet (RFC 3550 §5.1)");
    let access_units = packets(&stream(Resolution::VGA, 1, &[]));
    let mut assembler = FrameAssembler::new();
    for packet in &access_units[0] {
        assembler.push(packet.clone(), Instant::now());
        assembler.push(packet.clone(), Instant::now());
    }
    assert_eq!(
        assembler.stats().packets_received,
        access_units[0].len() as u64
    );
}

#[test]
fn an_old_packet_does_not_move_the_window_back() {
    let _rule = NUMBERS.rule("the newest packet leads, not the last (RFC 3550 §A.1)");
    let mut numbers = SequenceNumbers::default();
    let extended = [10_000, 7_500, 12_900].map(|number| numbers.extend(number));
    let [
        SequenceNumber::At(first),
        SequenceNumber::At(old),
        SequenceNumber::At(new),
    ] = extended
    else {
        panic!("all three are within the window of the newest: {extended:?}");
    };
    assert_eq!((first - old, new - first), (2_500, 2_900));
}

#[test]
fn one_far_number_is_ignored_and_two_in_a_row_are_a_restart() {
    let _rule = NUMBERS.rule("two packets in a row far away are a restart (RFC 3550 §A.1)");
    let mut numbers = SequenceNumbers::default();
    let SequenceNumber::At(first) = numbers.extend(10) else {
        panic!("the first packet always belongs to the stream");
    };
    assert_eq!(numbers.extend(40_000), SequenceNumber::Stray);
    assert_eq!(numbers.extend(11), SequenceNumber::At(first + 1));
    assert_eq!(
        numbers.extend(40_000),
        SequenceNumber::Stray,
        "the count begins anew"
    );
    let restart = numbers.extend(40_001);
    assert!(
        matches!(restart, SequenceNumber::Restart(at) if at > first + 1),
        "{restart:?}"
    );
}

#[test]
fn a_packet_from_before_a_restart_is_never_taken_for_one_of_the_old_stream() {
    let _rule = NUMBERS.rule("after a restart no extended number comes again");
    let mut numbers = SequenceNumbers::default();
    let SequenceNumber::At(first) = numbers.extend(100) else {
        panic!("the first packet always belongs to the stream");
    };
    // The shortest jump that there is: what comes late from before it is still near.
    assert_eq!(numbers.extend(3101), SequenceNumber::Stray);
    assert!(matches!(numbers.extend(3102), SequenceNumber::Restart(_)));
    let late = numbers.extend(102);
    assert!(
        matches!(late, SequenceNumber::At(late) if late > first + 3000),
        "it has a larger number: {late:?}, and the old stream began at {first}"
    );
}
