//! The threads that encode and decode: what they skip, what they must not, and that they end.

mod moving_frames;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::sync::Arc;
use std::sync::mpsc::{channel, sync_channel};
use std::thread::yield_now;
use std::time::{Duration, Instant};

use bytes::Bytes;
use moving_frames::{frame, packets, size, stream};
use rule::Rules;
use step_01_capture::latest_frame::latest_frame;
use step_01_capture::{NextFrame, Resolution, VideoFrame};
use step_05_full::access_unit::{AccessUnit, ReceivedAccessUnit};
use step_05_full::figures::capture_log::{Capture, CaptureLog};
use step_05_full::figures::latency::Latencies;
use step_05_full::figures::rtp_stream_stats::OutboundStats;
use step_05_full::receive::bitstream::stream_limits::StreamLimits;
use step_05_full::receive::decoder::H264Decoder;
use step_05_full::receive::decoder_thread::{DecoderThread, QUEUE, Submitted};
use step_05_full::send::encoder::{EncodeError, EncoderConfig};
use step_05_full::send::encoder_thread::EncoderThread;
use tokio::sync::mpsc;

const ENCODER: Rules = Rules::kept_in("step-05-full/src/send/encoder_thread.rs");
const DECODER: Rules = Rules::kept_in("step-05-full/src/receive/decoder_thread.rs");
const LATENCY: Rules = Rules::kept_in("step-05-full/src/figures/latency.rs");
const LOG: Rules = Rules::kept_in("step-05-full/src/figures/capture_log.rs");

fn received(access_unit: &AccessUnit, rtp_timestamp: u32) -> ReceivedAccessUnit {
    let (data, key_frame) = (access_unit.data.clone(), access_unit.key_frame);
    ReceivedAccessUnit {
        data,
        key_frame,
        rtp_timestamp,
    }
}

fn config() -> EncoderConfig {
    EncoderConfig::new(size(160, 120), 30)
}

#[test]
fn a_frame_that_the_network_has_no_room_for_is_not_encoded() {
    let _rule = ENCODER.rule("a frame that cannot be sent is not encoded");
    let (writer, frames) = latest_frame();
    let mut encoder = EncoderThread::start(frames, config()).expect("an encoder");
    let beginning = Instant::now();
    writer.put(Arc::new(frame(size(160, 120), 0, beginning)));
    while encoder.access_units.is_empty() {
        yield_now();
    }
    writer.put(Arc::new(frame(size(160, 120), 1, beginning)));
    drop(writer);
    while encoder.access_units.sender_strong_count() > 0 {
        yield_now();
    }
    assert_eq!(
        encoder
            .access_units
            .blocking_recv()
            .map(|access_unit| access_unit.number),
        Some(0)
    );
    assert_eq!(
        encoder.access_units.blocking_recv(),
        None,
        "frame 1 found the channel full"
    );
    assert_eq!(encoder.stats().frames_encoded, 1);
}

#[test]
fn a_network_that_stalls_costs_frames_and_no_later_one_refers_to_them() {
    let _rule = ENCODER.rule("what was encoded is sent: the next frame refers to it");
    let (writer, frames) = latest_frame();
    let mut encoder = EncoderThread::start(frames, config()).expect("an encoder");
    let beginning = Instant::now();
    let mut access_units = Vec::new();
    for number in 0..120 {
        writer.put(Arc::new(frame(size(160, 120), number, beginning)));
        if number % 3 == 0 {
            access_units.extend(encoder.access_units.try_recv());
        }
    }
    drop(writer);
    while let Some(access_unit) = encoder.access_units.blocking_recv() {
        access_units.push(access_unit);
    }
    let mut decoder = H264Decoder::new(StreamLimits::LEVEL_5_2).expect("a decoder");
    for access_unit in &access_units {
        let decoded = decoder.decode(&access_unit.data);
        assert!(
            matches!(decoded, Ok(Some(_))),
            "frame {}: {decoded:?}",
            access_unit.number
        );
    }
    let stats = encoder.stats();
    assert_eq!(stats.frames_encoded, access_units.len() as u64);
    let (Some(first), Some(last)) = (access_units.first(), access_units.last()) else {
        panic!("the network took no frame");
    };
    let numbers = last.number - first.number + 1;
    assert!(
        stats.frames_encoded <= numbers,
        "no frame is encoded twice: {stats:?}"
    );
}

#[test]
fn a_request_of_the_other_side_makes_the_next_frame_a_key_frame() {
    let _rule = ENCODER.rule("a PLI makes the next frame a key frame (RFC 4585 §6.3.1)");
    let (writer, frames) = latest_frame();
    let mut encoder = EncoderThread::start(frames, config()).expect("an encoder");
    let mut key_frames = Vec::new();
    for number in 0..4 {
        if number == 2 {
            encoder.request_key_frame();
            encoder.request_key_frame();
        }
        writer.put(Arc::new(frame(size(160, 120), number, Instant::now())));
        key_frames.push(
            encoder
                .access_units
                .blocking_recv()
                .expect("an access unit")
                .key_frame,
        );
    }
    assert_eq!(key_frames, [true, false, true, false]);
}

#[test]
fn dropping_the_encoder_thread_ends_it_while_the_camera_runs_on() {
    let _rule = ENCODER.rule("a thread ends with its owner");
    let (writer, frames) = latest_frame();
    let mut encoder = EncoderThread::start(frames, config()).expect("an encoder");
    let mut sent = std::mem::replace(&mut encoder.access_units, mpsc::channel(1).1);
    drop(encoder);
    assert_eq!(
        sent.blocking_recv(),
        None,
        "the thread's end of the channel is gone"
    );
    drop(writer);
}

#[test]
fn every_access_unit_is_decoded_and_knows_when_it_was_captured() {
    let _rule = DECODER.rule("an RTP timestamp leads back to the sampling instant (RFC 3550 §5.1)");
    let sent = stream(Resolution::VGA, 12, &[]);
    let captures = CaptureLog::default();
    let (frames, mut shown) = latest_frame();
    let mut decoder =
        DecoderThread::start(StreamLimits::LEVEL_5_2, frames, captures.clone(), || ())
            .expect("a decoder");
    for (access_unit, packets) in sent.iter().zip(packets(&sent)) {
        let rtp_timestamp = packets[0].header.timestamp;
        let (captured_at, number) = (access_unit.captured_at, access_unit.number);
        captures.record(
            rtp_timestamp,
            Capture {
                captured_at,
                number,
            },
        );
        assert_eq!(
            decoder.submit(received(access_unit, rtp_timestamp)),
            Submitted::Queued
        );
    }
    let stats = decoder.finish();
    assert_eq!(stats.frames_decoded, 12);
    assert!(stats.latency.p50.is_some() && stats.latency.p50 <= stats.latency.p99);
    let last = shown.peek().expect("the last frame stays readable");
    assert_eq!((last.number, last.captured_at), (11, sent[11].captured_at));
    assert!(matches!(shown.next(Duration::ZERO), NextFrame::Frame(_)));
    assert!(matches!(shown.next(Duration::ZERO), NextFrame::Ended));
}

#[test]
fn an_access_unit_that_cannot_be_decoded_asks_for_a_key_frame_once() {
    let _rule = DECODER
        .rule("an access unit that cannot be decoded is answered with a PLI (RFC 4585 §6.3.1)");
    let sent = stream(size(160, 120), 6, &[5]);
    let (frames, shown) = latest_frame();
    let (ask, asked) = channel();
    let need_key_frame = move || ask.send(()).expect("the test listens");
    let captures = CaptureLog::default();
    let mut decoder =
        DecoderThread::start(StreamLimits::LEVEL_5_2, frames, captures, need_key_frame)
            .expect("a decoder");
    for number in [0, 2, 3, 4, 5] {
        assert_eq!(
            decoder.submit(received(&sent[number], 0)),
            Submitted::Queued
        );
    }
    let stats = decoder.finish();
    assert_eq!(
        asked.iter().count(),
        1,
        "frame 2 refers to frame 1, which never came"
    );
    assert_eq!(
        (
            stats.decode_errors,
            stats.frames_dropped,
            stats.frames_decoded
        ),
        (1, 2, 2)
    );
    assert!(shown.peek().is_some());
}

#[test]
fn a_decoder_that_cannot_keep_up_drops_until_the_next_key_frame() {
    let _rule = DECODER.rule("after a frame that was dropped decoding begins at a key frame");
    let sent = stream(size(160, 120), 4, &[3]);
    let (frames, _shown) = latest_frame();
    // The callback holds the decoder's thread, as a slow machine would.
    let (reached, is_reached) = channel();
    let (release, released) = sync_channel::<()>(0);
    let hold = move || {
        let _ = reached.send(());
        let _ = released.recv();
    };
    let mut decoder =
        DecoderThread::start(StreamLimits::LEVEL_5_2, frames, CaptureLog::default(), hold)
            .expect("a decoder");
    let nonsense = Bytes::from_static(&[0, 0, 0, 1, 0x65, 0xff]);
    let nonsense = ReceivedAccessUnit {
        data: nonsense,
        key_frame: true,
        rtp_timestamp: 0,
    };
    assert_eq!(decoder.submit(nonsense), Submitted::Queued);
    is_reached.recv().expect("the decoder refuses nonsense");
    for _ in 0..QUEUE {
        assert_eq!(decoder.submit(received(&sent[1], 0)), Submitted::Queued);
    }
    assert_eq!(
        decoder.submit(received(&sent[1], 0)),
        Submitted::NeedKeyFrame
    );
    assert_eq!(decoder.submit(received(&sent[2], 0)), Submitted::Dropped);
    release.send(()).expect("the decoder waits");
    while decoder.submit(received(&sent[3], 0)) != Submitted::Queued {
        yield_now();
    }
    assert_eq!(
        decoder.finish().frames_decoded,
        1,
        "the key frame and nothing else"
    );
}

#[test]
fn the_decoder_does_not_see_what_refers_to_an_access_unit_that_was_dropped() {
    let _rule = DECODER.rule("after an access unit that is missing decoding begins at a key frame");
    let last = QUEUE as u64 + 3;
    let sent = stream(size(160, 120), last + 1, &[last]);
    let (frames, _shown) = latest_frame();
    let (reached, is_reached) = channel();
    let (release, released) = sync_channel::<()>(0);
    let hold = move || {
        let _ = reached.send(());
        let _ = released.recv();
    };
    let mut decoder =
        DecoderThread::start(StreamLimits::LEVEL_5_2, frames, CaptureLog::default(), hold)
            .expect("a decoder");
    let nonsense = ReceivedAccessUnit {
        data: Bytes::from_static(&[0, 0, 0, 1, 0x65, 0xff]),
        key_frame: true,
        rtp_timestamp: 0,
    };
    assert_eq!(decoder.submit(nonsense), Submitted::Queued);
    is_reached.recv().expect("the decoder refuses nonsense");
    for access_unit in &sent[..QUEUE] {
        assert_eq!(decoder.submit(received(access_unit, 0)), Submitted::Queued);
    }
    assert_eq!(
        decoder.submit(received(&sent[QUEUE], 0)),
        Submitted::NeedKeyFrame
    );
    release.send(()).expect("the decoder waits");
    for access_unit in &sent[QUEUE + 1..] {
        while decoder.submit(received(access_unit, 0)) != Submitted::Queued {
            yield_now();
        }
    }
    let stats = decoder.finish();
    assert_eq!(
        (stats.frames_decoded, stats.key_frames_decoded),
        (QUEUE as u64 + 1, 2),
        "what was queued, and the key frame at the end: {stats:?}"
    );
    assert_eq!(
        stats.decode_errors, 1,
        "the nonsense and nothing else: {stats:?}"
    );
}

#[test]
fn a_percentile_is_one_of_the_latencies_measured() {
    let _rule = LATENCY.rule("a percentile is one of the values measured");
    let mut latencies = Latencies::default();
    assert_eq!(latencies.percentile(50), None);
    (1..=200)
        .rev()
        .for_each(|millis| latencies.record(Duration::from_millis(millis)));
    let percentiles = [0, 50, 99, 100].map(|percent| latencies.percentile(percent));
    assert_eq!(
        percentiles,
        [1, 100, 198, 200].map(|millis| Some(Duration::from_millis(millis)))
    );
}

#[test]
fn the_capture_log_forgets_the_oldest_and_not_the_newest() {
    let _rule = LOG.rule("the capture log has room for the frames on their way");
    let captures = CaptureLog::default();
    let captured_at = Instant::now();
    for number in 0..1000 {
        captures.record(
            number as u32,
            Capture {
                captured_at,
                number,
            },
        );
    }
    assert_eq!(
        captures.find(999),
        Some(Capture {
            captured_at,
            number: 999
        })
    );
    assert_eq!(captures.find(0), None);
}

#[test]
fn the_encoder_counts_each_frame_with_its_bytes() {
    let _rule = ENCODER.rule("the stats of the encoder are those of what it handed to the network");
    let (writer, frames) = latest_frame();
    let mut encoder = EncoderThread::start(frames, config()).expect("an encoder");
    let mut bytes = 0;
    for number in 0..4 {
        encoder.request_key_frame();
        writer.put(Arc::new(frame(size(160, 120), number, Instant::now())));
        bytes += encoder
            .access_units
            .blocking_recv()
            .expect("an access unit")
            .data
            .len() as u64;
    }
    let expected = OutboundStats {
        frames_encoded: 4,
        key_frames_encoded: 4,
        bytes_encoded: bytes,
        ..OutboundStats::default()
    };
    assert_eq!(encoder.stats(), expected);
}

#[test]
fn the_decoder_counts_each_frame_with_its_bytes() {
    let _rule = DECODER.rule("the stats of the decoder are those of what was submitted to it");
    let sent = stream(size(160, 120), 4, &[2]);
    let (frames, _shown) = latest_frame();
    let mut decoder = DecoderThread::start(
        StreamLimits::LEVEL_5_2,
        frames,
        CaptureLog::default(),
        || (),
    )
    .expect("a decoder");
    for access_unit in &sent {
        assert_eq!(decoder.submit(received(access_unit, 0)), Submitted::Queued);
    }
    let stats = decoder.finish();
    let bytes: usize = sent.iter().map(|access_unit| access_unit.data.len()).sum();
    assert_eq!((stats.frames_decoded, stats.key_frames_decoded), (4, 2));
    assert_eq!(stats.bytes_decoded, bytes as u64);
    assert!(stats.first_decoded_at < stats.last_decoded_at);
    assert_eq!(
        stats.latency.p50, None,
        "it is not known when they were captured"
    );
}

#[test]
fn a_decoder_that_was_ended_shows_nothing_more() {
    let _rule = DECODER.rule("what is queued when the decoder is ended is dropped");
    let sent = stream(size(160, 120), 2, &[1]);
    let (frames, mut shown) = latest_frame();
    let mut decoder = DecoderThread::start(
        StreamLimits::LEVEL_5_2,
        frames,
        CaptureLog::default(),
        || (),
    )
    .expect("a decoder");
    decoder.end();
    for access_unit in &sent {
        assert_eq!(decoder.submit(received(access_unit, 0)), Submitted::Dropped);
    }
    assert!(matches!(shown.next(Duration::ZERO), NextFrame::Ended));
    assert_eq!(decoder.stats().frames_dropped, 2);
}

#[test]
fn a_dropped_decoder_has_ended_its_thread() {
    let _rule = DECODER.rule("a thread ends with its owner, whatever is queued");
    let sent = stream(Resolution::VGA, 12, &[]);
    let (frames, mut shown) = latest_frame();
    let mut decoder = DecoderThread::start(
        StreamLimits::LEVEL_5_2,
        frames,
        CaptureLog::default(),
        || (),
    )
    .expect("a decoder");
    for access_unit in &sent {
        assert_eq!(decoder.submit(received(access_unit, 0)), Submitted::Queued);
    }
    drop(decoder);
    // The frame that it was decoding may be there, and no other one.
    if let NextFrame::Frame(frame) = shown.next(Duration::ZERO) {
        assert!(frame.number < 12);
    }
    assert!(matches!(shown.next(Duration::ZERO), NextFrame::Ended));
}

#[test]
fn an_encoder_that_fails_says_why_and_ends() {
    let _rule = ENCODER.rule("a frame that is refused ends the thread, and its error is kept");
    let (writer, frames) = latest_frame();
    let mut encoder = EncoderThread::start(frames, config()).expect("an encoder");
    assert!(encoder.failure().is_none(), "nothing has failed yet");
    let too_large = VideoFrame::black(size(4096, 4096));
    writer.put(Arc::new(too_large));
    assert_eq!(
        encoder.access_units.blocking_recv(),
        None,
        "nothing was encoded"
    );
    let failure = encoder.failure();
    assert!(
        matches!(failure, Some(EncodeError::Refused { .. })),
        "{failure:?}"
    );
}
