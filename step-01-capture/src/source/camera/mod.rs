//! A camera of the machine: V4L2 on Linux, AVFoundation on macOS, Media Foundation on Windows, by way of nokhwa.

mod capture_thread;
mod device;
mod device_error;
mod device_list;
mod mode;
mod permission;

use std::time::Duration;

use crate::VideoFrame;
use crate::media_stream_constraints::MediaStreamConstraints;
use crate::user_media_error::GetUserMediaError;
use crate::video_source::{MediaTrackSettings, SILENCE, SourceError, VideoSource};
use capture_thread::CaptureThread;
use device_list::ListedCamera;

pub use device_list::{CameraDescription, list_cameras};
pub use mode::CameraMode;

/// An open camera that has delivered its first picture.
pub struct Camera {
    label: String,
    settings: MediaTrackSettings,
    thread: CaptureThread,
}

impl Camera {
    /// Opens the camera with this number, or the first that can be opened, in the mode that fits the constraints best:
    /// exactly the size asked for, and the highest rate that is not above the one asked for. Waits for the first
    /// picture, so that a camera that is covered by another program or delivers nothing is told here, and not by a
    /// black screen.
    ///
    /// # Errors
    /// All of W3C's four: see [`GetUserMediaError`].
    pub fn open(
        number: Option<u32>,
        constraints: &MediaStreamConstraints,
    ) -> Result<Self, GetUserMediaError> {
        permission::ask()?;
        let cameras = device_list::query();
        let chosen = choose(number, cameras)?;
        let mut first_error = None;
        for camera in chosen {
            match Self::open_one(camera, constraints) {
                Ok(camera) => return Ok(camera),
                Err(error) => {
                    tracing::debug!(peer = "local", "{error}");
                    first_error.get_or_insert(error);
                }
            }
        }
        Err(first_error.unwrap_or_else(no_camera))
    }

    fn open_one(
        camera: ListedCamera,
        constraints: &MediaStreamConstraints,
    ) -> Result<Self, GetUserMediaError> {
        let ListedCamera { number, label } = camera;
        let constraints = constraints.clone();
        let name = label.clone();
        let (mut thread, settings) = CaptureThread::spawn(label.clone(), move || {
            device::open(number, name, &constraints)
        })?;
        match thread.next_frame(SILENCE) {
            Ok(_) => Ok(Self {
                label,
                settings,
                thread,
            }),
            Err(error) => Err(device_error::at_first_frame(number, &label, &error)),
        }
    }
}

/// The cameras to try, in their order.
fn choose(
    number: Option<u32>,
    cameras: Vec<ListedCamera>,
) -> Result<Vec<ListedCamera>, GetUserMediaError> {
    let Some(wanted) = number else {
        return Ok(cameras);
    };
    let known: Vec<String> = cameras
        .iter()
        .map(|camera| format!("{} ({})", camera.number, camera.label))
        .collect();
    let chosen: Vec<_> = cameras.into_iter().filter(|c| c.number == wanted).collect();
    if !chosen.is_empty() {
        Ok(chosen)
    } else if known.is_empty() {
        Err(no_camera())
    } else {
        Err(GetUserMediaError::NotFound {
            what: format!("no camera {wanted}"),
            hint: format!("there is {}", known.join(", ")),
        })
    }
}

fn no_camera() -> GetUserMediaError {
    GetUserMediaError::NotFound {
        what: "no camera".to_owned(),
        hint: "plug one in, or use --source pattern".to_owned(),
    }
}

impl VideoSource for Camera {
    fn label(&self) -> &str {
        &self.label
    }

    fn settings(&self) -> MediaTrackSettings {
        self.settings
    }

    fn next_frame(&mut self) -> Result<VideoFrame, SourceError> {
        const TIMEOUT: Duration = SILENCE;
        self.thread.next_frame(TIMEOUT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cameras() -> Vec<ListedCamera> {
        let camera = |number, label: &str| ListedCamera {
            number,
            label: label.to_owned(),
        };
        vec![camera(0, "Integrated Camera"), camera(2, "USB Camera")]
    }

    fn numbers(number: Option<u32>) -> Result<Vec<u32>, String> {
        choose(number, cameras())
            .map(|chosen| chosen.iter().map(|camera| camera.number).collect())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn without_a_number_every_camera_is_tried_in_order() {
        assert_eq!(numbers(None), Ok(vec![0, 2]));
    }

    #[test]
    fn with_a_number_only_that_camera_is_tried() {
        assert_eq!(numbers(Some(2)), Ok(vec![2]));
    }

    #[test]
    fn a_number_that_does_not_exist_is_answered_with_those_that_do() {
        insta::assert_snapshot!(
            numbers(Some(1)).expect_err("there is no camera 1"),
            @"NotFoundError: no camera 1: there is 0 (Integrated Camera), 2 (USB Camera)"
        );
    }

    #[test]
    fn a_machine_without_a_camera_is_told_what_to_do() {
        let error = choose(Some(0), Vec::new()).expect_err("there is none");
        insta::assert_snapshot!(
            error,
            @"NotFoundError: no camera: plug one in, or use --source pattern"
        );
    }
}
