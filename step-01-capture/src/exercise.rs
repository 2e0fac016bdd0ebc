//! The exercise of step 01: a wish becomes a live track (1-2 of the note).
//!
//! `cargo test -p step-01-capture --features exercise` tells what is missing. Compare with `user_media.rs` when you
//! are done.

use crate::latest_frame::LatestFrameWriter;
use crate::media_stream::MediaStream;
use crate::media_stream_constraints::MediaStreamConstraints;
use crate::source::camera_or_pattern;
use crate::timeline::Timeline;
use crate::track_state::TrackState;
use crate::user_media_error::GetUserMediaError;
use crate::video_source::{MediaTrackSettings, VideoSource};
use crate::video_track::VideoTrack;

/// 1-2: open the source that `constraints` ask for, start a track on it, and put the track into a stream.
///
/// 1. A frame rate that no source has is refused before anything is opened: `constraints.check_frame_rate()`.
/// 2. `constraints.source` names one of four sources; each becomes a `Box<dyn VideoSource>`, and from there on nobody
///    can tell which it was. That is what adapter.js does for a browser. `Auto` is [`camera_or_pattern`], the others
///    are `Camera::open`, `TestPattern::new` and `Y4mFile::open`.
/// 3. [`VideoTrack::start`] makes the track `live`. Call it `video0`, and its stream `stream0`.
///
/// # Errors
/// [`GetUserMediaError`], as the source gave it (W3C Media Capture §9.3.1). No track was ever live then.
pub fn get_user_media(
    constraints: &MediaStreamConstraints,
    timeline: &Timeline,
) -> Result<MediaStream, GetUserMediaError> {
    let _at_hand = (camera_or_pattern, VideoTrack::start, MediaStream::new);
    let _asked_for = (
        constraints.check_frame_rate(),
        &constraints.source,
        timeline,
    );
    todo!(
        "1-2 get_user_media: open the source, start a track, return its stream; see step-01-capture/src/exercise.rs"
    )
}

/// 1-2: the work of a track's thread. Ask `source` for frame after frame and put each into the channel, where it
/// replaces the one before it: live video has no use for a queue.
///
/// - When the track is stopped (`state.is_stopped()`, look before each frame), stop.
/// - When the source fails, keep the reason with `state.fail(error)`, and stop.
/// - However it came to its end, the track is then `ended` (W3C Media Capture §4.3.1): `state.end()`.
pub(crate) fn capture(
    source: Box<dyn VideoSource>,
    frames: &LatestFrameWriter,
    state: &TrackState,
) {
    let _at_hand = (source.label(), LatestFrameWriter::put, frames);
    let _of_the_track = (state.is_stopped(), TrackState::fail, TrackState::end);
    todo!(
        "1-2 capture: put every frame into the channel, then end the track; see step-01-capture/src/exercise.rs"
    )
}

/// 1-2: what the capture knows of its `m=video` section, five SDP lines that each end with a line feed.
///
/// 1. `m=video 9 UDP/TLS/RTP/SAVPF *`: port 9 is "discard", `*` stands in for the payload types (RFC 8866 §5.14)
/// 2. `a=msid:` the stream, a space, the track (RFC 8830 §2)
/// 3. `a=sendonly`: a capture receives nothing (RFC 8866 §6.7)
/// 4. `a=framerate:` frames a second (RFC 8866 §6.13)
/// 5. `a=imageattr:* send [x=640,y=480]` with the true size (RFC 6236 §3.1.1)
pub(crate) fn media_section(
    stream_id: &str,
    track_id: &str,
    settings: MediaTrackSettings,
) -> String {
    let _of_the_track = (stream_id, track_id, settings);
    todo!("1-2 media_section: write the five lines of m=video; see step-01-capture/src/exercise.rs")
}
