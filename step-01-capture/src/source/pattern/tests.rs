//! What moves on the test pattern.

use super::*;
use crate::source::pattern::background::BARS;
use crate::source::pattern::frame_code::CodeArea;

fn pattern(width: u32, height: u32) -> TestPattern {
    TestPattern::new(&MediaStreamConstraints {
        resolution: Some(Resolution::new(width, height).expect("the tests use valid sizes")),
        ..MediaStreamConstraints::default()
    })
}

#[test]
fn the_bars_have_the_colours_of_bt_601_at_75_per_cent() {
    let frame = pattern(640, 480).frame(0);
    for (bar, colour) in BARS.iter().enumerate() {
        let x = (bar * 2 + 1) * 640 / 14;
        let found = [
            frame.y()[10 * 640 + x],
            frame.u()[5 * 320 + x / 2],
            frame.v()[5 * 320 + x / 2],
        ];
        assert_eq!(found, *colour, "bar {bar}, 10 pixels below the top");
    }
}

#[test]
fn every_frame_carries_its_number() {
    let pattern = pattern(640, 480);
    for number in [0, 1, 29, 30, 1_000_000] {
        let frame = pattern.frame(number);
        assert_eq!(frame.number, number);
        assert_eq!(frame_code::read(&frame), u32::try_from(number).ok());
    }
}

#[test]
fn the_hand_is_back_where_it_was_after_a_second() {
    let pattern = pattern(640, 480);
    let dial = |number| pattern.frame(number).y()[..640 * 340].to_vec();
    assert_eq!(dial(0), dial(30), "one turn takes 30 frames");
    assert_ne!(dial(0), dial(1), "and it moves with every frame");
}

#[test]
fn the_hand_points_to_the_fraction_of_the_second_and_its_tail_fades() {
    let pattern = pattern(640, 480);
    for number in [0, 7, 15, 29, 37] {
        let frame = pattern.frame(number);
        let hand = (number % 30 * 65_536 / 30) as u16;
        for pixel in &pattern.dial {
            // How far the hand has turned since it was here: just now is bright, a whole turn ago is dark.
            let behind = f64::from(hand.wrapping_sub(pixel.angle)) / 65_536.0;
            let exact = 24.0 + 190.0 * (1.0 - behind).powi(2);
            let found = frame.y()[pixel.offset];
            let off = (f64::from(found) - exact).abs();
            assert!(
                off < 4.0,
                "frame {number}: {found} in the place of {exact:.0}"
            );
        }
    }
}

/// The rectangle around everything white in the band, left of the code: x and y, from and to.
fn clock(width: u32, height: u32) -> [usize; 4] {
    let frame = pattern(width, height).frame(0);
    let resolution = frame.resolution();
    let code = CodeArea::of(resolution).expect("there is room for the code");
    let band = resolution.height() - background::band_height(resolution);
    let rows = frame.y().chunks(resolution.width()).enumerate().skip(band);
    let white = rows.flat_map(|(y, row)| {
        let row = row[..code.left].iter().enumerate();
        row.filter_map(move |(x, luma)| (*luma == 235).then_some((x, y)))
    });
    white.fold(
        [usize::MAX, 0, usize::MAX, 0],
        |[left, right, top, bottom], (x, y)| {
            [left.min(x), right.max(x + 1), top.min(y), bottom.max(y + 1)]
        },
    )
}

#[test]
fn the_clock_is_as_large_as_there_is_room_and_in_the_middle_of_the_band() {
    // Nine characters have 9x15 pixels each, of which digits fill 7x10 from 1, 2; the band is four cells high.
    let clock = |width, height| {
        let [left, right, top, bottom] = clock(width, height);
        format!("{left}..{right}, {top}..{bottom}")
    };
    assert_eq!(clock(640, 480), "19..256, 432..462", "pixels of 3");
    assert_eq!(clock(320, 240), "9..88, 219..229", "pixels of 1");
    assert_eq!(clock(480, 360), "14..172, 325..345", "pixels of 2");
    assert_eq!(
        clock(4096, 400),
        "40..672, 292..372",
        "the band is the limit"
    );
}

#[test]
fn the_clock_shows_the_time_of_the_frame() {
    let frame = pattern(320, 240).frame(31);
    let band = frame.y().chunks(320).skip(218).take(12);
    let row = |row: &[u8]| {
        row[8..90]
            .iter()
            .map(|y| if *y == 235 { '#' } else { '.' })
            .collect()
    };
    let rows: Vec<String> = band.map(row).collect();
    insta::assert_snapshot!(rows.join("\n"), @r"
    ..................................................................................
    ...###......###...............###.......#................###....#######..#######..
    ..#...#....#...#.............#...#.....##...............#...#.........#........#..
    .#.....#..#.....#...........#.....#...#.#..............#.....#.......#........#...
    .#.....#..#.....#.....##....#.....#..#..#..............#.....#......#........#....
    .#.....#..#.....#.....##....#.....#.....#..............#.....#.....###......###...
    .#.....#..#.....#...........#.....#.....#..............#.....#........#........#..
    .#.....#..#.....#...........#.....#.....#..............#.....#........#........#..
    .#.....#..#.....#...........#.....#.....#..............#.....#........#........#..
    ..#...#....#...#......##.....#...#......#........##.....#...#...#.....#..#.....#..
    ...###......###.......##......###....#######.....##......###.....#####....#####...
    ..................................................................................
    ");
}

#[test]
fn a_pattern_has_the_settings_that_were_asked_for() {
    let source = TestPattern::new(&MediaStreamConstraints {
        resolution: Resolution::new(160, 120).ok(),
        frame_rate: Some(25),
        ..MediaStreamConstraints::default()
    });
    assert_eq!(source.label(), "test pattern");
    let settings = source.settings();
    assert_eq!(
        (settings.resolution.width(), settings.frame_rate),
        (160, 25)
    );
    let by_default = TestPattern::new(&MediaStreamConstraints::default()).settings();
    assert_eq!(
        (by_default.resolution, by_default.frame_rate),
        (Resolution::VGA, 30)
    );
}

#[test]
fn any_valid_size_can_be_drawn() {
    for (width, height) in [
        (16, 16),
        (16, 4096),
        (4096, 16),
        (18, 20),
        (162, 98),
        (640, 192),
    ] {
        let frame = pattern(width, height).frame(u64::MAX);
        assert_eq!(frame.resolution().width(), width as usize);
    }
}

#[test]
fn the_numbers_of_the_frames_grow() {
    let mut source = TestPattern::new(&MediaStreamConstraints {
        frame_rate: Some(120),
        ..MediaStreamConstraints::default()
    });
    let mut number = || source.next_frame().expect("a pattern never fails").number;
    let (first, second) = (number(), number());
    assert!(first < second, "{first} came before {second}");
}
