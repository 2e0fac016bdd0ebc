//! 1-2: the loop of a track's thread.

use crate::latest_frame::LatestFrameWriter;
use crate::track_state::TrackState;
use crate::video_source::VideoSource;

/// Puts every frame of `source` into the channel, where it replaces the one before it, until the track is stopped or
/// the source fails. Either way the track has then ended for good (W3C Media Capture §4.3.1).
pub fn capture(mut source: Box<dyn VideoSource>, frames: &LatestFrameWriter, state: &TrackState) {
    while !state.is_stopped() {
        match source.next_frame() {
            Ok(frame) => frames.put(frame),
            Err(error) => {
                state.fail(error);
                break;
            }
        }
    }
    state.end();
}
