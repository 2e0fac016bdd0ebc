//! Packets to access units, on a network that loses, reorders and repeats. No clock runs here: the time is an argument.

mod moving_frames;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use bytes::Bytes;
use moving_frames::{packets, stream};
use rtc::rtp::Packet;
use rule::Rules;
use step_01_capture::Resolution;
use step_05_full::access_unit::{AccessUnit, ReceivedAccessUnit};
use step_05_full::figures::rtp_stream_stats::InboundStats;
use step_05_full::receive::assembler_event::AssemblerEvent;
use step_05_full::receive::frame_assembler::FrameAssembler;
use step_05_full::receive::repair_timing::RepairTiming;

const RULES: Rules = Rules::kept_in("step-05-full/src/receive/frame_assembler.rs");

/// What came out: the number of an access unit, which is whole, or a request.
#[derive(Debug, PartialEq)]
enum Out {
    Whole(usize),
    NeedKeyFrame,
}
use Out::{NeedKeyFrame, Whole};

/// An assembler with a stream of ten access units to push into it; 0 and 6 are key frames.
struct Lesson {
    assembler: FrameAssembler,
    sent: &'static [AccessUnit],
    access_units: Vec<Vec<Packet>>,
    began: Instant,
    /// How many packets each NACK asked for.
    nacks: Vec<usize>,
}

impl Lesson {
    fn new() -> Self {
        // Encoding takes longer than all that is tested here: once is enough for all lessons.
        static SENT: LazyLock<Vec<AccessUnit>> =
            LazyLock::new(|| stream(Resolution::VGA, 10, &[6]));
        let sent = SENT.as_slice();
        let access_units = packets(sent);
        assert!(
            access_units.iter().all(|packets| packets.len() >= 3),
            "the lessons need three packets"
        );
        Self {
            assembler: FrameAssembler::new(),
            sent,
            access_units,
            began: Instant::now(),
            nacks: Vec::new(),
        }
    }

    fn after(&self, millis: u64) -> Instant {
        self.began + Duration::from_millis(millis)
    }

    fn push(&mut self, packets: &[Packet], millis: u64) -> Vec<Out> {
        let now = self.after(millis);
        packets
            .iter()
            .for_each(|packet| self.assembler.push(packet.clone(), now));
        self.events()
    }

    fn push_access_unit(&mut self, number: usize, millis: u64) -> Vec<Out> {
        let packets = self.access_units[number].clone();
        self.push(&packets, millis)
    }

    fn timeout(&mut self, millis: u64) -> Vec<Out> {
        self.assembler.handle_timeout(self.after(millis));
        self.events()
    }

    fn events(&mut self) -> Vec<Out> {
        let sent = self.sent;
        let nacks = &mut self.nacks;
        let out = |event| match event {
            AssemblerEvent::NeedKeyFrame => Some(NeedKeyFrame),
            AssemblerEvent::Missing(numbers) => {
                nacks.push(numbers.len());
                None
            }
            AssemblerEvent::AccessUnit(ReceivedAccessUnit {
                data, key_frame, ..
            }) => {
                let number = sent.iter().position(|access_unit| access_unit.data == data);
                let number = number.expect("an access unit that came out must be one that went in");
                assert_eq!(sent[number].key_frame, key_frame, "access unit {number}");
                Some(Whole(number))
            }
        };
        std::iter::from_fn(|| self.assembler.poll_event())
            .filter_map(out)
            .collect()
    }
}

#[test]
fn an_access_unit_comes_out_with_its_marker_and_does_not_wait_for_the_next() {
    let _rule = RULES.rule("the marker bit ends an access unit (RFC 6184 §5.1)");
    let mut lesson = Lesson::new();
    let packets = lesson.access_units[0].clone();
    let (marked, others) = packets.split_last().expect("packets");
    assert_eq!(lesson.push(others, 0), []);
    assert_eq!(lesson.push(std::slice::from_ref(marked), 0), [Whole(0)]);
}

#[test]
fn it_carries_the_time_of_its_packets() {
    let _rule = RULES.rule("all packets of an access unit have its RTP timestamp (RFC 6184 §5.1)");
    let mut lesson = Lesson::new();
    let timestamp = lesson.access_units[0][0].header.timestamp;
    for packet in lesson.access_units[0].clone() {
        lesson.assembler.push(packet, lesson.began);
    }
    let Some(AssemblerEvent::AccessUnit(frame)) = lesson.assembler.poll_event() else {
        panic!("expected the first access unit");
    };
    assert_eq!(frame.rtp_timestamp, timestamp);
}

#[test]
fn packets_that_overtake_each_other_are_put_in_order() {
    let _rule = RULES.rule("sequence numbers restore the order (RFC 3550 §5.1)");
    let mut lesson = Lesson::new();
    assert_eq!(lesson.push_access_unit(0, 0), [Whole(0)]);
    let mut packets = [
        lesson.access_units[1].clone(),
        lesson.access_units[2].clone(),
    ]
    .concat();
    packets.reverse();
    assert_eq!(lesson.push(&packets, 10), [Whole(1), Whole(2)]);
}

#[test]
fn a_packet_that_comes_twice_counts_once() {
    let _rule = RULES.rule("one sequence number is one packet (RFC 3550 §5.1)");
    let mut lesson = Lesson::new();
    let twice = |packets: &[Packet]| [packets, packets].concat();
    let (first, second) = (
        twice(&lesson.access_units[0]),
        twice(&lesson.access_units[1]),
    );
    assert_eq!(lesson.push(&first, 0), [Whole(0)]);
    assert_eq!(lesson.push(&second, 10), [Whole(1)]);
}

#[test]
fn a_gap_is_held_open_so_that_a_retransmission_can_fill_it() {
    let _rule =
        RULES.rule("a NACK asks for a lost packet, so its gap is held open (RFC 4585 §6.2.1)");
    let mut lesson = Lesson::new();
    lesson.push_access_unit(0, 0);
    let mut packets = lesson.access_units[1].clone();
    let lost = packets.remove(1);
    assert_eq!(lesson.push(&packets, 10), []);
    assert_eq!(
        lesson.push_access_unit(2, 40),
        [],
        "access unit 2 needs access unit 1"
    );
    assert_eq!(lesson.timeout(109), []);
    assert_eq!(lesson.push(&[lost], 109), [Whole(1), Whole(2)]);
    assert_eq!(
        lesson.assembler.next_deadline(),
        None,
        "nothing is missing any more"
    );
}

#[test]
fn after_a_gap_that_stays_nothing_comes_out_before_the_next_key_frame() {
    let _rule = RULES.rule("a lost access unit is answered with a PLI (RFC 4585 §6.3.1)");
    let mut lesson = Lesson::new();
    lesson.push_access_unit(0, 0);
    let packets = lesson.access_units[1].split_off(2);
    assert_eq!(lesson.push(&packets, 10), []);
    assert_eq!(lesson.timeout(110), [NeedKeyFrame]);
    for number in 2..6 {
        assert_eq!(
            lesson.push_access_unit(number, 120),
            [],
            "access unit {number} refers to a lost one"
        );
    }
    assert_eq!(lesson.push_access_unit(6, 150), [Whole(6)]);
    assert_eq!(lesson.push_access_unit(7, 180), [Whole(7)]);
}

#[test]
fn a_packet_that_comes_after_the_gap_was_given_up_changes_nothing() {
    let _rule = RULES.rule("a gap that was given up stays so until a key frame");
    let mut lesson = Lesson::new();
    lesson.push_access_unit(0, 0);
    let late = lesson.access_units[1].clone();
    assert_eq!(lesson.push_access_unit(2, 10), []);
    assert_eq!(lesson.timeout(110), [NeedKeyFrame]);
    assert_eq!(lesson.push(&late, 111), []);
    assert_eq!(lesson.push_access_unit(6, 150), [Whole(6)]);
    assert_eq!(lesson.push(&late, 151), [], "the past stays the past");
}

#[test]
fn a_key_frame_that_came_beyond_the_gap_is_used_at_once() {
    let _rule = RULES.rule("a key frame that is here needs no PLI (RFC 4585 §6.3.1)");
    let mut lesson = Lesson::new();
    lesson.push_access_unit(0, 0);
    assert_eq!(
        lesson.push_access_unit(3, 10),
        [],
        "access units 1 and 2 may still come"
    );
    assert_eq!(lesson.push_access_unit(6, 20), []);
    assert_eq!(lesson.timeout(110), [Whole(6)], "no request: it is here");
}

#[test]
fn a_missing_packet_is_asked_for_at_once_and_again_until_it_comes() {
    let _rule = RULES.rule("a NACK asks for a lost packet (RFC 4585 §6.2.1)");
    let mut lesson = Lesson::new();
    lesson.push_access_unit(0, 0);
    let lost = lesson.access_units[1].remove(1);
    lesson.push_access_unit(1, 10);
    assert_eq!(lesson.nacks, [1], "one packet, at once");
    lesson.timeout(29);
    assert_eq!(lesson.nacks, [1], "the answer may be on its way");
    assert_eq!(lesson.assembler.next_deadline(), Some(lesson.after(30)));
    lesson.timeout(30);
    assert_eq!(lesson.nacks, [1, 1], "request or answer can be lost too");
    assert_eq!(lesson.push(&[lost], 40), [Whole(1)]);
    lesson.timeout(60);
    assert_eq!(lesson.nacks, [1, 1], "nothing is missing any more");
}

#[test]
fn the_farther_the_sender_the_longer_a_gap_is_held_open() {
    let _rule = RULES.rule("request and retransmission need a round trip (RFC 4585 §6.2.1)");
    let mut lesson = Lesson::new();
    lesson.assembler.set_round_trip(Duration::from_millis(100));
    lesson.push_access_unit(0, 0);
    let lost = lesson.access_units[1].remove(1);
    lesson.push_access_unit(1, 10);
    for millis in (20..500).step_by(10) {
        assert_eq!(lesson.timeout(millis), [], "at {millis} ms");
    }
    assert!(
        lesson.nacks.len() < 10,
        "twice in a round trip is enough: {:?}",
        lesson.nacks
    );
    assert_eq!(lesson.push(&[lost], 509), [Whole(1)]);
}

#[test]
fn after_an_outage_nobody_asks_for_what_is_old() {
    let _rule = RULES.rule("a key frame comes sooner than all that is missing (RFC 4585 §6.3.1)");
    let mut lesson = Lesson::new();
    lesson.push_access_unit(0, 0);
    assert_eq!(
        lesson.push_access_unit(5, 170),
        [NeedKeyFrame],
        "133 ms of frames are missing"
    );
    assert_eq!(lesson.nacks, [0; 0]);
}

#[test]
fn the_request_is_repeated_but_not_with_every_packet() {
    let _rule = RULES.rule("a PLI can be lost too, so it is repeated (RFC 4585 §6.3.1)");
    let mut lesson = Lesson::new();
    let middle = lesson.access_units[1].clone();
    let interval = RepairTiming::default().key_frame_interval().as_millis() as u64;
    assert_eq!(
        lesson.push(&middle, 0),
        [NeedKeyFrame],
        "the stream was joined in the middle"
    );
    assert_eq!(lesson.push_access_unit(2, interval - 1), []);
    assert_eq!(
        lesson.assembler.next_deadline(),
        Some(lesson.after(interval))
    );
    assert_eq!(lesson.timeout(interval), [NeedKeyFrame]);
    assert_eq!(lesson.push_access_unit(6, interval + 30), [Whole(6)]);
    assert_eq!(
        lesson.timeout(10 * interval),
        [],
        "nothing is missing any more"
    );
}

#[test]
fn before_the_first_packet_nobody_is_asked() {
    let _rule = RULES.rule("without a stream there is nothing to ask for");
    let mut lesson = Lesson::new();
    assert_eq!(lesson.timeout(1000), []);
    assert_eq!(lesson.assembler.next_deadline(), None);
}

#[test]
fn decoding_does_not_begin_at_a_key_frame_with_a_gap() {
    let _rule = RULES.rule("decoding begins at a whole IDR picture (ITU-T H.264 §3)");
    let mut lesson = Lesson::new();
    lesson.access_units[0].remove(1);
    assert_eq!(lesson.push_access_unit(0, 0), []);
    assert_eq!(lesson.push_access_unit(1, 30), []);
    assert_eq!(lesson.timeout(100), [NeedKeyFrame]);
    assert_eq!(lesson.push_access_unit(6, 130), [Whole(6)]);
}

#[test]
fn packets_of_padding_only_count_and_show_nothing() {
    let _rule =
        RULES.rule("an empty payload has a sequence number and no access unit (RFC 3550 §5.1)");
    let mut lesson = Lesson::new();
    let padding = |before: &Packet| {
        let mut header = before.header.clone();
        header.sequence_number = header.sequence_number.wrapping_add(1);
        header.marker = false;
        Packet {
            header,
            payload: Bytes::new(),
        }
    };
    let key_frame = lesson.access_units[0].clone();
    assert_eq!(lesson.push(&key_frame, 0), [Whole(0)]);
    let padding = padding(key_frame.last().expect("packets"));
    assert_eq!(lesson.push(&[padding], 5), []);
    // The sender numbers what follows after its padding.
    let mut next = lesson.access_units[1].clone();
    for packet in &mut next {
        packet.header.sequence_number = packet.header.sequence_number.wrapping_add(1);
    }
    assert_eq!(lesson.push(&next, 30), [Whole(1)]);
}

#[test]
fn a_sender_that_leaves_the_marker_out_is_understood_with_its_next_access_unit() {
    let _rule = RULES.rule("another RTP timestamp is another access unit (RFC 6184 §5.1)");
    let mut lesson = Lesson::new();
    for packet in lesson.access_units.iter_mut().flatten() {
        packet.header.marker = false;
    }
    assert_eq!(lesson.push_access_unit(0, 0), []);
    assert_eq!(lesson.push_access_unit(1, 30), [Whole(0)]);
}

#[test]
fn after_a_decoder_failed_nothing_comes_out_before_the_next_key_frame() {
    let _rule = RULES
        .rule("an access unit that cannot be decoded is answered with a PLI (RFC 4585 §6.3.1)");
    let mut lesson = Lesson::new();
    lesson.push_access_unit(0, 0);
    lesson.assembler.require_key_frame(lesson.after(10));
    assert_eq!(lesson.events(), [NeedKeyFrame]);
    assert_eq!(lesson.push_access_unit(1, 30), []);
    assert_eq!(lesson.push_access_unit(6, 60), [Whole(6)]);
}

#[test]
fn a_sender_that_starts_anew_elsewhere_is_followed() {
    let _rule = RULES.rule("two packets in a row far away are a restart (RFC 3550 §A.1)");
    let mut lesson = Lesson::new();
    lesson.push_access_unit(0, 0);
    lesson.push_access_unit(1, 30);
    for packet in lesson.access_units[6..].iter_mut().flatten() {
        packet.header.sequence_number = packet.header.sequence_number.wrapping_add(20_000);
    }
    let out: Vec<Out> = (6..10)
        .flat_map(|number| lesson.push_access_unit(number, 60))
        .collect();
    // It took two packets to believe it, and the first had the parameter sets of key frame 6.
    assert_eq!(out, [NeedKeyFrame]);
    let beyond = lesson.access_units[9]
        .last()
        .expect("packets")
        .header
        .sequence_number;
    for (packet, number) in lesson.access_units[0].iter_mut().zip(1..) {
        packet.header.sequence_number = beyond.wrapping_add(number);
    }
    assert_eq!(
        lesson.push_access_unit(0, 90),
        [Whole(0)],
        "the key frame that was asked for"
    );
}

#[test]
fn the_stats_count_each_access_unit_and_each_request_from_the_first_packet_on() {
    let _rule = RULES.rule("counts go on from the first packet of a stream to its last");
    let mut lesson = Lesson::new();
    lesson.push_access_unit(0, 0);
    lesson.push_access_unit(1, 30);
    let lost = lesson.access_units[2].len();
    lesson.push_access_unit(3, 60);
    lesson.timeout(160);
    lesson.timeout(410);
    lesson.push_access_unit(6, 420);
    let arrived: usize = [0, 1, 3, 6]
        .map(|number| lesson.access_units[number].len())
        .iter()
        .sum();
    assert!(lost > 0, "access unit 2 is the gap");
    let expected = InboundStats {
        packets_received: arrived as u64,
        frames_received: 3,
        sync_losses: 1,
        pli_count: 2,
        packets_requested: lost as u64,
        ..InboundStats::default()
    };
    assert_eq!(lesson.assembler.stats(), expected);
}
