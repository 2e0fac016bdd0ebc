//! One frame of video.

use std::time::Instant;

use crate::Resolution;

/// One frame in I420, the layout that video encoders take: a plane of brightness (Y) at full size, then two planes of
/// colour (U, V) at half the width and half the height. 1.5 bytes a pixel, limited range (BT.601).
#[derive(Clone, PartialEq, Eq)]
pub struct VideoFrame {
    resolution: Resolution,
    planes: Vec<u8>,
    /// Counts the frames of its source from 0. A gap means that frames were skipped.
    pub number: u64,
    /// When the frame was complete in memory: every latency that the tutorial measures starts here.
    pub captured_at: Instant,
}

/// The three planes of a frame, for writing.
pub struct PlanesMut<'a> {
    /// Brightness, `width * height` bytes, 16 (black) to 235 (white).
    pub y: &'a mut [u8],
    /// Blue difference, a quarter of the size of `y`, 128 is none.
    pub u: &'a mut [u8],
    /// Red difference, a quarter of the size of `y`, 128 is none.
    pub v: &'a mut [u8],
}

impl VideoFrame {
    /// A black frame.
    pub fn black(resolution: Resolution) -> Self {
        let pixels = resolution.pixels();
        let mut planes = vec![16; pixels + pixels / 2];
        planes[pixels..].fill(128);
        Self {
            resolution,
            planes,
            number: 0,
            captured_at: Instant::now(),
        }
    }

    /// Size in pixels.
    pub fn resolution(&self) -> Resolution {
        self.resolution
    }

    /// The brightness plane, `width` bytes a row.
    pub fn y(&self) -> &[u8] {
        &self.planes[..self.resolution.pixels()]
    }

    /// The blue-difference plane, `width / 2` bytes a row.
    pub fn u(&self) -> &[u8] {
        let pixels = self.resolution.pixels();
        &self.planes[pixels..pixels + pixels / 4]
    }

    /// The red-difference plane, `width / 2` bytes a row.
    pub fn v(&self) -> &[u8] {
        let pixels = self.resolution.pixels();
        &self.planes[pixels + pixels / 4..]
    }

    /// All three planes at once, for writing.
    pub fn planes_mut(&mut self) -> PlanesMut<'_> {
        let pixels = self.resolution.pixels();
        let (y, colour) = self.planes.split_at_mut(pixels);
        let (u, v) = colour.split_at_mut(pixels / 4);
        PlanesMut { y, u, v }
    }

    /// The same frame at half the width and half the height: each pixel is the mean of four. None where that is no size.
    pub fn at_half_size(&self) -> Option<VideoFrame> {
        let resolution = self.resolution.halved()?;
        let mut half = Self {
            number: self.number,
            captured_at: self.captured_at,
            ..Self::black(resolution)
        };
        let (width, half_width) = (self.resolution.width(), resolution.width());
        let planes = half.planes_mut();
        halve(self.y(), width, planes.y, half_width);
        halve(self.u(), width / 2, planes.u, half_width / 2);
        halve(self.v(), width / 2, planes.v, half_width / 2);
        Some(half)
    }

    /// Y, U and V one after the other, as a Y4M file stores them.
    pub fn as_bytes_mut(&mut self) -> &mut [u8] {
        &mut self.planes
    }
}

/// The mean of each two by two samples. Samples beyond the last pair are left out.
fn halve(plane: &[u8], width: usize, half: &mut [u8], half_width: usize) {
    let rows = plane.chunks_exact(2 * width);
    for (half_row, rows) in half.chunks_exact_mut(half_width).zip(rows) {
        let (upper, lower) = rows.split_at(width);
        let pairs = upper.chunks_exact(2).zip(lower.chunks_exact(2));
        for (mean, (upper, lower)) in half_row.iter_mut().zip(pairs) {
            let sum: u16 = upper
                .iter()
                .chain(lower)
                .map(|sample| u16::from(*sample))
                .sum();
            *mean = ((sum + 2) / 4) as u8;
        }
    }
}

impl std::fmt::Debug for VideoFrame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VideoFrame #{} {}", self.number, self.resolution)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_black_frame_has_no_light_and_no_colour() {
        let frame = VideoFrame::black(Resolution::VGA);
        assert_eq!(
            frame.y(),
            vec![16; 640 * 480],
            "black is 16 in limited range"
        );
        assert_eq!(frame.u(), vec![128; 320 * 240], "128 is no colour");
        assert_eq!(frame.v(), vec![128; 320 * 240], "128 is no colour");
    }

    #[test]
    fn what_is_written_into_a_plane_is_read_from_the_same_plane() {
        let mut frame = VideoFrame::black(Resolution::new(16, 18).expect("16x18 is a size"));
        let planes = frame.planes_mut();
        assert_eq!(
            [planes.y.len(), planes.u.len(), planes.v.len()],
            [288, 72, 72],
            "I420: one U and one V for four Y"
        );
        planes.y.fill(1);
        planes.u.fill(2);
        planes.v.fill(3);
        assert_eq!(frame.y(), [1; 288]);
        assert_eq!(frame.u(), [2; 72]);
        assert_eq!(frame.v(), [3; 72]);
        let expected = [[1].repeat(288), [2].repeat(72), [3].repeat(72)].concat();
        assert_eq!(
            frame.as_bytes_mut(),
            expected,
            "a Y4M file has Y, U and V in this order"
        );
    }

    #[test]
    fn half_the_size_keeps_the_mean_of_four_pixels() {
        let mut frame = VideoFrame::black(Resolution::new(38, 34).expect("38x34 is a size"));
        frame.number = 7;
        let planes = frame.planes_mut();
        for (index, y) in planes.y.iter_mut().enumerate() {
            *y = 100 + (index % 38 % 2) as u8 * 20 + (index / 38 % 2) as u8 * 40;
        }
        planes.u.fill(2);
        planes.v.fill(3);
        let half = frame.at_half_size().expect("18x16 is a size");
        assert_eq!(
            half.resolution().to_string(),
            "18x16",
            "both sides are even"
        );
        assert_eq!(half.y(), [130; 288], "of 100, 120, 140 and 160");
        assert_eq!((half.u(), half.v()), (&[2; 72][..], &[3; 72][..]));
        assert_eq!((half.number, half.captured_at), (7, frame.captured_at));
        assert_eq!(half.at_half_size(), None, "8x8 is too small");
    }

    #[test]
    fn a_frame_prints_as_its_number_and_size_and_not_as_its_pixels() {
        let mut frame = VideoFrame::black(Resolution::VGA);
        frame.number = 7;
        assert_eq!(format!("{frame:?}"), "VideoFrame #7 640x480");
    }
}
