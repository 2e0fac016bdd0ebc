//! One encoder for all viewers: who gets which access unit.

mod moving_frames;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::sync::Arc;
use std::thread::yield_now;
use std::time::Instant;

use moving_frames::{FRAME_INTERVAL, frame, size};
use rule::Rules;
use step_01_capture::latest_frame::{LatestFrameWriter, latest_frame};
use step_01_capture::{Resolution, VideoFrame};
use step_05_full::access_unit::AccessUnit;
use step_05_full::http::shared_encoder::SharedEncoder;
use step_05_full::receive::bitstream::stream_limits::StreamLimits;
use step_05_full::receive::decoder::H264Decoder;
use step_05_full::send::encoder::EncoderConfig;
use step_05_full::send::encoder_thread::EncoderThread;

const RULES: Rules = Rules::kept_in("step-05-full/src/http/shared_encoder.rs");

/// A camera whose frames a test puts in, one by one.
struct Camera {
    frames: LatestFrameWriter,
    beginning: Instant,
    next: u64,
}

impl Camera {
    fn with_encoder() -> (Self, SharedEncoder) {
        let (writer, frames) = latest_frame();
        let camera = Self {
            frames: writer,
            beginning: Instant::now(),
            next: 0,
        };
        let config = EncoderConfig::new(size(160, 120), 30);
        (camera, SharedEncoder::new(frames, config))
    }

    fn capture(&mut self) {
        let frame = frame(size(160, 120), self.next, self.beginning);
        self.put(frame);
    }

    /// As many bits as there are suffice for it.
    fn capture_black(&mut self) {
        let mut frame = VideoFrame::black(size(160, 120));
        frame.captured_at = self.beginning + FRAME_INTERVAL * self.next as u32;
        self.put(frame);
    }

    fn put(&mut self, mut frame: VideoFrame) {
        frame.number = self.next;
        self.next += 1;
        self.frames.put(Arc::new(frame));
    }
}

fn next(viewer: &mut EncoderThread) -> AccessUnit {
    let access_unit = viewer.access_units.blocking_recv();
    access_unit.expect("the encoder runs")
}

#[test]
fn two_viewers_share_one_encoding() {
    let _rule = RULES.rule("each frame is encoded once for all viewers of a size");
    let (mut camera, encoder) = Camera::with_encoder();
    let mut viewers = [(); 2].map(|()| encoder.watch().expect("a thread"));
    for number in 0..5 {
        camera.capture();
        let [first, second] = viewers.each_mut().map(next);
        assert_eq!((first.number, second.number), (number, number));
        assert_eq!(
            first.data.as_ptr(),
            second.data.as_ptr(),
            "the same bytes in memory"
        );
    }
}

#[test]
fn a_slow_viewer_does_not_slow_the_other() {
    let _rule = RULES.rule("who is too far behind goes on with the next key frame");
    let (mut camera, encoder) = Camera::with_encoder();
    let mut fast = encoder.watch().expect("a thread");
    let mut slow = encoder.watch().expect("a thread");
    for number in 0..40 {
        camera.capture();
        assert_eq!(
            next(&mut fast).number,
            number,
            "the fast one gets every frame"
        );
    }
    let mut decoder = H264Decoder::new(StreamLimits::LEVEL_5_2).expect("a decoder");
    let mut decode = |access_unit: &AccessUnit| {
        let decoded = decoder.decode(&access_unit.data);
        let number = access_unit.number;
        assert!(
            matches!(decoded, Ok(Some(_))),
            "frame {number}: {decoded:?}"
        );
    };
    for number in 0..15 {
        let late = next(&mut slow);
        assert_eq!(late.number, number, "half a second waits for the slow one");
        decode(&late);
    }
    for number in 40..43 {
        camera.capture();
        assert_eq!(next(&mut fast).number, number);
        let on_time = next(&mut slow);
        assert_eq!((on_time.number, on_time.key_frame), (number, number == 40));
        decode(&on_time);
    }
}

#[test]
fn a_key_frame_for_one_is_sent_to_all() {
    let _rule = RULES.rule("key frames are shared");
    let (mut camera, encoder) = Camera::with_encoder();
    let mut viewers = [(); 2].map(|()| encoder.watch().expect("a thread"));
    for number in 0..23 {
        if number == 12 {
            viewers[0].request_key_frame();
        }
        camera.capture();
        let key_frames = viewers.each_mut().map(|viewer| next(viewer).key_frame);
        let expected = number == 0 || number == 12;
        assert_eq!(key_frames, [expected; 2], "frame {number}");
    }
    let mut third = encoder.watch().expect("a thread");
    camera.capture();
    assert!(
        next(&mut third).key_frame,
        "a viewer begins with a key frame"
    );
    assert!(next(&mut viewers[1]).key_frame, "and the others get it too");
}

#[test]
fn a_viewer_that_asks_for_a_key_frame_all_the_time_gets_three_a_second() {
    let _rule = RULES.rule("300 ms pass from one key frame to the next");
    let (mut camera, encoder) = Camera::with_encoder();
    let mut viewer = encoder.watch().expect("a thread");
    let mut key_frames = Vec::new();
    for number in 0..30 {
        viewer.request_key_frame();
        camera.capture();
        if next(&mut viewer).key_frame {
            key_frames.push(number);
        }
    }
    assert_eq!(key_frames, [0, 10, 20], "a request is late, never lost");
}

#[test]
fn a_viewer_with_few_bits_gets_half_the_size_and_the_other_one_the_full_size() {
    let _rule = RULES.rule("half the size with less than half of the bits of the fastest viewer");
    let (mut camera, encoder) = Camera::with_encoder();
    let mut viewers = [(); 2].map(|()| encoder.watch().expect("a thread"));
    let full = EncoderConfig::new(size(160, 120), 30).bitrate;
    let mut decoders =
        [(); 2].map(|()| H264Decoder::new(StreamLimits::LEVEL_5_2).expect("a decoder"));
    let mut sizes = |slow_bitrate| {
        viewers[1].set_bitrate(slow_bitrate);
        let mut sizes: [Vec<Resolution>; 2] = Default::default();
        for _ in 0..45 {
            camera.capture_black();
            for (index, viewer) in viewers.iter_mut().enumerate() {
                let decoded = decoders[index].decode(&next(viewer).data);
                let frame = decoded.expect("each begins with a key frame");
                sizes[index].extend(frame.map(|frame| frame.resolution()));
            }
        }
        sizes.map(|mut sizes| {
            sizes.dedup();
            sizes.iter().map(Resolution::to_string).collect::<Vec<_>>()
        })
    };
    assert_eq!(
        sizes(4 * full / 10),
        [vec!["160x120"], vec!["160x120", "80x60"]]
    );
    assert_eq!(sizes(full), [vec!["160x120"], vec!["80x60", "160x120"]]);
}

#[test]
fn the_encoder_ends_with_its_last_viewer() {
    let _rule = RULES.rule("a server that nobody watches encodes nothing");
    let (mut camera, encoder) = Camera::with_encoder();
    assert!(!encoder.is_encoding(), "nobody has come yet");
    let mut first = encoder.watch().expect("a thread");
    let second = encoder.watch().expect("a thread");
    camera.capture();
    assert!(next(&mut first).key_frame);
    drop(second);
    camera.capture();
    assert_eq!(next(&mut first).number, 1, "one viewer is left");
    drop(first);
    while encoder.is_encoding() {
        yield_now();
    }
    let mut later = encoder.watch().expect("a thread");
    assert!(encoder.is_encoding());
    camera.capture();
    assert!(
        next(&mut later).key_frame,
        "and begins again with a key frame"
    );
}

#[test]
fn viewers_see_the_end_of_the_source() {
    let _rule = RULES.rule("the channel closes when the source ends");
    let (camera, encoder) = Camera::with_encoder();
    let mut viewer = encoder.watch().expect("a thread");
    drop(camera);
    assert_eq!(viewer.access_units.blocking_recv(), None);
    assert!(!encoder.is_encoding());
}
