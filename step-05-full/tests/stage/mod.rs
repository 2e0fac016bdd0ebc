//! What the tests of the call share: sources that work or fail, and waits with an end.
#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use step_01_capture::source::pattern::TestPattern;
use step_01_capture::{
    MediaStream, MediaStreamConstraints, MediaTrackSettings, Resolution, SourceChoice, SourceError,
    Timeline, VideoFrame, VideoSource, VideoTrack,
};
use step_02_peer::CONNECTION;
use step_05_full::app::{App, AppError};
use step_05_full::call::Call;
use step_05_full::figures::call_stats::CallStats;

/// Far more than anything here takes; it only keeps a fault from hanging the tests.
const TIMEOUT: Duration = Duration::from_secs(8);

/// For the others, when one test of the program has waited for so long: the same fault would keep each of them waiting.
const SHORT_TIMEOUT: Duration = Duration::from_secs(2);

static TIMED_OUT: AtomicBool = AtomicBool::new(false);

fn is_late(begun: Instant) -> bool {
    let limit = match TIMED_OUT.load(Ordering::Relaxed) {
        true => SHORT_TIMEOUT,
        false => TIMEOUT,
    };
    let late = begun.elapsed() > limit;
    TIMED_OUT.fetch_or(late, Ordering::Relaxed);
    late
}

/// The file that a call depends on most.
const ACTIONS: &str = match cfg!(feature = "exercise") {
    true => "step-05-full/src/exercise/actions.rs",
    false => "step-05-full/src/actions.rs",
};

/// A small frame, so that twenty tests can run at once on a small machine.
fn constraints(frame_rate: u32) -> MediaStreamConstraints {
    MediaStreamConstraints {
        source: SourceChoice::Pattern,
        resolution: Resolution::new(320, 240).ok(),
        frame_rate: Some(frame_rate),
    }
}

/// A source that is unplugged when the test wants it.
struct FakeCamera {
    pattern: TestPattern,
    is_unplugged: Box<dyn Fn() -> bool + Send>,
}

impl VideoSource for FakeCamera {
    fn label(&self) -> &str {
        "fake camera"
    }

    fn settings(&self) -> MediaTrackSettings {
        self.pattern.settings()
    }

    fn next_frame(&mut self) -> Result<Arc<VideoFrame>, SourceError> {
        if (self.is_unplugged)() {
            let label = self.label().to_owned();
            return Err(SourceError::Unplugged { label });
        }
        self.pattern.next_frame()
    }
}

fn stream(
    frame_rate: u32,
    is_unplugged: impl Fn() -> bool + Send + 'static,
    timeline: &Timeline,
) -> MediaStream {
    let camera = FakeCamera {
        pattern: TestPattern::new(&constraints(frame_rate)),
        is_unplugged: Box::new(is_unplugged),
    };
    let track = VideoTrack::start("video0".to_owned(), Box::new(camera), timeline.clone());
    MediaStream::new("stream0".to_owned(), track)
}

/// A camera that works.
pub(crate) fn camera(timeline: &Timeline) -> MediaStream {
    stream(30, || false, timeline)
}

/// A camera whose first frame in a call does not take long.
pub(crate) fn quick_camera(timeline: &Timeline) -> MediaStream {
    stream(120, || false, timeline)
}

/// A camera that works until someone pulls the plug, which makes this true.
pub(crate) fn camera_with_plug(pulled: &Arc<AtomicBool>, timeline: &Timeline) -> MediaStream {
    let pulled = Arc::clone(pulled);
    stream(30, move || pulled.load(Ordering::Acquire), timeline)
}

/// A camera that is unplugged as soon as the remote peer is connected.
pub(crate) fn camera_unplugged_in_mid_call(timeline: &Timeline) -> MediaStream {
    let states = timeline.clone();
    let connected = move || states.reached("remote", CONNECTION, "connected").is_some();
    stream(30, connected, timeline)
}

/// Waits until the figures of `call` are as wanted; fails at once when the call can never get there.
pub(crate) async fn until(call: &Call, wanted: &str, reached: impl Fn(&CallStats) -> bool) {
    let begun = Instant::now();
    while !reached(&call.stats()) {
        let stats = call.stats();
        assert!(
            !call.is_over() && stats.failure.is_none() && !is_late(begun),
            "1-1 to 2-5: {wanted} was expected, and never came (see {ACTIONS}): setup {:?}, {:?}, failure {:?}",
            stats.setup,
            stats.frames,
            stats.failure
        );
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Polls the page until it is as wanted.
pub(crate) fn poll_until(app: &mut App, wanted: &str, reached: impl Fn(&App) -> bool) {
    let begun = Instant::now();
    while !reached(app) {
        assert!(
            !is_late(begun) && app.call_failure().is_none(),
            "1-1 to 2-5: {wanted} was expected, and never came (see step-05-full/src/app.rs and {ACTIONS}): {:?}",
            app.call_failure()
        );
        app.refresh(Duration::from_millis(1));
        app.poll()
            .unwrap_or_else(|error| panic!("{wanted} was expected: {error}"));
    }
}

/// Waits until the action of the button that was pressed has ended.
pub(crate) fn wait_for_action(app: &mut App) -> Result<(), AppError> {
    let begun = Instant::now();
    while app.is_busy() {
        assert!(
            !is_late(begun),
            "1-1: the action of a button does not end; see {ACTIONS}"
        );
        app.poll()?;
        std::thread::yield_now();
    }
    Ok(())
}
