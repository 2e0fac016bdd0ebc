//! The exercise of step 01: `capture`, `get_user_media`, `media_section`. Run it alone with
//! `cargo test -p step-01-capture --features exercise --test assignment`.

mod task;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use step_01_capture::capture::capture;
use step_01_capture::latest_frame::latest_frame;
use step_01_capture::track_state::TrackState;
use step_01_capture::{
    GetUserMediaError, MediaStream, MediaStreamConstraints, MediaStreamTrackState,
    MediaTrackSettings, NextFrame, Resolution, SourceChoice, SourceError, StateMachine, Timeline,
    VideoFrame, VideoSource, VideoTrack, get_user_media, media_section,
};
use task::{Assignment, Task, same};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

fn main() -> ExitCode {
    Assignment {
        step: "step-01-capture",
        folder: env!("CARGO_MANIFEST_DIR"),
        exercise: cfg!(feature = "exercise"),
        limit: Duration::from_secs(5),
        tasks: &TASKS,
    }
    .run()
}

const TASKS: [Task; 3] = [
    Task {
        number: "1-2",
        function: "capture",
        file: "capture.rs",
        given: false,
        learnt: "Live video has no queue: the newest frame replaces the one before it, so a slow reader sees the present. A \
                 track ends once and for good, whether someone stopped it or its source failed.",
        question: "A camera, a file and a test pattern are opened in different ways. Who has to know which one it is?",
        tests: &[
            (
                "every frame of the source is put into the channel, as it is and in order",
                every_frame_is_put,
            ),
            (
                "a frame that nobody reads is replaced by the next one, and the source is not kept waiting",
                nobody_has_to_read,
            ),
            (
                "no frame is asked for once the track is stopped: look before each frame",
                no_frame_after_the_stop,
            ),
            (
                "a track that is stopped before the first frame asks for none, and is ended",
                stopped_before_the_first_frame,
            ),
            (
                "a track that was stopped is ended (W3C Media Capture §4.3.1), and has no failure",
                stopped_is_ended_without_a_failure,
            ),
            (
                "when the source fails, its reason is kept: state.fail(error)",
                the_reason_is_kept,
            ),
            (
                "a source that failed is not asked again",
                a_failed_source_is_not_asked_again,
            ),
            (
                "a source that failed ends the track: state.end() (W3C Media Capture §4.3.1)",
                a_failed_source_ends_the_track,
            ),
            (
                "the reason is kept first, then the track is ended: whoever sees `ended` can read why",
                the_reason_is_kept_before_the_end,
            ),
            (
                "the last frame stays readable when the source fails",
                the_last_frame_stays,
            ),
            (
                "the loop does not sleep: the source sets the pace",
                the_source_sets_the_pace,
            ),
        ],
    },
    Task {
        number: "1-2",
        function: "get_user_media",
        file: "user_media.rs",
        given: false,
        learnt: "One trait hides what differs between cameras, files and a test pattern, as adapter.js hides what differs \
                 between browsers. Constraints are what you ask for, settings what you get, and an error has W3C's name.",
        question: "What does the other peer have to know about this video before the first frame arrives?",
        tests: &[
            (
                "the test pattern gives a stream with a live video track (W3C Media Capture §4.3.1)",
                the_pattern_is_live,
            ),
            (
                "the source is opened with the constraints: getSettings() has the size and the rate that were asked for",
                settings_are_those_asked_for,
            ),
            (
                "the first and the last rate of the range, 1 and 120, are granted",
                both_ends_of_the_range_are_granted,
            ),
            ("the stream is called stream0, its track video0", the_ids),
            (
                "the track's states are on the timeline that was passed in",
                the_timeline_is_the_callers,
            ),
            (
                "SourceChoice::File opens that file: its label is the path, its settings are the file's",
                a_file_is_opened,
            ),
            (
                "a file that does not exist is the source's NotFoundError, and no track is ever live (W3C Media Capture §10.1.1)",
                a_missing_file_is_not_found,
            ),
            (
                "a file with nothing in it is the source's NotReadableError, and no track is ever live",
                an_empty_file_is_not_readable,
            ),
            (
                "a file of another size is the source's OverconstrainedError, and no track is ever live",
                a_file_of_another_size_is_overconstrained,
            ),
            (
                "SourceChoice::Camera(Some(number)) opens that camera and no other: number 4000000 is the source's NotFoundError",
                that_camera_is_opened,
            ),
            (
                "SourceChoice::Camera(None) opens a camera or is an error: it never is the test pattern",
                a_camera_is_a_camera,
            ),
            (
                "SourceChoice::Auto always gives a live track: without a camera the test pattern takes its place",
                auto_is_always_live,
            ),
            (
                "a rate of 0 or 121 is the OverconstrainedError of check_frame_rate(), before anything is opened",
                a_wrong_rate_is_rejected_first,
            ),
        ],
    },
    Task {
        number: "1-2",
        function: "media_section",
        file: "media_description.rs",
        given: false,
        learnt: "A session description has one m= section for each medium, and every line has its own RFC. The capture knows \
                 the track, its size and its rate; codecs, ICE and DTLS come from the peer connection.",
        question: "Which lines of this section could two peers disagree about?",
        tests: &[
            (
                "line 1 is `m=video 9 UDP/TLS/RTP/SAVPF *` (RFC 8866 §5.14)",
                line_1,
            ),
            (
                "line 2 is `a=msid:`, the id of this stream, a space, the id of this track (RFC 8830 §2)",
                line_2,
            ),
            ("line 3 is `a=sendonly` (RFC 8866 §6.7)", line_3),
            (
                "line 4 is `a=framerate:` and the frames a second of this track (RFC 8866 §6.13)",
                line_4,
            ),
            (
                "line 5 is `a=imageattr:* send [x=WIDTH,y=HEIGHT]` with the size of this track (RFC 6236 §3.1.1)",
                line_5,
            ),
            (
                "there are five lines, and each ends with a line feed alone",
                five_lines_and_their_ends,
            ),
        ],
    },
];

fn ask(
    source: SourceChoice,
    size: Option<&str>,
    frame_rate: Option<u32>,
) -> MediaStreamConstraints {
    let resolution = size.map(|size| size.parse().expect("the tests write valid sizes"));
    MediaStreamConstraints {
        source,
        resolution,
        frame_rate,
    }
}

fn open(source: SourceChoice, size: Option<&str>, rate: Option<u32>) -> MediaStream {
    let asked = ask(source, size, rate);
    get_user_media(&asked, &Timeline::new())
        .unwrap_or_else(|error| panic!("{asked} was rejected: {error}"))
}

fn the_pattern_is_live() {
    let stream = open(SourceChoice::Pattern, None, None);
    let track = stream.video_track();
    same("label", track.label(), "test pattern");
    same(
        "readyState",
        track.ready_state(),
        MediaStreamTrackState::Live,
    );
}

fn settings_are_those_asked_for() {
    let stream = open(SourceChoice::Pattern, Some("320x240"), Some(15));
    let settings = stream.video_track().settings();
    same(
        "the size",
        settings.resolution.to_string(),
        "320x240".to_owned(),
    );
    same("the rate", settings.frame_rate, 15);
}

fn both_ends_of_the_range_are_granted() {
    for rate in [1, 120] {
        let stream = open(SourceChoice::Pattern, Some("16x16"), Some(rate));
        same("the rate", stream.video_track().settings().frame_rate, rate);
    }
}

fn the_ids() {
    let stream = open(SourceChoice::Pattern, None, None);
    same("MediaStream.id", stream.id(), "stream0");
    same("MediaStreamTrack.id", stream.video_track().id(), "video0");
}

fn the_timeline_is_the_callers() {
    let timeline = Timeline::new();
    let asked = ask(SourceChoice::Pattern, None, None);
    let stream = get_user_media(&asked, &timeline).expect("the test pattern always opens");
    same(
        "the timeline",
        timeline.to_string(),
        "local  track: live\n".to_owned(),
    );
    drop(stream);
    same(
        "the timeline after the stream is dropped",
        timeline.to_string(),
        "local  track: live => ended\n".to_owned(),
    );
}

/// A file for one test, which is gone when the test is.
struct Y4m(PathBuf);

impl Y4m {
    fn with(bytes: &[u8]) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("assignment-{}-{number}.y4m", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, bytes).expect("the folder for temporary files can be written to");
        Self(path)
    }

    fn small() -> Self {
        let mut bytes = b"YUV4MPEG2 W16 H16 F25:1 C420\nFRAME\n".to_vec();
        bytes.extend_from_slice(&[90; 384]);
        Self::with(&bytes)
    }

    fn choice(&self) -> SourceChoice {
        SourceChoice::File(self.0.clone())
    }
}

impl Drop for Y4m {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn a_file_is_opened() {
    let file = Y4m::small();
    let stream = open(file.choice(), None, None);
    let track = stream.video_track();
    same("label", track.label(), &*file.0.display().to_string());
    same(
        "the size",
        track.settings().resolution.to_string(),
        "16x16".to_owned(),
    );
    same("the rate", track.settings().frame_rate, 25);
}

/// The error of a stream that cannot be. No track was live, not even for a moment.
fn rejection(asked: &MediaStreamConstraints) -> GetUserMediaError {
    let timeline = Timeline::new();
    let Err(error) = get_user_media(asked, &timeline) else {
        panic!("{asked} gave a stream");
    };
    let live = timeline.to_string();
    assert!(
        live.is_empty(),
        "a track was live, though {asked} was rejected"
    );
    error
}

fn a_missing_file_is_not_found() {
    let error = rejection(&ask(SourceChoice::File("no-such.y4m".into()), None, None));
    let text = error.to_string();
    assert!(
        text.starts_with("NotFoundError: no file no-such.y4m"),
        "the error is {text}"
    );
}

fn an_empty_file_is_not_readable() {
    let file = Y4m::with(b"");
    let error = rejection(&ask(file.choice(), None, None));
    assert!(
        matches!(error, GetUserMediaError::NotReadable { .. }),
        "the error is {error}"
    );
}

fn a_file_of_another_size_is_overconstrained() {
    let file = Y4m::small();
    for (size, rate) in [(Some("640x480"), None), (None, Some(30))] {
        let error = rejection(&ask(file.choice(), size, rate)).to_string();
        let name = file.0.display().to_string();
        let right = error.starts_with("OverconstrainedError") && error.contains(&name);
        assert!(right, "the error is {error}");
    }
}

fn that_camera_is_opened() {
    let error = rejection(&ask(SourceChoice::Camera(Some(4_000_000)), None, None));
    assert!(
        matches!(error, GetUserMediaError::NotFound { .. }),
        "the error is {error}"
    );
}

fn a_camera_is_a_camera() {
    if let Ok(stream) = get_user_media(
        &ask(SourceChoice::Camera(None), None, None),
        &Timeline::new(),
    ) {
        assert_ne!(
            stream.video_track().label(),
            "test pattern",
            "no camera gave the test pattern"
        );
    }
}

fn auto_is_always_live() {
    let stream = open(SourceChoice::Auto, None, None);
    same(
        "readyState",
        stream.video_track().ready_state(),
        MediaStreamTrackState::Live,
    );
}

fn a_wrong_rate_is_rejected_first() {
    let missing = || SourceChoice::File("no-such.y4m".into());
    for (source, rate) in [
        (SourceChoice::Pattern, 0),
        (SourceChoice::Pattern, 121),
        (SourceChoice::Auto, 0),
        (missing(), 0),
        (SourceChoice::Camera(Some(4_000_000)), 121),
    ] {
        let asked = ask(source, None, Some(rate));
        let expected = asked.check_frame_rate().map_err(|error| error.to_string());
        same("the result", Err(rejection(&asked).to_string()), expected);
    }
}

/// Frames with the numbers 0, 1, 2 … and then what `then` says. Counts how often it is asked.
struct Numbered {
    frames: u64,
    asked: Arc<AtomicUsize>,
    /// Called with the number of each frame before it is returned.
    at: Box<dyn FnMut(u64) + Send>,
    failed: bool,
}

impl Numbered {
    fn new(frames: u64, at: impl FnMut(u64) + Send + 'static) -> (Box<Self>, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        let source = Self {
            frames,
            asked: Arc::clone(&asked),
            at: Box::new(at),
            failed: false,
        };
        (Box::new(source), asked)
    }
}

impl VideoSource for Numbered {
    fn label(&self) -> &str {
        "numbered frames"
    }

    fn settings(&self) -> MediaTrackSettings {
        MediaTrackSettings {
            resolution: small(),
            frame_rate: 7,
        }
    }

    fn next_frame(&mut self) -> Result<Arc<VideoFrame>, SourceError> {
        let number = self.asked.fetch_add(1, Ordering::SeqCst) as u64;
        assert!(
            !self.failed,
            "next_frame() was called again after it had failed"
        );
        if number >= self.frames {
            self.failed = true;
            return Err(unplugged());
        }
        (self.at)(number);
        let mut frame = VideoFrame::black(small());
        frame.number = number;
        Ok(Arc::new(frame))
    }
}

fn small() -> Resolution {
    "176x144".parse().expect("a valid size")
}

fn unplugged() -> SourceError {
    SourceError::Unplugged {
        label: "numbered frames".to_owned(),
    }
}

fn live() -> (Arc<TrackState>, Timeline) {
    let timeline = Timeline::new();
    (Arc::new(TrackState::live(timeline.clone())), timeline)
}

fn every_frame_is_put() {
    let (writer, mut frames) = latest_frame();
    let seen = Arc::new(Mutex::new(Vec::new()));
    // When the source is asked for the next frame, the one before must be in the channel.
    let (source, _) = Numbered::new(5, {
        let seen = Arc::clone(&seen);
        move |_| {
            if let NextFrame::Frame(frame) = frames.next(Duration::ZERO) {
                seen.lock()
                    .expect("nobody panics with it")
                    .push(frame.number);
            }
        }
    });
    capture(source, &writer, &live().0);
    let seen = seen.lock().expect("nobody panics with it").clone();
    same(
        "the frames 0 to 4, as a quick reader sees them",
        seen,
        vec![0, 1, 2, 3],
    );
}

fn nobody_has_to_read() {
    let (writer, mut frames) = latest_frame();
    let (source, asked) = Numbered::new(100, |_| {});
    capture(source, &writer, &live().0);
    same(
        "how often next_frame() was called",
        asked.load(Ordering::SeqCst),
        101,
    );
    let NextFrame::Frame(last) = frames.next(Duration::ZERO) else {
        panic!("the channel is empty");
    };
    same("the number of the frame in the channel", last.number, 99);
}

/// Captures from a source during whose third frame the track is stopped.
fn stopped_at_the_third_frame() -> (usize, Arc<TrackState>, Timeline) {
    let (writer, _frames) = latest_frame();
    let (state, timeline) = live();
    let stopping = Arc::clone(&state);
    let (source, asked) = Numbered::new(10, move |number| {
        if number == 2 {
            stopping.stop();
        }
    });
    capture(source, &writer, &state);
    (asked.load(Ordering::SeqCst), state, timeline)
}

fn no_frame_after_the_stop() {
    let (asked, ..) = stopped_at_the_third_frame();
    same(
        "how often next_frame() was called when it was stopped during the third call",
        asked,
        3,
    );
}

fn stopped_before_the_first_frame() {
    let (writer, _frames) = latest_frame();
    let (state, _) = live();
    state.stop();
    let (source, asked) = Numbered::new(10, |_| {});
    capture(source, &writer, &state);
    same(
        "how often next_frame() was called",
        asked.load(Ordering::SeqCst),
        0,
    );
    same(
        "readyState",
        state.ready_state(),
        MediaStreamTrackState::Ended,
    );
}

fn stopped_is_ended_without_a_failure() {
    let (_, state, timeline) = stopped_at_the_third_frame();
    same(
        "readyState",
        state.ready_state(),
        MediaStreamTrackState::Ended,
    );
    same("failure", state.failure(), None);
    same(
        "the timeline",
        timeline.to_string(),
        "local  track: live => ended\n".to_owned(),
    );
}

/// Captures two frames from a source that then fails.
fn failed() -> (Arc<TrackState>, Timeline, usize, Option<u64>) {
    let (writer, frames) = latest_frame();
    let (state, timeline) = live();
    let (source, asked) = Numbered::new(2, |_| {});
    capture(source, &writer, &state);
    let last = frames.peek().map(|frame| frame.number);
    (state, timeline, asked.load(Ordering::SeqCst), last)
}

fn the_reason_is_kept() {
    same("failure", failed().0.failure(), Some(unplugged()));
}

fn a_failed_source_is_not_asked_again() {
    same(
        "how often next_frame() was called, when the third call failed",
        failed().2,
        3,
    );
}

fn a_failed_source_ends_the_track() {
    let (state, timeline, ..) = failed();
    same(
        "readyState",
        state.ready_state(),
        MediaStreamTrackState::Ended,
    );
    same(
        "the timeline",
        timeline.to_string(),
        "local  track: live => ended\n".to_owned(),
    );
}

fn the_last_frame_stays() {
    same(
        "the number of the frame in the channel",
        failed().3,
        Some(1),
    );
}

/// Looks at the state of the track in the moment in which its failure is traced.
struct AtFailure {
    timeline: Timeline,
    state: Arc<Mutex<Option<String>>>,
}

impl Subscriber for AtFailure {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == tracing::Level::WARN
    }

    fn event(&self, _: &Event<'_>) {
        let state = self.timeline.state("local", StateMachine::TRACK);
        *self.state.lock().expect("nobody panics with it") = state;
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

fn the_reason_is_kept_before_the_end() {
    let (writer, _frames) = latest_frame();
    let (state, timeline) = live();
    let at_failure = Arc::new(Mutex::new(None));
    let subscriber = AtFailure {
        timeline,
        state: Arc::clone(&at_failure),
    };
    let (source, _) = Numbered::new(0, |_| {});
    tracing::subscriber::with_default(subscriber, || capture(source, &writer, &state));
    let found = at_failure.lock().expect("nobody panics with it").clone();
    same(
        "readyState when the reason is kept",
        found.as_deref(),
        Some("live"),
    );
}

fn the_source_sets_the_pace() {
    let (writer, _frames) = latest_frame();
    let (source, asked) = Numbered::new(20_000, |_| {});
    capture(source, &writer, &live().0);
    same(
        "how often next_frame() was called",
        asked.load(Ordering::SeqCst),
        20_001,
    );
}

/// The section of a track that has nothing in common with those of the other tests.
fn section() -> String {
    // Live until the test ends: the source of this track has no frame, and its loop is not part of this function.
    let (source, _) = Numbered::new(1, |_| {});
    let track = VideoTrack::start("track-7".to_owned(), source, Timeline::new());
    media_section(&MediaStream::new("camera-3".to_owned(), track))
}

#[track_caller]
fn line(number: usize, expected: &str) {
    let section = section();
    let found = section.split('\n').nth(number - 1).unwrap_or_default();
    same(
        &format!("line {number}"),
        found.trim_end_matches('\r'),
        expected,
    );
}

fn line_1() {
    line(1, "m=video 9 UDP/TLS/RTP/SAVPF *");
}

fn line_2() {
    line(2, "a=msid:camera-3 track-7");
}

fn line_3() {
    line(3, "a=sendonly");
}

fn line_4() {
    line(4, "a=framerate:7");
}

fn line_5() {
    line(5, "a=imageattr:* send [x=176,y=144]");
}

fn five_lines_and_their_ends() {
    let section = section();
    assert!(
        !section.contains('\r'),
        "a line ends with a carriage return and a line feed: {section:?}"
    );
    assert!(
        section.ends_with('\n'),
        "the last line has no line feed: {section:?}"
    );
    same("the number of lines", section.lines().count(), 5);
}
