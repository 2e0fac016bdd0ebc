//! H.264 to frames.

use std::time::Instant;

use openh264::decoder::{DecodedYUV, Decoder};
use openh264::formats::YUVSource;
use step_01_capture::resolution::ResolutionError;
use step_01_capture::{Resolution, VideoFrame};

use crate::receive::bitstream::access_unit_check::AccessUnitCheck;
use crate::receive::bitstream::access_unit_error::AccessUnitError;
use crate::receive::bitstream::stream_limits::StreamLimits;

/// Why an access unit gave no frame. After any of them only a key frame helps.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// There is no decoder at all.
    #[error("the H.264 decoder does not start: {cause}")]
    Start {
        /// The decoder's reason, or the system's.
        cause: String,
    },
    /// The decoder was not given it.
    #[error(transparent)]
    AccessUnit(#[from] AccessUnitError),
    /// Damaged data, or a frame that refers to one that is missing.
    #[error(
        "the H.264 decoder refused an access unit (code {code}): ask the sender for a key frame"
    )]
    Bitstream {
        /// The decoder's `DECODING_STATE`, a sum of bits.
        code: i64,
    },
    /// The decoder waits for the rest of a frame that has come to its end.
    #[error("a frame is incomplete: ask the sender for a key frame")]
    Incomplete,
    /// Decoded, but of a size that cannot be shown.
    #[error("the sender's frames cannot be shown: {0}")]
    Resolution(#[from] ResolutionError),
}

/// An H.264 decoder for what a stranger may have sent. The size of the frames comes from the stream and may change with
/// every key frame.
///
/// OpenH264 is C++. When a frame is damaged or parameter sets change, it goes on with what it has, and has been seen to
/// read and write beyond its tables then. So it sees what passed [`AccessUnitCheck`] only, and each decoder sees one
/// sequence. After every error, and wherever parameter sets change, a new one takes its place, which costs a third of a
/// millisecond. It conceals no errors; a receiver asks for a key frame instead.
pub struct H264Decoder {
    check: AccessUnitCheck,
    decoder: Decoder,
    /// Whether the decoder has seen anything yet.
    used: bool,
}

impl H264Decoder {
    /// Prepares a decoder for a stream within `limits`.
    ///
    /// # Errors
    /// [`DecodeError::Start`], when memory is short.
    pub fn new(limits: StreamLimits) -> Result<Self, DecodeError> {
        Ok(Self {
            check: AccessUnitCheck::new(limits),
            decoder: new_decoder()?,
            used: false,
        })
    }

    /// Decodes one access unit in Annex B form, about 1 ms for 640x480. One in, one out: a baseline stream has nothing to
    /// reorder, and the decoder is configured to hold nothing back.
    ///
    /// None when the access unit holds no frame, only parameter sets for instance. `number` is 0 and `captured_at` is
    /// now: the stream knows neither.
    ///
    /// # Errors
    /// [`DecodeError`]. The next frame comes from a key frame that brings its parameter sets.
    pub fn decode(&mut self, access_unit: &[u8]) -> Result<Option<VideoFrame>, DecodeError> {
        let decoded = self.decode_checked(access_unit);
        if decoded.is_err() {
            self.check.reset();
            self.replace_decoder()?;
        }
        decoded
    }

    fn decode_checked(&mut self, access_unit: &[u8]) -> Result<Option<VideoFrame>, DecodeError> {
        let Some(checked) = self.check.check(access_unit)? else {
            return Ok(None);
        };
        if checked.begins_sequence {
            self.replace_decoder()?;
        }
        self.used = true;
        let decoded = self.decoder.decode(&checked.data);
        let frame = decoded.map_err(|error| DecodeError::Bitstream {
            code: error.native_code(),
        })?;
        let frame = frame.ok_or(DecodeError::Incomplete)?;
        copy(&frame).map(Some)
    }

    fn replace_decoder(&mut self) -> Result<(), DecodeError> {
        if self.used {
            self.decoder = new_decoder()?;
            self.used = false;
        }
        Ok(())
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
