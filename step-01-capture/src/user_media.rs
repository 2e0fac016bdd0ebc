//! 1-2: `getUserMedia()`.

use crate::media_stream::MediaStream;
use crate::media_stream_constraints::{MediaStreamConstraints, SourceChoice};
use crate::source::camera::Camera;
use crate::source::test_pattern::TestPattern;
use crate::source::y4m::Y4mFile;
use crate::timeline::Timeline;
use crate::video_source::VideoSource;
use crate::video_track::VideoTrack;

/// Frames a second that the tutorial handles.
pub const FRAME_RATES: std::ops::RangeInclusive<u32> = 1..=120;

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
    check_frame_rate(constraints)?;
    let source: Box<dyn VideoSource> = match &constraints.source {
        SourceChoice::Auto => camera_or_pattern(constraints),
        SourceChoice::Camera(number) => Box::new(Camera::open(*number, constraints)?),
        SourceChoice::Pattern => Box::new(TestPattern::new(constraints)),
        SourceChoice::File(path) => Box::new(Y4mFile::open(path, constraints)?),
    };
    let track = VideoTrack::start("video0".to_owned(), source, timeline.clone());
    Ok(MediaStream::new("stream0".to_owned(), track))
}

/// A reader without a camera sees a picture all the same, and why it is not the camera's.
fn camera_or_pattern(constraints: &MediaStreamConstraints) -> Box<dyn VideoSource> {
    match Camera::open(None, constraints) {
        Ok(camera) => Box::new(camera),
        Err(error) => {
            tracing::info!(peer = "local", "showing the test pattern ({error})");
            Box::new(TestPattern::new(constraints))
        }
    }
}

fn check_frame_rate(constraints: &MediaStreamConstraints) -> Result<(), GetUserMediaError> {
    match constraints.frame_rate {
        Some(rate) if !FRAME_RATES.contains(&rate) => Err(GetUserMediaError::Overconstrained {
            what: format!("the source {}", constraints.source),
            wish: format!("{rate} frames a second"),
            capabilities: format!("{} to {}", FRAME_RATES.start(), FRAME_RATES.end()),
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(source: SourceChoice, frame_rate: Option<u32>) -> String {
        let constraints = MediaStreamConstraints {
            source,
            resolution: None,
            frame_rate,
        };
        let timeline = Timeline::default();
        let error = get_user_media(&constraints, &timeline)
            .err()
            .expect("this must be refused");
        assert!(timeline.transitions().is_empty(), "no track was ever live");
        error.to_string()
    }

    #[test]
    fn a_frame_rate_out_of_range_is_refused_for_every_source() {
        insta::assert_snapshot!(
            refusal(SourceChoice::Pattern, Some(0)),
            @"OverconstrainedError: the source pattern cannot deliver 0 frames a second: it has 1 to 120"
        );
        insta::assert_snapshot!(
            refusal(SourceChoice::Auto, Some(121)),
            @"OverconstrainedError: the source auto cannot deliver 121 frames a second: it has 1 to 120"
        );
    }

    #[test]
    fn a_camera_number_that_does_not_exist_is_not_found() {
        let message = refusal(SourceChoice::Camera(Some(4_000_000)), None);
        assert!(message.starts_with("NotFoundError: no camera"), "{message}");
    }

    #[test]
    fn a_file_that_does_not_exist_is_not_found() {
        let message = refusal(SourceChoice::File("no-such.y4m".into()), None);
        assert!(
            message.starts_with("NotFoundError: no file no-such.y4m"),
            "{message}"
        );
    }
}
