//! 1-2: `getUserMedia()`.

use crate::media_stream::MediaStream;
use crate::media_stream_constraints::{MediaStreamConstraints, SourceChoice};
use crate::source::test_pattern::TestPattern;
use crate::timeline::Timeline;
use crate::video_source::VideoSource;
use crate::video_track::VideoTrack;

/// Why there is no stream (W3C Media Capture §9.3.1, the errors of `getUserMedia()`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GetUserMediaError {
    /// No such device or file.
    #[error("NotFoundError: {what}: {way_out}")]
    NotFound {
        /// What was looked for.
        what: String,
        /// What the reader can do about it.
        way_out: String,
    },
    /// The system forbids it.
    #[error("NotAllowedError: {what} may not be opened: {way_out}")]
    NotAllowed {
        /// The device or file.
        what: String,
        /// What the reader can do about it.
        way_out: String,
    },
    /// It is there, it is allowed, and it does not deliver: busy, unplugged, silent, damaged.
    #[error("NotReadableError: {what}: {cause}: {way_out}")]
    NotReadable {
        /// The device or file.
        what: String,
        /// What the system or the file said.
        cause: String,
        /// What the reader can do about it.
        way_out: String,
    },
    /// It cannot do what was asked of it.
    #[error("OverconstrainedError: {what} cannot deliver {wish}: it has {capabilities}")]
    Overconstrained {
        /// The device or file.
        what: String,
        /// The constraint that cannot be met.
        wish: String,
        /// What it can do.
        capabilities: String,
    },
}

/// Opens a source and starts capturing (1-2 of the note).
///
/// Blocks while a camera opens; call it from a thread that may block.
///
/// # Errors
/// W3C's four reasons, each with its cause and the way out: [`GetUserMediaError`].
pub fn get_user_media(
    constraints: &MediaStreamConstraints,
    timeline: &Timeline,
) -> Result<MediaStream, GetUserMediaError> {
    let source: Box<dyn VideoSource> = match &constraints.source {
        SourceChoice::Auto | SourceChoice::Pattern => Box::new(TestPattern::new(constraints)),
        SourceChoice::Camera(_) | SourceChoice::File(_) => todo!(),
    };
    let track = VideoTrack::start("video0".to_owned(), source, timeline.clone());
    Ok(MediaStream::new("stream0".to_owned(), track))
}
