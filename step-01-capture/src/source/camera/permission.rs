//! The permission to use the camera.

use std::sync::mpsc;
use std::time::Duration;

use crate::user_media_error::GetUserMediaError;

/// Time for a person to read the question and to answer it.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// On macOS, asks the user the first time and waits for the answer. Elsewhere the answer is yes at once, and the
/// permission is checked when the device is opened.
pub(super) fn ask() -> Result<(), GetUserMediaError> {
    let (sender, answer) = mpsc::channel();
    nokhwa::nokhwa_initialize(move |granted| {
        // Nobody listens any more when the time to answer is over.
        let _ = sender.send(granted);
    });
    match answer.recv_timeout(ANSWER_TIMEOUT) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(GetUserMediaError::NotAllowed {
            what: "the camera".to_owned(),
            hint: "allow it for the terminal in System Settings, Privacy & Security, Camera"
                .to_owned(),
        }),
    }
}
