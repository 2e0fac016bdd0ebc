//! The life of a track: live, then ended, whoever ends it. The sources here do what the test says.

use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use step_01_capture::{
    MediaStream, MediaStreamTrackState, MediaTrackSettings, NextFrame, Resolution, SourceError,
    StateMachine, Timeline, VideoFrame, VideoSource, VideoTrack,
};

/// The tests wait for a frame as long as it takes, but not for ever.
const LONG: Duration = Duration::from_secs(60);

/// Delivers what the test sends, and waits for it.
struct ScriptedSource {
    script: Receiver<Result<VideoFrame, SourceError>>,
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

    fn next_frame(&mut self) -> Result<VideoFrame, SourceError> {
        let over = |_| Err(silent());
        self.script.recv().unwrap_or_else(over)
    }
}

/// Delivers black frames without a pause.
struct EndlessSource(#[allow(dead_code, reason = "its end tells the test")] Sender<()>);

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

    fn next_frame(&mut self) -> Result<VideoFrame, SourceError> {
        Ok(VideoFrame::black(Resolution::VGA))
    }
}

fn silent() -> SourceError {
    SourceError::Silent {
        label: "script".to_owned(),
    }
}

fn frame(number: u64) -> Result<VideoFrame, SourceError> {
    let mut frame = VideoFrame::black(Resolution::VGA);
    frame.number = number;
    Ok(frame)
}

struct Bench {
    track: VideoTrack,
    timeline: Timeline,
    deliver: Sender<Result<VideoFrame, SourceError>>,
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

fn states(timeline: &Timeline) -> Vec<String> {
    let track = |t: &step_01_capture::Transition| t.machine == StateMachine::TRACK;
    let transitions = timeline.transitions();
    transitions
        .iter()
        .filter(|t| track(t))
        .map(|t| t.to.clone())
        .collect()
}

#[test]
fn a_track_is_live_and_hands_on_what_its_source_delivers() {
    let Bench {
        track,
        timeline,
        deliver,
        ..
    } = bench();
    let mut frames = track.frames();
    deliver.send(frame(7)).expect("the source listens");
    let NextFrame::Frame(frame) = frames.next(LONG) else {
        panic!("frame 7 was delivered");
    };
    assert_eq!(frame.number, 7);
    assert_eq!(track.ready_state(), MediaStreamTrackState::Live);
    assert_eq!(states(&timeline), ["live"]);
    drop(deliver);
}

#[test]
fn a_source_that_fails_ends_the_track_and_leaves_the_last_picture() {
    let Bench {
        track,
        timeline,
        deliver,
        closed,
    } = bench();
    let mut frames = track.frames();
    deliver.send(frame(0)).expect("the source listens");
    deliver.send(Err(silent())).expect("the source listens");
    assert!(
        closed.recv_timeout(LONG).is_err(),
        "the source is closed by itself"
    );
    while let NextFrame::Frame(_) = frames.next(LONG) {}
    assert_eq!(track.ready_state(), MediaStreamTrackState::Ended);
    assert_eq!(track.failure(), Some(silent()));
    assert_eq!(
        frames.peek().map(|frame| frame.number),
        Some(0),
        "the last picture stays"
    );
    assert_eq!(states(&timeline), ["live", "ended"]);
}

#[test]
fn a_silent_source_tells_what_to_do() {
    insta::assert_snapshot!(
        silent(),
        @r#"NotReadableError: the camera "script" has sent no picture for 3 s: open its privacy shutter or plug it in again"#
    );
}

#[test]
fn stopping_closes_the_source_before_it_returns() {
    let (open, closed) = mpsc::channel();
    let timeline = Timeline::new();
    let source = Box::new(EndlessSource(open));
    let track = VideoTrack::start("video0".to_owned(), source, timeline.clone());
    let mut stream = MediaStream::new("stream0".to_owned(), track);
    stream.video_track_mut().stop();
    assert_eq!(
        closed.try_recv(),
        Err(mpsc::TryRecvError::Disconnected),
        "the thread that owns the source was joined"
    );
    assert_eq!(
        stream.video_track().ready_state(),
        MediaStreamTrackState::Ended
    );
    assert_eq!(
        stream.video_track().failure(),
        None,
        "to be stopped is no failure"
    );
    stream.video_track_mut().stop();
    drop(stream);
    assert_eq!(states(&timeline), ["live", "ended"], "a track ends once");
}

#[test]
fn dropping_a_stream_closes_the_source() {
    let (open, closed) = mpsc::channel();
    let source = Box::new(EndlessSource(open));
    let track = VideoTrack::start("video0".to_owned(), source, Timeline::new());
    drop(MediaStream::new("stream0".to_owned(), track));
    assert_eq!(closed.try_recv(), Err(mpsc::TryRecvError::Disconnected));
}

#[test]
fn every_reader_sees_the_newest_frame_and_then_the_end() {
    let Bench { track, deliver, .. } = bench();
    let (mut first, mut second) = (track.frames(), track.frames());
    deliver.send(frame(3)).expect("the source listens");
    drop(deliver);
    for reader in [&mut first, &mut second] {
        assert!(matches!(reader.next(LONG), NextFrame::Frame(frame) if frame.number == 3));
        assert!(matches!(reader.next(LONG), NextFrame::Ended));
    }
}
