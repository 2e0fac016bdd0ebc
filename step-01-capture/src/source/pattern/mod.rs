//! The test pattern: a source that every machine has.

mod background;
mod clock;
pub mod frame_code;

use std::sync::Arc;
use std::time::Instant;

use crate::media_stream_constraints::MediaStreamConstraints;
use crate::source::pacer::Pacer;
use crate::video_source::{MediaTrackSettings, SourceError, VideoSource};
use crate::{Resolution, VideoFrame};
use background::DialPixel;

/// Colour bars, a hand that turns once a second, a clock, and the number of the frame as a
/// [code](crate::source::pattern::frame_code) that a receiver can read.
///
/// The background is drawn once. A frame is a copy of it, with the moving parts drawn over it.
pub struct TestPattern {
    settings: MediaTrackSettings,
    background: VideoFrame,
    dial: Vec<DialPixel>,
    pacer: Pacer,
}

impl TestPattern {
    /// A pattern of the size and rate asked for, 640x480 at 30 by default.
    pub fn new(constraints: &MediaStreamConstraints) -> Self {
        let resolution = constraints.resolution.unwrap_or(Resolution::VGA);
        let frame_rate = constraints.frame_rate.unwrap_or(30).max(1);
        let (background, dial) = background::draw(resolution);
        Self {
            settings: MediaTrackSettings {
                resolution,
                frame_rate,
            },
            background,
            dial,
            pacer: Pacer::new(frame_rate),
        }
    }

    /// The frame with this number, whatever the time. Two calls with the same number give the same pixels.
    pub fn frame(&self, number: u64) -> VideoFrame {
        let mut frame = self.background.clone();
        frame.number = number;
        self.draw_hand(number, &mut frame);
        clock::draw(number, self.settings.frame_rate, &mut frame);
        // The code has 32 bits: at 60 frames a second it starts again after two years.
        frame_code::write(number as u32, &mut frame);
        frame
    }

    /// The hand points to the fraction of the second that has passed, and its tail fades out behind it.
    fn draw_hand(&self, number: u64, frame: &mut VideoFrame) {
        let rate = u64::from(self.settings.frame_rate);
        let hand = (number % rate * 65_536 / rate) as u16;
        let luma = frame.planes_mut().y;
        for pixel in &self.dial {
            let fade = u32::from(!hand.wrapping_sub(pixel.angle) >> 8);
            luma[pixel.offset] = 24 + ((fade * fade * 190) >> 16) as u8;
        }
    }
}

impl VideoSource for TestPattern {
    fn label(&self) -> &str {
        "test pattern"
    }

    fn settings(&self) -> MediaTrackSettings {
        self.settings
    }

    fn next_frame(&mut self) -> Result<Arc<VideoFrame>, SourceError> {
        let number = self.pacer.wait();
        let mut frame = self.frame(number);
        frame.captured_at = Instant::now();
        Ok(Arc::new(frame))
    }
}

#[cfg(test)]
mod tests;
