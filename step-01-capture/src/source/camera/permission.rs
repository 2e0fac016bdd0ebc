//! The question "may this program use the camera?".

use std::sync::mpsc;
use std::time::Duration;

use crate::user_media_error::GetUserMediaError;

/// Time for a person to read the question and to answer it.
const TIME_TO_ANSWER: Duration = Duration::from_secs(60);

/// On macOS, asks the user the first time and waits for the answer. Elsewhere the answer is yes at once, and opening
/// the device tells whether it is true.
pub(super) fn ask() -> Result<(), GetUserMediaError> {
    let (sender, receiver) = mpsc::channel();
    nokhwa::nokhwa_initialize(move |granted| {
        // Nobody listens any more when the time to answer is over.
        let _ = sender.send(granted);
    });
    match receiver.recv_timeout(TIME_TO_ANSWER) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(GetUserMediaError::NotAllowed {
            what: "the camera".to_owned(),
            hint: "allow it for the terminal in System Settings, Privacy & Security, Camera"
                .to_owned(),
        }),
    }
}
