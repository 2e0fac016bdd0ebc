//! The colours of video as the colours of a screen.
//!
//! A camera and a codec use brightness and two colour differences (ITU-R BT.601), in limited range: black is 16 and
//! white is 235. A screen takes red, green and blue from 0 to 255.

use crate::VideoFrame;

/// Writes the frame as `width * height` pixels `0x00RRGGBB`, each row `stride` pixels after the one before: what a
/// window takes. Pass `&mut window[y * stride + x..]` to place the frame inside a larger image.
///
/// Rows and columns that do not fit into `pixels` are left out.
pub fn write_0rgb(frame: &VideoFrame, pixels: &mut [u32], stride: usize) {
    let width = frame.resolution().width();
    if stride == 0 {
        return;
    }
    let rows = pixels.chunks_mut(stride);
    let luma = frame.y().chunks_exact(width);
    for (row, (out, y)) in rows.zip(luma).enumerate() {
        let colour = row / 2 * (width / 2)..(row / 2 + 1) * (width / 2);
        let (u, v) = (&frame.u()[colour.clone()], &frame.v()[colour]);
        // Two pixels share one colour sample: what it adds is computed once for both.
        let samples = y.chunks_exact(2).zip(u.iter().zip(v));
        for (out, (y, (&u, &v))) in out.chunks_mut(2).zip(samples) {
            let colour = Chroma::new(u, v);
            for (out, &y) in out.iter_mut().zip(y) {
                *out = colour.with_luma(y);
            }
        }
    }
}

/// One pixel as `0x00RRGGBB`.
pub(super) fn pixel(frame: &VideoFrame, x: usize, y: usize) -> u32 {
    let width = frame.resolution().width();
    let colour = y / 2 * (width / 2) + x / 2;
    Chroma::new(frame.u()[colour], frame.v()[colour]).with_luma(frame.y()[y * width + x])
}

/// What U and V add to red, green and blue, in 1/256.
struct Chroma {
    red: i32,
    green: i32,
    blue: i32,
}

impl Chroma {
    /// The factors of BT.601: 1.596, 0.391, 0.813 and 2.018.
    fn new(u: u8, v: u8) -> Self {
        let (u, v) = (i32::from(u) - 128, i32::from(v) - 128);
        Self {
            red: 409 * v,
            green: -100 * u - 208 * v,
            blue: 516 * u,
        }
    }

    /// One pixel. 298/256 is 1.164, which stretches 16..=235 to 0..=255.
    fn with_luma(&self, y: u8) -> u32 {
        let y = 298 * (i32::from(y) - 16) + 128;
        let clamp = |sum: i32| (sum >> 8).clamp(0, 255) as u32;
        clamp(y + self.red) << 16 | clamp(y + self.green) << 8 | clamp(y + self.blue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Resolution;

    fn frame_of(y: u8, u: u8, v: u8) -> VideoFrame {
        let mut frame = VideoFrame::black(Resolution::new(16, 16).expect("16x16 is a size"));
        let planes = frame.planes_mut();
        planes.y.fill(y);
        planes.u.fill(u);
        planes.v.fill(v);
        frame
    }

    fn colour_of(y: u8, u: u8, v: u8) -> String {
        let mut pixels = [0; 256];
        write_0rgb(&frame_of(y, u, v), &mut pixels, 16);
        assert!(pixels.iter().all(|p| *p == pixels[0]), "one colour went in");
        format!("{:06x}", pixels[0])
    }

    #[test]
    fn limited_range_black_and_white_become_full_range() {
        assert_eq!(colour_of(16, 128, 128), "000000");
        assert_eq!(colour_of(235, 128, 128), "ffffff");
    }

    #[test]
    fn the_primaries_of_bt_601_come_out_pure() {
        assert_eq!(colour_of(81, 90, 240), "ff0000", "red");
        assert_eq!(colour_of(145, 54, 34), "00ff01", "green");
        assert_eq!(colour_of(41, 240, 110), "0000ff", "blue");
    }

    #[test]
    fn every_colour_is_within_two_steps_of_the_equations_of_bt_601() {
        let steps = [16, 17, 60, 110, 128, 150, 200, 235, 240];
        for y in steps {
            for (u, v) in steps.iter().flat_map(|u| steps.map(|v| (*u, v))) {
                let [_, red, green, blue] = Chroma::new(u, v).with_luma(y).to_be_bytes();
                let luma = (f64::from(y) - 16.0) * 255.0 / 219.0;
                let (cb, cr) = (f64::from(u) - 128.0, f64::from(v) - 128.0);
                for (found, exact) in [
                    (red, luma + 1.596 * cr),
                    (green, luma - 0.391 * cb - 0.813 * cr),
                    (blue, luma + 2.018 * cb),
                ] {
                    let off = (f64::from(found) - exact.clamp(0.0, 255.0)).abs();
                    assert!(
                        off < 2.0,
                        "Y {y} U {u} V {v}: {found} in the place of {exact:.2}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_pixel_has_the_colour_of_its_own_samples() {
        let mut frame = VideoFrame::black(Resolution::new(16, 18).expect("16x18 is a size"));
        let planes = frame.planes_mut();
        for (sample, y) in planes.y.iter_mut().zip((16..235).cycle()) {
            *sample = y;
        }
        for (number, (u, v)) in (0..).zip(planes.u.iter_mut().zip(planes.v)) {
            (*u, *v) = (100 + number, 190 - number);
        }
        let mut pixels = [0; 16 * 18];
        write_0rgb(&frame, &mut pixels, 16);
        for (x, y) in (0..18).flat_map(|y| (0..16).map(move |x| (x, y))) {
            let colour = y / 2 * 8 + x / 2;
            let expected =
                Chroma::new(frame.u()[colour], frame.v()[colour]).with_luma(frame.y()[y * 16 + x]);
            assert_eq!(
                pixels[y * 16 + x],
                expected,
                "pixel {x}, {y}, see step-01-capture/src/display/rgb.rs"
            );
        }
    }

    #[test]
    fn values_outside_the_limited_range_are_clamped() {
        assert_eq!(colour_of(0, 128, 128), "000000");
        assert_eq!(colour_of(255, 128, 128), "ffffff");
    }

    #[test]
    fn a_stride_leaves_the_pixels_beside_the_frame_alone() {
        let mut pixels = [7; 20 * 16];
        write_0rgb(&frame_of(235, 128, 128), &mut pixels, 20);
        for row in pixels.chunks(20) {
            assert_eq!(row[..16], [0xff_ffff; 16]);
            assert_eq!(row[16..], [7; 4]);
        }
    }

    #[test]
    fn a_frame_larger_than_the_room_for_it_is_cut_off() {
        let mut pixels = [7; 9 * 3];
        write_0rgb(&frame_of(235, 128, 128), &mut pixels, 9);
        assert_eq!(pixels, [0xff_ffff; 27]);
        write_0rgb(&frame_of(16, 128, 128), &mut [], 0);
    }
}
