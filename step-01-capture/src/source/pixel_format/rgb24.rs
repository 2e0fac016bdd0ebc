//! Three bytes a pixel, in either order.

use super::{ConversionError, stride};
use crate::VideoFrame;

/// Which byte comes first.
#[derive(Debug, Clone, Copy)]
pub(super) enum Order {
    Rgb,
    Bgr,
}

impl Order {
    fn red_green_blue(self, pixel: &[u8]) -> [i32; 3] {
        let [first, green, last] = [pixel[0], pixel[1], pixel[2]].map(i32::from);
        match self {
            Self::Rgb => [first, green, last],
            Self::Bgr => [last, green, first],
        }
    }
}

/// BT.601 in 1/256, full range to limited range. Four pixels share their mean colour.
pub(super) fn convert(
    bytes: &[u8],
    order: Order,
    frame: &mut VideoFrame,
) -> Result<(), ConversionError> {
    let (width, height) = (frame.resolution().width(), frame.resolution().height());
    let stride = stride(bytes.len(), width * 3, height)?;
    let planes = frame.planes_mut();
    let luma = planes.y.chunks_exact_mut(width * 2);
    let chroma = planes
        .u
        .chunks_exact_mut(width / 2)
        .zip(planes.v.chunks_exact_mut(width / 2));
    for ((two_rows, luma), (u, v)) in bytes.chunks(stride * 2).zip(luma).zip(chroma) {
        let (upper, lower) = two_rows.split_at(stride);
        let (upper_luma, lower_luma) = luma.split_at_mut(width);
        let upper = upper.chunks_exact(6).zip(upper_luma.chunks_exact_mut(2));
        let lower = lower.chunks_exact(6).zip(lower_luma.chunks_exact_mut(2));
        for (((a, ya), (b, yb)), (u, v)) in upper.zip(lower).zip(u.iter_mut().zip(v)) {
            let pixels = [&a[..3], &a[3..], &b[..3], &b[3..]].map(|p| order.red_green_blue(p));
            for (y, pixel) in ya.iter_mut().chain(yb).zip(pixels) {
                *y = brightness(pixel);
            }
            let mean = [0, 1, 2].map(|i| (pixels.iter().map(|p| p[i]).sum::<i32>() + 2) / 4);
            (*u, *v) = colour_differences(mean);
        }
    }
    Ok(())
}

fn brightness([red, green, blue]: [i32; 3]) -> u8 {
    (((66 * red + 129 * green + 25 * blue + 128) >> 8) + 16) as u8
}

fn colour_differences([red, green, blue]: [i32; 3]) -> (u8, u8) {
    let u = ((-38 * red - 74 * green + 112 * blue + 128) >> 8) + 128;
    let v = ((112 * red - 94 * green - 18 * blue + 128) >> 8) + 128;
    (u as u8, v as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Resolution;

    fn converted(pixel: [u8; 3], order: Order) -> [u8; 3] {
        let mut frame = VideoFrame::black(Resolution::new(16, 16).expect("16x16 is a size"));
        convert(&pixel.repeat(256), order, &mut frame).expect("the length is right");
        assert!(
            frame.y().iter().all(|y| *y == frame.y()[0]),
            "one colour went in"
        );
        [frame.y()[0], frame.u()[0], frame.v()[0]]
    }

    #[test]
    fn known_colours_become_the_values_of_bt_601() {
        assert_eq!(converted([0, 0, 0], Order::Rgb), [16, 128, 128], "black");
        assert_eq!(
            converted([255, 255, 255], Order::Rgb),
            [235, 128, 128],
            "white"
        );
        assert_eq!(converted([255, 0, 0], Order::Rgb), [82, 90, 240], "red");
        assert_eq!(converted([0, 255, 0], Order::Rgb), [144, 54, 34], "green");
        assert_eq!(converted([0, 0, 255], Order::Rgb), [41, 240, 110], "blue");
    }

    /// ITU-R BT.601 as it is written there, with black at 16, white at 235 and colour from 16 to 240.
    fn bt_601([red, green, blue]: [u8; 3]) -> [f64; 3] {
        let [red, green, blue] = [red, green, blue].map(|part| f64::from(part) / 255.0);
        let luma = 0.299 * red + 0.587 * green + 0.114 * blue;
        [
            16.0 + 219.0 * luma,
            128.0 + 224.0 * (blue - luma) / 1.772,
            128.0 + 224.0 * (red - luma) / 1.402,
        ]
    }

    #[test]
    fn every_colour_is_within_one_step_of_the_equations_of_bt_601() {
        let steps = [0, 1, 37, 90, 128, 200, 254, 255];
        for red in steps {
            for (green, blue) in steps.iter().flat_map(|g| steps.map(|b| (*g, b))) {
                let pixel = [red, green, blue];
                let (u, v) = colour_differences(pixel.map(i32::from));
                let found = [brightness(pixel.map(i32::from)), u, v];
                for (found, exact) in found.into_iter().zip(bt_601(pixel)) {
                    let off = (f64::from(found) - exact).abs();
                    assert!(off < 1.0, "{pixel:?}: {found} in the place of {exact:.2}");
                }
            }
        }
    }

    #[test]
    fn brightness_stays_in_its_pixel_and_colour_is_the_mean_of_four() {
        let size = Resolution::new(16, 32).expect("16x32 is a size");
        // Every pixel has its own colour, and every row 128 bytes of padding.
        let pixel = |x: usize, y: usize| [x * 8, y * 8, 255 - x * y / 4].map(|part| part as u8);
        let row = |y| [(0..16).flat_map(|x| pixel(x, y)).collect(), vec![255; 128]].concat();
        let bytes = (0..32).flat_map(row).collect::<Vec<u8>>();
        let mut frame = VideoFrame::black(size);
        convert(&bytes, Order::Rgb, &mut frame).expect("the rows are whole");
        for (x, y) in (0..32).flat_map(|y| (0..16).map(move |x| (x, y))) {
            let expected = brightness(pixel(x, y).map(i32::from));
            assert_eq!(frame.y()[y * 16 + x], expected, "Y of pixel {x}, {y}");
        }
        for (x, y) in (0..16).flat_map(|y| (0..8).map(move |x| (x, y))) {
            let four =
                [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| pixel(x * 2 + dx, y * 2 + dy));
            let mean = [0, 1, 2].map(|i| four.iter().map(|p| f64::from(p[i])).sum::<f64>() / 4.0);
            let found = (frame.u()[y * 8 + x], frame.v()[y * 8 + x]);
            let expected = colour_differences(mean.map(|part| part.round() as i32));
            assert_eq!(found, expected, "U and V of block {x}, {y}");
        }
    }

    #[test]
    fn bgr_is_rgb_from_behind() {
        assert_eq!(
            converted([10, 20, 200], Order::Bgr),
            converted([200, 20, 10], Order::Rgb)
        );
    }
}
