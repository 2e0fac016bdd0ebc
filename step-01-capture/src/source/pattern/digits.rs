//! Digits for the running clock, painted on the brightness plane.

/// Columns of a glyph; one more is left free between two of them.
const COLUMNS: usize = 5;
/// Rows of a glyph.
const ROWS: usize = 7;

/// Width in pixels of a text of `length` glyphs.
pub(crate) fn text_width(length: usize, scale: usize) -> usize {
    (length * (COLUMNS + 1)).saturating_sub(1) * scale
}

/// Height in pixels of a text.
pub(crate) fn text_height(scale: usize) -> usize {
    ROWS * scale
}

/// Paints `text` with its upper left corner at `(left, top)`, in white. Anything but digits, colon and full stop stays
/// blank. What falls outside of the plane is left out.
pub(crate) fn paint(
    text: &str,
    luma: &mut [u8],
    width: usize,
    (left, top): (usize, usize),
    scale: usize,
) {
    if width == 0 {
        return;
    }
    for (row, line) in luma
        .chunks_exact_mut(width)
        .skip(top)
        .take(text_height(scale))
        .enumerate()
    {
        for (i, glyph) in text.chars().map(glyph).enumerate() {
            let bits = glyph[row / scale];
            for column in (0..COLUMNS).filter(|c| bits >> (COLUMNS - 1 - c) & 1 == 1) {
                let x = left + (i * (COLUMNS + 1) + column) * scale;
                if let Some(dot) = line.get_mut(x..x + scale) {
                    dot.fill(235);
                }
            }
        }
    }
}

/// One row of dots a byte, the leftmost dot in bit 4.
fn glyph(character: char) -> [u8; ROWS] {
    match character {
        '0' => [
            0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110,
        ],
        '1' => [
            0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110,
        ],
        '2' => [
            0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111,
        ],
        '3' => [
            0b01110, 0b10001, 0b00001, 0b00110, 0b00001, 0b10001, 0b01110,
        ],
        '4' => [
            0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010,
        ],
        '5' => [
            0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110,
        ],
        '6' => [
            0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110,
        ],
        '7' => [
            0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000,
        ],
        '8' => [
            0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110,
        ],
        '9' => [
            0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100,
        ],
        ':' => [0, 0, 0b00100, 0, 0b00100, 0, 0],
        '.' => [0, 0, 0, 0, 0, 0b01100, 0b01100],
        _ => [0; ROWS],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(
        text: &str,
        width: usize,
        height: usize,
        at: (usize, usize),
        scale: usize,
    ) -> String {
        let mut luma = vec![16; width * height];
        paint(text, &mut luma, width, at, scale);
        let dot = |y: &u8| if *y == 235 { '#' } else { '.' };
        luma.chunks(width)
            .map(|row| row.iter().map(dot).collect::<String>() + "\n")
            .collect()
    }

    #[test]
    fn digits_can_be_read() {
        insta::assert_snapshot!(picture("25.", 17, 7, (0, 0), 1), @r"
        .###..#####......
        #...#.#..........
        ....#.####.......
        ..##......#......
        .#........#......
        #.....#...#..##..
        #####..###...##..
        ");
    }

    #[test]
    fn every_glyph_of_the_clock_can_be_told_from_the_others() {
        insta::assert_snapshot!(picture("01234", 29, 7, (0, 0), 1), @r"
        .###....#....###...###.....#.
        #...#..##...#...#.#...#...##.
        #..##...#.......#.....#..#.#.
        #.#.#...#.....##....##..#..#.
        ##..#...#....#........#.#####
        #...#...#...#.....#...#....#.
        .###...###..#####..###.....#.
        ");
        insta::assert_snapshot!(picture("56789", 29, 7, (0, 0), 1), @r"
        #####...##..#####..###...###.
        #......#........#.#...#.#...#
        ####..#........#..#...#.#...#
        ....#.####....#....###...####
        ....#.#...#..#....#...#.....#
        #...#.#...#..#....#...#....#.
        .###...###...#.....###...##..
        ");
        insta::assert_snapshot!(picture("1:0.x", 29, 7, (0, 0), 1), @r"
        ..#..........###.............
        .##.........#...#............
        ..#.....#...#..##............
        ..#.........#.#.#............
        ..#.....#...##..#............
        ..#.........#...#..##........
        .###.........###...##........
        ");
    }

    #[test]
    fn a_larger_digit_has_larger_dots_and_begins_at_its_corner() {
        insta::assert_snapshot!(picture("71", 25, 16, (1, 1), 2), @r"
        .........................
        .##########......##......
        .##########......##......
        .........##....####......
        .........##....####......
        .......##........##......
        .......##........##......
        .....##..........##......
        .....##..........##......
        ...##............##......
        ...##............##......
        ...##............##......
        ...##............##......
        ...##..........######....
        ...##..........######....
        .........................
        ");
    }

    #[test]
    fn the_height_of_a_text_is_seven_dots() {
        assert_eq!(text_height(1), 7);
        assert_eq!(text_height(3), 21);
    }

    #[test]
    fn a_text_that_does_not_fit_is_cut_off() {
        assert_eq!(picture("8", 3, 2, (1, 1), 1), "...\n..#\n");
        assert_eq!(picture("8", 3, 1, (9, 9), 4), "...\n");
        let mut nothing = [];
        paint("8", &mut nothing, 0, (0, 0), 1);
    }

    #[test]
    fn the_width_of_a_text_has_no_gap_at_its_end() {
        assert_eq!(text_width("00:00.000".len(), 2), 106);
        assert_eq!(text_width(0, 2), 0);
    }
}
