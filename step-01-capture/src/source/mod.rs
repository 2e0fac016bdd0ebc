//! Where frames come from. Each folder is one [`VideoSource`](crate::VideoSource).

pub mod camera;
pub mod pacer;
pub mod pattern;
pub mod y4m;

use crate::{MediaStreamConstraints, VideoSource};
use camera::Camera;
use pattern::TestPattern;

/// The first camera that opens, else the test pattern; the trace says why it is not the camera.
pub fn camera_or_pattern(constraints: &MediaStreamConstraints) -> Box<dyn VideoSource> {
    match Camera::open(None, constraints) {
        Ok(camera) => Box::new(camera),
        Err(error) => {
            tracing::info!(peer = "local", "showing the test pattern ({error})");
            Box::new(TestPattern::new(constraints))
        }
    }
}
