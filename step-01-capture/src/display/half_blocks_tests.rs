//! Frames as text, and the colours that a terminal has for them.

use super::*;
use crate::display::canvas::Area;

/// Red above, blue below, with a white pixel at the top left.
fn image() -> Canvas {
    let mut canvas = Canvas::new(4, 4, 0x0000ff);
    canvas.fill(Area::new(0, 0, 4, 2), 0xff0000);
    canvas.fill(Area::new(0, 0, 1, 1), 0xffffff);
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
    let lines = render(&image(), 4, 2, ColourDepth::True);
    insta::assert_snapshot!(text(lines), @r"
    \u{1b}[38;2;255;255;255;48;2;255;0;0m▀\u{1b}[38;2;255;0;0;48;2;255;0;0m▀▀▀\u{1b}[0m
    \u{1b}[38;2;0;0;255;48;2;0;0;255m▀▀▀▀\u{1b}[0m
    ");
}

#[test]
fn a_smaller_frame_has_the_mean_of_the_pixels() {
    let lines = render(&image(), 1, 1, ColourDepth::True);
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
    let lines = render(&image(), 1, 1, ColourDepth::Indexed);
    insta::assert_snapshot!(text(lines), @r"\u{1b}[38;5;196;48;5;21m▀\u{1b}[0m");
    assert_eq!(indexed(0x000000), 16);
    assert_eq!(indexed(0xffffff), 231);
    assert_eq!(indexed(0x808080), 244, "128 is the grey 244 exactly");
    assert_eq!(indexed(0x00ff00), 46);
}

/// Every pixel has a colour of its own: red grows to the right, green downwards.
fn distinct(width: usize, height: usize) -> Canvas {
    let mut canvas = Canvas::new(width, height, 0);
    for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
        let one = Area::new(x, y, 1, 1);
        canvas.fill(one, (x as u32 * 10) << 16 | (y as u32 * 10) << 8 | 7);
    }
    canvas
}

#[test]
fn the_colours_of_a_cell_are_those_of_the_pixels_below_it() {
    insta::assert_snapshot!(text(render(&distinct(3, 4), 3, 2, ColourDepth::True)), @r"
    \u{1b}[38;2;0;0;7;48;2;0;10;7m▀\u{1b}[38;2;10;0;7;48;2;10;10;7m▀\u{1b}[38;2;20;0;7;48;2;20;10;7m▀\u{1b}[0m
    \u{1b}[38;2;0;20;7;48;2;0;30;7m▀\u{1b}[38;2;10;20;7;48;2;10;30;7m▀\u{1b}[38;2;20;20;7;48;2;20;30;7m▀\u{1b}[0m
    ");
    let all = text(render(&distinct(3, 4), 1, 1, ColourDepth::True));
    insta::assert_snapshot!(all, @r"\u{1b}[38;2;10;5;7;48;2;10;25;7m▀\u{1b}[0m");
}

#[test]
fn cells_that_pixels_do_not_divide_into_share_them_out() {
    let fewer = text(render(&distinct(5, 7), 2, 1, ColourDepth::True));
    insta::assert_snapshot!(fewer, @r"\u{1b}[38;2;5;10;7;48;2;5;45;7m▀\u{1b}[38;2;30;10;7;48;2;30;45;7m▀\u{1b}[0m");
    let more = text(render(&distinct(2, 3), 5, 2, ColourDepth::True));
    insta::assert_snapshot!(more, @r"
    \u{1b}[38;2;0;0;7;48;2;0;0;7m▀▀▀\u{1b}[38;2;10;0;7;48;2;10;0;7m▀▀\u{1b}[0m
    \u{1b}[38;2;0;10;7;48;2;0;20;7m▀▀▀\u{1b}[38;2;10;10;7;48;2;10;20;7m▀▀\u{1b}[0m
    ");
}

#[test]
fn a_mean_is_rounded_and_not_cut() {
    let mut canvas = Canvas::new(2, 1, 0x000001);
    canvas.fill(Area::new(0, 0, 1, 1), 0x010102);
    let mean = mean(&canvas, (0, 1), (0, 1));
    assert_eq!(format!("{mean:06x}"), "010102", "halves are rounded up");
}

/// What xterm shows for 16..=255: the cube of six levels a colour, then 24 greys.
fn xterm(index: u32) -> [u32; 3] {
    const LEVELS: [u32; 6] = [0, 95, 135, 175, 215, 255];
    match index {
        16..=231 => [36, 6, 1].map(|place| LEVELS[((index - 16) / place % 6) as usize]),
        232..=255 => [8 + (index - 232) * 10; 3],
        _ => panic!("{index} is a colour that every user sets to his own liking"),
    }
}

#[test]
fn every_part_of_a_colour_gets_the_nearest_level_of_the_cube() {
    for value in 0..256 {
        let far = if value < 128 { 255 } else { 0 };
        for parts in [[value, far, far], [far, value, far], [far, far, value]] {
            let [red, green, blue] = parts;
            let shown = xterm(indexed(red << 16 | green << 8 | blue));
            for (part, shown) in parts.into_iter().zip(shown) {
                let nearest = [0, 95, 135, 175, 215, 255].map(|level| part.abs_diff(level));
                let off = part.abs_diff(shown);
                assert_eq!(
                    Some(off),
                    nearest.into_iter().min(),
                    "{parts:?} shows {shown}"
                );
            }
        }
    }
}

#[test]
fn every_grey_gets_the_nearest_grey_and_the_ends_are_black_and_white() {
    for grey in 0..256 {
        let shown = xterm(indexed(grey << 16 | grey << 8 | grey));
        let greys = (0..24).map(|step| 8 + step * 10).chain([0, 255]);
        let nearest = greys.map(|level: u32| level.abs_diff(grey)).min();
        assert_eq!(shown, [shown[0]; 3], "{grey} has no colour");
        assert_eq!(
            Some(shown[0].abs_diff(grey)),
            nearest,
            "{grey} shows {shown:?}"
        );
    }
}

#[test]
fn a_colour_that_is_almost_grey_is_grey() {
    assert_eq!(xterm(indexed(0x808087)), [138; 3], "7 steps apart");
    assert_eq!(
        xterm(indexed(0x878080)),
        [138; 3],
        "the brightest part decides"
    );
    assert_eq!(
        xterm(indexed(0x808088)),
        [135; 3],
        "8 steps apart: the cube"
    );
    assert_eq!(indexed(0x808088), 16 + 36 * 2 + 6 * 2 + 2);
}

#[test]
fn a_frame_that_fits_is_as_large_as_it_can_be_and_never_wider_than_asked() {
    for (width, height) in [(640, 480), (1280, 720), (480, 640), (16, 4096), (4096, 16)] {
        let resolution = Resolution::new(width, height).expect("a size for tests");
        for (columns, rows) in [(1, 1), (79, 16), (10, 100), (200, 50)] {
            let (across, down) = fit(resolution, columns, rows);
            let case = format!("{resolution} in {columns}x{rows} is {across}x{down}");
            assert!(
                (1..=columns).contains(&across) && (1..=rows).contains(&down),
                "{case}"
            );
            assert!(
                across == columns || down == rows,
                "{case}: there is room left"
            );
            // Two pixels a row. The shape may be off by less than one cell either way.
            let (width, height) = (width as f64, height as f64);
            let exact = (down as f64 * 2.0 * width / height).min(columns as f64);
            let same = (across as f64 - exact).abs() <= (2.0 * width / height).max(1.0);
            assert!(same || across == 1 || down == 1, "{case}: another shape");
        }
    }
}

#[test]
fn a_frame_keeps_its_shape() {
    let vga = Resolution::VGA;
    assert_eq!(fit(vga, 80, 18), (48, 18), "the height is the limit");
    assert_eq!(fit(vga, 40, 50), (40, 15), "the width is the limit");
    assert_eq!(fit(vga, 1, 1), (1, 1), "never nothing");
}
