//! The cost of one 640x480 picture on its way, without the network.
//!
//! `cargo bench -p step-05-full` measures the optimised build; `cargo bench -p step-05-full --profile dev` measures what a
//! reader runs. The name of each figure says which it was.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use rtc::rtp::Packet;
use step_01_capture::rgb::write_0rgb;
use step_01_capture::{Resolution, VideoFrame};
use step_05_full::access_unit::AccessUnit;
use step_05_full::decoder::H264Decoder;
use step_05_full::encoder::{EncoderConfig, H264Encoder};
use step_05_full::frame_assembler::FrameAssembler;
use step_05_full::h264_packetizer::{H264Packetizer, RtpStreamStart};

const PROFILE: &str = if cfg!(debug_assertions) {
    "dev"
} else {
    "release"
};

/// Two seconds of a picture that moves by four pixels a frame, behind a little grain.
fn pictures() -> Vec<VideoFrame> {
    let beginning = Instant::now();
    let picture = |number: u64| {
        let mut frame = VideoFrame::black(Resolution::VGA);
        let mut grain = number as u32 + 1;
        for (index, y) in frame.planes_mut().y.iter_mut().enumerate() {
            grain = grain.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (row, column) = (index / 640, index % 640);
            *y = 16 + ((row + column + 4 * number as usize) % 200) as u8 + (grain >> 29) as u8;
        }
        frame.number = number;
        frame.captured_at = beginning + Duration::from_micros(33_333) * number as u32;
        frame
    };
    (0..60).map(picture).collect()
}

fn encoder() -> H264Encoder {
    H264Encoder::new(EncoderConfig::new(Resolution::VGA, 30)).expect("an encoder")
}

fn encoded(pictures: &[VideoFrame]) -> Vec<AccessUnit> {
    let mut encoder = encoder();
    pictures
        .iter()
        .map(|picture| encoder.encode(picture).expect("a picture"))
        .collect()
}

fn packetizer() -> H264Packetizer {
    H264Packetizer::new(
        102,
        1,
        RtpStreamStart {
            sequence_number: 0,
            timestamp: 0,
        },
    )
}

fn encode(criterion: &mut Criterion) {
    let pictures = pictures();
    let (mut encoder, mut next) = (encoder(), pictures.iter().cycle());
    criterion.bench_function(&format!("{PROFILE}: encode a picture"), |bencher| {
        bencher.iter(|| next.next().map(|picture| encoder.encode(picture)));
    });
}

fn packetize(criterion: &mut Criterion) {
    let access_units = encoded(&pictures());
    let (mut packetizer, mut next) = (packetizer(), access_units.iter().cycle());
    criterion.bench_function(&format!("{PROFILE}: packetize a picture"), |bencher| {
        bencher.iter(|| {
            next.next()
                .map(|access_unit| packetizer.packetize(access_unit))
        });
    });
}

/// The stream begins anew in each round, so the figure is for its sixty pictures together.
fn assemble(criterion: &mut Criterion) {
    let mut packetizer = packetizer();
    let packets = |access_unit: &AccessUnit| packetizer.packetize(access_unit);
    let packets: Vec<Packet> = encoded(&pictures()).iter().flat_map(packets).collect();
    let now = Instant::now();
    criterion.bench_function(&format!("{PROFILE}: assemble 60 pictures"), |bencher| {
        let fresh = || (FrameAssembler::new(), packets.clone());
        bencher.iter_batched(
            fresh,
            |(mut assembler, packets)| {
                packets
                    .into_iter()
                    .for_each(|packet| assembler.push(packet, now));
                while let Some(event) = assembler.poll_event() {
                    black_box(event);
                }
                assembler
            },
            BatchSize::LargeInput,
        );
    });
}

fn decode(criterion: &mut Criterion) {
    let access_units = encoded(&pictures());
    let mut decoder = H264Decoder::new().expect("a decoder");
    let mut next = access_units.iter().cycle();
    criterion.bench_function(&format!("{PROFILE}: decode a picture"), |bencher| {
        bencher.iter(|| {
            let access_unit = next.next().expect("a cycle has no end");
            let picture = decoder.decode(&access_unit.data).expect("our own stream");
            picture.expect("one in, one out")
        });
    });
}

fn convert(criterion: &mut Criterion) {
    let picture = &pictures()[0];
    let mut window = vec![0; Resolution::VGA.pixels()];
    criterion.bench_function(
        &format!("{PROFILE}: convert a picture for the window"),
        |bencher| {
            bencher.iter(|| write_0rgb(picture, black_box(&mut window), Resolution::VGA.width()));
        },
    );
}

criterion_group!(media, encode, packetize, assemble, decode, convert);
criterion_main!(media);
