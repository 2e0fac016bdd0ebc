//! The cost of one 640x480 frame on its way, and of a call.
//!
//! `cargo bench -p step-05-full` measures the optimised build; `cargo bench -p step-05-full --profile dev` measures what a
//! reader runs. The name of each figure says which it was.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use rtc::rtp::Packet;
use step_01_capture::call_log::EventKind;
use step_01_capture::display::rgb::write_0rgb;
use step_01_capture::latest_frame::{LatestFrameWriter, latest_frame};
use step_01_capture::{
    MediaStream, MediaStreamConstraints, NextFrame, Resolution, SourceChoice, Timeline, VideoFrame,
    get_user_media,
};
use step_02_peer::PeerConfig;
use step_05_full::access_unit::AccessUnit;
use step_05_full::call::{Call, LocalVideo};
use step_05_full::receive::bitstream::stream_limits::StreamLimits;
use step_05_full::receive::decoder::H264Decoder;
use step_05_full::receive::frame_assembler::FrameAssembler;
use step_05_full::send::encoder::{EncoderConfig, H264Encoder};
use step_05_full::send::h264_packetizer::{H264Packetizer, RtpStreamStart};
use tokio::runtime::Runtime;

const PROFILE: &str = if cfg!(debug_assertions) {
    "dev"
} else {
    "release"
};

/// Two seconds of a frame that moves by four pixels a frame, behind a little grain.
fn frames() -> Vec<VideoFrame> {
    let beginning = Instant::now();
    let frame = |number: u64| {
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
    (0..60).map(frame).collect()
}

fn encoder() -> H264Encoder {
    H264Encoder::new(EncoderConfig::new(Resolution::VGA, 30)).expect("an encoder")
}

fn encoded(frames: &[VideoFrame]) -> Vec<AccessUnit> {
    let mut encoder = encoder();
    frames
        .iter()
        .map(|frame| encoder.encode(frame).expect("a frame"))
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

/// Time goes on while the frames repeat: the encoder spends bits by the clock.
fn encode(criterion: &mut Criterion) {
    let frames = frames();
    let (mut encoder, mut next) = (encoder(), frames.iter().cycle());
    let mut captured_at = Instant::now();
    criterion.bench_function(&format!("{PROFILE}: encode a frame"), |bencher| {
        let next_frame = || {
            captured_at += Duration::from_micros(33_333);
            let mut frame = next.next().expect("a cycle has no end").clone();
            frame.captured_at = captured_at;
            frame
        };
        bencher.iter_batched(
            next_frame,
            |frame| encoder.encode(&frame),
            BatchSize::SmallInput,
        );
    });
}

fn packetize(criterion: &mut Criterion) {
    let access_units = encoded(&frames());
    let (mut packetizer, mut next) = (packetizer(), access_units.iter().cycle());
    criterion.bench_function(&format!("{PROFILE}: packetize a frame"), |bencher| {
        bencher.iter(|| {
            next.next()
                .map(|access_unit| packetizer.packetize(access_unit))
        });
    });
}

/// The stream begins anew in each round, so the figure is for its sixty frames together.
fn assemble(criterion: &mut Criterion) {
    let mut packetizer = packetizer();
    let packets = |access_unit: &AccessUnit| packetizer.packetize(access_unit);
    let packets: Vec<Packet> = encoded(&frames()).iter().flat_map(packets).collect();
    let now = Instant::now();
    criterion.bench_function(&format!("{PROFILE}: assemble 60 frames"), |bencher| {
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
    let access_units = encoded(&frames());
    let mut decoder = H264Decoder::new(StreamLimits::LEVEL_5_2).expect("a decoder");
    let mut next = access_units.iter().cycle();
    criterion.bench_function(&format!("{PROFILE}: decode a frame"), |bencher| {
        bencher.iter(|| {
            let access_unit = next.next().expect("a cycle has no end");
            let frame = decoder.decode(&access_unit.data).expect("our own stream");
            frame.expect("one in, one out")
        });
    });
}

fn convert(criterion: &mut Criterion) {
    let frame = &frames()[0];
    let mut window = vec![0; Resolution::VGA.pixels()];
    criterion.bench_function(
        &format!("{PROFILE}: convert a frame for the window"),
        |bencher| {
            bencher.iter(|| write_0rgb(frame, black_box(&mut window), Resolution::VGA.width()));
        },
    );
}

/// What the log of a call, which `--report` draws, takes for a packet of media at one of its ends.
fn record(criterion: &mut Criterion) {
    let (timeline, packet) = (Timeline::new(), [0x80; 1200]);
    let route = (([127, 0, 0, 1], 1).into(), ([127, 0, 0, 1], 2).into());
    criterion.bench_function(&format!("{PROFILE}: record a packet"), |bencher| {
        bencher.iter(|| {
            let (log, packet) = (timeline.call_log(), black_box(&packet));
            log.datagram("local", EventKind::Sent, "RTP", route, packet, 1);
        });
    });
}

fn network() -> Runtime {
    let network = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    network.expect("a runtime for the measurement")
}

fn pattern() -> MediaStream {
    let constraints = MediaStreamConstraints {
        source: SourceChoice::Pattern,
        ..MediaStreamConstraints::default()
    };
    get_user_media(&constraints, &Timeline::new()).expect("the pattern always opens")
}

async fn start(video: LocalVideo, frames: LatestFrameWriter) -> Call {
    let call = Call::start(video, PeerConfig::loopback(), &Timeline::new(), frames).await;
    call.expect("a call on loopback")
}

async fn connect_once(video: LocalVideo) -> Duration {
    let (frames, _remote) = latest_frame();
    let call = start(video, frames).await;
    while call.stats().setup.is_none() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    call.hang_up().await.0.setup.unwrap_or_default()
}

/// From Call to connected: the codelab's "Setup time". Hanging up is not counted.
fn set_up(criterion: &mut Criterion) {
    let (network, stream) = (network(), pattern());
    criterion.bench_function(&format!("{PROFILE}: set up a call"), |bencher| {
        bencher.iter_custom(|rounds| {
            let set_up = |_| network.block_on(connect_once(LocalVideo::new(&stream, 1)));
            (0..rounds).map(set_up).sum()
        });
    });
}

/// From capture to decoded, over the network: the mean of the frames that come one by one, thirty a second.
fn the_whole_way(criterion: &mut Criterion) {
    let (network, stream) = (network(), pattern());
    let (frames, mut remote) = latest_frame();
    let call = network.block_on(start(LocalVideo::new(&stream, 1), frames));
    // The first frame waits for the connection: it is no measure of the way.
    remote.next(Duration::from_secs(5));
    criterion.bench_function(&format!("{PROFILE}: capture to decoded"), |bencher| {
        bencher.iter_custom(|rounds| {
            let latency = |_| match remote.next(Duration::from_secs(1)) {
                NextFrame::Frame(frame) => frame.captured_at.elapsed(),
                NextFrame::TimedOut | NextFrame::Ended => Duration::from_secs(1),
            };
            (0..rounds).map(latency).sum()
        });
    });
    let (stats, _) = network.block_on(call.hang_up());
    println!("{stats}");
}

criterion_group!(media, encode, packetize, assemble, decode, convert, record);
criterion_group! {
    name = calls;
    // A frame comes every 33 ms, whatever it costs.
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(8));
    targets = set_up, the_whole_way
}
criterion_main!(media, calls);
