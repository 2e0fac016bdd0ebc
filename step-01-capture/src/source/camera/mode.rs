//! What a camera can deliver, and which of it to take.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use nokhwa::utils::CameraFormat;

use super::pixel_format::PixelFormat;
use crate::user_media_error::GetUserMediaError;
use crate::{MediaStreamConstraints, Resolution};

/// One combination of pixel format, size and rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CameraMode {
    /// How the camera lays out its pixels.
    pub format: PixelFormat,
    /// Size of every frame.
    pub resolution: Resolution,
    /// Frames a second.
    pub frame_rate: u32,
    /// The same, for nokhwa.
    pub(super) nokhwa: CameraFormat,
}

impl CameraMode {
    /// None when it cannot be shown: a format that is not converted, or a size that is odd or out of range.
    pub(super) fn from_nokhwa(nokhwa: CameraFormat) -> Option<Self> {
        let (width, height) = (nokhwa.resolution().x(), nokhwa.resolution().y());
        Some(Self {
            format: PixelFormat::from_nokhwa(nokhwa.format())?,
            resolution: Resolution::new(width, height).ok()?,
            frame_rate: Some(nokhwa.frame_rate()).filter(|rate| *rate > 0)?,
            nokhwa,
        })
    }

    /// W3C's fitness distance (Media Capture §11.1.1): for each number the difference, relative to the larger of the two.
    fn distance(self, size: Resolution, frame_rate: u32) -> f64 {
        let relative = |actual: f64, ideal: f64| (actual - ideal).abs() / actual.max(ideal);
        relative(self.resolution.width() as f64, size.width() as f64)
            + relative(self.resolution.height() as f64, size.height() as f64)
            + relative(f64::from(self.frame_rate), f64::from(frame_rate))
    }
}

/// As in `640x480 at 30 (YUYV)`.
impl fmt::Display for CameraMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (size, rate) = (self.resolution, self.frame_rate);
        write!(f, "{size} at {rate} ({})", self.format)
    }
}

/// The modes that meet the constraints, best first. A size that was asked for is `exact` in W3C's terms, a rate is `max`
/// and `ideal`; what was not asked for is ideally 640x480 and 30. Among equals the pixel format decides.
pub(super) fn candidates(
    modes: &[CameraMode],
    constraints: &MediaStreamConstraints,
) -> Vec<CameraMode> {
    let (size, rate) = (constraints.resolution, constraints.frame_rate);
    let fits = |mode: &&CameraMode| {
        size.is_none_or(|size| mode.resolution == size)
            && rate.is_none_or(|rate| mode.frame_rate <= rate)
    };
    let (ideal_size, ideal_rate) = (size.unwrap_or(Resolution::VGA), rate.unwrap_or(30));
    let mut fitting: Vec<CameraMode> = modes.iter().filter(fits).copied().collect();
    fitting.sort_by(|a, b| {
        let distance = |mode: &CameraMode| mode.distance(ideal_size, ideal_rate);
        let by_distance = distance(a).total_cmp(&distance(b));
        by_distance.then(a.format.cmp(&b.format))
    });
    fitting
}

/// No mode of the camera meets the constraints.
pub(super) fn overconstrained(
    camera: String,
    constraints: &MediaStreamConstraints,
    modes: &[CameraMode],
) -> GetUserMediaError {
    let size = constraints.resolution.map(|size| size.to_string());
    let rate = constraints.frame_rate;
    let rate = rate.map(|rate| format!("{rate} frames a second or fewer"));
    let constraint: Vec<String> = size.into_iter().chain(rate).collect();
    GetUserMediaError::Overconstrained {
        what: camera,
        constraint: constraint.join(" at "),
        capabilities: capabilities(modes),
    }
}

/// All sizes with their rates, as in `640x480 at 15, 30; 1280x720 at 30`.
pub(super) fn capabilities(modes: &[CameraMode]) -> String {
    let mut rates: BTreeMap<_, BTreeSet<u32>> = BTreeMap::new();
    for mode in modes {
        let size = (mode.resolution.width(), mode.resolution.height());
        rates.entry(size).or_default().insert(mode.frame_rate);
    }
    let line = |((width, height), rates): (_, BTreeSet<u32>)| {
        let rates: Vec<String> = rates.iter().map(u32::to_string).collect();
        format!("{width}x{height} at {}", rates.join(", "))
    };
    let sizes: Vec<String> = rates.into_iter().map(line).collect();
    sizes.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use nokhwa::utils::FrameFormat::{self, GRAY, MJPEG, YUYV};

    fn mode(width: u32, height: u32, format: FrameFormat, rate: u32) -> Option<CameraMode> {
        CameraMode::from_nokhwa(CameraFormat::new_from(width, height, format, rate))
    }

    fn usb_camera() -> Vec<CameraMode> {
        let modes = [
            mode(320, 180, YUYV, 1),
            mode(320, 240, YUYV, 60),
            mode(640, 480, YUYV, 15),
            mode(640, 480, MJPEG, 30),
            mode(640, 480, YUYV, 30),
            mode(1280, 720, YUYV, 10),
            mode(1280, 720, MJPEG, 30),
        ];
        modes.map(|mode| mode.expect("it can be shown")).to_vec()
    }

    fn best(size: Option<&str>, frame_rate: Option<u32>) -> String {
        let constraints = MediaStreamConstraints {
            resolution: size.map(|size| size.parse().expect("the tests use valid sizes")),
            frame_rate,
            ..MediaStreamConstraints::default()
        };
        let best = candidates(&usb_camera(), &constraints);
        best.first().map_or("none".to_owned(), ToString::to_string)
    }

    #[test]
    fn without_constraints_the_nearest_to_vga_at_30_is_taken() {
        assert_eq!(best(None, None), "640x480 at 30 (YUYV)");
    }

    #[test]
    fn a_distance_is_the_sum_of_what_each_number_is_off_by() {
        let distance = |width, height, rate| {
            let mode = mode(width, height, YUYV, rate).expect("it can be shown");
            mode.distance(Resolution::VGA, 30)
        };
        // W3C Media Capture §11.1.1: the difference, relative to the larger of the two.
        assert_eq!(distance(640, 480, 30), 0.0);
        assert_eq!(distance(320, 480, 30), 0.5, "half the width");
        assert_eq!(
            distance(1280, 480, 30),
            0.5,
            "twice the width is as far away"
        );
        assert_eq!(distance(640, 120, 30), 0.75, "a quarter of the height");
        assert_eq!(distance(640, 480, 15), 0.5, "half the rate");
        assert_eq!(distance(320, 120, 15), 1.75, "all together");
    }

    #[test]
    fn a_size_is_exact() {
        assert_eq!(best(Some("1280x720"), None), "1280x720 at 30 (MJPEG)");
        assert_eq!(best(Some("640x360"), None), "none");
    }

    #[test]
    fn a_rate_is_the_highest_that_is_not_above_the_constraint() {
        assert_eq!(best(Some("640x480"), Some(60)), "640x480 at 30 (YUYV)");
        assert_eq!(best(Some("640x480"), Some(29)), "640x480 at 15 (YUYV)");
        assert_eq!(best(Some("1280x720"), Some(15)), "1280x720 at 10 (YUYV)");
        assert_eq!(best(Some("640x480"), Some(5)), "none");
    }

    #[test]
    fn a_rate_without_a_size_stays_near_vga() {
        assert_eq!(best(None, Some(15)), "640x480 at 15 (YUYV)");
        assert_eq!(best(None, Some(1)), "320x180 at 1 (YUYV)");
    }

    #[test]
    fn capabilities_are_listed_by_size() {
        insta::assert_snapshot!(
            capabilities(&usb_camera()),
            @"320x180 at 1; 320x240 at 60; 640x480 at 15, 30; 1280x720 at 10, 30"
        );
    }

    #[test]
    fn what_cannot_be_shown_is_no_mode() {
        assert_eq!(mode(641, 480, YUYV, 30), None, "odd");
        assert_eq!(mode(8000, 480, YUYV, 30), None, "too wide");
        assert_eq!(mode(640, 480, GRAY, 30), None, "no colour");
        assert_eq!(mode(640, 480, YUYV, 0), None, "no rate");
    }
}
