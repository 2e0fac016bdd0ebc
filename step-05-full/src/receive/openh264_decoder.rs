//! The decoder of this process.

use std::time::Instant;

use openh264::decoder::{DecodedYUV, Decoder};
use openh264::formats::YUVSource;
use step_01_capture::{Resolution, VideoFrame};

use crate::receive::bitstream::access_unit_check::CheckedAccessUnit;
use crate::receive::frame_decoder::{DecodeError, FrameDecoder};

/// OpenH264, which is C++.
///
/// When a frame is damaged or parameter sets change, it goes on with what it has, and has been seen to read and write
/// beyond its tables then. So each decoder sees one sequence; a new one takes its place, which costs a third of a
/// millisecond.
pub struct OpenH264Decoder {
    decoder: Decoder,
    /// Whether the decoder has seen anything yet.
    used: bool,
}

impl OpenH264Decoder {
    /// Prepares a decoder.
    ///
    /// # Errors
    /// [`DecodeError::Start`], when memory is short.
    pub fn new() -> Result<Self, DecodeError> {
        let decoder = new_decoder()?;
        Ok(Self {
            decoder,
            used: false,
        })
    }
}

impl FrameDecoder for OpenH264Decoder {
    fn decode(&mut self, access_unit: &CheckedAccessUnit) -> Result<VideoFrame, DecodeError> {
        if access_unit.begins_sequence && self.used {
            self.decoder = new_decoder()?;
        }
        self.used = true;
        let decoded = self.decoder.decode(&access_unit.data);
        let frame = decoded.map_err(|error| DecodeError::Bitstream {
            code: error.native_code(),
        })?;
        copy(&frame.ok_or(DecodeError::Incomplete)?)
    }
}

fn new_decoder() -> Result<Decoder, DecodeError> {
    Decoder::new().map_err(|error| DecodeError::Start {
        cause: error.to_string(),
    })
}

/// The decoder keeps its frame to predict the next one from, so ours is a copy.
fn copy(decoded: &DecodedYUV<'_>) -> Result<VideoFrame, DecodeError> {
    // 4:2:0 cannot be odd (ITU-T H.264 §7.4.2.1.1 cuts in steps of two), so nothing is lost here. But anyone may have sent the
    // stream.
    let (width, height) = decoded.dimensions();
    let resolution = Resolution::new(width as u32 & !1, height as u32 & !1)?;
    let mut frame = VideoFrame::black(resolution);
    frame.captured_at = Instant::now();
    let planes = frame.planes_mut();
    let (y_stride, u_stride, v_stride) = decoded.strides();
    let (width, half_width) = (resolution.width(), resolution.width() / 2);
    copy_rows(planes.y, width, decoded.y(), y_stride);
    copy_rows(planes.u, half_width, decoded.u(), u_stride);
    copy_rows(planes.v, half_width, decoded.v(), v_stride);
    Ok(frame)
}

/// The decoder's rows are longer than the frame is wide: behind each comes a border that it predicts from.
fn copy_rows(to: &mut [u8], width: usize, from: &[u8], stride: usize) {
    for (to, from) in to.chunks_exact_mut(width).zip(from.chunks_exact(stride)) {
        to.copy_from_slice(&from[..width]);
    }
}
