//! What is drawn on a canvas, read back pixel by pixel.

use super::*;

/// A map of the canvas: `.` for 0, `#` for anything else.
fn map(canvas: &Canvas) -> String {
    let row = |row: &[u32]| {
        row.iter()
            .map(|p| if *p == 0 { '.' } else { '#' })
            .collect()
    };
    let rows: Vec<String> = canvas.pixels().chunks(canvas.width()).map(row).collect();
    rows.join("\n")
}

fn white(width: u32, height: u32) -> VideoFrame {
    let mut frame = VideoFrame::black(Resolution::new(width, height).expect("a size for tests"));
    frame.planes_mut().y.fill(235);
    frame
}

#[test]
fn a_rectangle_is_cut_at_the_edge() {
    let mut canvas = Canvas::new(6, 3, 0);
    canvas.fill(Area::new(4, 1, 9, 9), 0xffffff);
    insta::assert_snapshot!(map(&canvas), @r"
    ......
    ....##
    ....##
    ");
}

#[test]
fn text_is_drawn_and_measured() {
    let mut canvas = Canvas::new(Canvas::text_width("Hi") + 2, TEXT_HEIGHT, 0);
    canvas.draw_text(1, 0, "Hi", 0x336699);
    insta::assert_snapshot!(map(&canvas), @r"
    ....................
    ....................
    ..#.....#....##.....
    ..#.....#...........
    ..#.....#...........
    ..#.....#...###.....
    ..#######.....#.....
    ..#.....#.....#.....
    ..#.....#.....#.....
    ..#.....#.....#.....
    ..#.....#.....#.....
    ..#.....#...#####...
    ....................
    ....................
    ....................
    ");
    assert!(
        canvas.pixels().contains(&0x336699),
        "the colour of the text"
    );
}

#[test]
fn a_small_frame_stands_in_the_middle_of_its_border() {
    let mut canvas = Canvas::new(20, 18, 0);
    canvas.draw_frame(&white(16, 16), Area::new(0, 0, 20, 18), 0);
    assert_eq!(canvas.pixels()[20 + 1], 0, "left of the frame is border");
    assert_eq!(
        canvas.pixels()[20 + 2],
        0xffffff,
        "the frame begins at 2, 1"
    );
    assert_eq!(canvas.pixels().iter().filter(|p| **p != 0).count(), 16 * 16);
}

#[test]
fn a_large_frame_is_divided_by_a_whole_number() {
    let mut canvas = Canvas::new(12, 12, 0);
    canvas.draw_frame(&white(32, 16), Area::new(1, 1, 10, 10), 0);
    insta::assert_snapshot!(map(&canvas), @r"
    ............
    ............
    ............
    ............
    ..########..
    ..########..
    ..########..
    ..########..
    ............
    ............
    ............
    ............
    ");
}

/// No two pixels next to each other are alike.
fn patterned(width: u32, height: u32) -> (VideoFrame, Vec<u32>) {
    let mut frame = white(width, height);
    for (sample, luma) in frame.planes_mut().y.iter_mut().zip((16..235).cycle()) {
        *sample = luma;
    }
    let mut pixels = vec![0; frame.resolution().pixels()];
    write_0rgb(&frame, &mut pixels, width as usize);
    (frame, pixels)
}

#[test]
fn a_frame_that_fits_is_drawn_pixel_by_pixel() {
    let (frame, pixels) = patterned(16, 18);
    let mut canvas = Canvas::new(30, 26, 0);
    canvas.draw_frame(&frame, Area::new(4, 3, 22, 20), 0x777777);
    for (x, y) in (0..26).flat_map(|y| (0..30).map(move |x| (x, y))) {
        // 22x20 leaves three columns and one row free on either side of 16x18.
        let expected = match (x, y) {
            (7..23, 4..22) => pixels[(y - 4) * 16 + x - 7],
            (4..26, 3..23) => 0x777777,
            _ => 0,
        };
        assert_eq!(canvas.pixels()[y * 30 + x], expected, "pixel {x}, {y}");
    }
}

#[test]
fn a_frame_that_is_divided_keeps_every_second_pixel_of_every_second_row() {
    let (frame, pixels) = patterned(32, 18);
    let mut canvas = Canvas::new(20, 20, 0);
    canvas.draw_frame(&frame, Area::new(2, 5, 16, 9), 0x777777);
    for (x, y) in (0..20).flat_map(|y| (0..20).map(move |x| (x, y))) {
        let expected = match (x, y) {
            (2..18, 5..14) => pixels[(y - 5) * 2 * 32 + (x - 2) * 2],
            _ => 0,
        };
        assert_eq!(canvas.pixels()[y * 20 + x], expected, "pixel {x}, {y}");
    }
}

#[test]
fn a_frame_is_divided_by_what_its_longer_side_needs() {
    let size = Resolution::new(64, 32).expect("a size for tests");
    assert_eq!(divisor(size, 64, 32), 1, "it fits exactly");
    assert_eq!(divisor(size, 63, 32), 2, "one column is missing");
    assert_eq!(divisor(size, 64, 10), 4, "the height is the limit");
    assert_eq!(divisor(size, 1000, 1000), 1, "nothing is made larger");
}

#[test]
fn an_area_without_room_stays_as_it_is() {
    let mut canvas = Canvas::new(4, 4, 5);
    canvas.draw_frame(&white(16, 16), Area::new(0, 0, 0, 4), 9);
    canvas.draw_frame(&white(16, 16), Area::new(0, 0, 4, 0), 9);
    canvas.draw_frame(&white(16, 16), Area::new(9, 9, 4, 4), 9);
    assert_eq!(canvas.pixels(), [5; 16]);
}

#[test]
fn what_is_centred_has_as_much_room_on_either_side() {
    let outer = Area::new(10, 20, 9, 7);
    assert_eq!(outer.centred(5, 3), Area::new(12, 22, 5, 3));
    assert_eq!(
        outer.centred(4, 4),
        Area::new(12, 21, 4, 4),
        "the odd pixel is behind"
    );
    assert_eq!(
        outer.centred(50, 3),
        Area::new(10, 22, 9, 3),
        "what is larger is cut"
    );
}

#[test]
fn text_beyond_the_edge_is_cut_and_does_not_come_back_on_the_other_side() {
    let mut canvas = Canvas::new(6, TEXT_HEIGHT, 0);
    canvas.draw_text(3, 0, "H", 0xffffff);
    insta::assert_snapshot!(map(&canvas), @r"
    ......
    ......
    ....#.
    ....#.
    ....#.
    ....#.
    ....##
    ....#.
    ....#.
    ....#.
    ....#.
    ....#.
    ......
    ......
    ......
    ");
    canvas = Canvas::new(9, 5, 0);
    canvas.draw_text(0, 1, "H", 0xffffff);
    insta::assert_snapshot!(map(&canvas), @r"
    .........
    .........
    .........
    .#.....#.
    .#.....#.
    ");
}

#[test]
fn a_point_on_an_edge_is_inside_on_the_left_and_above_only() {
    let button = Area::new(10, 20, 5, 6);
    for (x, y, inside) in [
        (10, 20, true),
        (14, 25, true),
        (9, 20, false),
        (15, 20, false),
        (10, 19, false),
        (10, 26, false),
    ] {
        assert_eq!(button.contains(x, y), inside, "{x}, {y}");
    }
}
