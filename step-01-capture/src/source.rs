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
