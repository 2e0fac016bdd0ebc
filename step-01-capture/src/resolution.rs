//! The size of a frame.

use std::fmt;
use std::str::FromStr;

/// Width and height of a frame in pixels: even, and from 16x16 to 4096x4096.
///
/// Even, because I420 stores one colour sample for every two by two pixels, and so does H.264 4:2:0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Resolution {
    width: u32,
    height: u32,
}

/// Why a size cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolutionError {
    /// The text is not `WIDTHxHEIGHT`.
    #[error("{0:?} is no size: write WIDTHxHEIGHT, such as 640x480")]
    Syntax(String),
    /// I420 and H.264 4:2:0 cannot hold an odd number of pixels.
    #[error(
        "{0}x{1} is not even: H.264 halves the colour planes, so use {w}x{h}",
        w = .0 & !1, h = .1 & !1
    )]
    Odd(u32, u32),
    /// Outside of what the tutorial handles.
    #[error(
        "{0}x{1} is out of range: both sides must lie between {min} and {max}",
        min = Resolution::MIN, max = Resolution::MAX
    )]
    Range(u32, u32),
}

impl Resolution {
    /// The smallest side, in pixels: one macroblock of H.264.
    pub const MIN: u32 = 16;
    /// The largest side, in pixels.
    pub const MAX: u32 = 4096;
    /// 640x480, what a camera mostly delivers when the page asks for nothing else.
    pub const VGA: Resolution = Resolution {
        width: 640,
        height: 480,
    };

    /// Checks a width and a height, in pixels.
    ///
    /// # Errors
    /// [`ResolutionError::Odd`] or [`ResolutionError::Range`].
    pub fn new(width: u32, height: u32) -> Result<Self, ResolutionError> {
        let sides = Self::MIN..=Self::MAX;
        if !sides.contains(&width) || !sides.contains(&height) {
            return Err(ResolutionError::Range(width, height));
        }
        if width % 2 == 1 || height % 2 == 1 {
            return Err(ResolutionError::Odd(width, height));
        }
        Ok(Self { width, height })
    }

    /// Width in pixels.
    pub fn width(self) -> usize {
        self.width as usize
    }

    /// Height in pixels.
    pub fn height(self) -> usize {
        self.height as usize
    }

    /// Half the width and half the height, made even; none where that is too small.
    pub fn halved(self) -> Option<Self> {
        Self::new(self.width / 4 * 2, self.height / 4 * 2).ok()
    }

    /// Number of pixels.
    pub fn pixels(self) -> usize {
        self.width() * self.height()
    }
}

impl fmt::Display for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

impl FromStr for Resolution {
    type Err = ResolutionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let sides = text
            .split_once('x')
            .and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
        let (width, height) = sides.ok_or_else(|| ResolutionError::Syntax(text.to_owned()))?;
        Self::new(width, height)
    }
}
