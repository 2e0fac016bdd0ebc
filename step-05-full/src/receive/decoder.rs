//! H.264 to frames.

use std::time::Instant;

use openh264::decoder::{DecodedYUV, Decoder};
use openh264::formats::YUVSource;
use step_01_capture::resolution::ResolutionError;
use step_01_capture::{Resolution, VideoFrame};

/// The decoder's code for an access unit whose parameter sets it never saw (`dsNoParamSets`).
const NO_PARAMETER_SETS: i64 = 16;

/// Why an access unit gave no frame. After any of them only a key frame helps.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// There is no decoder at all.
    #[error("the H.264 decoder does not start: {cause}")]
    Start {
        /// The decoder's reason, or the system's.
        cause: String,
    },
    /// The stream was joined in the middle: size and coding of its frames are unknown.
    #[error("no parameter sets (SPS, PPS) have come yet: ask the sender for a key frame")]
    NoParameterSets,
    /// Damaged data, or a frame that refers to one that is missing.
    #[error(
        "the H.264 decoder refused an access unit (code {code}): ask the sender for a key frame"
    )]
    Bitstream {
        /// The decoder's `DECODING_STATE`, a sum of bits.
        code: i64,
    },
    /// Decoded, but of a size that cannot be shown.
    #[error("the sender's frames cannot be shown: {0}")]
    Resolution(#[from] ResolutionError),
}

/// An H.264 decoder. The size of the frames comes from the stream and may change with every key frame.
pub struct H264Decoder(Decoder);

impl H264Decoder {
    /// Prepares a decoder.
    ///
    /// # Errors
    /// [`DecodeError::Start`], when memory is short.
    pub fn new() -> Result<Self, DecodeError> {
        let decoder = Decoder::new();
        let decoder = decoder.map_err(|error| DecodeError::Start {
            cause: error.to_string(),
        })?;
        Ok(Self(decoder))
    }

    /// Decodes one access unit in Annex B form, about 1 ms for 640x480. One in, one out: a baseline stream has nothing to
    /// reorder, and the decoder is configured to hold nothing back.
    ///
    /// None when the access unit holds no frame, only parameter sets for instance. `number` is 0 and `captured_at` is
    /// now: the stream knows neither.
    ///
    /// # Errors
    /// [`DecodeError`]; the decoder stays usable and takes up again at the next key frame.
    pub fn decode(&mut self, access_unit: &[u8]) -> Result<Option<VideoFrame>, DecodeError> {
        let decoded = self.0.decode(access_unit);
        let frame = decoded.map_err(|error| match error.native_code() {
            code if code & NO_PARAMETER_SETS != 0 => DecodeError::NoParameterSets,
            code => DecodeError::Bitstream { code },
        })?;
        frame.map(|frame| copy(&frame)).transpose()
    }
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
