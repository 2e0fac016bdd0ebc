//! What the caller asks for.

use std::fmt;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use crate::Resolution;
use crate::user_media_error::GetUserMediaError;

/// Frames a second that the tutorial handles.
pub const FRAME_RATES: RangeInclusive<u32> = 1..=120;

/// What to capture, and how (W3C Media Capture §10.2 `MediaStreamConstraints`). The default is `{video: true}`, as in
/// the codelab.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MediaStreamConstraints {
    /// Where the frames come from.
    pub source: SourceChoice,
    /// The size of the frames. A camera must have exactly this one (W3C `exact`), a file has its own.
    /// With none, the source takes the size nearest to 640x480 that it has.
    pub resolution: Option<Resolution>,
    /// Frames a second, 1 to 120; with none, nearest to 30.
    pub frame_rate: Option<u32>,
}

impl MediaStreamConstraints {
    /// Rejects a frame rate that no source has.
    ///
    /// # Errors
    /// [`GetUserMediaError::Overconstrained`].
    pub fn check_frame_rate(&self) -> Result<(), GetUserMediaError> {
        match self.frame_rate {
            Some(rate) if !FRAME_RATES.contains(&rate) => Err(GetUserMediaError::Overconstrained {
                what: format!("the source {}", self.source),
                constraint: format!("{rate} frames a second"),
                capabilities: format!("{} to {}", FRAME_RATES.start(), FRAME_RATES.end()),
            }),
            _ => Ok(()),
        }
    }
}

/// As in `video from camera:1, 640x480, 15 frames a second`.
impl fmt::Display for MediaStreamConstraints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "video from {}", self.source)?;
        if let Some(size) = self.resolution {
            write!(f, ", {size}")?;
        }
        match self.frame_rate {
            Some(rate) => write!(f, ", {rate} frames a second"),
            None => Ok(()),
        }
    }
}

/// `--source`: which device, in the place of W3C's `deviceId`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SourceChoice {
    /// The first camera that opens, else the test pattern.
    #[default]
    Auto,
    /// A camera; with no number, the first that opens.
    Camera(Option<u32>),
    /// The test pattern.
    Pattern,
    /// A Y4M file, repeated for ever.
    File(PathBuf),
}

/// The text is none of the sources.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no source: write auto, camera, camera:N, pattern or the path of a .y4m file")]
pub struct SourceChoiceError(String);

impl FromStr for SourceChoice {
    type Err = SourceChoiceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.strip_prefix("camera:").map(str::parse);
        match (text, number) {
            ("auto", _) => Ok(Self::Auto),
            ("camera", _) => Ok(Self::Camera(None)),
            ("pattern", _) => Ok(Self::Pattern),
            (_, Some(Ok(number))) => Ok(Self::Camera(Some(number))),
            (_, None) if text.to_ascii_lowercase().ends_with(".y4m") => Ok(Self::File(text.into())),
            _ => Err(SourceChoiceError(text.to_owned())),
        }
    }
}

impl fmt::Display for SourceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Camera(None) => f.write_str("camera"),
            Self::Camera(Some(number)) => write!(f, "camera:{number}"),
            Self::Pattern => f.write_str("pattern"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}
