//! H.264 to frames, from our encoder and from anyone.

mod moving_frames;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::time::Instant;

use moving_frames::{frame, seeded, size, stream};
use rand::RngExt;
use rule::Rules;
use step_01_capture::{Resolution, VideoFrame};
use step_05_full::receive::bitstream::access_unit_error::AccessUnitError;
use step_05_full::receive::bitstream::stream_limits::StreamLimits;
use step_05_full::receive::decoder::H264Decoder;
use step_05_full::receive::frame_decoder::DecodeError;

const RULES: Rules = Rules::kept_in("step-05-full/src/receive/decoder.rs");

fn mean_difference(a: &VideoFrame, b: &VideoFrame) -> f64 {
    let differences = a
        .y()
        .iter()
        .zip(b.y())
        .map(|(a, b)| f64::from(a.abs_diff(*b)));
    differences.sum::<f64>() / a.y().len() as f64
}

#[test]
fn one_access_unit_in_is_one_frame_out() {
    let _rule = RULES.rule("an access unit is one frame, and it comes at once (ITU-T H.264 §3)");
    let mut decoder = H264Decoder::new(StreamLimits::LEVEL_5_2).expect("a decoder");
    for access_unit in stream(Resolution::VGA, 10, &[]) {
        let decoded = decoder.decode(&access_unit.data).expect("our own stream");
        let decoded = decoded.expect("the frame itself, not one later");
        let sent = frame(Resolution::VGA, access_unit.number, Instant::now());
        let difference = mean_difference(&sent, &decoded);
        assert!(
            difference < 8.0,
            "frame {} differs by {difference}",
            access_unit.number
        );
    }
}

#[test]
fn a_stream_joined_in_the_middle_needs_a_key_frame() {
    let _rule =
        RULES.rule("decoding begins at an IDR picture with its parameter sets (ITU-T H.264 §3)");
    let stream = stream(size(320, 240), 4, &[3]);
    let mut decoder = H264Decoder::new(StreamLimits::LEVEL_5_2).expect("a decoder");
    assert_eq!(
        decoder.decode(&stream[1].data),
        Err(DecodeError::AccessUnit(AccessUnitError::NoParameterSets))
    );
    assert!(
        matches!(decoder.decode(&stream[3].data), Ok(Some(_))),
        "the key frame can be decoded"
    );
}

#[test]
fn a_frame_that_refers_to_a_lost_one_is_never_shown() {
    let _rule = RULES.rule("what refers to a lost frame waits for an IDR picture (ITU-T H.264 §3)");
    let stream = stream(size(320, 240), 5, &[4]);
    let mut decoder = H264Decoder::new(StreamLimits::LEVEL_5_2).expect("a decoder");
    assert!(matches!(decoder.decode(&stream[0].data), Ok(Some(_))));
    let after_loss = decoder.decode(&stream[2].data);
    assert!(
        !matches!(after_loss, Ok(Some(_))),
        "frame 1 is missing: {after_loss:?}"
    );
    assert!(
        matches!(decoder.decode(&stream[4].data), Ok(Some(_))),
        "the key frame can be decoded"
    );
}

#[test]
fn the_size_comes_from_the_stream_and_may_change() {
    let _rule = RULES.rule("the parameter set has size and cropping (ITU-T H.264 §7.4.2.1.1)");
    let mut decoder = H264Decoder::new(StreamLimits::LEVEL_5_2).expect("a decoder");
    // 180 is no multiple of 16: the encoder codes 192 rows, and its cropping cuts the last 12 off.
    for resolution in [size(320, 180), size(64, 48), Resolution::VGA] {
        let stream = stream(resolution, 2, &[]);
        let decoded = decoder
            .decode(&stream[0].data)
            .expect("a key frame of any size");
        assert_eq!(decoded.map(|frame| frame.resolution()), Some(resolution));
    }
}

#[test]
fn parameter_sets_alone_are_no_frame_and_no_error() {
    let _rule = RULES.rule("parameter sets are no frame (ITU-T H.264 §3)");
    let key_frame = &stream(size(320, 240), 1, &[])[0].data;
    let until_idr: usize = openh264::nal_units(key_frame)
        .take(2)
        .map(<[u8]>::len)
        .sum();
    let mut decoder = H264Decoder::new(StreamLimits::LEVEL_5_2).expect("a decoder");
    assert_eq!(decoder.decode(&key_frame[..until_idr]), Ok(None));
}

#[test]
fn damaged_data_is_an_error_or_a_frame_and_never_a_crash() {
    let _rule = RULES.rule("whatever comes is an error or a frame, and an IDR picture begins anew");
    let mut random = seeded(1);
    let stream = stream(size(160, 120), 20, &[5, 10, 15]);
    let mut decoder = H264Decoder::new(StreamLimits::LEVEL_5_2).expect("a decoder");
    for _ in 0..20 {
        for access_unit in &stream {
            let mut data = access_unit.data.to_vec();
            for _ in 0..random.random_range(0..4) {
                let at = random.random_range(0..data.len());
                data[at] = random.random();
            }
            data.truncate(random.random_range(1..=data.len()));
            let _ = decoder.decode(&data);
        }
    }
    let decoded = decoder.decode(&stream[0].data);
    assert!(
        matches!(decoded, Ok(Some(_))),
        "a key frame can always be decoded: {decoded:?}"
    );
}
