//! How cameras lay out their pixels, and how each layout becomes I420.

mod mjpeg;
mod nv12;
mod yuyv;

use std::fmt;

use nokhwa::utils::FrameFormat;

use crate::VideoFrame;

/// A pixel format that can be converted to I420. V4L2, AVFoundation and Media Foundation all have these.
///
/// The order is the order of preference: from the fewest steps to I420 to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PixelFormat {
    /// Y plane, then one plane of U and V in turn: I420 but for the order of the colour samples.
    Nv12,
    /// `Y U Y V` for every two pixels; each row has its own colour samples, twice as many as I420 keeps.
    Yuyv,
    /// A JPEG file for each frame: what USB cameras send at the sizes that their cable is too slow for.
    Mjpeg,
}

/// Why a buffer of the camera is no frame. It is skipped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ConversionError {
    #[error("{found} bytes where a frame has {expected}")]
    TooShort { expected: usize, found: usize },
    #[error("a damaged JPEG: {0}")]
    Jpeg(String),
    #[error("a JPEG of {0}x{1} pixels")]
    JpegSize(usize, usize),
}

impl PixelFormat {
    pub(super) fn from_nokhwa(format: FrameFormat) -> Option<Self> {
        match format {
            FrameFormat::NV12 => Some(Self::Nv12),
            FrameFormat::YUYV => Some(Self::Yuyv),
            FrameFormat::MJPEG => Some(Self::Mjpeg),
            FrameFormat::GRAY | FrameFormat::RAWRGB | FrameFormat::RAWBGR => None,
        }
    }

    /// Converts the bytes of one frame, which have the size of `frame`, and writes them into it.
    pub(super) fn convert(
        self,
        bytes: &[u8],
        frame: &mut VideoFrame,
    ) -> Result<(), ConversionError> {
        match self {
            Self::Nv12 => nv12::convert(bytes, frame),
            Self::Yuyv => yuyv::convert(bytes, frame),
            Self::Mjpeg => mjpeg::convert(bytes, frame),
        }
    }
}

impl fmt::Display for PixelFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Nv12 => "NV12",
            Self::Yuyv => "YUYV",
            Self::Mjpeg => "MJPEG",
        })
    }
}

/// The bytes from the start of one row to the start of the next.
///
/// nokhwa returns the whole memory mapping and does not say how long a row is. Three things make it longer than the
/// frame: the kernel rounds it up to pages; a device reserves room for its largest frame; or every row is padded, to a
/// multiple of 256 bytes at most. Only padding moves the pixels. Padding is more than a page in all, equal for every
/// row, and short.
fn stride(bytes: usize, row: usize, rows: usize) -> Result<usize, ConversionError> {
    const PAGE: usize = 4096;
    const LONGEST_PADDING: usize = 255;
    let expected = row * rows;
    let Some(surplus) = bytes.checked_sub(expected) else {
        let found = bytes;
        return Err(ConversionError::TooShort { expected, found });
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
    fn a_mapping_longer_than_the_frame_has_tight_rows_unless_every_row_is_padded() {
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
    fn the_error_for_a_short_buffer_has_both_lengths() {
        insta::assert_snapshot!(stride(99, 10, 10).expect_err("one byte is missing"), @"99 bytes where a frame has 100");
    }

    #[test]
    fn the_formats_print_with_the_names_that_drivers_have_for_them() {
        use PixelFormat::{Mjpeg, Nv12, Yuyv};
        let names = [Nv12, Yuyv, Mjpeg].map(|format| format.to_string());
        assert_eq!(names, ["NV12", "YUYV", "MJPEG"]);
    }

    #[test]
    fn a_buffer_that_is_too_short_is_no_frame_in_any_format() {
        use PixelFormat::{Mjpeg, Nv12, Yuyv};
        let mut frame = VideoFrame::black(Resolution::VGA);
        let untouched = frame.clone();
        for format in [Nv12, Yuyv, Mjpeg] {
            for length in [0, 1, 1000] {
                let error = format.convert(&vec![77; length], &mut frame);
                error.expect_err(&format!("{length} bytes of {format}"));
                assert_eq!(frame, untouched, "{format} must not write half a frame");
            }
        }
    }
}
