//! Where a stream is decoded.

use std::path::PathBuf;

use crate::receive::bitstream::stream_limits::StreamLimits;

/// What a stream may be, and where it is decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecoderConfig {
    /// The frames of the stream are within these limits.
    pub limits: StreamLimits,
    /// The program in whose process the stream is decoded, see [`decoder_process`](crate::receive::decoder_process). None
    /// for this process, which is for video of its own.
    pub program: Option<PathBuf>,
}

/// In this process.
impl From<StreamLimits> for DecoderConfig {
    fn from(limits: StreamLimits) -> Self {
        let program = None;
        Self { limits, program }
    }
}
