//! A picture made of characters.
//!
//! `▀` paints the upper half of a cell in one colour and leaves the lower half to the background: two pixels a cell,
//! and nearly square ones.

use std::fmt::Write as _;

use crate::Resolution;
use crate::canvas::Canvas;

/// How many colours the terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColourDepth {
    /// 24 bits.
    True,
    /// The 216 colours of the 6x6x6 cube and 24 greys that xterm brought.
    Indexed,
}

/// The largest number of columns and rows, at least one each, in which a picture keeps its shape.
pub(crate) fn fit(resolution: Resolution, columns: usize, rows: usize) -> (usize, usize) {
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
pub(crate) fn render(
    canvas: &Canvas,
    columns: usize,
    rows: usize,
    depth: ColourDepth,
) -> Vec<String> {
    let mean = |column, half| mean(canvas, (column, columns), (half, rows * 2));
    let line = |row: usize| {
        let mut line = String::new();
        let mut colours = None;
        for column in 0..columns {
            let (upper, lower) = (mean(column, row * 2), mean(column, row * 2 + 1));
            // Neighbours are often alike: most of the text would be colours that are set already.
            if colours != Some((upper, lower)) {
                colours = Some((upper, lower));
                // Writing to a string cannot fail.
                let _ = match depth {
                    ColourDepth::True => {
                        let ([_, r, g, b], [_, x, y, z]) =
                            (upper.to_be_bytes(), lower.to_be_bytes());
                        write!(line, "\x1b[38;2;{r};{g};{b};48;2;{x};{y};{z}m")
                    }
                    ColourDepth::Indexed => {
                        write!(
                            line,
                            "\x1b[38;5;{};48;5;{}m",
                            indexed(upper),
                            indexed(lower)
                        )
                    }
                };
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
        let start = (index * size / count).min(size - 1);
        start..((index + 1) * size / count).max(start + 1)
    };
    let across = range(column, columns, canvas.width());
    let down = range(row, rows, canvas.height());
    let pixels = (across.len() * down.len()) as u32;
    let mut sums = [0u32; 3];
    for y in down {
        let start = y * canvas.width();
        for pixel in &canvas.pixels()[start + across.start..start + across.end] {
            sums[0] += pixel >> 16 & 0xff;
            sums[1] += pixel >> 8 & 0xff;
            sums[2] += pixel & 0xff;
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
mod tests {
    use super::*;
    use crate::canvas::Area;

    /// Red above, blue below, with a white pixel at the top left.
    fn picture() -> Canvas {
        let mut canvas = Canvas::new(4, 4, 0x0000ff);
        let area = |x, y, width, height| Area {
            x,
            y,
            width,
            height,
        };
        canvas.fill(area(0, 0, 4, 2), 0xff0000);
        canvas.fill(area(0, 0, 1, 1), 0xffffff);
        canvas
    }

    fn text(lines: Vec<String>) -> String {
        lines
            .join("\n")
            .escape_debug()
            .to_string()
            .replace("\\n", "\n")
    }

    #[test]
    fn one_cell_holds_two_pixels() {
        let lines = render(&picture(), 4, 2, ColourDepth::True);
        insta::assert_snapshot!(text(lines), @r"
        \u{1b}[38;2;255;255;255;48;2;255;0;0m▀\u{1b}[38;2;255;0;0;48;2;255;0;0m▀▀▀\u{1b}[0m
        \u{1b}[38;2;0;0;255;48;2;0;0;255m▀▀▀▀\u{1b}[0m
        ");
    }

    #[test]
    fn a_smaller_picture_has_the_mean_of_the_pixels() {
        let lines = render(&picture(), 1, 1, ColourDepth::True);
        // The upper half: seven red pixels and a white one.
        insta::assert_snapshot!(text(lines), @r"\u{1b}[38;2;255;32;32;48;2;0;0;255m▀\u{1b}[0m");
    }

    #[test]
    fn more_cells_than_pixels_repeat_the_pixels() {
        let lines = render(&Canvas::new(1, 1, 0x808080), 3, 1, ColourDepth::True);
        insta::assert_snapshot!(text(lines), @r"\u{1b}[38;2;128;128;128;48;2;128;128;128m▀▀▀\u{1b}[0m");
    }

    #[test]
    fn a_terminal_with_256_colours_gets_the_nearest() {
        let lines = render(&picture(), 1, 1, ColourDepth::Indexed);
        insta::assert_snapshot!(text(lines), @r"\u{1b}[38;5;196;48;5;21m▀\u{1b}[0m");
        assert_eq!(indexed(0x000000), 16);
        assert_eq!(indexed(0xffffff), 231);
        assert_eq!(indexed(0x808080), 244, "128 is the grey 244 exactly");
        assert_eq!(indexed(0x00ff00), 46);
    }

    #[test]
    fn a_picture_keeps_its_shape() {
        let vga = Resolution::VGA;
        assert_eq!(fit(vga, 80, 18), (48, 18), "the height is the limit");
        assert_eq!(fit(vga, 40, 50), (40, 15), "the width is the limit");
        assert_eq!(fit(vga, 1, 1), (1, 1), "never nothing");
    }
}
