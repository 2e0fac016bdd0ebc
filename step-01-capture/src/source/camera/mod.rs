//! A camera of the machine: V4L2 on Linux, AVFoundation on macOS, Media Foundation on Windows, by way of nokhwa.

mod camera_thread;
mod device;
mod device_error;
mod device_list;
mod mode;
mod permission;
mod pixel_format;

use crate::media_stream_constraints::MediaStreamConstraints;
use crate::user_media_error::GetUserMediaError;
use crate::video_source::VideoSource;
use device_list::ListedCamera;

pub use camera_thread::Camera;
pub use device_list::{CameraDescription, list_cameras};
pub use mode::CameraMode;
pub use pixel_format::PixelFormat;

impl Camera {
    /// Opens the camera with this number, or the first that can be opened, in the mode that fits the constraints best:
    /// exactly the size asked for, and the highest rate that is not above the one asked for. Waits for the first
    /// frame, so that a camera that delivers nothing is an error here, and not a black window.
    ///
    /// # Errors
    /// Every [`GetUserMediaError`].
    pub fn open(
        number: Option<u32>,
        constraints: &MediaStreamConstraints,
    ) -> Result<Self, GetUserMediaError> {
        permission::ask()?;
        let mut first_error = None;
        for camera in choose(number, device_list::query())? {
            match Self::open_one(camera, constraints.clone()) {
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
        ListedCamera { number, label }: ListedCamera,
        constraints: MediaStreamConstraints,
    ) -> Result<Self, GetUserMediaError> {
        let name = label.clone();
        let open = move || device::open(number, name, &constraints);
        let mut camera = Self::spawn(label.clone(), open)?;
        match camera.next_frame() {
            Ok(_) => Ok(camera),
            Err(error) => Err(device_error::first_frame_error(number, &label, &error)),
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
    if cameras.is_empty() {
        return Err(no_camera());
    }
    let describe = |camera: &ListedCamera| format!("{} ({})", camera.number, camera.label);
    let known: Vec<String> = cameras.iter().map(describe).collect();
    match cameras.into_iter().find(|camera| camera.number == wanted) {
        Some(camera) => Ok(vec![camera]),
        None => Err(GetUserMediaError::NotFound {
            what: format!("no camera {wanted}"),
            hint: format!("there is {}", known.join(", ")),
        }),
    }
}

fn no_camera() -> GetUserMediaError {
    GetUserMediaError::NotFound {
        what: "no camera".to_owned(),
        hint: "plug one in, or use --source pattern".to_owned(),
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
    fn without_any_camera_the_error_says_what_to_do() {
        let error = choose(Some(0), Vec::new()).expect_err("there is none");
        insta::assert_snapshot!(
            error,
            @"NotFoundError: no camera: plug one in, or use --source pattern"
        );
    }
}
