//! W3C's names (Media Capture §10.1.1) for what the system reports about a camera, each with a hint.
//!
//! nokhwa reports errors as text. On Linux the text contains the system's error number.

use crate::user_media_error::GetUserMediaError;
use crate::video_source::SourceError;

/// nokhwa's text when a device has no mode in any of the formats asked for. (The spelling is nokhwa's.)
const NO_MODE: &str = "Failed to Fufill";
const FRACTIONAL_RATE: &str = "Framerate not whole number";
const UNKNOWN_FORMAT: &str = "FrameFormat: unsupported";

/// Why a camera could not be opened.
pub(super) fn open_error(number: u32, label: &str, text: &str) -> GetUserMediaError {
    let what = format!("camera {number} ({label})");
    let not_readable = |cause: &str, hint: &str| GetUserMediaError::NotReadable {
        what: what.clone(),
        cause: cause.to_owned(),
        hint: hint.to_owned(),
    };
    match system_error(text) {
        Some(1 | 13) => GetUserMediaError::NotAllowed {
            what,
            hint: "join the group video with `sudo usermod -aG video $USER` and log in again"
                .to_owned(),
        },
        Some(2 | 6 | 19) => GetUserMediaError::NotFound {
            what: format!("{what} is gone"),
            hint: "plug it in again".to_owned(),
        },
        Some(16) => not_readable(
            "another program is using it",
            "close that program, or use --source pattern",
        ),
        _ if text.contains(NO_MODE) => not_readable(
            "it has no frames in NV12, YUYV or MJPEG at a whole frame rate",
            "see --list-cameras for another one, or use --source pattern",
        ),
        _ if text.contains(FRACTIONAL_RATE) => not_readable(
            "it was left at a frame rate that is no whole number",
            &format!("reset it with `v4l2-ctl -d /dev/video{number} --set-parm 30`"),
        ),
        _ if text.contains(UNKNOWN_FORMAT) => not_readable(
            "it was left in a pixel format that is not known here",
            &format!("reset it with `v4l2-ctl -d /dev/video{number} -v pixelformat=YUYV`"),
        ),
        _ => not_readable(text, "plug it in again, or use --source pattern"),
    }
}

/// Why a camera that opened has not delivered a first frame.
pub(super) fn first_frame_error(
    number: u32,
    label: &str,
    error: &SourceError,
) -> GetUserMediaError {
    match error {
        SourceError::Failed { cause, .. } => open_error(number, label, cause),
        SourceError::Unplugged { .. } => open_error(number, label, "(os error 19)"),
        SourceError::Silent { .. } => GetUserMediaError::NotReadable {
            what: format!("camera {number} ({label})"),
            cause: "it opens and sends no frame".to_owned(),
            hint: "open its privacy shutter, or plug it in again".to_owned(),
        },
    }
}

/// Why a camera that delivered has stopped.
pub(super) fn frame_error(label: &str, text: &str) -> SourceError {
    let label = label.to_owned();
    match system_error(text) {
        Some(19) => SourceError::Unplugged { label },
        _ => SourceError::Failed {
            label,
            cause: text.to_owned(),
        },
    }
}

/// The number in `... (os error 16)`.
fn system_error(text: &str) -> Option<i32> {
    let (_, number) = text.rsplit_once("(os error ")?;
    number.split_once(')')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opening(text: &str) -> String {
        open_error(0, "Cam", text).to_string()
    }

    #[test]
    fn every_cause_has_its_w3c_name_and_a_hint() {
        insta::assert_snapshot!(opening("V4L2 Error: Permission denied (os error 13)"), @"NotAllowedError: camera 0 (Cam) may not be opened: join the group video with `sudo usermod -aG video $USER` and log in again");
        insta::assert_snapshot!(opening("Device or resource busy (os error 16)"), @"NotReadableError: camera 0 (Cam): another program is using it: close that program, or use --source pattern");
        insta::assert_snapshot!(opening("No such device (os error 19)"), @"NotFoundError: camera 0 (Cam) is gone: plug it in again");
        insta::assert_snapshot!(opening("Could not get device property V4L2 FrameRate: Framerate not whole number: 15 / 2"), @"NotReadableError: camera 0 (Cam): it was left at a frame rate that is no whole number: reset it with `v4l2-ctl -d /dev/video0 --set-parm 30`");
        insta::assert_snapshot!(opening("Could not get device property CameraFormat: Failed to Fufill"), @"NotReadableError: camera 0 (Cam): it has no frames in NV12, YUYV or MJPEG at a whole frame rate: see --list-cameras for another one, or use --source pattern");
        insta::assert_snapshot!(opening("Could not get device property FrameFormat: unsupported"), @"NotReadableError: camera 0 (Cam): it was left in a pixel format that is not known here: reset it with `v4l2-ctl -d /dev/video0 -v pixelformat=YUYV`");
        insta::assert_snapshot!(opening("something new"), @"NotReadableError: camera 0 (Cam): something new: plug it in again, or use --source pattern");
    }

    #[test]
    fn a_camera_that_opens_and_stays_silent_is_not_readable() {
        let silent = SourceError::Silent {
            label: "Cam".to_owned(),
        };
        insta::assert_snapshot!(
            first_frame_error(0, "Cam", &silent),
            @"NotReadableError: camera 0 (Cam): it opens and sends no frame: open its privacy shutter, or plug it in again"
        );
    }

    #[test]
    fn a_camera_that_is_gone_was_unplugged() {
        let error = frame_error(
            "Cam",
            "Could not capture frame: No such device (os error 19)",
        );
        assert!(matches!(error, SourceError::Unplugged { .. }), "{error}");
        let error = frame_error(
            "Cam",
            "Could not capture frame: Input/output error (os error 5)",
        );
        assert!(matches!(error, SourceError::Failed { .. }), "{error}");
    }
}
