//! The part of the test pattern that does not move.

use std::f32::consts::TAU;

use super::frame_code::CodeArea;
use crate::{Resolution, VideoFrame};

/// One colour in BT.601 limited range: Y, U, V.
type Colour = [u8; 3];

/// The colour bars of SMPTE EG 1 at 75 per cent: a monitor shows each of them at three quarters of its full strength.
pub(super) const BARS: [Colour; 7] = [
    [180, 128, 128],
    [162, 44, 142],
    [131, 156, 44],
    [112, 72, 58],
    [84, 184, 198],
    [65, 100, 212],
    [35, 212, 114],
];
const DIAL: Colour = [24, 146, 98];

/// A pixel of the dial, on which the hand turns.
#[derive(Debug, Clone, Copy)]
pub(super) struct DialPixel {
    /// Where it is in the Y plane.
    pub(super) offset: usize,
    /// Its direction seen from the centre, clockwise from 12 o'clock, in 1/65536 of a turn.
    pub(super) angle: u16,
}

/// Bars, the empty dial on them, and the black band for clock and code below. Returns the dial's pixels as well.
pub(super) fn draw(resolution: Resolution) -> (VideoFrame, Vec<DialPixel>) {
    let mut frame = VideoFrame::black(resolution);
    let (width, height) = (
        resolution.width(),
        resolution.height() - band_height(resolution),
    );
    let radius = width.min(height) as f32 * 0.36;
    let planes = frame.planes_mut();
    let mut dial = Vec::new();
    for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
        let (dx, dy) = (
            x as f32 + 0.5 - width as f32 / 2.0,
            y as f32 + 0.5 - height as f32 / 2.0,
        );
        let offset = y * width + x;
        let mut colour = BARS[x * 7 / width];
        if dx.hypot(dy) < radius {
            colour = DIAL;
            let angle = ((dx.atan2(-dy) / TAU).rem_euclid(1.0) * 65_536.0) as u16;
            dial.push(DialPixel { offset, angle });
        }
        planes.y[offset] = colour[0];
        // The colour planes have one sample for two by two pixels.
        if x % 2 == 0 && y % 2 == 0 {
            let offset = y / 2 * (width / 2) + x / 2;
            (planes.u[offset], planes.v[offset]) = (colour[1], colour[2]);
        }
    }
    (frame, dial)
}

/// The band at the bottom is one cell higher than the code on either side.
pub(super) fn band_height(resolution: Resolution) -> usize {
    CodeArea::of(resolution).map_or(0, |area| 4 * area.cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Too small for a code, so bars and dial fill it to the lower edge.
    fn small() -> (VideoFrame, Vec<DialPixel>) {
        draw(Resolution::new(28, 24).expect("28x24 is a size"))
    }

    /// A plane as it is in memory, two hexadecimal digits a sample.
    fn dump(plane: &[u8], width: usize) -> String {
        let row = |row: &[u8]| row.iter().map(|sample| format!("{sample:02x}")).collect();
        let rows: Vec<String> = plane.chunks(width).map(row).collect();
        rows.join("\n")
    }

    #[test]
    fn the_brightness_of_a_small_background_to_the_byte() {
        insta::assert_snapshot!(dump(small().0.y(), 28), @r"
        b4b4b4b4a2a2a2a28383838370707070545454544141414123232323
        b4b4b4b4a2a2a2a28383838370707070545454544141414123232323
        b4b4b4b4a2a2a2a28383838370707070545454544141414123232323
        b4b4b4b4a2a2a2a28383838318181818545454544141414123232323
        b4b4b4b4a2a2a2a28383181818181818181854544141414123232323
        b4b4b4b4a2a2a2a21818181818181818181818184141414123232323
        b4b4b4b4a2a2a2181818181818181818181818181841414123232323
        b4b4b4b4a2a2a2181818181818181818181818181841414123232323
        b4b4b4b4a2a218181818181818181818181818181818414123232323
        b4b4b4b4a2a218181818181818181818181818181818414123232323
        b4b4b4b4a21818181818181818181818181818181818184123232323
        b4b4b4b4a21818181818181818181818181818181818184123232323
        b4b4b4b4a21818181818181818181818181818181818184123232323
        b4b4b4b4a21818181818181818181818181818181818184123232323
        b4b4b4b4a2a218181818181818181818181818181818414123232323
        b4b4b4b4a2a218181818181818181818181818181818414123232323
        b4b4b4b4a2a2a2181818181818181818181818181841414123232323
        b4b4b4b4a2a2a2181818181818181818181818181841414123232323
        b4b4b4b4a2a2a2a21818181818181818181818184141414123232323
        b4b4b4b4a2a2a2a28383181818181818181854544141414123232323
        b4b4b4b4a2a2a2a28383838318181818545454544141414123232323
        b4b4b4b4a2a2a2a28383838370707070545454544141414123232323
        b4b4b4b4a2a2a2a28383838370707070545454544141414123232323
        b4b4b4b4a2a2a2a28383838370707070545454544141414123232323
        ");
    }

    #[test]
    fn the_colours_of_a_small_background_to_the_byte() {
        insta::assert_snapshot!(dump(small().0.u(), 14), @r"
        80802c2c9c9c4848b8b86464d4d4
        80802c2c9c9c4848b8b86464d4d4
        80802c2c9c92929292b86464d4d4
        80802c2c9292929292929264d4d4
        80802c929292929292929264d4d4
        80802c929292929292929292d4d4
        80802c929292929292929292d4d4
        80802c929292929292929264d4d4
        80802c2c9292929292929264d4d4
        80802c2c9292929292926464d4d4
        80802c2c9c9c9292b8b86464d4d4
        80802c2c9c9c4848b8b86464d4d4
        ");
        insta::assert_snapshot!(dump(small().0.v(), 14), @r"
        80808e8e2c2c3a3ac6c6d4d47272
        80808e8e2c2c3a3ac6c6d4d47272
        80808e8e2c62626262c6d4d47272
        80808e8e62626262626262d47272
        80808e6262626262626262d47272
        80808e6262626262626262627272
        80808e6262626262626262627272
        80808e6262626262626262d47272
        80808e8e62626262626262d47272
        80808e8e626262626262d4d47272
        80808e8e2c2c6262c6c6d4d47272
        80808e8e2c2c3a3ac6c6d4d47272
        ");
    }

    #[test]
    fn the_band_for_clock_and_code_is_black_and_as_high_as_four_cells() {
        let vga = Resolution::VGA;
        assert_eq!(band_height(vga), 64, "four cells of 16 pixels");
        assert_eq!(band_height(small().0.resolution()), 0, "no room");
        let (background, _) = draw(vga);
        let band = (480 - 64) * 640;
        assert!(background.y()[band..].iter().all(|y| *y == 16));
        let last_bar = BARS[6][0];
        assert_eq!(background.y()[band - 1], last_bar, "the bars end above it");
    }

    #[test]
    fn the_hand_turns_in_the_whole_dial() {
        for resolution in [small().0.resolution(), Resolution::VGA] {
            let (background, dial) = draw(resolution);
            let dark = |(offset, luma): (usize, &u8)| (*luma == DIAL[0]).then_some(offset);
            let luma = &background.y()[..dial.last().expect("there is a dial").offset + 1];
            let dark: Vec<usize> = luma.iter().enumerate().filter_map(dark).collect();
            let inside: Vec<usize> = dial.iter().map(|pixel| pixel.offset).collect();
            assert_eq!(inside, dark, "at {resolution}, see pattern/background.rs");
        }
    }

    #[test]
    fn angles_run_clockwise_from_12_oclock() {
        let (width, centre_x, centre_y) = (640, 320, 208);
        let (_, dial) = draw(Resolution::VGA);
        let angle = |x: usize, y: usize| {
            let found = dial.iter().find(|p| p.offset == y * width + x);
            found.expect("the point lies on the dial").angle
        };
        // The centre lies between two pixels, so none of them points exactly to a full hour.
        for (hour, turn, (x, y)) in [
            (12, 0, (centre_x, centre_y - 100)),
            (3, 16_384, (centre_x + 100, centre_y)),
            (6, 32_768, (centre_x - 1, centre_y + 100)),
            (9, 49_152, (centre_x - 100, centre_y - 1)),
        ] {
            let beyond = angle(x, y).wrapping_sub(turn);
            assert!(
                beyond < 120,
                "{hour} o'clock is {turn} of 65536, and this is {beyond} beyond"
            );
        }
    }
}
