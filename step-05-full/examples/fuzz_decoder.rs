//! Sends damaged streams through the check and the decoder, as the program does with a stranger's.
//!
//! `cargo run -p step-05-full --example fuzz_decoder -- --seconds 60 --seed 1`
//!
//! A crash is the only failure. What a plain build survives unnoticed, AddressSanitizer reports (Linux with GCC):
//!
//! ```sh
//! export CXXFLAGS="-fsanitize=address -g" OPENH264_NO_ASM=1
//! cargo rustc -p step-05-full --example fuzz_decoder -- -Clink-arg=-lasan
//! LD_PRELOAD=$(gcc -print-file-name=libasan.so) target/debug/examples/fuzz_decoder --seconds 60
//! ```

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Parser;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use step_01_capture::{Resolution, VideoFrame};
use step_05_full::receive::bitstream::stream_limits::StreamLimits;
use step_05_full::receive::decoder::H264Decoder;
use step_05_full::receive::frame_decoder::DecodeError;
use step_05_full::send::encoder::{EncoderConfig, H264Encoder};

#[derive(Parser)]
struct Arguments {
    /// How long
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Where the random numbers begin; one seed makes the same streams every time
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// NAL units without start codes.
type AccessUnit = Vec<Vec<u8>>;
type Stream = Vec<AccessUnit>;

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut random = StdRng::seed_from_u64(arguments.seed);
    let seeds = seeds()?;
    let (began, duration) = (
        Instant::now(),
        Duration::try_from_secs_f64(arguments.seconds)?,
    );
    let (mut streams, mut outcomes) = (0, BTreeMap::new());
    while began.elapsed() < duration {
        let mut stream = seeds[random.random_range(0..seeds.len())].clone();
        for _ in 0..random.random_range(0..5) {
            let donor = &seeds[random.random_range(0..seeds.len())];
            damage(&mut stream, donor, &mut random);
        }
        decode(&stream, &mut outcomes)?;
        streams += 1;
    }
    println!("{streams} streams of seed {}", arguments.seed);
    for (outcome, count) in outcomes {
        println!("{count:>9} access units: {outcome}");
    }
    Ok(())
}

fn decode(stream: &Stream, outcomes: &mut BTreeMap<String, u64>) -> Result<()> {
    let mut decoder = H264Decoder::new(StreamLimits::LEVEL_3_1)?;
    for access_unit in stream {
        let outcome = match decoder.decode(&joined(access_unit)) {
            Ok(Some(_)) => "decoded".to_owned(),
            Ok(None) => "without a frame".to_owned(),
            Err(DecodeError::AccessUnit(error)) => format!("not decoded, {error}"),
            Err(error) => error.to_string(),
        };
        *outcomes.entry(outcome).or_default() += 1;
    }
    Ok(())
}

/// Our encoder's streams, x264's, and the access units that made the decoder write beyond its memory.
fn seeds() -> Result<Vec<Stream>> {
    let files = [
        [
            include_bytes!("../tests/decoder-crash/ungated-1.au").as_slice(),
            include_bytes!("../tests/decoder-crash/ungated-2.au"),
            include_bytes!("../tests/decoder-crash/ungated-3.au"),
        ],
        [
            include_bytes!("../tests/decoder-crash/gated-1.au"),
            include_bytes!("../tests/decoder-crash/gated-2.au"),
            include_bytes!("../tests/decoder-crash/gated-3.au"),
        ],
    ];
    let mut seeds: Vec<Stream> = files.map(|units| units.map(nal_units).to_vec()).to_vec();
    for stream in [
        include_bytes!("../tests/streams/slices.h264").as_slice(),
        include_bytes!("../tests/streams/cropped.h264"),
    ] {
        // Each access unit begins with a delimiter, NAL unit type 9.
        let nal_units = nal_units(stream);
        let access_units = nal_units.chunk_by(|_, next| next[0] & 0x1f != 9);
        seeds.push(access_units.map(<[_]>::to_vec).collect());
    }
    for (width, height) in [(16, 16), (48, 32), (64, 64)] {
        seeds.push(own_stream(Resolution::new(width, height)?)?);
    }
    Ok(seeds)
}

/// Frames that become brighter; every third is a key frame.
fn own_stream(resolution: Resolution) -> Result<Stream> {
    let mut encoder = H264Encoder::new(EncoderConfig::new(resolution, 30))?;
    let mut stream = Stream::new();
    for number in 0..6u8 {
        let mut frame = VideoFrame::black(resolution);
        for (luma, at) in frame.planes_mut().y.iter_mut().zip(0u32..) {
            *luma = (at * at % 61) as u8 + 20 * number;
        }
        if number % 3 == 0 {
            encoder.request_key_frame();
        }
        stream.push(nal_units(&encoder.encode(&frame)?.data));
    }
    Ok(stream)
}

/// Changes something, from whole access units down to a bit.
fn damage(stream: &mut Stream, donor: &Stream, random: &mut StdRng) {
    let (at, from) = (
        random.random_range(0..stream.len()),
        random.random_range(0..donor.len()),
    );
    let several = stream.len() > 1;
    let access_unit = &mut stream[at];
    let nal_unit = random.random_range(0..access_unit.len());
    match random.random_range(0..12) {
        0 => stream.insert(at, donor[from].clone()),
        1 if several => drop(stream.remove(at)),
        2 if access_unit.len() > 1 => drop(access_unit.remove(nal_unit)),
        3 => access_unit.insert(nal_unit, access_unit[nal_unit].clone()),
        4 => access_unit.insert(nal_unit, donor[from][nal_unit % donor[from].len()].clone()),
        5 => access_unit.reverse(),
        _ => damage_bytes(&mut access_unit[nal_unit], random),
    }
}

/// Changes bits or the length. The first bytes, which say what follows, are changed as often as all the others.
fn damage_bytes(nal_unit: &mut Vec<u8>, random: &mut StdRng) {
    let within = if random.random() {
        nal_unit.len()
    } else {
        nal_unit.len().min(30)
    };
    let at = random.random_range(0..within);
    match random.random_range(0..8) {
        0 => nal_unit.truncate(at.max(1)),
        1 => nal_unit.insert(at, random.random()),
        2 if nal_unit.len() > 1 => drop(nal_unit.remove(at)),
        3 => nal_unit[at] = random.random(),
        _ => nal_unit[at] ^= 1 << random.random_range(0..8),
    }
}

fn nal_units(byte_stream: &[u8]) -> AccessUnit {
    let without_start_code = |nal_unit: &[u8]| {
        let zeros = nal_unit.iter().take_while(|byte| **byte == 0).count();
        nal_unit[zeros + 1..].to_vec()
    };
    let nal_units = openh264::nal_units(byte_stream).map(without_start_code);
    nal_units.filter(|nal_unit| !nal_unit.is_empty()).collect()
}

fn joined(access_unit: &AccessUnit) -> Vec<u8> {
    let with_start_code = |nal_unit: &Vec<u8>| [&[0, 0, 0, 1], nal_unit.as_slice()].concat();
    access_unit.iter().flat_map(with_start_code).collect()
}
