//! 1-2: a track is live, then ended, whoever ends it. The sources here do what the test says.

mod rule;

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use rule::Rules;
use step_01_capture::{
    MediaStream, MediaStreamTrackState, MediaTrackSettings, NextFrame, Resolution, SourceError,
    Timeline, VideoFrame, VideoSource, VideoTrack,
};

const RULES: Rules = Rules::kept_in(rule::lesson_file!("step-01-capture/src/", "capture.rs"));

/// What every failure of this file says: the number of the note, and where to look.
const LOOK: &str = rule::lesson_file!("1-2 the capture, see step-01-capture/src/", "capture.rs");

/// The tests wait for a frame as long as it takes, but not for ever.
const LONG: Duration = Duration::from_secs(10);

/// Delivers what the test sends, and waits for it.
struct ScriptedSource {
    script: Receiver<Result<Arc<VideoFrame>, SourceError>>,
    /// Disconnected when the source is closed.
    _closed: Sender<()>,
}

impl VideoSource for ScriptedSource {
    fn label(&self) -> &str {
        "script"
    }

    fn settings(&self) -> MediaTrackSettings {
        MediaTrackSettings {
            resolution: Resolution::VGA,
            frame_rate: 30,
        }
    }

    fn next_frame(&mut self) -> Result<Arc<VideoFrame>, SourceError> {
        let over = |_| Err(silent());
        self.script.recv().unwrap_or_else(over)
    }
}

/// Delivers black frames without a pause until it is closed, and not for ever, in case nobody closes it.
struct EndlessSource {
    until: Instant,
    /// Disconnected when the source is closed.
    _closed: Sender<()>,
}

impl EndlessSource {
    fn boxed(closed: Sender<()>) -> Box<Self> {
        Box::new(Self {
            until: Instant::now() + LONG,
            _closed: closed,
        })
    }
}

impl VideoSource for EndlessSource {
    fn label(&self) -> &str {
        "endless"
    }

    fn settings(&self) -> MediaTrackSettings {
        MediaTrackSettings {
            resolution: Resolution::VGA,
            frame_rate: 30,
        }
    }

    fn next_frame(&mut self) -> Result<Arc<VideoFrame>, SourceError> {
        match Instant::now() < self.until {
            true => Ok(Arc::new(VideoFrame::black(Resolution::VGA))),
            false => Err(silent()),
        }
    }
}

fn silent() -> SourceError {
    SourceError::Silent {
        label: "script".to_owned(),
    }
}

fn frame(number: u64) -> Result<Arc<VideoFrame>, SourceError> {
    let mut frame = VideoFrame::black(Resolution::VGA);
    frame.number = number;
    Ok(Arc::new(frame))
}

struct Bench {
    track: VideoTrack,
    timeline: Timeline,
    deliver: Sender<Result<Arc<VideoFrame>, SourceError>>,
    closed: Receiver<()>,
}

fn bench() -> Bench {
    let (deliver, script) = mpsc::channel();
    let (open, closed) = mpsc::channel();
    let timeline = Timeline::new();
    let source = Box::new(ScriptedSource {
        script,
        _closed: open,
    });
    Bench {
        track: VideoTrack::start("video0".to_owned(), source, timeline.clone()),
        timeline,
        deliver,
        closed,
    }
}

#[test]
fn a_track_is_live_and_delivers_the_frames_of_its_source() {
    let _rule = RULES
        .rule("1-2: readyState is live while the source delivers (W3C mediacapture-streams §4.3)");
    let Bench {
        track,
        timeline,
        deliver,
        ..
    } = bench();
    let mut frames = track.frames();
    deliver.send(frame(7)).expect(LOOK);
    let NextFrame::Frame(frame) = frames.next(LONG) else {
        panic!("{LOOK}: the source delivered frame 7, and no reader of the track saw it");
    };
    assert_eq!(frame.number, 7, "{LOOK}: the frame is delivered as it is");
    assert_eq!(
        track.ready_state(),
        MediaStreamTrackState::Live,
        "{LOOK}: readyState is live while the source delivers"
    );
    assert_eq!(track.failure(), None, "{LOOK}: a live track has no failure");
    insta::assert_snapshot!(timeline, @"local  track: live");
    drop(deliver);
}

/// Delivers one frame, then the failure, and returns the timeline and the reason that the track has.
fn failing(failure: SourceError) -> String {
    let Bench {
        track,
        timeline,
        deliver,
        closed,
    } = bench();
    let mut frames = track.frames();
    deliver.send(frame(0)).expect(LOOK);
    deliver.send(Err(failure.clone())).expect(LOOK);
    assert_eq!(
        closed.recv_timeout(LONG),
        Err(RecvTimeoutError::Disconnected),
        "{LOOK}: a source that failed is closed by itself"
    );
    while let NextFrame::Frame(_) = frames.next(LONG) {}
    assert_eq!(
        frames.peek().map(|frame| frame.number),
        Some(0),
        "{LOOK}: the last frame stays"
    );
    assert_eq!(
        track.ready_state(),
        MediaStreamTrackState::Ended,
        "{LOOK}: a source that failed sets readyState to ended (W3C Media Capture §4.3.1)"
    );
    assert_eq!(track.failure(), Some(failure), "{LOOK}: the reason is kept");
    let why = track
        .failure()
        .map(|why| why.to_string())
        .unwrap_or_default();
    format!("{timeline}{why}")
}

#[test]
fn a_camera_that_is_unplugged_ends_the_track_and_leaves_the_last_frame() {
    let _rule =
        RULES.rule("1-2: a source that goes away ends its track (W3C mediacapture-streams §4.3.1)");
    let label = "script".to_owned();
    insta::assert_snapshot!(failing(SourceError::Unplugged { label }), @r#"
    local  track: live => ended
    NotReadableError: the camera "script" was unplugged: plug it in and start again
    "#);
}

#[test]
fn a_camera_that_falls_silent_ends_the_track_and_the_error_says_what_to_do() {
    let _rule = RULES.rule("1-2: a source that delivers nothing any more ends its track");
    insta::assert_snapshot!(failing(silent()), @r#"
    local  track: live => ended
    NotReadableError: the camera "script" has sent no frame for 3 s: open its privacy shutter or plug it in again
    "#);
}

#[test]
fn a_source_that_breaks_ends_the_track_with_the_error_of_the_system() {
    let _rule = RULES.rule("1-2: a source that breaks ends its track, and the reason is kept");
    let broken = SourceError::Failed {
        label: "talk.y4m".to_owned(),
        cause: "it has no whole frame any more".to_owned(),
    };
    insta::assert_snapshot!(failing(broken), @r#"
    local  track: live => ended
    NotReadableError: "talk.y4m" stopped delivering: it has no whole frame any more
    "#);
}

#[test]
fn stopping_closes_the_source_before_it_returns() {
    let _rule = RULES.rule("1-2: stop() sets readyState to ended and frees the source");
    let (open, closed) = mpsc::channel();
    let timeline = Timeline::new();
    let source = EndlessSource::boxed(open);
    let track = VideoTrack::start("video0".to_owned(), source, timeline.clone());
    let mut stream = MediaStream::new("stream0".to_owned(), track);
    stream.video_track_mut().stop();
    assert_eq!(
        closed.try_recv(),
        Err(mpsc::TryRecvError::Disconnected),
        "{LOOK}: stop() waits for the thread that owns the source"
    );
    assert_eq!(
        stream.video_track().ready_state(),
        MediaStreamTrackState::Ended,
        "{LOOK}: stop() sets readyState to ended"
    );
    assert_eq!(
        stream.video_track().failure(),
        None,
        "{LOOK}: to be stopped is no failure"
    );
    stream.video_track_mut().stop();
    drop(stream);
    // A track ends once, however often it is stopped.
    insta::assert_snapshot!(timeline, @"local  track: live => ended");
}

#[test]
fn dropping_a_stream_closes_the_source() {
    let _rule = RULES.rule("1-2: a stream that is dropped stops its tracks");
    let (open, closed) = mpsc::channel();
    let source = EndlessSource::boxed(open);
    let timeline = Timeline::new();
    let track = VideoTrack::start("video0".to_owned(), source, timeline.clone());
    drop(MediaStream::new("stream0".to_owned(), track));
    insta::assert_snapshot!(timeline, @"local  track: live => ended");
    assert_eq!(
        closed.try_recv(),
        Err(mpsc::TryRecvError::Disconnected),
        "{LOOK}: dropping the last owner stops the track, and frees the camera"
    );
}

#[test]
fn every_reader_sees_the_newest_frame_and_then_the_end() {
    let Bench { track, deliver, .. } = bench();
    let (mut first, mut second) = (track.frames(), track.frames());
    deliver.send(frame(3)).expect(LOOK);
    drop(deliver);
    for reader in [&mut first, &mut second] {
        let first = reader.next(LONG);
        assert!(
            matches!(&first, NextFrame::Frame(frame) if frame.number == 3),
            "{LOOK}: each reader sees frame 3, not {first:?}"
        );
        let second = reader.next(LONG);
        assert!(
            matches!(second, NextFrame::Ended),
            "{LOOK}: and then the end of the track, not {second:?}"
        );
    }
}

#[test]
fn a_slow_reader_gets_the_newest_frame() {
    let _rule = RULES.rule("1-2: the channel holds one frame, and the newest replaces it");
    let Bench {
        track,
        deliver,
        closed,
        ..
    } = bench();
    for number in 0..5 {
        deliver.send(frame(number)).expect(LOOK);
    }
    drop(deliver);
    assert_eq!(
        closed.recv_timeout(LONG),
        Err(RecvTimeoutError::Disconnected),
        "{LOOK}: the thread reads every frame, whether anybody looks or not"
    );
    let next = track.frames().next(LONG);
    assert!(
        matches!(&next, NextFrame::Frame(frame) if frame.number == 4),
        "{LOOK}: the last of five frames is there, not {next:?}"
    );
}
