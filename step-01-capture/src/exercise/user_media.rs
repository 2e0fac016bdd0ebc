//! The exercise of step 01, second part: constraints become a live track (1-2 of the note).
//!
//! `cargo test -p step-01-capture --features exercise` names what comes next. Compare with `src/user_media.rs` when you
//! are done.
#![allow(unused, reason = "the bodies are yours to write")]

use crate::media_stream::MediaStream;
use crate::media_stream_constraints::{MediaStreamConstraints, SourceChoice};
use crate::source::camera::Camera;
use crate::source::camera_or_pattern;
use crate::source::pattern::TestPattern;
use crate::source::y4m::Y4mFile;
use crate::timeline::Timeline;
use crate::user_media_error::GetUserMediaError;
use crate::video_source::VideoSource;
use crate::video_track::VideoTrack;

/// 1-2: open the source that `constraints` ask for, start a track on it, and put the track into a stream.
///
/// 1. Reject a frame rate that no source has before you open anything: `constraints.check_frame_rate()`.
/// 2. `&constraints.source` is one of four sources. Make a `Box<dyn VideoSource>` of each; the code below that does not know
///    which one it is. That is what adapter.js does for a browser.
///    - `Auto`: [`camera_or_pattern`]`(constraints)`, which is boxed already
///    - `Camera(number)`: [`Camera::open`]`(*number, constraints)`
///    - `Pattern`: [`TestPattern::new`]`(constraints)`
///    - `File(path)`: [`Y4mFile::open`]`(path, constraints)`
/// 3. [`VideoTrack::start`]`(id, source, timeline)` makes the track `live`, and [`MediaStream::new`]`(id, track)` its stream. The
///    ids are `video0` and `stream0`; a [`Timeline`] is cloned.
///
/// # Errors
/// [`GetUserMediaError`], as the source returned it (W3C Media Capture §10.1.1). No track was ever live then.
pub fn get_user_media(
    constraints: &MediaStreamConstraints,
    timeline: &Timeline,
) -> Result<MediaStream, GetUserMediaError> {
    tracing::info!(peer = "local", "1-2 getUserMedia: {constraints}");
    todo!(
        "1-2 get_user_media: open the source, start a track, return its stream; see step-01-capture/src/exercise/user_media.rs"
    )
}
