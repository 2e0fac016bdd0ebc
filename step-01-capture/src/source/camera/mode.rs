//! What a camera can deliver, and which of it to take.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use nokhwa::utils::{CameraFormat, FrameFormat};

use crate::source::pixel_format::PixelFormat;
use crate::{MediaStreamConstraints, Resolution};

/// One combination of layout, size and rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CameraMode {
    /// How the camera lays out its pixels.
    pub format: PixelFormat,
    /// Size of every picture.
    pub resolution: Resolution,
    /// Frames a second.
    pub frame_rate: u32,
}

impl CameraMode {
    /// None when it cannot be shown: a layout that is not converted, or a size that is odd or out of range.
    pub(super) fn from_nokhwa(format: CameraFormat) -> Option<Self> {
        let (width, height) = (format.resolution().x(), format.resolution().y());
        Some(Self {
            format: match format.format() {
                FrameFormat::NV12 => PixelFormat::Nv12,
                FrameFormat::YUYV => PixelFormat::Yuyv,
                FrameFormat::RAWRGB => PixelFormat::Rgb,
                FrameFormat::RAWBGR => PixelFormat::Bgr,
                FrameFormat::MJPEG => PixelFormat::Mjpeg,
                FrameFormat::GRAY => return None,
            },
            resolution: Resolution::new(width, height).ok()?,
            frame_rate: Some(format.frame_rate()).filter(|rate| *rate > 0)?,
        })
    }

    pub(super) fn to_nokhwa(self) -> CameraFormat {
        // A side is 4096 pixels at most, so it fits into 32 bits.
        let (width, height) = (
            self.resolution.width() as u32,
            self.resolution.height() as u32,
        );
        let format = match self.format {
            PixelFormat::Nv12 => FrameFormat::NV12,
            PixelFormat::Yuyv => FrameFormat::YUYV,
            PixelFormat::Rgb => FrameFormat::RAWRGB,
            PixelFormat::Bgr => FrameFormat::RAWBGR,
            PixelFormat::Mjpeg => FrameFormat::MJPEG,
        };
        CameraFormat::new_from(width, height, format, self.frame_rate)
    }

    /// W3C's fitness distance (Media Capture §5.1.9.1): for each number the difference, relative to the larger of the two.
    fn distance(self, size: Resolution, frame_rate: u32) -> f64 {
        let relative = |actual: f64, ideal: f64| (actual - ideal).abs() / actual.max(ideal);
        relative(self.resolution.width() as f64, size.width() as f64)
            + relative(self.resolution.height() as f64, size.height() as f64)
            + relative(f64::from(self.frame_rate), f64::from(frame_rate))
    }
}

impl fmt::Display for CameraMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} at {} ({})",
            self.resolution, self.frame_rate, self.format
        )
    }
}

/// The modes that meet the constraints, best first. A size that was asked for is `exact` in W3C's terms, a rate is `max`
/// and `ideal`; what was not asked for is ideally 640x480 and 30. Among equals the layout decides.
pub(super) fn candidates(
    modes: &[CameraMode],
    constraints: &MediaStreamConstraints,
) -> Vec<CameraMode> {
    let size = constraints.resolution.unwrap_or(Resolution::VGA);
    let rate = constraints.frame_rate.unwrap_or(30);
    let mut fitting: Vec<CameraMode> = modes
        .iter()
        .filter(|mode| {
            constraints
                .resolution
                .is_none_or(|size| mode.resolution == size)
        })
        .filter(|mode| {
            constraints
                .frame_rate
                .is_none_or(|rate| mode.frame_rate <= rate)
        })
        .copied()
        .collect();
    fitting.sort_by(|a, b| {
        let (da, db) = (a.distance(size, rate), b.distance(size, rate));
        da.total_cmp(&db).then(a.format.cmp(&b.format))
    });
    fitting
}

/// All sizes with their rates, as in `640x480 at 15, 30; 1280x720 at 30`.
pub(super) fn capabilities(modes: &[CameraMode]) -> String {
    let mut rates: BTreeMap<(usize, usize), BTreeSet<u32>> = BTreeMap::new();
    for mode in modes {
        let size = (mode.resolution.width(), mode.resolution.height());
        rates.entry(size).or_default().insert(mode.frame_rate);
    }
    let sizes: Vec<String> = rates
        .into_iter()
        .map(|((width, height), rates)| {
            let rates: Vec<String> = rates.iter().map(u32::to_string).collect();
            format!("{width}x{height} at {}", rates.join(", "))
        })
        .collect();
    sizes.join("; ")
}

#[cfg(test)]
mod tests {
    use super::PixelFormat::{Mjpeg, Yuyv};
    use super::*;

    fn modes(list: &[(&str, u32, PixelFormat)]) -> Vec<CameraMode> {
        list.iter()
            .map(|&(size, frame_rate, format)| CameraMode {
                format,
                resolution: size.parse().expect("the tests use valid sizes"),
                frame_rate,
            })
            .collect()
    }

    fn usb_camera() -> Vec<CameraMode> {
        modes(&[
            ("320x180", 1, Yuyv),
            ("320x240", 60, Yuyv),
            ("640x480", 15, Yuyv),
            ("640x480", 30, Mjpeg),
            ("640x480", 30, Yuyv),
            ("1280x720", 10, Yuyv),
            ("1280x720", 30, Mjpeg),
        ])
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
    fn with_no_wish_the_nearest_to_vga_at_30_is_taken() {
        assert_eq!(best(None, None), "640x480 at 30 (YUYV)");
    }

    #[test]
    fn a_distance_is_the_sum_of_what_each_number_is_off_by() {
        let distance = |size, rate| {
            let mode = modes(&[(size, rate, Yuyv)])[0];
            mode.distance(Resolution::VGA, 30)
        };
        // W3C Media Capture §5.1.9.1: the difference, relative to the larger of the two.
        assert_eq!(distance("640x480", 30), 0.0);
        assert_eq!(distance("320x480", 30), 0.5, "half the width");
        assert_eq!(
            distance("1280x480", 30),
            0.5,
            "twice the width is as far away"
        );
        assert_eq!(distance("640x120", 30), 0.75, "a quarter of the height");
        assert_eq!(distance("640x480", 15), 0.5, "half the rate");
        assert_eq!(distance("320x120", 15), 1.75, "all together");
    }

    #[test]
    fn a_size_is_exact() {
        assert_eq!(best(Some("1280x720"), None), "1280x720 at 30 (MJPEG)");
        assert_eq!(best(Some("640x360"), None), "none");
    }

    #[test]
    fn a_rate_is_the_highest_that_is_not_above_the_wish() {
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
        let mode = |width, height, format, rate| {
            CameraMode::from_nokhwa(CameraFormat::new_from(width, height, format, rate))
        };
        assert_eq!(mode(641, 480, FrameFormat::YUYV, 30), None, "odd");
        assert_eq!(mode(8000, 480, FrameFormat::YUYV, 30), None, "too wide");
        assert_eq!(mode(640, 480, FrameFormat::GRAY, 30), None, "no colour");
        assert_eq!(mode(640, 480, FrameFormat::YUYV, 0), None, "no rate");
    }

    #[test]
    fn every_mode_survives_the_way_to_nokhwa_and_back() {
        for mode in usb_camera() {
            assert_eq!(CameraMode::from_nokhwa(mode.to_nokhwa()), Some(mode));
        }
    }
}
