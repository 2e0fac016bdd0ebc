//! The image that a window shows.

use embedded_graphics::Drawable;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{Dimensions, OriginDimensions, Point, Size};
use embedded_graphics::mono_font::iso_8859_1::FONT_9X15;
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::text::{Baseline, Text};

use crate::display::rgb::{pixel, write_0rgb};
use crate::{Resolution, VideoFrame};

/// Latin-1, because cameras have names such as `Caméra intégrée`.
const FONT: MonoFont<'static> = FONT_9X15;

/// Height of a line of text, in pixels.
pub const TEXT_HEIGHT: usize = FONT.character_size.height as usize;

/// A rectangle of a canvas, in pixels from its top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Area {
    /// Left edge.
    pub x: usize,
    /// Top edge.
    pub y: usize,
    /// Width.
    pub width: usize,
    /// Height.
    pub height: usize,
}

impl Area {
    /// An area of this size with its top left corner at `x`, `y`.
    pub fn new(x: usize, y: usize, width: usize, height: usize) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// Whether a point, such as the mouse, lies in it.
    pub fn contains(&self, x: usize, y: usize) -> bool {
        (self.x..self.x + self.width).contains(&x) && (self.y..self.y + self.height).contains(&y)
    }

    /// The area of this size in the middle of this one. What is larger is cut.
    pub fn centred(&self, width: usize, height: usize) -> Area {
        let (width, height) = (width.min(self.width), height.min(self.height));
        let (left, above) = ((self.width - width) / 2, (self.height - height) / 2);
        Area::new(self.x + left, self.y + above, width, height)
    }
}

/// An image in memory, one `0x00RRGGBB` a pixel. Everything that a window shows is drawn here, so it can be tested
/// without a window.
pub struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<u32>,
}

impl Canvas {
    /// A canvas of one colour.
    pub fn new(width: usize, height: usize, colour: u32) -> Self {
        Self {
            width,
            height,
            pixels: vec![colour; width * height],
        }
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Row after row.
    pub fn pixels(&self) -> &[u32] {
        &self.pixels
    }

    fn clipped(&self, area: Area) -> Area {
        let (x, y) = (area.x.min(self.width), area.y.min(self.height));
        let (right, below) = (self.width - x, self.height - y);
        Area::new(x, y, area.width.min(right), area.height.min(below))
    }

    /// Fills a rectangle with a colour, `0x00RRGGBB`.
    pub fn fill(&mut self, area: Area, colour: u32) {
        let area = self.clipped(area);
        for row in area.y..area.y + area.height {
            let start = row * self.width + area.x;
            self.pixels[start..start + area.width].fill(colour);
        }
    }

    /// Draws one line of text with its top left corner at `x`, `y`. There is no background: fill it first.
    pub fn draw_text(&mut self, x: usize, y: usize, text: &str, colour: u32) {
        let [_, red, green, blue] = colour.to_be_bytes();
        let style = MonoTextStyle::new(&FONT, Rgb888::new(red, green, blue));
        let at = Point::new(x as i32, y as i32);
        // The only error of a canvas is `Infallible`.
        let _ = Text::with_baseline(text, at, style, Baseline::Top).draw(self);
    }

    /// Width of a line of text, in pixels.
    pub fn text_width(text: &str) -> usize {
        text.chars().count() * FONT.character_size.width as usize
    }

    /// Draws a video frame into the middle of `area`, made smaller by a whole number when it is too large, with
    /// `border` in what stays free.
    pub fn draw_frame(&mut self, frame: &VideoFrame, area: Area, border: u32) {
        let area = self.clipped(area);
        if area.width == 0 || area.height == 0 {
            return;
        }
        let resolution = frame.resolution();
        let divisor = divisor(resolution, area.width, area.height);
        let inside = area.centred(resolution.width() / divisor, resolution.height() / divisor);
        if inside != area {
            self.fill(area, border);
        }
        let start = inside.y * self.width + inside.x;
        if divisor == 1 {
            write_0rgb(frame, &mut self.pixels[start..], self.width);
            return;
        }
        let rows = self.pixels[start..].chunks_mut(self.width);
        for (y, row) in rows.take(inside.height).enumerate() {
            for (x, out) in row.iter_mut().take(inside.width).enumerate() {
                *out = pixel(frame, x * divisor, y * divisor);
            }
        }
    }
}

/// The smallest whole number by which a frame must be divided to fit.
fn divisor(resolution: Resolution, width: usize, height: usize) -> usize {
    let wide = resolution.width().div_ceil(width);
    wide.max(resolution.height().div_ceil(height)).max(1)
}

impl OriginDimensions for Canvas {
    fn size(&self) -> Size {
        Size::new(self.width as u32, self.height as u32)
    }
}

impl DrawTarget for Canvas {
    type Color = Rgb888;
    type Error = std::convert::Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Self::Error>
    where
        I: IntoIterator<Item = embedded_graphics::Pixel<Rgb888>>,
    {
        let bounds = self.bounding_box();
        for embedded_graphics::Pixel(at, colour) in pixels {
            if bounds.contains(at) {
                let index = at.y as usize * self.width + at.x as usize;
                self.pixels[index] = u32::from_be_bytes([0, colour.r(), colour.g(), colour.b()]);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "canvas_tests.rs"]
mod tests;
