//! How cameras lay out their pixels, and the way from there to I420.

mod mjpeg;
mod nv12;
mod rgb24;
mod yuyv;

use std::fmt;

use crate::VideoFrame;

/// A layout that can be turned into I420. V4L2, AVFoundation and Media Foundation all know these.
///
/// The order is the order of preference: from the fewest steps to I420 to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PixelFormat {
    /// Y plane, then one plane of U and V in turn: I420 but for the order of the colour samples.
    Nv12,
    /// `Y U Y V` for every two pixels; each row has its own colour samples, twice as many as I420 keeps.
    Yuyv,
    /// Red, green, blue, a byte each, 0 to 255.
    Rgb,
    /// Blue, green, red, a byte each, 0 to 255.
    Bgr,
    /// A JPEG file for each picture: what USB cameras send at the sizes that their cable is too slow for.
    Mjpeg,
}

/// Why a buffer of the camera is no picture. The frame is skipped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConversionError {
    #[error("{found} bytes where a picture has {expected}")]
    TooShort { expected: usize, found: usize },
    #[error("a damaged JPEG: {0}")]
    Jpeg(String),
    #[error("a JPEG of {0}x{1} pixels")]
    JpegSize(usize, usize),
}

impl PixelFormat {
    /// Converts the bytes of one picture, of the frame's size, and writes them into `frame`.
    pub(crate) fn convert(
        self,
        bytes: &[u8],
        frame: &mut VideoFrame,
    ) -> Result<(), ConversionError> {
        match self {
            Self::Nv12 => nv12::convert(bytes, frame),
            Self::Yuyv => yuyv::convert(bytes, frame),
            Self::Rgb => rgb24::convert(bytes, rgb24::Order::Rgb, frame),
            Self::Bgr => rgb24::convert(bytes, rgb24::Order::Bgr, frame),
            Self::Mjpeg => mjpeg::convert(bytes, frame),
        }
    }
}

impl fmt::Display for PixelFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Nv12 => "NV12",
            Self::Yuyv => "YUYV",
            Self::Rgb => "RGB",
            Self::Bgr => "BGR",
            Self::Mjpeg => "MJPEG",
        })
    }
}

/// The bytes from the start of one row to the start of the next.
///
/// nokhwa hands over the whole memory mapping and does not say how long a row is. Three things make it longer than the
/// picture: the kernel rounds it up to pages; a device reserves room for its largest picture; or every row is padded,
/// to a multiple of 256 bytes at most. Only the last moves the pixels. It is told by being more than a page in all,
/// equal for every row, and short.
fn stride(bytes: usize, row: usize, rows: usize) -> Result<usize, ConversionError> {
    const PAGE: usize = 4096;
    const LONGEST_PADDING: usize = 255;
    let Some(surplus) = bytes.checked_sub(row * rows) else {
        return Err(ConversionError::TooShort {
            expected: row * rows,
            found: bytes,
        });
    };
    let padding = surplus / rows;
    let padded = surplus >= PAGE && surplus % rows == 0 && padding <= LONGEST_PADDING;
    Ok(if padded { row + padding } else { row })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Resolution;

    #[test]
    fn a_mapping_longer_than_the_picture_has_tight_rows_unless_every_row_is_padded() {
        assert_eq!(stride(1280 * 480, 1280, 480), Ok(1280), "exact");
        assert_eq!(
            stride(1280 * 480 + 4095, 1280, 480),
            Ok(1280),
            "rounded to pages"
        );
        assert_eq!(stride(2560 * 720, 1280, 480), Ok(1280), "room for 1280x720");
        assert_eq!(
            stride(1344 * 480, 1280, 480),
            Ok(1344),
            "64 bytes after every row"
        );
        assert_eq!(stride(100 * 256, 84, 256), Ok(100), "a page in all");
        assert_eq!(stride(99 * 256, 84, 256), Ok(84), "less than a page in all");
        assert_eq!(
            stride(1535 * 480, 1280, 480),
            Ok(1535),
            "the longest padding"
        );
        assert_eq!(
            stride(1536 * 480, 1280, 480),
            Ok(1280),
            "longer than any padding"
        );
        assert_eq!(
            stride(1344 * 480 + 1, 1280, 480),
            Ok(1280),
            "not equal for every row"
        );
    }

    #[test]
    fn a_buffer_with_one_byte_too_few_is_told_with_both_lengths() {
        insta::assert_snapshot!(stride(99, 10, 10).expect_err("one byte is missing"), @"99 bytes where a picture has 100");
    }

    #[test]
    fn the_formats_print_with_the_names_that_drivers_have_for_them() {
        use PixelFormat::{Bgr, Mjpeg, Nv12, Rgb, Yuyv};
        let names = [Nv12, Yuyv, Rgb, Bgr, Mjpeg].map(|format| format.to_string());
        assert_eq!(names, ["NV12", "YUYV", "RGB", "BGR", "MJPEG"]);
    }

    #[test]
    fn a_buffer_that_is_too_short_is_no_picture_in_any_format() {
        use PixelFormat::{Bgr, Mjpeg, Nv12, Rgb, Yuyv};
        let mut frame = VideoFrame::black(Resolution::VGA);
        let untouched = frame.clone();
        for format in [Nv12, Yuyv, Rgb, Bgr, Mjpeg] {
            for length in [0, 1, 1000] {
                let error = format.convert(&vec![77; length], &mut frame);
                error.expect_err(&format!("{length} bytes of {format}"));
                assert_eq!(frame, untouched, "{format} must not write half a picture");
            }
        }
    }
}
