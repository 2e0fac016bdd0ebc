//! Material for the tests: frames of a video that moves, and the stream that the real encoder makes of it.
#![allow(dead_code, reason = "each test file uses its part")]

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use rtc::rtp::Packet;
use step_01_capture::{Resolution, VideoFrame};
use step_05_full::access_unit::AccessUnit;
use step_05_full::send::encoder::{EncoderConfig, H264Encoder};
use step_05_full::send::h264_packetizer::{H264Packetizer, RtpStreamStart};

pub(crate) const FRAME_INTERVAL: Duration = Duration::from_micros(33_333);

pub(crate) fn size(width: u32, height: u32) -> Resolution {
    Resolution::new(width, height).expect("the test asks for an even size")
}

/// A slope of brightness that moves, with grain so that every frame costs bits.
pub(crate) fn frame(resolution: Resolution, number: u64, beginning: Instant) -> VideoFrame {
    let mut frame = VideoFrame::black(resolution);
    let mut grain = vec![0; resolution.pixels()];
    StdRng::seed_from_u64(number).fill_bytes(&mut grain);
    let planes = frame.planes_mut();
    let slope: Vec<u8> = (16..216).cycle().take(200 + resolution.width()).collect();
    let lines = planes.y.chunks_exact_mut(resolution.width());
    let grain = grain.chunks_exact(resolution.width());
    for (row, (line, grain)) in lines.zip(grain).enumerate() {
        let slope = &slope[(row + 4 * number as usize) % 200..];
        for ((y, slope), grain) in line.iter_mut().zip(slope).zip(grain) {
            *y = slope + grain % 8;
        }
    }
    planes.u.fill(100 + (number % 50) as u8);
    frame.number = number;
    frame.captured_at = beginning + FRAME_INTERVAL * number as u32;
    frame
}

/// The first `count` frames, encoded; a key frame at 0 and wherever `key_frames` says.
pub(crate) fn stream(resolution: Resolution, count: u64, key_frames: &[u64]) -> Vec<AccessUnit> {
    let beginning = Instant::now();
    let mut encoder = H264Encoder::new(EncoderConfig::new(resolution, 30)).expect("an encoder");
    let encode = |number| {
        if key_frames.contains(&number) {
            encoder.request_key_frame();
        }
        let frame = frame(resolution, number, beginning);
        encoder.encode(&frame).expect("every frame can be encoded")
    };
    (0..count).map(encode).collect()
}

/// The packets of a stream, frame by frame. The sequence numbers wrap on the way.
pub(crate) fn packets(stream: &[AccessUnit]) -> Vec<Vec<Packet>> {
    let start = RtpStreamStart {
        sequence_number: 65_500,
        timestamp: u32::MAX - 10_000,
    };
    let mut packetizer = H264Packetizer::new(102, 0x5eed, start);
    stream
        .iter()
        .map(|access_unit| packetizer.packetize(access_unit))
        .collect()
}

/// Reproducible chance.
pub(crate) fn seeded(seed: u64) -> impl RngExt {
    StdRng::seed_from_u64(seed)
}
