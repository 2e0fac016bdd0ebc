//! The state of a track, which its owner and its thread share.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::timeline::{StateMachine, Timeline};
use crate::video_source::SourceError;

/// `MediaStreamTrack.readyState` (W3C Media Capture §4.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaStreamTrackState {
    /// The source delivers.
    Live,
    /// The source has stopped for good: a track is never live again.
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

/// Whether a track is live, whether its owner has stopped it, and why its source failed.
pub struct TrackState {
    stopped: AtomicBool,
    ended: AtomicBool,
    failure: OnceLock<SourceError>,
    timeline: Timeline,
}

impl TrackState {
    /// The state of a track that is live from now on.
    pub fn live(timeline: Timeline) -> Self {
        timeline.record("local", StateMachine::TRACK, MediaStreamTrackState::Live);
        Self {
            stopped: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            failure: OnceLock::new(),
            timeline,
        }
    }

    /// Asks the thread to stop.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
    }

    /// Whether the owner of the track wants no more frames.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// Keeps why the source failed, and traces it.
    pub fn fail(&self, error: SourceError) {
        tracing::warn!(peer = "local", "{error}");
        // A source fails once: the track has ended then.
        let _ = self.failure.set(error);
    }

    /// Why the source failed; none when it did not.
    pub fn failure(&self) -> Option<SourceError> {
        self.failure.get().cloned()
    }

    /// Ends the track, whoever asks for it. Only the first call is a transition.
    pub fn end(&self) {
        if !self.ended.swap(true, Ordering::AcqRel) {
            let ended = MediaStreamTrackState::Ended;
            self.timeline.record("local", StateMachine::TRACK, ended);
        }
    }

    /// Live or ended.
    pub fn ready_state(&self) -> MediaStreamTrackState {
        match self.ended.load(Ordering::Acquire) {
            true => MediaStreamTrackState::Ended,
            false => MediaStreamTrackState::Live,
        }
    }
}
