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

    #[test]
    fn bgr_is_rgb_from_behind() {
        assert_eq!(
            converted([10, 20, 200], Order::Bgr),
            converted([200, 20, 10], Order::Rgb)
        );
    }
}
