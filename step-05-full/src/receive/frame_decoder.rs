//! What turns access units into frames, and why it may fail.

use step_01_capture::VideoFrame;
use step_01_capture::resolution::ResolutionError;

use crate::receive::bitstream::access_unit_check::CheckedAccessUnit;
use crate::receive::bitstream::access_unit_error::AccessUnitError;

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
    /// The process that decodes has ended. The next key frame starts another.
    #[error("the decoder's process has ended ({cause}): ask the sender for a key frame")]
    ProcessEnded {
        /// How it ended.
        cause: String,
    },
    /// It has ended too often: there is no decoder any more.
    #[error(
        "the decoder's process has ended {count} times, the last time with {cause}: the sender's video may be damaged on \
         purpose; if it is not, start this program again"
    )]
    NoProcess {
        /// How often.
        count: u32,
        /// How it ended.
        cause: String,
    },
    /// Decoded, but of a size that cannot be shown.
    #[error("the sender's frames cannot be shown: {0}")]
    Resolution(#[from] ResolutionError),
}

/// Decodes access units that were checked. It runs in this process or in another.
pub trait FrameDecoder: Send {
    /// Prepares the decoder on the thread that will use it, so that the first frame does not wait for it.
    fn prepare(&mut self) {}

    /// Decodes one frame: a new decoder begins with each sequence.
    ///
    /// # Errors
    /// [`DecodeError`]. The next access unit begins a sequence.
    fn decode(&mut self, access_unit: &CheckedAccessUnit) -> Result<VideoFrame, DecodeError>;
}
