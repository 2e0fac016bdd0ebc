//! H.264 to frames.

use step_01_capture::VideoFrame;

use crate::receive::bitstream::access_unit_check::AccessUnitCheck;
use crate::receive::bitstream::stream_limits::StreamLimits;
use crate::receive::frame_decoder::{DecodeError, FrameDecoder};
use crate::receive::openh264_decoder::OpenH264Decoder;

/// An H.264 decoder for what a stranger may have sent. The size of the frames comes from the stream and may change with
/// every key frame.
///
/// What decodes sees only what passed [`AccessUnitCheck`]. It conceals no errors; a receiver asks for a key frame instead.
pub struct H264Decoder {
    check: AccessUnitCheck,
    decoder: Box<dyn FrameDecoder>,
}

impl H264Decoder {
    /// Prepares a decoder in this process for a stream within `limits`.
    ///
    /// # Errors
    /// [`DecodeError::Start`], when memory is short.
    pub fn new(limits: StreamLimits) -> Result<Self, DecodeError> {
        Ok(Self::with(limits, Box::new(OpenH264Decoder::new()?)))
    }

    /// Passes a stream within `limits` to `decoder`.
    pub fn with(limits: StreamLimits, decoder: Box<dyn FrameDecoder>) -> Self {
        let check = AccessUnitCheck::new(limits);
        Self { check, decoder }
    }

    /// See [`FrameDecoder::prepare`].
    pub fn prepare(&mut self) {
        self.decoder.prepare();
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
        let Some(checked) = self.check.check(access_unit)? else {
            return Ok(None);
        };
        let decoded = self.decoder.decode(&checked);
        if decoded.is_err() {
            self.check.reset();
        }
        decoded.map(Some)
    }
}
