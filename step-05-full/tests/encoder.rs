//! Frames to H.264: what a call asks of an encoder.

mod moving_frames;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::time::Instant;

use moving_frames::{frame, size, stream};
use rule::Rules;
use step_01_capture::{Resolution, VideoFrame};
use step_05_full::send::encoder::{EncodeError, EncoderConfig, H264Encoder};

const RULES: Rules = Rules::kept_in("step-05-full/src/send/encoder.rs");

/// Type and first bytes of each NAL unit.
fn nal_units(data: &[u8]) -> Vec<&[u8]> {
    openh264::nal_units(data)
        .map(|unit| &unit[unit.iter().take_while(|b| **b == 0).count() + 1..])
        .collect()
}

fn nal_types(data: &[u8]) -> Vec<u8> {
    nal_units(data).iter().map(|unit| unit[0] & 0x1f).collect()
}

#[test]
fn the_first_frame_is_a_key_frame_that_brings_its_parameter_sets() {
    let _rule = RULES.rule("a stream begins with SPS, PPS and an IDR picture (ITU-T H.264 §3)");
    let stream = stream(Resolution::VGA, 2, &[]);
    assert!(
        stream[0].key_frame,
        "nothing can be decoded before an IDR picture"
    );
    assert_eq!(
        nal_types(&stream[0].data),
        [7, 8, 5],
        "SPS, PPS, then one slice of IDR"
    );
    assert!(!stream[1].key_frame);
    assert_eq!(
        nal_types(&stream[1].data),
        [1],
        "one slice that refers to the frame before"
    );
}

#[test]
fn the_stream_is_what_42e01f_promises() {
    let _rule =
        RULES.rule("profile-level-id=42e01f is constrained baseline, level 3.1 (RFC 6184 §8.1)");
    let stream = stream(Resolution::VGA, 1, &[]);
    let sps = nal_units(&stream[0].data)[0];
    let (profile_idc, constraints, level_idc) = (sps[1], sps[2], sps[3]);
    assert_eq!(profile_idc, 0x42, "baseline");
    assert_eq!(
        constraints & 0x40,
        0x40,
        "constraint_set1_flag makes it constrained baseline"
    );
    assert!(
        level_idc <= 0x1f,
        "level 3.1 was negotiated, this is {level_idc}"
    );
}

#[test]
fn a_key_frame_comes_when_it_is_asked_for_and_not_otherwise() {
    let _rule = RULES.rule("a PLI asks for a key frame (RFC 4585 §6.3.1)");
    let key_frames = [7, 30];
    let stream = stream(size(320, 240), 60, &key_frames);
    let made: Vec<u64> = stream
        .iter()
        .filter(|unit| unit.key_frame)
        .map(|unit| unit.number)
        .collect();
    assert_eq!(made, [0, 7, 30]);
}

#[test]
fn where_the_bits_do_not_suffice_frames_are_skipped_and_a_request_is_kept() {
    let _rule = RULES.rule("a bitrate that is too low for every frame lowers the frame rate");
    let config = EncoderConfig {
        bitrate: 20_000,
        ..EncoderConfig::new(size(320, 240), 30)
    };
    let mut encoder = H264Encoder::new(config).expect("an encoder");
    let beginning = Instant::now();
    let (mut encoded, mut key_frames) = (0, 0);
    for number in 0..150 {
        if number == 75 {
            encoder.request_key_frame();
        }
        match encoder.encode(&frame(config.resolution, number, beginning)) {
            Ok(access_unit) => {
                assert_eq!(access_unit.number, number);
                assert!(!access_unit.data.is_empty(), "frame {number} is empty");
                encoded += 1;
                key_frames += u32::from(access_unit.key_frame);
            }
            Err(error) => assert_eq!(error, EncodeError::Skipped { number }),
        }
    }
    assert!((2..150).contains(&encoded), "{encoded} of 150 were encoded");
    assert_eq!(key_frames, 2, "the first, and the one that was asked for");
}

#[test]
fn another_bitrate_is_kept_without_a_key_frame() {
    let _rule = RULES.rule("the bitrate of a running encoder can be changed");
    let config = EncoderConfig::new(size(320, 240), 30);
    let mut encoder = H264Encoder::new(config).expect("an encoder");
    let beginning = Instant::now();
    let mut number = 0;
    // The bits of the third second after each change: until then the encoder uses up what it has saved.
    let mut bits_at = |bitrate: u32| {
        encoder.set_bitrate(bitrate);
        let mut bits = 0;
        for second in 0..3 {
            bits = 0;
            for _ in 0..30 {
                let frame = frame(config.resolution, number, beginning);
                if let Ok(access_unit) = encoder.encode(&frame) {
                    bits += access_unit.data.len() * 8;
                    assert_eq!(access_unit.key_frame, number == 0, "second {second}");
                }
                number += 1;
            }
        }
        bits
    };
    for bitrate in [400_000, 125_000, 250_000] {
        let bits = bits_at(bitrate);
        let near = bitrate as usize / 2..bitrate as usize * 5 / 4;
        assert!(near.contains(&bits), "{bitrate} bit/s wanted, {bits} made");
    }
}

#[test]
fn the_bitrate_stays_near_what_was_asked_for() {
    let _rule = RULES.rule("the encoder keeps to its bitrate");
    let config = EncoderConfig::new(size(320, 240), 30);
    let mut encoder = H264Encoder::new(config).expect("an encoder");
    let beginning = Instant::now();
    let bytes = (0..150).map(|number| {
        let access_unit = encoder.encode(&frame(config.resolution, number, beginning));
        access_unit.map_or(0, |access_unit| access_unit.data.len())
    });
    let bits_per_second = bytes.sum::<usize>() * 8 / 5;
    let wanted = config.bitrate as usize;
    assert!(
        (wanted / 2..wanted * 5 / 4).contains(&bits_per_second),
        "grain costs more than there is, so {wanted} should be used up: {bits_per_second}"
    );
}

#[test]
fn a_frame_of_another_size_begins_with_a_key_frame() {
    let _rule = RULES.rule(
        "another size is another sequence, which begins with an IDR picture (ITU-T H.264 §3)",
    );
    let mut encoder = H264Encoder::new(EncoderConfig::new(size(320, 240), 30)).expect("an encoder");
    let beginning = Instant::now();
    let sizes = [
        size(320, 240),
        size(320, 240),
        size(176, 144),
        size(320, 240),
    ];
    let key_frames = sizes.iter().zip(0..).map(|(size, number)| {
        encoder
            .encode(&frame(*size, number, beginning))
            .expect("any size")
            .key_frame
    });
    assert_eq!(key_frames.collect::<Vec<_>>(), [true, false, true, true]);
}

#[test]
fn a_frame_that_is_too_large_is_refused_with_a_hint() {
    let _rule = RULES.rule("a frame beyond the highest level of H.264 is refused, with a hint");
    let mut encoder =
        H264Encoder::new(EncoderConfig::new(Resolution::VGA, 30)).expect("an encoder");
    let error = encoder.encode(&VideoFrame::black(size(4096, 4096)));
    let error = error.expect_err("4096x4096 is beyond level 5.2");
    assert!(matches!(error, EncodeError::Refused { .. }), "{error:?}");
    assert!(error.to_string().contains("--size"), "{error}");
}

#[test]
fn a_request_before_the_first_frame_is_harmless() {
    let _rule = RULES.rule("a PLI may come at any time (RFC 4585 §6.3.1)");
    let mut encoder = H264Encoder::new(EncoderConfig::new(size(32, 32), 30)).expect("an encoder");
    encoder.request_key_frame();
    assert!(
        encoder
            .encode(&frame(size(32, 32), 0, Instant::now()))
            .expect("a frame")
            .key_frame
    );
}

#[test]
fn the_bitrate_follows_size_and_frame_rate() {
    let _rule = RULES.rule("the bitrate follows from the size and the frame rate");
    assert_eq!(EncoderConfig::new(Resolution::VGA, 30).bitrate, 1_658_880);
    assert_eq!(
        EncoderConfig::new(size(16, 16), 1).bitrate,
        100_000,
        "not less than a frame needs"
    );
    assert_eq!(
        EncoderConfig::new(size(4096, 2160), 120).bitrate,
        20_000_000,
        "not more than a network has"
    );
}
