//! A video frame made of characters.
//!
//! `▀` has the upper half of a cell in one colour and leaves the lower half to the background: two pixels a cell, and
//! nearly square ones.

use crate::Resolution;
use crate::display::canvas::Canvas;

/// How many colours the terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColourDepth {
    /// 24 bits.
    True,
    /// The 216 colours of xterm's 6x6x6 cube and its 24 greys.
    Indexed,
}

impl ColourDepth {
    /// The escape sequence that sets the colours of a cell's two halves.
    fn escape(self, upper: u32, lower: u32) -> String {
        match self {
            Self::True => {
                let ([_, r, g, b], [_, x, y, z]) = (upper.to_be_bytes(), lower.to_be_bytes());
                format!("\x1b[38;2;{r};{g};{b};48;2;{x};{y};{z}m")
            }
            Self::Indexed => format!("\x1b[38;5;{};48;5;{}m", indexed(upper), indexed(lower)),
        }
    }
}

/// The largest number of columns and rows, at least one each, in which a frame keeps its shape.
pub(super) fn fit(resolution: Resolution, columns: usize, rows: usize) -> (usize, usize) {
    let (width, height) = (resolution.width(), resolution.height());
    let tall = rows * 2;
    if columns * height <= tall * width {
        let tall = columns * height / width;
        (columns.max(1), tall.div_ceil(2).max(1))
    } else {
        ((tall * width / height).max(1), rows.max(1))
    }
}

/// One line of text for each row. Every half cell has the mean colour of the pixels that it covers.
pub(super) fn render(
    canvas: &Canvas,
    columns: usize,
    rows: usize,
    depth: ColourDepth,
) -> Vec<String> {
    let mean = |column, half| mean(canvas, (column, columns), (half, rows * 2));
    let line = |row: usize| {
        let (mut line, mut colours) = (String::new(), None);
        for column in 0..columns {
            let (upper, lower) = (mean(column, row * 2), mean(column, row * 2 + 1));
            // Neighbours are often alike: most of the text would be colours that are set already.
            if colours.replace((upper, lower)) != Some((upper, lower)) {
                line += &depth.escape(upper, lower);
            }
            line.push('▀');
        }
        line + "\x1b[0m"
    };
    (0..rows).map(line).collect()
}

/// Mean colour of one cell of a grid that is laid over the canvas.
fn mean(canvas: &Canvas, (column, columns): (usize, usize), (row, rows): (usize, usize)) -> u32 {
    let range = |index: usize, count: usize, size: usize| {
        let start = index * size / count;
        start..((index + 1) * size / count).max(start + 1)
    };
    let across = range(column, columns, canvas.width());
    let down = range(row, rows, canvas.height());
    let pixels = (across.len() * down.len()) as u32;
    let mut sums = [0; 3];
    for y in down {
        let row = &canvas.pixels()[y * canvas.width()..][..canvas.width()];
        for pixel in &row[across.clone()] {
            let [_, colours @ ..] = pixel.to_be_bytes();
            for (sum, colour) in sums.iter_mut().zip(colours) {
                *sum += u32::from(colour);
            }
        }
    }
    let [red, green, blue] = sums.map(|sum| (sum + pixels / 2) / pixels);
    red << 16 | green << 8 | blue
}

/// The nearest of xterm's 240 fixed colours.
fn indexed(colour: u32) -> u32 {
    let [_, red, green, blue] = colour.to_be_bytes().map(u32::from);
    let (least, most) = (red.min(green).min(blue), red.max(green).max(blue));
    if most - least < 8 {
        // 232..=255 are the greys 8, 18, .. 238; the ends are the cube's black and white.
        return match most {
            0..=3 => 16,
            247.. => 231,
            grey => 232 + (grey.saturating_sub(3) / 10).min(23),
        };
    }
    // The cube's levels are 0, 95, 135, 175, 215 and 255.
    let level = |value: u32| match value {
        0..=47 => 0,
        48..=114 => 1,
        _ => (value - 35) / 40,
    };
    16 + 36 * level(red) + 6 * level(green) + level(blue)
}

#[cfg(test)]
#[path = "half_blocks_tests.rs"]
mod tests;
