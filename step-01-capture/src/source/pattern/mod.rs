//! The test pattern: a camera that every machine has.

mod card;
mod digits;
pub mod frame_code;

use std::time::Instant;

use crate::media_stream_constraints::MediaStreamConstraints;
use crate::source::pacer::Pacer;
use crate::video_source::{MediaTrackSettings, SourceError, VideoSource};
use crate::{Resolution, VideoFrame};
use card::DialPixel;
use frame_code::CodeArea;

/// Colour bars, a hand that turns once a second, a clock, and the number of the frame as a
/// [code](crate::source::pattern::frame_code) that a receiver can read.
///
/// What stands still is painted once. A frame is a copy of it, with the rest painted over.
pub struct TestPattern {
    settings: MediaTrackSettings,
    card: VideoFrame,
    dial: Vec<DialPixel>,
    pacer: Pacer,
}

impl TestPattern {
    /// A pattern of the size and rate wished for, 640x480 at 30 by default.
    pub fn new(constraints: &MediaStreamConstraints) -> Self {
        let resolution = constraints.resolution.unwrap_or(Resolution::VGA);
        let frame_rate = constraints.frame_rate.unwrap_or(30).max(1);
        let (card, dial) = card::paint(resolution);
        Self {
            settings: MediaTrackSettings {
                resolution,
                frame_rate,
            },
            card,
            dial,
            pacer: Pacer::new(frame_rate),
        }
    }

    /// The picture with this number, whatever the time. Two calls with the same number give the same picture.
    pub fn picture(&self, number: u64) -> VideoFrame {
        let mut frame = self.card.clone();
        frame.number = number;
        self.paint_hand(number, &mut frame);
        self.paint_clock(number, &mut frame);
        // The code has 32 bits: at 60 frames a second it starts again after two years.
        frame_code::paint(number as u32, &mut frame);
        frame
    }

    /// A beam with a tail that fades over one turn, as on a radar screen.
    fn paint_hand(&self, number: u64, frame: &mut VideoFrame) {
        let rate = u64::from(self.settings.frame_rate);
        let hand = (number % rate * 65_536 / rate) as u16;
        let luma = frame.planes_mut().y;
        for pixel in &self.dial {
            let fade = u32::from(!hand.wrapping_sub(pixel.angle) >> 8);
            luma[pixel.offset as usize] = 24 + ((fade * fade * 190) >> 16) as u8;
        }
    }

    /// Minutes, seconds and milliseconds since the first frame, left of the code.
    fn paint_clock(&self, number: u64, frame: &mut VideoFrame) {
        let resolution = self.settings.resolution;
        let Some(area) = CodeArea::of(resolution) else {
            return;
        };
        let text = clock_text(number, self.settings.frame_rate);
        let room = area.left.saturating_sub(2 * area.cell);
        let band = card::band_height(resolution);
        let scale = (room / digits::text_width(text.len(), 1)).min((band - area.cell) / 7);
        let top = resolution.height() - (band + digits::text_height(scale)) / 2;
        let luma = frame.planes_mut().y;
        digits::paint(&text, luma, resolution.width(), (area.cell, top), scale);
    }
}

/// The time of a frame as `mm:ss.mmm`; after 99 minutes the minutes grow.
fn clock_text(number: u64, frame_rate: u32) -> String {
    let ms = u128::from(number) * 1000 / u128::from(frame_rate.max(1));
    let (minutes, seconds) = (ms / 60_000, ms / 1000 % 60);
    format!("{minutes:02}:{seconds:02}.{:03}", ms % 1000)
}

impl VideoSource for TestPattern {
    fn label(&self) -> &str {
        "test pattern"
    }

    fn settings(&self) -> MediaTrackSettings {
        self.settings
    }

    fn next_frame(&mut self) -> Result<VideoFrame, SourceError> {
        let number = self.pacer.wait();
        let mut frame = self.picture(number);
        frame.captured_at = Instant::now();
        Ok(frame)
    }
}

#[cfg(test)]
mod tests;
