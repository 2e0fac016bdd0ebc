//! 1-2: `getUserMedia()`, from a wish to a live track and to what a description says of it.

use std::sync::Arc;

use crate::latest_frame::LatestFrameWriter;
use crate::media_stream::MediaStream;
use crate::media_stream_constraints::{MediaStreamConstraints, SourceChoice};
use crate::source::camera::Camera;
use crate::source::camera_or_pattern;
use crate::source::pattern::TestPattern;
use crate::source::y4m::Y4mFile;
use crate::timeline::Timeline;
use crate::track_state::TrackState;
use crate::user_media_error::GetUserMediaError;
use crate::video_source::{MediaTrackSettings, VideoSource};
use crate::video_track::VideoTrack;

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

/// The work of a track's thread: every frame of `source` replaces the one before it, until the track is stopped or
/// the source fails. Either way the track has then ended for good (W3C Media Capture §4.3.1).
pub(crate) fn capture(
    mut source: Box<dyn VideoSource>,
    frames: &LatestFrameWriter,
    state: &TrackState,
) {
    while !state.is_stopped() {
        match source.next_frame() {
            Ok(frame) => frames.put(Arc::new(frame)),
            Err(error) => {
                state.fail(error);
                break;
            }
        }
    }
    state.end();
}

/// What the capture knows of its `m=video` section, as SDP lines that each end with a line feed.
///
/// - `a=msid`: the stream and the track, so that the other peer can group tracks as they were (RFC 8830 §2)
/// - `a=sendonly`: the capture is sent, and receives nothing (RFC 8866 §6.7)
/// - `a=framerate`: frames a second at most (RFC 8866 §6.13)
/// - `a=imageattr`: the size that is sent, for every payload type (RFC 6236 §3.1.1)
pub(crate) fn media_section(
    stream_id: &str,
    track_id: &str,
    settings: MediaTrackSettings,
) -> String {
    let (width, height) = (settings.resolution.width(), settings.resolution.height());
    format!(
        "m=video 9 UDP/TLS/RTP/SAVPF *\n\
         a=msid:{stream_id} {track_id}\n\
         a=sendonly\n\
         a=framerate:{}\n\
         a=imageattr:* send [x={width},y={height}]\n",
        settings.frame_rate,
    )
}
