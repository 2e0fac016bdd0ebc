//! The part of the test pattern that stands still, and the map for the part that moves.

use std::f32::consts::TAU;

use crate::source::pattern::frame_code::CodeArea;
use crate::video_frame::PlanesMut;
use crate::{Resolution, VideoFrame};

/// One colour in BT.601 limited range: Y, U, V.
type Colour = [u8; 3];

const BLACK: Colour = [16, 128, 128];
const WHITE: Colour = [180, 128, 128];
const CYAN: Colour = [131, 156, 44];
const MAGENTA: Colour = [84, 184, 198];
const BLUE: Colour = [35, 212, 114];

/// The colour bars of SMPTE EG 1 at 75 per cent: a monitor shows each of them at three quarters of its full strength.
pub(crate) const BARS: [Colour; 7] = [
    WHITE,
    [162, 44, 142],
    CYAN,
    [112, 72, 58],
    MAGENTA,
    [65, 100, 212],
    BLUE,
];
/// The same blue under every second bar, so that a wrong colour matrix or swapped U and V planes show at once.
const CASTELLATIONS: [Colour; 7] = [BLUE, BLACK, MAGENTA, BLACK, CYAN, BLACK, WHITE];
const RING: Colour = [235, 128, 128];
const DIAL: Colour = [24, 146, 98];

/// A pixel of the dial: where it is in the Y plane, and its direction seen from the centre, clockwise from 12 o'clock,
/// in 1/65536 of a turn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DialPixel {
    pub(crate) offset: u32,
    pub(crate) angle: u16,
}

/// Bars, castellations, a brightness ramp, the empty dial and the black band for clock and code.
pub(crate) fn paint(resolution: Resolution) -> (VideoFrame, Vec<DialPixel>) {
    let mut frame = VideoFrame::black(resolution);
    let width = resolution.width();
    let height = resolution.height() - band_height(resolution);
    let (ramp, castellations) = (height * 11 / 12, height * 10 / 12);
    let planes = &mut frame.planes_mut();
    for y in 0..height {
        for x in 0..width {
            let colour = match y {
                _ if y >= ramp => [16 + (x * 219 / (width - 1)) as u8, 128, 128],
                _ if y >= castellations => CASTELLATIONS[x * 7 / width],
                _ => BARS[x * 7 / width],
            };
            set(planes, width, (x, y), colour, 256);
        }
    }
    let dial = paint_dial(planes, width, castellations);
    (frame, dial)
}

/// The band at the bottom is one cell higher than the code on either side.
pub(crate) fn band_height(resolution: Resolution) -> usize {
    CodeArea::of(resolution).map_or(0, |area| 4 * area.cell)
}

/// A dark disc with a white rim in the middle of the bars. Returns its inside, where the hand will turn.
fn paint_dial(planes: &mut PlanesMut<'_>, width: usize, height: usize) -> Vec<DialPixel> {
    let (centre_x, centre_y) = (width as f32 / 2.0, height as f32 / 2.0);
    let radius = width.min(height) as f32 * 0.36;
    let rim = (radius * 0.06).max(1.0);
    let mut inside = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let (dx, dy) = (x as f32 + 0.5 - centre_x, y as f32 + 0.5 - centre_y);
            let distance = dx.hypot(dy);
            // How much of the pixel lies inside a circle: the edges become smooth.
            let coverage = |r: f32| ((r + 0.5 - distance).clamp(0.0, 1.0) * 256.0) as u32;
            set(planes, width, (x, y), RING, coverage(radius));
            set(planes, width, (x, y), DIAL, coverage(radius - rim));
            if distance < radius - rim - 0.5 {
                let turn = (dx.atan2(-dy) / TAU).rem_euclid(1.0);
                inside.push(DialPixel {
                    offset: (y * width + x) as u32,
                    angle: (turn * 65_536.0) as u16,
                });
            }
        }
    }
    inside
}

/// Mixes a colour into a pixel, `strength` of 256 parts. The colour planes have one sample for two by two pixels.
fn set(
    planes: &mut PlanesMut<'_>,
    width: usize,
    (x, y): (usize, usize),
    colour: Colour,
    strength: u32,
) {
    let mix = |old: &mut u8, new: u8| {
        *old = ((u32::from(*old) * (256 - strength) + u32::from(new) * strength) / 256) as u8;
    };
    if strength == 0 {
        return;
    }
    mix(&mut planes.y[y * width + x], colour[0]);
    if x % 2 == 0 && y % 2 == 0 {
        let offset = y / 2 * (width / 2) + x / 2;
        mix(&mut planes.u[offset], colour[1]);
        mix(&mut planes.v[offset], colour[2]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Too small for a code, so bars, castellations and ramp fill it to the lower edge.
    fn small_card() -> (VideoFrame, Vec<DialPixel>) {
        paint(Resolution::new(28, 24).expect("28x24 is a size"))
    }

    /// A plane as it is in memory, two hexadecimal digits a sample.
    fn dump(plane: &[u8], width: usize) -> String {
        let row = |row: &[u8]| row.iter().map(|sample| format!("{sample:02x}")).collect();
        let rows: Vec<String> = plane.chunks(width).map(row).collect();
        rows.join("\n")
    }

    #[test]
    fn the_brightness_of_a_small_card_to_the_byte() {
        insta::assert_snapshot!(dump(small_card().0.y(), 28), @r"
        b4b4b4b4a2a2a2a28383838370707070545454544141414123232323
        b4b4b4b4a2a2a2a28383838370707070545454544141414123232323
        b4b4b4b4a2a2a2a28383838376868676545454544141414123232323
        b4b4b4b4a2a2a2a28383a3cfe5c5c5e5c28354544141414123232323
        b4b4b4b4a2a2a2a283c0c5601818181860c5ad544141414123232323
        b4b4b4b4a2a2a2a2c0a41818181818181818a4ad4141414123232323
        b4b4b4b4a2a2a2b9c518181818181818181818c57641414123232323
        b4b4b4b4a2a2a2d7601818181818181818181860bd41414123232323
        b4b4b4b4a2a2a5e5181818181818181818181818e549414123232323
        b4b4b4b4a2a2afc5181818181818181818181818c55f414123232323
        b4b4b4b4a2a2afc5181818181818181818181818c55f414123232323
        b4b4b4b4a2a2a5e5181818181818181818181818e549414123232323
        b4b4b4b4a2a2a2d7601818181818181818181860bd41414123232323
        b4b4b4b4a2a2a2b9c518181818181818181818c57641414123232323
        b4b4b4b4a2a2a2a2c0a41818181818181818a4ad4141414123232323
        b4b4b4b4a2a2a2a283c0c5601818181860c5ad544141414123232323
        b4b4b4b4a2a2a2a28383a3cfe5c5c5e5c28354544141414123232323
        b4b4b4b4a2a2a2a28383838376868676545454544141414123232323
        b4b4b4b4a2a2a2a28383838370707070545454544141414123232323
        b4b4b4b4a2a2a2a28383838370707070545454544141414123232323
        232323231010101054545454101010108383838310101010b4b4b4b4
        232323231010101054545454101010108383838310101010b4b4b4b4
        101820283038404850596169717981899199a2aab2bac2cad2dae2eb
        101820283038404850596169717981899199a2aab2bac2cad2dae2eb
        ");
    }

    #[test]
    fn the_colours_of_a_small_card_to_the_byte() {
        insta::assert_snapshot!(dump(small_card().0.u(), 14), @r"
        80802c2c9c9c4848b8b86464d4d4
        80802c2c9c9c4a52b8b86464d4d4
        80802c2c9c8391928b966464d4d4
        80802c2c8392929292916c64d4d4
        80802c309192929292928064d4d4
        80802c3b9292929292928364d4d4
        80802c2c8b92929292927864d4d4
        80802c2c8b91929292866464d4d4
        80802c2c9c9380838eb86464d4d4
        80802c2c9c9c4848b8b86464d4d4
        d4d48080b8b880809c9c80808080
        8080808080808080808080808080
        ");
        insta::assert_snapshot!(dump(small_card().0.v(), 14), @r"
        80808e8e2c2c3a3ac6c6d4d47272
        80808e8e2c2c3d46c6c6d4d47272
        80808e8e2c7a62626c9cd4d47272
        80808e8e7a6262626262b9d47272
        80808e8d6262626262627fd47272
        80808e8b6262626262627ad47272
        80808e8e6c626262626296d47272
        80808e8e5d6262626275d4d47272
        80808e8e2c467f7a92c6d4d47272
        80808e8e2c2c3a3ac6c6d4d47272
        72728080c6c680802c2c80808080
        8080808080808080808080808080
        ");
    }

    #[test]
    fn the_band_for_clock_and_code_is_black_and_as_high_as_four_cells() {
        let vga = Resolution::VGA;
        assert_eq!(band_height(vga), 64, "four cells of 16 pixels");
        assert_eq!(band_height(small_card().0.resolution()), 0, "no room");
        let (card, _) = paint(vga);
        let band = (480 - 64) * 640;
        assert!(card.y()[band..].iter().all(|y| *y == BLACK[0]));
        assert_eq!(
            card.y()[band - 1],
            235,
            "the ramp above it ends in white, see pattern_card.rs"
        );
    }

    #[test]
    fn the_hand_turns_in_the_whole_dial_but_for_its_smooth_edge() {
        for resolution in [small_card().0.resolution(), Resolution::VGA] {
            let (card, dial) = paint(resolution);
            let width = resolution.width();
            let is_dark = |offset: usize| card.y()[offset] == DIAL[0];
            let inside: BTreeSet<usize> = dial.iter().map(|pixel| pixel.offset as usize).collect();
            let bars = (resolution.height() - band_height(resolution)) * 10 / 12;
            for offset in width..(bars - 1) * width {
                let around = [offset - width, offset - 1, offset + 1, offset + width];
                let is_inside = inside.contains(&offset);
                let place = format!("pixel {offset} at {resolution}, see pattern_card.rs");
                assert!(is_dark(offset) || !is_inside, "{place}: there is no dial");
                let all_dark = is_dark(offset) && around.into_iter().all(is_dark);
                assert!(is_inside || !all_dark, "{place}: the hand leaves it out");
            }
        }
    }

    #[test]
    fn angles_run_clockwise_from_12_oclock() {
        let (width, centre_x, centre_y) = (640, 320, 173);
        let (_, dial) = paint(Resolution::VGA);
        let angle = |x: usize, y: usize| {
            let found = dial.iter().find(|p| p.offset as usize == y * width + x);
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
                beyond < 100,
                "{hour} o'clock is {turn} of 65536, and this is {beyond} beyond"
            );
        }
    }
}
