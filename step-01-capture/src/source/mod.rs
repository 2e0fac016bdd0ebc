//! Where pictures come from. Each file is one [`VideoSource`](crate::VideoSource), or a part of one.

pub mod camera;
pub mod pacer;
pub mod pattern;
pub mod pixel_format;
pub mod y4m;

use crate::{MediaStreamConstraints, VideoSource};
use camera::Camera;
use pattern::TestPattern;

/// A reader without a camera sees a picture all the same, and why it is not the camera's.
pub(crate) fn camera_or_pattern(constraints: &MediaStreamConstraints) -> Box<dyn VideoSource> {
    match Camera::open(None, constraints) {
        Ok(camera) => Box::new(camera),
        Err(error) => {
            tracing::info!(peer = "local", "showing the test pattern ({error})");
            Box::new(TestPattern::new(constraints))
        }
    }
}
