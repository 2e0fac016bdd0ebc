//! The running clock of the test pattern.

use super::background::band_height;
use super::frame_code::CodeArea;
use crate::VideoFrame;
use crate::display::canvas::{Canvas, TEXT_HEIGHT};

/// Draws the time of frame `number` left of the code, as large as there is room. Every pixel of the font becomes a
/// white square.
pub(super) fn draw(number: u64, frame_rate: u32, frame: &mut VideoFrame) {
    let resolution = frame.resolution();
    let Some(code) = CodeArea::of(resolution) else {
        return;
    };
    let text = time(number, frame_rate);
    let mut canvas = Canvas::new(Canvas::text_width(&text), TEXT_HEIGHT, 0);
    canvas.draw_text(0, 0, &text, 1);
    let (room, band) = (code.left - 2 * code.cell, band_height(resolution));
    let side = (room / canvas.width()).min(band / TEXT_HEIGHT);
    let top = resolution.height() - (band + TEXT_HEIGHT * side) / 2;
    let rows = frame.planes_mut().y.chunks_exact_mut(resolution.width());
    for (y, row) in rows.skip(top).take(TEXT_HEIGHT * side).enumerate() {
        let pixels = &canvas.pixels()[y / side * canvas.width()..][..canvas.width()];
        let squares = row[code.cell..].chunks_exact_mut(side);
        for (square, pixel) in squares.zip(pixels) {
            if *pixel != 0 {
                square.fill(235);
            }
        }
    }
}

/// The time of a frame as `mm:ss.mmm`; after 99 minutes the minutes grow.
fn time(number: u64, frame_rate: u32) -> String {
    let ms = u128::from(number) * 1000 / u128::from(frame_rate.max(1));
    let (minutes, seconds) = (ms / 60_000, ms / 1000 % 60);
    format!("{minutes:02}:{seconds:02}.{:03}", ms % 1000)
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
