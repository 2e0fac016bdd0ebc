//! The one trait that every source implements, on every platform, as adapter.js gives every browser the same API.

use std::sync::Arc;
use std::time::Duration;

use crate::{Resolution, VideoFrame};

/// A camera that delivers nothing for so long has failed.
pub const SILENCE_TIMEOUT: Duration = Duration::from_secs(3);

/// What a source really delivers (W3C Media Capture §4.3.7, `MediaTrackSettings`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MediaTrackSettings {
    /// Size of every frame.
    pub resolution: Resolution,
    /// Frames a second.
    pub frame_rate: u32,
}

/// Anything that delivers frames: a camera, a file, the test pattern.
///
/// Callers of [`get_user_media`](crate::get_user_media) never see which one it is.
pub trait VideoSource: Send {
    /// A name for people, such as `Integrated Camera` (W3C `MediaStreamTrack.label`).
    fn label(&self) -> &str;

    /// What this source delivers; fixed once it is open.
    fn settings(&self) -> MediaTrackSettings;

    /// Blocks until the next frame is due, but never much longer than [`SILENCE_TIMEOUT`].
    ///
    /// # Errors
    /// [`SourceError`] when there will be no further frame. The track ends with it.
    fn next_frame(&mut self) -> Result<Arc<VideoFrame>, SourceError>;
}

/// Why a source that was open stopped delivering. The track's `readyState` becomes `ended`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// The device is gone.
    #[error("NotReadableError: the camera {label:?} was unplugged: plug it in and start again")]
    Unplugged {
        /// The camera's name.
        label: String,
    },
    /// The device is there and delivers nothing.
    #[error(
        "NotReadableError: the camera {label:?} has sent no frame for {} s: open its privacy shutter or plug it in again",
        SILENCE_TIMEOUT.as_secs()
    )]
    Silent {
        /// The camera's name.
        label: String,
    },
    /// The device or file reports an error of its own.
    #[error("NotReadableError: {label:?} stopped delivering: {cause}")]
    Failed {
        /// The source's name.
        label: String,
        /// What the system reported.
        cause: String,
    },
}
