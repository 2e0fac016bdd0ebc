//! Where pictures come from. Each file is one [`VideoSource`](crate::VideoSource), or a part of one.

pub mod camera;
mod digits;
pub mod frame_code;
pub mod pacer;
mod pattern_card;
pub mod pixel_format;
pub mod test_pattern;
pub mod y4m;
mod y4m_header;

use crate::{MediaStreamConstraints, VideoSource};
use camera::Camera;
use test_pattern::TestPattern;

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
