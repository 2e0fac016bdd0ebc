//! A `MediaStreamTrack` of kind video.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::latest_frame::{LatestFrame, LatestFrameWriter, latest_frame};
use crate::timeline::{StateMachine, Timeline};
use crate::video_source::{MediaTrackSettings, SourceError, VideoSource};

/// `MediaStreamTrack.readyState` (W3C Media Capture §4.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaStreamTrackState {
    /// The source delivers.
    Live,
    /// The source has stopped for good: a track never comes back to life.
    Ended,
}

impl std::fmt::Display for MediaStreamTrackState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Live => "live",
            Self::Ended => "ended",
        })
    }
}

/// A live picture, and the owner of the thread that fetches it from the source.
///
/// Dropping the track stops it. Readers obtained from [`VideoTrack::frames`] then see the end.
pub struct VideoTrack {
    id: String,
    label: String,
    settings: MediaTrackSettings,
    state: Arc<TrackState>,
    frames: LatestFrame,
    thread: Option<JoinHandle<()>>,
}

/// What the capture thread and the track both know.
struct TrackState {
    stop: AtomicBool,
    failure: Mutex<Option<SourceError>>,
    ended: AtomicBool,
    timeline: Timeline,
}

impl TrackState {
    /// The one place where a track ends, whoever ends it.
    fn end(&self) {
        if !self.ended.swap(true, Ordering::AcqRel) {
            let ended = MediaStreamTrackState::Ended;
            self.timeline.record("local", StateMachine::TRACK, ended);
        }
    }
}

impl VideoTrack {
    /// Starts fetching frames from `source` on a thread of its own, until the source fails or the track is stopped.
    pub fn start(id: String, source: Box<dyn VideoSource>, timeline: Timeline) -> Self {
        let (writer, frames) = latest_frame();
        let (label, settings) = (source.label().to_owned(), source.settings());
        timeline.record("local", StateMachine::TRACK, MediaStreamTrackState::Live);
        let state = Arc::new(TrackState {
            stop: AtomicBool::new(false),
            failure: Mutex::new(None),
            ended: AtomicBool::new(false),
            timeline,
        });
        let thread = std::thread::spawn({
            let state = Arc::clone(&state);
            move || capture(source, &writer, &state)
        });
        Self {
            id,
            label,
            settings,
            state,
            frames,
            thread: Some(thread),
        }
    }

    /// The track's identifier, the second word of `a=msid` (RFC 8830).
    pub fn id(&self) -> &str {
        &self.id
    }

    /// A name for people (W3C `MediaStreamTrack.label`).
    pub fn label(&self) -> &str {
        &self.label
    }

    /// What the source really delivers (W3C `getSettings()`).
    pub fn settings(&self) -> MediaTrackSettings {
        self.settings
    }

    /// Live or ended (W3C `readyState`).
    pub fn ready_state(&self) -> MediaStreamTrackState {
        if self.state.ended.load(Ordering::Acquire) {
            MediaStreamTrackState::Ended
        } else {
            MediaStreamTrackState::Live
        }
    }

    /// Why the source ended by itself; none while it is live, and none after [`VideoTrack::stop`].
    pub fn failure(&self) -> Option<SourceError> {
        self.state
            .failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// A new reader of the newest frame. Any number of them may read at the same time.
    pub fn frames(&self) -> LatestFrame {
        self.frames.clone()
    }

    /// Ends the track and closes the source (W3C `MediaStreamTrack.stop()`). Waits for the capture thread, so the
    /// camera is free for others when this returns.
    pub fn stop(&mut self) {
        self.state.stop.store(true, Ordering::Release);
        self.state.end();
        if let Some(thread) = self.thread.take() {
            // A source that panicked has nothing left to stop; the track has ended either way.
            let _ = thread.join();
        }
    }
}

impl Drop for VideoTrack {
    fn drop(&mut self) {
        self.stop();
    }
}

fn capture(mut source: Box<dyn VideoSource>, frames: &LatestFrameWriter, state: &TrackState) {
    while !state.stop.load(Ordering::Acquire) {
        match source.next_frame() {
            Ok(frame) => frames.put(Arc::new(frame)),
            Err(error) => {
                tracing::warn!(peer = "local", "{error}");
                *state.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                break;
            }
        }
    }
    state.end();
}
