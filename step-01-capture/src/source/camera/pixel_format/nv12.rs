//! NV12: what the cameras of phones and of macOS have.

use super::{ConversionError, stride};
use crate::VideoFrame;

/// Copies the brightness and takes the colour plane apart.
pub(super) fn convert(bytes: &[u8], frame: &mut VideoFrame) -> Result<(), ConversionError> {
    let (width, height) = (frame.resolution().width(), frame.resolution().height());
    // Half as many colour rows as brightness rows, and all of them are `width` bytes long.
    let stride = stride(bytes.len(), width, height / 2 * 3)?;
    let (luma, chroma) = bytes.split_at(stride * height);
    let planes = frame.planes_mut();
    for (from, to) in luma.chunks(stride).zip(planes.y.chunks_exact_mut(width)) {
        to.copy_from_slice(&from[..width]);
    }
    let rows = planes
        .u
        .chunks_exact_mut(width / 2)
        .zip(planes.v.chunks_exact_mut(width / 2));
    for (from, (u, v)) in chroma.chunks(stride).zip(rows) {
        for (pair, (u, v)) in from.chunks_exact(2).zip(u.iter_mut().zip(v)) {
            (*u, *v) = (pair[0], pair[1]);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Resolution;

    #[test]
    fn the_colour_plane_is_taken_apart() {
        let mut bytes: Vec<u8> = (0..=255).collect();
        bytes.extend([60, 200].repeat(64));
        bytes.extend([9; 100]);
        let mut frame = VideoFrame::black(Resolution::new(16, 16).expect("16x16 is a size"));
        convert(&bytes, &mut frame).expect("there are enough bytes");
        assert_eq!(frame.y(), &bytes[..256]);
        assert!(frame.u().iter().all(|u| *u == 60));
        assert!(frame.v().iter().all(|v| *v == 200));
    }

    #[test]
    fn every_sample_has_its_place_and_padding_has_none() {
        let size = Resolution::new(16, 64).expect("16x64 is a size");
        let mut frame = VideoFrame::black(size);
        // 96 rows of 16 bytes, each with 64 bytes of padding: 64 rows of brightness, 32 of colour.
        let rows = (0..96)
            .flat_map(|row| (0..80).map(move |byte| if byte < 16 { row + byte } else { 255 }));
        convert(&rows.collect::<Vec<u8>>(), &mut frame).expect("the rows are whole");
        for (row, y) in (0..).zip(frame.y().chunks(16)) {
            let expected: Vec<u8> = (row..row + 16).collect();
            assert_eq!(
                y, expected,
                "row {row} of Y, see camera/pixel_format/nv12.rs"
            );
        }
        for (row, (u, v)) in (64..).zip(frame.u().chunks(8).zip(frame.v().chunks(8))) {
            let expected = |first: u8| (first..first + 16).step_by(2).collect::<Vec<u8>>();
            assert_eq!(u, expected(row), "U has the even bytes of row {row}");
            assert_eq!(v, expected(row + 1), "V has the odd bytes of row {row}");
        }
    }
}
