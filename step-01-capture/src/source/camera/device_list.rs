//! Which cameras there are: W3C's `enumerateDevices()` (Media Capture §9.2).

use std::fmt;
#[cfg(target_os = "linux")]
use std::path::Path;

use super::device;
use super::mode::{self, CameraMode};
use crate::user_media_error::GetUserMediaError;

/// A device that may be a camera, before it is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListedCamera {
    pub(super) number: u32,
    pub(super) label: String,
}

/// What `--list-cameras` prints about a device.
#[derive(Debug, Clone)]
pub struct CameraDescription {
    /// The N of `--source camera:N`. On Linux also the N of `/dev/videoN`.
    pub number: u32,
    /// The camera's name.
    pub label: String,
    /// What it can deliver that can also be shown, or why it cannot be opened. Many USB cameras have a second device,
    /// for metadata: it has no modes.
    pub modes: Result<Vec<CameraMode>, GetUserMediaError>,
}

impl fmt::Display for CameraDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "camera:{} {}: ", self.number, self.label)?;
        match &self.modes {
            Ok(modes) => f.write_str(&mode::capabilities(modes)),
            Err(error) => write!(f, "{error}"),
        }
    }
}

/// Opens every camera for a moment and asks what it can do. Sorted by number.
pub fn list_cameras() -> Vec<CameraDescription> {
    query()
        .into_iter()
        .map(|ListedCamera { number, label }| CameraDescription {
            modes: device::modes(number, &label),
            number,
            label,
        })
        .collect()
}

/// The video devices, sorted by number. V4L2 has no more than 256.
///
/// Not by `nokhwa::query`: it panics when something in `/dev` is called `video` without a number.
#[cfg(target_os = "linux")]
pub(super) fn query() -> Vec<ListedCamera> {
    let device = |number: &u32| format!("/dev/video{number}");
    let numbers = (0..256).filter(|number| Path::new(&device(number)).exists());
    numbers
        .map(|number| {
            let path = format!("/sys/class/video4linux/video{number}/name");
            let label = std::fs::read_to_string(path).map(|name| name.trim().to_owned());
            ListedCamera {
                number,
                label: label.unwrap_or_else(|_| device(&number)),
            }
        })
        .collect()
}

/// The video devices, sorted by number.
#[cfg(not(target_os = "linux"))]
pub(super) fn query() -> Vec<ListedCamera> {
    let mut cameras: Vec<_> = nokhwa::query(nokhwa::utils::ApiBackend::Auto)
        .unwrap_or_default()
        .iter()
        .filter_map(|info| {
            Some(ListedCamera {
                number: info.index().as_index().ok()?,
                label: info.human_name(),
            })
        })
        .collect();
    cameras.sort_unstable_by_key(|camera| camera.number);
    cameras
}

#[cfg(test)]
mod tests {
    use super::*;
    use nokhwa::utils::{CameraFormat, FrameFormat};

    #[test]
    fn a_camera_is_described_in_one_line() {
        let mode = |frame_rate| {
            let format = CameraFormat::new_from(640, 480, FrameFormat::YUYV, frame_rate);
            CameraMode::from_nokhwa(format).expect("a mode of many cameras")
        };
        let camera = CameraDescription {
            number: 2,
            label: "USB Camera".to_owned(),
            modes: Ok(vec![mode(15), mode(30)]),
        };
        insta::assert_snapshot!(camera, @"camera:2 USB Camera: 640x480 at 15, 30");
    }
}
