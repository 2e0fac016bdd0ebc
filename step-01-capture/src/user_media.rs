//! 1-2: `getUserMedia()`, from constraints to a live track.

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

/// Opens a source and starts capturing (1-2 of the note).
///
/// Blocks while a camera opens; call it from a thread that may block.
///
/// # Errors
/// W3C's names, each with its cause and what to do about it: [`GetUserMediaError`].
pub fn get_user_media(
    constraints: &MediaStreamConstraints,
    timeline: &Timeline,
) -> Result<MediaStream, GetUserMediaError> {
    tracing::info!(peer = "local", "1-2 getUserMedia: {constraints}");
    constraints.check_frame_rate()?;
    let source: Box<dyn VideoSource> = match &constraints.source {
        SourceChoice::Auto => camera_or_pattern(constraints),
        SourceChoice::Camera(number) => Box::new(Camera::open(*number, constraints)?),
        SourceChoice::Pattern => Box::new(TestPattern::new(constraints)),
        SourceChoice::File(path) => Box::new(Y4mFile::open(path, constraints)?),
    };
    let track = VideoTrack::start("video0".to_owned(), source, timeline.clone());
    Ok(MediaStream::new("stream0".to_owned(), track))
}
