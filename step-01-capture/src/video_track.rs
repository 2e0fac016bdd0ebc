//! A `MediaStreamTrack` of kind video.

use std::sync::Arc;
use std::thread::JoinHandle;

use crate::capture::capture;
use crate::latest_frame::{LatestFrame, latest_frame};
use crate::timeline::Timeline;
use crate::track_state::{MediaStreamTrackState, TrackState};
use crate::video_source::{MediaTrackSettings, SourceError, VideoSource};

/// The live video of one source, and the owner of the thread that reads it.
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

impl VideoTrack {
    /// Starts reading frames from `source` on a thread of its own, until the source fails or the track is stopped.
    pub fn start(id: String, source: Box<dyn VideoSource>, timeline: Timeline) -> Self {
        let (writer, frames) = latest_frame();
        let (label, settings) = (source.label().to_owned(), source.settings());
        let state = Arc::new(TrackState::live(timeline));
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

    /// The track's identifier, the second word of `a=msid` (RFC 8830 §2).
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
        self.state.ready_state()
    }

    /// Why the source failed; none while it is live, and none after [`VideoTrack::stop`].
    pub fn failure(&self) -> Option<SourceError> {
        self.state.failure()
    }

    /// A new reader of the newest frame. Any number of them may read at the same time.
    pub fn frames(&self) -> LatestFrame {
        self.frames.clone()
    }

    /// Ends the track and closes the source (W3C `MediaStreamTrack.stop()`). Waits for the capture thread, so the
    /// camera is free for others when this returns.
    pub fn stop(&mut self) {
        self.state.stop();
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
