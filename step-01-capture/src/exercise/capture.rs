//! The exercise of step 01, first part: the loop of a track's thread (1-2 of the note).
//!
//! `cargo test -p step-01-capture --features exercise` names what comes next. Compare with
//! `src/capture.rs` when you are done.
#![allow(unused, reason = "the bodies are yours to write")]

use crate::latest_frame::LatestFrameWriter;
use crate::track_state::TrackState;
use crate::video_source::VideoSource;

/// 1-2: ask `source` for frame after frame and put each into the channel, where it replaces the one before it: live
/// video has no use for a queue.
///
/// - `source.next_frame()` waits for a frame, and `frames.put(frame)` puts it into the channel.
/// - When the track is stopped (`state.is_stopped()`, look before each frame), stop.
/// - When the source fails, keep the reason with `state.fail(error)`, and stop.
/// - In both cases the track is then `ended` (W3C Media Capture §4.3.1): `state.end()`.
pub fn capture(mut source: Box<dyn VideoSource>, frames: &LatestFrameWriter, state: &TrackState) {
    todo!(
        "1-2 capture: put every frame into the channel, then end the track; see step-01-capture/src/exercise/capture.rs"
    )
}
