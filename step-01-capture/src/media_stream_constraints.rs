//! What the caller wishes for.

use std::fmt;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use crate::Resolution;
use crate::user_media_error::GetUserMediaError;

/// Frames a second that the tutorial handles.
pub const FRAME_RATES: RangeInclusive<u32> = 1..=120;

/// What to capture, and how (W3C Media Capture §5.1 `MediaStreamConstraints`).
#[derive(Debug, Clone, PartialEq)]
pub struct MediaStreamConstraints {
    /// Where the picture comes from.
    pub source: SourceChoice,
    /// The size wished for. A camera must have exactly this one (W3C `exact`), a file has its own.
    /// With none, the source's own choice nearest to 640x480 is taken.
    pub resolution: Option<Resolution>,
    /// Frames a second wished for, 1 to 120; with none, nearest to 30.
    pub frame_rate: Option<u32>,
}

impl Default for MediaStreamConstraints {
    /// `{video: true}`, as the codelab asks.
    fn default() -> Self {
        Self {
            source: SourceChoice::Auto,
            resolution: None,
            frame_rate: None,
        }
    }
}

impl MediaStreamConstraints {
    /// Refuses a frame rate that no source has.
    pub(crate) fn check_frame_rate(&self) -> Result<(), GetUserMediaError> {
        match self.frame_rate {
            Some(rate) if !FRAME_RATES.contains(&rate) => Err(GetUserMediaError::Overconstrained {
                what: format!("the source {}", self.source),
                wish: format!("{rate} frames a second"),
                capabilities: format!("{} to {}", FRAME_RATES.start(), FRAME_RATES.end()),
            }),
            _ => Ok(()),
        }
    }
}

/// `--source`: which device, in the place of W3C's `deviceId`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceChoice {
    /// The first camera that opens, else the test pattern.
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
        match text {
            "auto" => Ok(Self::Auto),
            "camera" => Ok(Self::Camera(None)),
            "pattern" => Ok(Self::Pattern),
            _ => match text.strip_prefix("camera:") {
                Some(number) => match number.parse() {
                    Ok(number) => Ok(Self::Camera(Some(number))),
                    Err(_) => Err(SourceChoiceError(text.to_owned())),
                },
                None if text.to_ascii_lowercase().ends_with(".y4m") => Ok(Self::File(text.into())),
                None => Err(SourceChoiceError(text.to_owned())),
            },
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
