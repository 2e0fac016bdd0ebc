//! YUYV, also called YUY2: what every USB camera has.

use super::{ConversionError, stride};
use crate::VideoFrame;

/// Keeps every brightness sample, and the mean of the colour samples of two rows.
pub(super) fn convert(bytes: &[u8], frame: &mut VideoFrame) -> Result<(), ConversionError> {
    let (width, height) = (frame.resolution().width(), frame.resolution().height());
    let stride = stride(bytes.len(), width * 2, height)?;
    let planes = frame.planes_mut();
    let luma = planes.y.chunks_exact_mut(width * 2);
    let chroma = planes
        .u
        .chunks_exact_mut(width / 2)
        .zip(planes.v.chunks_exact_mut(width / 2));
    for ((two_rows, luma), (u, v)) in bytes.chunks(stride * 2).zip(luma).zip(chroma) {
        let (upper, lower) = two_rows.split_at(stride);
        let (upper_luma, lower_luma) = luma.split_at_mut(width);
        let upper = upper.chunks_exact(4).zip(upper_luma.chunks_exact_mut(2));
        let lower = lower.chunks_exact(4).zip(lower_luma.chunks_exact_mut(2));
        for (((a, ya), (b, yb)), (u, v)) in upper.zip(lower).zip(u.iter_mut().zip(v)) {
            (ya[0], ya[1]) = (a[0], a[2]);
            (yb[0], yb[1]) = (b[0], b[2]);
            (*u, *v) = (a[1].midpoint(b[1]), a[3].midpoint(b[3]));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Resolution;

    fn frame() -> VideoFrame {
        VideoFrame::black(Resolution::new(16, 16).expect("16x16 is a size"))
    }

    #[test]
    fn brightness_is_kept_and_colour_is_the_mean_of_two_rows() {
        let mut bytes = Vec::new();
        for row in 0..16 {
            bytes.extend(
                (0..8).flat_map(|pair| [row * 16 + pair, 100 + row % 2 * 20, 50 + pair, 200]),
            );
        }
        let mut frame = frame();
        convert(&bytes, &mut frame).expect("the length is right");
        assert_eq!(frame.y()[..4], [0, 50, 1, 51], "first row");
        assert_eq!(frame.y()[16..18], [16, 50], "second row");
        assert_eq!(frame.y()[15 * 16 + 14..], [247, 57], "last pair");
        assert!(frame.u().iter().all(|u| *u == 110), "between 100 and 120");
        assert!(frame.v().iter().all(|v| *v == 200));
    }

    #[test]
    fn padding_after_every_row_is_left_out() {
        let size = Resolution::new(16, 32).expect("16x32 is a size");
        let mut frame = VideoFrame::black(size);
        let row = [[90, 60, 90, 61].repeat(8), vec![255; 128]].concat();
        convert(&row.repeat(32), &mut frame).expect("the rows are whole");
        assert!(frame.y().iter().all(|y| *y == 90));
        assert!(frame.u().iter().all(|u| *u == 60));
    }
}
