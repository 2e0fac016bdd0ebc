//! NV12: what the cameras of telephones and of macOS have.

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
}
