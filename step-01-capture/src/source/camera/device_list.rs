//! Which cameras there are: W3C's `enumerateDevices()` (Media Capture §9.2).

use std::fmt;

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
    /// What it can deliver that can also be shown, or why it cannot be opened. Many USB cameras have a second device
    /// for metadata beside the one for pictures: it has no modes.
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

/// The video devices, sorted by number.
///
/// Not by `nokhwa::query`: it panics when something in `/dev` is called `video` without a number.
#[cfg(target_os = "linux")]
pub(super) fn query() -> Vec<ListedCamera> {
    let names = std::fs::read_dir("/dev")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut numbers: Vec<u32> = names.filter_map(|name| device_number(&name)).collect();
    numbers.sort_unstable();
    numbers
        .into_iter()
        .map(|number| {
            let path = format!("/sys/class/video4linux/video{number}/name");
            let label = std::fs::read_to_string(path).map(|name| name.trim().to_owned());
            ListedCamera {
                number,
                label: label.unwrap_or_else(|_| format!("/dev/video{number}")),
            }
        })
        .collect()
}

/// `video0` is a device, `video`, `video-camera` and `video007` are not.
#[cfg(target_os = "linux")]
fn device_number(name: &str) -> Option<u32> {
    let number = name.strip_prefix("video")?.parse().ok()?;
    (format!("video{number}") == name).then_some(number)
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
    use crate::Resolution;
    use crate::source::pixel_format::PixelFormat;

    #[cfg(target_os = "linux")]
    #[test]
    fn only_video_and_a_plain_number_is_a_device() {
        assert_eq!(device_number("video0"), Some(0));
        assert_eq!(device_number("video12"), Some(12));
        for other in [
            "video",
            "video-front",
            "video01",
            "video+1",
            "video1a",
            "vbi0",
        ] {
            assert_eq!(device_number(other), None, "{other}");
        }
    }

    #[test]
    fn a_camera_is_described_in_one_line() {
        let mode = |frame_rate| CameraMode {
            format: PixelFormat::Yuyv,
            resolution: Resolution::VGA,
            frame_rate,
        };
        let camera = CameraDescription {
            number: 2,
            label: "USB Camera".to_owned(),
            modes: Ok(vec![mode(15), mode(30)]),
        };
        insta::assert_snapshot!(camera, @"camera:2 USB Camera: 640x480 at 15, 30");
    }
}
