//! What the decoder may see of a stranger's stream.

mod moving_frames;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use moving_frames::{seeded, size, stream};
use rand::RngExt;
use rule::Rules;
use step_05_full::receive::bitstream::access_unit_check::{AccessUnitCheck, CheckedAccessUnit};
use step_05_full::receive::bitstream::access_unit_error::AccessUnitError;
use step_05_full::receive::bitstream::stream_limits::StreamLimits;
use step_05_full::receive::decoder::H264Decoder;

const RULES: Rules = Rules::kept_in("step-05-full/src/receive/bitstream/access_unit_check.rs");
const START_CODE: [u8; 4] = [0, 0, 0, 1];

fn check() -> AccessUnitCheck {
    AccessUnitCheck::new(StreamLimits::LEVEL_3_1)
}

/// Our own stream, 64x48: key frames at 0 and 3.
fn own_stream() -> Vec<Vec<u8>> {
    let stream = stream(size(64, 48), 5, &[3]);
    stream.iter().map(|unit| unit.data.to_vec()).collect()
}

/// Streams of x264, which begin each access unit with a delimiter: one with four slices a frame, one cropped.
fn foreign_streams() -> Vec<Vec<Vec<u8>>> {
    const DELIMITER: [u8; 5] = [0, 0, 0, 1, 9];
    let files = [
        include_bytes!("streams/slices.h264").as_slice(),
        include_bytes!("streams/cropped.h264"),
    ];
    let access_units = |file: &[u8]| {
        let begins = (0..file.len()).filter(|at| file[*at..].starts_with(&DELIMITER));
        let begins: Vec<_> = begins.chain([file.len()]).collect();
        let units = begins
            .windows(2)
            .map(|pair| file[pair[0]..pair[1]].to_vec());
        units.collect()
    };
    files.into_iter().map(access_units).collect()
}

/// Access units that made the decoder write beyond its memory: in this order, without a check.
fn crashes() -> [[&'static [u8]; 3]; 2] {
    [
        // The second brings a larger SPS, and the third refers to frames that were never there.
        [
            include_bytes!("decoder-crash/ungated-1.au"),
            include_bytes!("decoder-crash/ungated-2.au"),
            include_bytes!("decoder-crash/ungated-3.au"),
        ],
        // The same, and each passes for a key frame.
        [
            include_bytes!("decoder-crash/gated-1.au"),
            include_bytes!("decoder-crash/gated-2.au"),
            include_bytes!("decoder-crash/gated-3.au"),
        ],
    ]
}

/// The NAL units of an access unit, without start codes and the zeros around them.
fn nal_units(access_unit: &[u8]) -> Vec<Vec<u8>> {
    let trimmed = |nal_unit: &[u8]| {
        let is_data = |byte: &u8| *byte != 0;
        let start = nal_unit.iter().position(is_data).expect("a start code");
        let end = nal_unit.iter().rposition(is_data).expect("a NAL unit");
        nal_unit[start + 1..=end].to_vec()
    };
    openh264::nal_units(access_unit).map(trimmed).collect()
}

fn joined(nal_units: &[Vec<u8>]) -> Vec<u8> {
    let with_start_code = |nal_unit: &Vec<u8>| [&START_CODE, nal_unit.as_slice()].concat();
    nal_units.iter().flat_map(with_start_code).collect()
}

/// What came of an access unit: None for an error or no frame, else whether it begins a sequence.
fn begins(checked: Result<Option<CheckedAccessUnit>, AccessUnitError>) -> Option<bool> {
    checked
        .ok()
        .flatten()
        .map(|checked| checked.begins_sequence)
}

#[test]
fn decoding_begins_at_a_key_frame_with_its_parameter_sets() {
    let _rule = RULES.rule("decoding begins with SPS, PPS and IDR picture (ITU-T H.264 §3)");
    let stream = own_stream();
    let without_sets = joined(&nal_units(&stream[3])[2..]);
    let mut check = check();
    for too_early in [&stream[1], &without_sets] {
        let checked = check.check(too_early);
        assert_eq!(checked, Err(AccessUnitError::NoParameterSets));
    }
    assert_eq!(begins(check.check(&stream[0])), Some(true));
    assert_eq!(begins(check.check(&stream[1])), Some(false));
    assert_eq!(
        begins(check.check(&without_sets)),
        Some(false),
        "within a sequence, an IDR picture uses the parameter sets that are in force"
    );
}

#[test]
fn after_an_error_it_begins_anew() {
    let _rule = RULES.rule("after an error only a key frame with its parameter sets may follow");
    let stream = own_stream();
    let mut check = check();
    assert_eq!(begins(check.check(&stream[0])), Some(true));
    assert!(check.check(&[1, 2, 3]).is_err());
    let after_error = check.check(&stream[1]);
    assert_eq!(after_error, Err(AccessUnitError::NoParameterSets));
    assert_eq!(begins(check.check(&stream[3])), Some(true));
}

#[test]
fn parameter_sets_that_come_again_do_not_reach_the_decoder() {
    let _rule = RULES.rule("a decoder sees the parameter sets of its sequence once");
    let stream = own_stream();
    let mut check = check();
    assert_eq!(begins(check.check(&stream[0])), Some(true));
    let again = check.check(&stream[3]).expect("our own stream");
    let again = again.expect("a frame");
    assert!(!again.begins_sequence, "they are the same");
    let kinds: Vec<_> = nal_units(&again.data)
        .iter()
        .map(|nal| nal[0] & 0x1f)
        .collect();
    assert!(
        kinds.iter().all(|kind| *kind == 5),
        "NAL unit types {kinds:?}"
    );
}

#[test]
fn parameter_sets_between_slices_reach_the_decoder_before_the_first() {
    let _rule = RULES.rule("parameter sets come before the slices that use them");
    let key_frame = nal_units(&foreign_streams()[0][0]);
    // Delimiter, SPS, PPS, SEI, and four slices.
    let (sets, slices) = (&key_frame[1..3], &key_frame[4..]);
    let before_each_slice: Vec<_> = slices
        .iter()
        .flat_map(|slice| sets.iter().chain([slice]).cloned())
        .collect();
    let checked = check().check(&joined(&before_each_slice));
    let once = joined(&[sets, slices].concat());
    assert_eq!(
        checked.map(|unit| unit.map(|unit| unit.data)),
        Ok(Some(once))
    );
    let mut other_pps = sets[1].clone();
    // constrained_intra_pred_flag
    *other_pps.last_mut().expect("a PPS") ^= 0x08;
    let changed = [sets, &slices[..1], &[other_pps], &slices[1..]].concat();
    let checked = check().check(&joined(&changed));
    assert!(
        matches!(checked, Err(AccessUnitError::Malformed(_))),
        "{checked:?}"
    );
}

#[test]
fn other_parameter_sets_begin_another_sequence() {
    let _rule = RULES.rule("another SPS means another decoder");
    let (small, large) = (own_stream(), stream(size(96, 64), 2, &[]));
    let mut check = check();
    assert_eq!(begins(check.check(&small[0])), Some(true));
    assert_eq!(begins(check.check(&large[0].data)), Some(true));
    assert_eq!(begins(check.check(&large[1].data)), Some(false));
}

#[test]
fn parameter_sets_change_with_a_key_frame_only() {
    let _rule =
        RULES.rule("an SPS in force changes with an IDR picture only (ITU-T H.264 §7.4.1.2.1)");
    let (small, large) = (own_stream(), stream(size(96, 64), 1, &[]));
    let sps = nal_units(&large[0].data).remove(0);
    let mut check = check();
    assert_eq!(begins(check.check(&small[0])), Some(true));
    let with_other_sps = [joined(&[sps]), small[1].clone()].concat();
    let checked = check.check(&with_other_sps);
    assert!(
        matches!(checked, Err(AccessUnitError::Malformed(_))),
        "{checked:?}"
    );
}

#[test]
fn slices_cover_the_frame_from_its_first_macroblock_on() {
    let _rule = RULES.rule("slices come in the order of their macroblocks (ITU-T H.264 §7.4.3)");
    let key_frame = nal_units(&foreign_streams()[0][0]);
    // Delimiter, SPS, PPS, SEI, and four slices.
    let with_slices = |slices: &[usize]| {
        let slices = slices.iter().map(|slice| key_frame[4 + slice].clone());
        let nal_units: Vec<_> = key_frame[..4].iter().cloned().chain(slices).collect();
        begins(check().check(&joined(&nal_units)))
    };
    assert_eq!(with_slices(&[0, 1, 2, 3]), Some(true));
    assert_eq!(with_slices(&[1, 2, 3]), None, "the first is missing");
    assert_eq!(with_slices(&[0, 2, 1, 3]), None, "two are swapped");
    assert_eq!(with_slices(&[0, 1, 1, 2, 3]), None, "one comes twice");
}

#[test]
fn an_access_unit_is_one_frame() {
    let _rule = RULES.rule("an access unit has the slices of one frame (ITU-T H.264 §7.4.1.2.4)");
    let stream = own_stream();
    let mut check = check();
    assert_eq!(begins(check.check(&stream[0])), Some(true));
    let two_frames = [stream[1].clone(), stream[2].clone()].concat();
    let checked = check.check(&two_frames);
    assert!(
        matches!(checked, Err(AccessUnitError::Malformed(_))),
        "{checked:?}"
    );
}

#[test]
fn what_was_not_negotiated_is_refused() {
    let _rule =
        RULES.rule("profile and level of profile-level-id bound the stream (RFC 6184 §8.1)");
    let too_large = stream(size(1296, 720), 1, &[]);
    let checked = check().check(&too_large[0].data);
    assert!(
        matches!(checked, Err(AccessUnitError::AboveLimit { .. })),
        "{checked:?}"
    );
    let mut high = own_stream().remove(0);
    high[5] = 100;
    let checked = check().check(&high);
    assert!(
        matches!(checked, Err(AccessUnitError::Profile(_))),
        "{checked:?}"
    );
}

#[test]
fn streams_of_other_encoders_are_decoded() {
    let _rule = RULES.rule("delimiters, SEI, slices, cropping and several references are allowed");
    for (stream, resolution) in foreign_streams().iter().zip([size(64, 64), size(42, 46)]) {
        let mut decoder = H264Decoder::new(StreamLimits::LEVEL_3_1).expect("a decoder");
        for (number, access_unit) in stream.iter().enumerate() {
            let decoded = decoder.decode(access_unit);
            let decoded = decoded.map(|frame| frame.map(|frame| frame.resolution()));
            assert_eq!(decoded, Ok(Some(resolution)), "access unit {number}");
        }
    }
}

#[test]
fn what_made_the_decoder_write_beyond_its_memory_does_not_reach_it() {
    let _rule = RULES.rule("the check stands between these access units and the decoder");
    for sequence in crashes() {
        let mut check = check();
        for (number, access_unit) in sequence.iter().enumerate() {
            let checked = check.check(access_unit);
            assert_eq!(begins(checked), None, "access unit {number} passed");
        }
    }
}

#[test]
fn whatever_comes_is_checked_or_refused() {
    let _rule = RULES.rule("no input panics, and what passes is one frame");
    let mut random = seeded(16);
    let mut streams = foreign_streams();
    streams.push(own_stream());
    streams.extend(crashes().map(|sequence| sequence.map(<[u8]>::to_vec).to_vec()));
    let (mut passed, mut refused) = (0, 0);
    for _ in 0..20_000 {
        let mut check = check();
        let stream = &streams[random.random_range(0..streams.len())];
        for access_unit in stream {
            // Mostly the headers: they are what is read.
            let mut data = access_unit[..access_unit.len().min(200)].to_vec();
            for _ in 0..random.random_range(0..3) {
                let at = random.random_range(0..data.len());
                data[at] = random.random();
            }
            match check.check(&data) {
                Ok(Some(checked)) => {
                    assert!(checked.data.starts_with(&START_CODE));
                    passed += 1;
                }
                Ok(None) => {}
                Err(_) => refused += 1,
            }
        }
    }
    let both = passed > 1000 && refused > 1000;
    assert!(both, "{passed} passed and {refused} were refused");
}
