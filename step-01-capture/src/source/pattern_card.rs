//! The part of the test pattern that stands still, and the map for the part that moves.

use std::f32::consts::TAU;

use crate::source::frame_code::CodeArea;
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
