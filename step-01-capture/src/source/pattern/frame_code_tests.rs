//! Numbers that are written, damaged and read again.

use super::*;

fn black(width: u32, height: u32) -> VideoFrame {
    VideoFrame::black(Resolution::new(width, height).expect("the tests use valid sizes"))
}

#[test]
fn what_was_written_is_read_at_every_size_that_has_room() {
    for (width, height) in [
        (160, 120),
        (176, 144),
        (640, 480),
        (1280, 720),
        (4096, 4096),
    ] {
        for number in [0, 1, 0x1234_5678, u32::MAX] {
            let mut frame = black(width, height);
            write(number, &mut frame);
            assert_eq!(read(&frame), Some(number), "at {width}x{height}");
        }
    }
}

#[test]
fn the_code_is_two_rows_of_cells_with_the_number_first_and_its_check_last() {
    let cells = |number| {
        let mut frame = black(640, 480);
        write(number, &mut frame);
        let area = CodeArea::of(frame.resolution()).expect("has room");
        let cell = |index| {
            let (x, y) = area.corner(index);
            ['.', '#'][usize::from(frame.y()[y * 640 + x] == WHITE)]
        };
        let row = |row| (row..row + COLUMNS).map(cell).collect::<String>();
        format!("{}\n{}", row(0), row(COLUMNS))
    };
    insta::assert_snapshot!(cells(0), @r"
    ....................
    ............##.#...#
    ");
    insta::assert_snapshot!(cells(0x8000_0001), @r"
    #...................
    ...........####..###
    ");
    insta::assert_snapshot!(cells(0x1234_5678), @r"
    ...#..#...##.#...#.#
    .##..####...##..##.#
    ");
}

#[test]
fn a_number_followed_by_its_check_leaves_no_remainder() {
    // What makes a cyclic check one: the message is chosen so that the polynomial divides it.
    for number in [0, 1, 42, 0x8000_0000, u32::MAX] {
        let bits = u64::from(number) << 8 | u64::from(check(number));
        let mut remainder = 0xff_u64 << 32 ^ bits;
        for shift in (0..32).rev() {
            if remainder >> (shift + 8) & 1 == 1 {
                remainder ^= 0x107 << shift;
            }
        }
        assert_eq!(remainder, 0, "{number} and its check {:#x}", check(number));
    }
}

#[test]
fn the_code_is_one_cell_away_from_the_lower_right_corner() {
    for (width, height, cell) in [
        (160, 64, 4),
        (640, 480, 16),
        (650, 480, 16),
        (4096, 400, 32),
    ] {
        let resolution = Resolution::new(width, height).expect("the tests use valid sizes");
        let area = CodeArea::of(resolution).expect("has room");
        assert_eq!(area.cell, cell, "at {resolution}");
        let (right, bottom) = (area.left + 20 * cell, area.top + 2 * cell);
        let away = (width as usize - right, height as usize - bottom);
        assert_eq!(away, (cell, cell), "at {resolution}");
    }
}

#[test]
fn a_code_takes_no_more_than_a_third_of_the_height() {
    let room = |height| {
        let resolution = Resolution::new(640, height).expect("the tests use valid sizes");
        CodeArea::of(resolution).is_some()
    };
    assert!(room(192), "three times four cells of 16 pixels");
    assert!(!room(190));
}

/// Frame 42 with every pixel of the code repainted by `repaint`, which sees its place in the cell and its brightness.
fn repainted(repaint: impl Fn(usize, usize, u8) -> u8) -> Option<u32> {
    let mut frame = black(640, 480);
    write(42, &mut frame);
    let area = CodeArea::of(frame.resolution()).expect("has room");
    let luma = frame.planes_mut().y;
    for y in area.top..area.top + ROWS * area.cell {
        for x in area.left..area.left + COLUMNS * area.cell {
            let old = luma[y * 640 + x];
            let (column, row) = ((x - area.left) % 16, (y - area.top) % 16);
            luma[y * 640 + x] = repaint(column, row, old);
        }
    }
    read(&frame)
}

#[test]
fn only_the_middle_of_a_cell_is_read() {
    let is_edge = |at: usize| !(4..12).contains(&at);
    let edges_inverted = repainted(|column, row, luma| match is_edge(column) || is_edge(row) {
        true => 251 - luma,
        false => luma,
    });
    assert_eq!(edges_inverted, Some(42), "edges are the encoder's");
    for (column, row) in [(4, 4), (11, 4), (4, 11), (11, 11)] {
        // One pixel of 64 weighs enough when the rest stands at the limit of black.
        let corner_bright = repainted(|x, y, luma| match luma {
            BLACK if (x, y) == (column, row) => 255,
            BLACK => 96,
            white => white,
        });
        assert_eq!(
            corner_bright, None,
            "pixel {column}, {row} of the cells is read"
        );
    }
}

#[test]
fn a_grey_cell_is_neither_black_nor_white() {
    let with = |black, white| repainted(|_, _, luma| if luma == BLACK { black } else { white });
    assert_eq!(
        with(96, 160),
        Some(42),
        "the last black and the first white"
    );
    assert_eq!(with(97, 160), None, "97 is no black any more");
    assert_eq!(with(96, 159), None, "159 is no white yet");
}

#[test]
fn a_frame_that_is_too_small_has_no_code() {
    for (width, height) in [(16, 16), (4096, 16), (16, 4096), (158, 120), (640, 190)] {
        let mut frame = black(width, height);
        write(7, &mut frame);
        assert_eq!(
            frame,
            { black_like(&frame) },
            "{width}x{height} stays black"
        );
        assert_eq!(read(&frame), None);
    }
}

fn black_like(frame: &VideoFrame) -> VideoFrame {
    let mut black = VideoFrame::black(frame.resolution());
    black.captured_at = frame.captured_at;
    black
}

#[test]
fn strong_noise_and_blur_do_not_change_the_number() {
    let mut frame = black(640, 480);
    write(123_456_789, &mut frame);
    let mut noise = 1_u32;
    let luma = frame.planes_mut().y;
    for y in luma.iter_mut() {
        // A linear congruential generator: the same noise in every run, up to 60 steps either way.
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *y = y.saturating_add_signed(((noise >> 24) as i32 * 120 / 255 - 60) as i8);
    }
    for i in 4..luma.len() {
        luma[i - 4] = (luma[i - 4..i].iter().map(|y| u32::from(*y)).sum::<u32>() / 4) as u8;
    }
    assert_eq!(read(&frame), Some(123_456_789));
}

#[test]
fn one_flipped_cell_gives_none_and_not_another_number() {
    for index in 0..COLUMNS * ROWS {
        let mut frame = black(640, 480);
        write(42, &mut frame);
        let (x, y) = CodeArea::of(frame.resolution())
            .expect("has room")
            .corner(index);
        for row in frame.planes_mut().y.chunks_exact_mut(640).skip(y).take(16) {
            row[x..x + 16].iter_mut().for_each(|y| *y = 251 - *y);
        }
        assert_eq!(read(&frame), None, "cell {index} was flipped");
    }
}

#[test]
fn plain_areas_are_no_code() {
    for luma in [0, 16, 128, 235, 255] {
        let mut frame = black(640, 480);
        frame.planes_mut().y.fill(luma);
        assert_eq!(read(&frame), None, "all pixels {luma}");
    }
}
