//! What a track and its thread both know.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::timeline::{StateMachine, Timeline};
use crate::video_source::SourceError;
use crate::video_track::MediaStreamTrackState;

/// Whether a track is live, whether it shall be, and why it is not.
pub(crate) struct TrackState {
    stop: AtomicBool,
    failure: Mutex<Option<SourceError>>,
    ended: AtomicBool,
    timeline: Timeline,
}

impl TrackState {
    /// The state of a track that is live from now on.
    pub(crate) fn live(timeline: Timeline) -> Self {
        timeline.record("local", StateMachine::TRACK, MediaStreamTrackState::Live);
        Self {
            stop: AtomicBool::new(false),
            failure: Mutex::new(None),
            ended: AtomicBool::new(false),
            timeline,
        }
    }

    /// Asks the thread to stop.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Release);
    }

    /// Whether the owner of the track wants no more frames.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// Keeps why the source gave up, and tells of it.
    pub(crate) fn fail(&self, error: SourceError) {
        tracing::warn!(peer = "local", "{error}");
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    /// Why the source gave up; none when it did not.
    pub(crate) fn failure(&self) -> Option<SourceError> {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.clone()
    }

    /// The one place where a track ends, whoever ends it. A track ends once.
    pub(crate) fn end(&self) {
        if !self.ended.swap(true, Ordering::AcqRel) {
            let ended = MediaStreamTrackState::Ended;
            self.timeline.record("local", StateMachine::TRACK, ended);
        }
    }

    /// Live or ended.
    pub(crate) fn ready_state(&self) -> MediaStreamTrackState {
        match self.ended.load(Ordering::Acquire) {
            true => MediaStreamTrackState::Ended,
            false => MediaStreamTrackState::Live,
        }
    }
}
