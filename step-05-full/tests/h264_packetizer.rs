//! Access units to RTP packets.

mod moving_frames;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::time::{Duration, Instant};

use bytes::Bytes;
use moving_frames::{packets, stream};
use rtc::shared::marshal::MarshalSize;
use rule::Rules;
use step_01_capture::Resolution;
use step_05_full::access_unit::AccessUnit;
use step_05_full::send::h264_packetizer::{H264Packetizer, MTU, RtpStreamStart};

const RULES: Rules = Rules::kept_in("step-05-full/src/send/h264_packetizer.rs");

fn packetizer() -> H264Packetizer {
    H264Packetizer::new(
        102,
        0x5eed,
        RtpStreamStart {
            sequence_number: 7,
            timestamp: 1000,
        },
    )
}

#[test]
fn the_marker_bit_is_on_the_last_packet_of_an_access_unit_and_on_no_other() {
    let _rule =
        RULES.rule("the marker bit is on the last packet of an access unit (RFC 6184 §5.1)");
    for frame in packets(&stream(Resolution::VGA, 5, &[])) {
        let markers: Vec<bool> = frame.iter().map(|packet| packet.header.marker).collect();
        let (last, others) = markers.split_last().expect("a frame has packets");
        assert!(*last && !others.contains(&true), "{markers:?}");
    }
}

#[test]
fn no_packet_exceeds_the_mtu() {
    let _rule = RULES.rule("a NAL unit that is larger than a packet is fragmented (RFC 6184 §5.8)");
    let packets = packets(&stream(Resolution::VGA, 3, &[])).concat();
    let largest = packets.iter().map(MarshalSize::marshal_size).max();
    assert_eq!(largest, Some(MTU), "large NAL units fill their packets");
}

#[test]
fn a_key_frame_is_one_stap_a_with_the_parameter_sets_and_then_fragments() {
    let _rule = RULES.rule("a STAP-A (RFC 6184 §5.7.1), then FU-A (RFC 6184 §5.8)");
    let key_frame = &packets(&stream(Resolution::VGA, 1, &[]))[0];
    let types: Vec<u8> = key_frame
        .iter()
        .map(|packet| packet.payload[0] & 0x1f)
        .collect();
    assert_eq!(types[0], 24, "SPS and PPS together in a STAP-A");
    assert!(
        types.len() > 2 && types[1..].iter().all(|t| *t == 28),
        "FU-A: {types:?}"
    );
}

#[test]
fn sequence_numbers_count_every_packet_and_wrap() {
    let _rule =
        RULES.rule("the sequence number grows by one for each packet and wraps (RFC 3550 §5.1)");
    let packets = packets(&stream(Resolution::VGA, 20, &[])).concat();
    assert!(packets.len() > 40, "too few packets to wrap");
    for pair in packets.windows(2) {
        let [before, after] = [&pair[0].header, &pair[1].header].map(|h| h.sequence_number);
        assert_eq!(after, before.wrapping_add(1));
    }
}

#[test]
fn the_timestamp_is_the_sampling_instant_and_not_a_counter() {
    let _rule = RULES.rule("the timestamp is the sampling instant at 90 kHz (RFC 6184 §5.1)");
    let mut packetizer = packetizer();
    let beginning = Instant::now();
    let mut timestamp = |millis| packetizer.timestamp(beginning + Duration::from_millis(millis));
    assert_eq!(timestamp(0), 1000);
    assert_eq!(timestamp(40), 1000 + 3600, "40 ms are 3600 ticks of 90 kHz");
    assert_eq!(
        timestamp(140),
        1000 + 12_600,
        "frames that were skipped leave their time"
    );
    // 2^32 ticks are 47,721,858 ms and 76 ticks.
    assert_eq!(
        timestamp(47_721_859),
        1000 + 14,
        "the clock wraps after 13 hours"
    );
}

#[test]
fn two_streams_begin_at_different_random_places() {
    let _rule = RULES.rule("sequence number and timestamp begin at random (RFC 3550 §5.1)");
    let starts = [(); 3].map(|()| RtpStreamStart::random());
    assert!(
        starts[0] != starts[1] || starts[1] != starts[2],
        "{starts:?}"
    );
}

#[test]
fn an_access_unit_without_a_nal_unit_needs_no_packet() {
    let _rule = RULES.rule("a packet carries at least a part of a NAL unit (RFC 6184 §5)");
    let captured_at = Instant::now();
    let empty = AccessUnit {
        data: Bytes::new(),
        key_frame: false,
        captured_at,
        number: 0,
    };
    assert_eq!(packetizer().packetize(&empty), []);
}
