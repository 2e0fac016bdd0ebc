//! The running clock of the test pattern.

use std::convert::Infallible;

use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::ascii::FONT_5X7;
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle};
use embedded_graphics::pixelcolor::BinaryColor;
use embedded_graphics::text::{Baseline, Text};
use embedded_graphics::{Drawable, Pixel};

use super::background::band_height;
use super::frame_code::CodeArea;
use crate::VideoFrame;

const FONT: MonoFont<'static> = FONT_5X7;

/// Draws the time of frame `number` left of the code, as large as there is room.
pub(super) fn draw(number: u64, frame_rate: u32, frame: &mut VideoFrame) {
    let resolution = frame.resolution();
    let Some(code) = CodeArea::of(resolution) else {
        return;
    };
    let text = time(number, frame_rate);
    let (width, height) = (FONT.character_size.width, FONT.character_size.height);
    let room = code.left.saturating_sub(2 * code.cell);
    let band = band_height(resolution);
    let by_width = room / (text.len() * width as usize);
    let scale = by_width.min((band - code.cell) / height as usize);
    let mut target = LumaTarget {
        luma: frame.planes_mut().y,
        width: resolution.width(),
        left: code.cell,
        top: resolution.height() - (band + height as usize * scale) / 2,
        scale,
    };
    let style = MonoTextStyle::new(&FONT, BinaryColor::On);
    // The only error of this target is `Infallible`.
    let _ = Text::with_baseline(&text, Point::zero(), style, Baseline::Top).draw(&mut target);
}

/// The time of a frame as `mm:ss.mmm`; after 99 minutes the minutes grow.
fn time(number: u64, frame_rate: u32) -> String {
    let ms = u128::from(number) * 1000 / u128::from(frame_rate.max(1));
    let (minutes, seconds) = (ms / 60_000, ms / 1000 % 60);
    format!("{minutes:02}:{seconds:02}.{:03}", ms % 1000)
}

/// A part of a brightness plane. Every pixel of the font is a white square, `scale` pixels wide.
struct LumaTarget<'a> {
    luma: &'a mut [u8],
    width: usize,
    left: usize,
    top: usize,
    scale: usize,
}

impl OriginDimensions for LumaTarget<'_> {
    fn size(&self) -> Size {
        Size::new(self.width as u32, (self.luma.len() / self.width) as u32)
    }
}

impl DrawTarget for LumaTarget<'_> {
    type Color = BinaryColor;
    type Error = Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = Pixel<BinaryColor>>,
    {
        for Pixel(at, _) in pixels {
            let x = self.left + at.x as usize * self.scale;
            let y = self.top + at.y as usize * self.scale;
            let rows = self.luma.chunks_exact_mut(self.width);
            for row in rows.skip(y).take(self.scale) {
                if let Some(square) = row.get_mut(x..x + self.scale) {
                    square.fill(235);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_counts_from_the_first_frame() {
        assert_eq!(time(0, 30), "00:00.000");
        assert_eq!(time(31, 30), "00:01.033");
        assert_eq!(time(30 * 61, 30), "01:01.000");
        assert_eq!(time(60 * 60 * 100, 1), "6000:00.000");
    }
}
