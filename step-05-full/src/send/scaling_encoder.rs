//! Which size a bitrate can bear.

use std::time::{Duration, Instant};

use step_01_capture::VideoFrame;

use crate::access_unit::AccessUnit;
use crate::send::encoder::{EncodeError, EncoderConfig, H264Encoder};

/// Below this share of the bits that fit the size, half the size looks better: a quarter of the pixels for a quarter of the
/// bits.
const TOO_FEW: f64 = 0.25;

/// And that only if it lasts: a call begins with few bits.
const PATIENCE: Duration = Duration::from_secs(1);

/// From this share on, the whole size is encoded again. Each change costs a key frame, so this is well above [`TOO_FEW`].
const ENOUGH: f64 = 0.35;

/// Whether the whole size is encoded, or half of it.
#[derive(Debug, Default)]
pub(crate) struct SizeChoice {
    halved: bool,
    /// Since when there are too few bits, or enough again.
    unfit_since: Option<Instant>,
}

impl SizeChoice {
    pub(crate) fn is_halved(&self) -> bool {
        self.halved
    }

    /// Chooses again at the time `now`, with this share of the bits that fit the whole size. True if the choice is another one.
    pub(crate) fn update(&mut self, share: f64, now: Instant) -> bool {
        let fits = match self.halved {
            true => share < ENOUGH,
            false => share > TOO_FEW,
        };
        if fits {
            self.unfit_since = None;
            return false;
        }
        let since = *self.unfit_since.get_or_insert(now);
        let changed = now.saturating_duration_since(since) >= PATIENCE;
        if changed {
            self.halved = !self.halved;
            self.unfit_since = None;
        }
        changed
    }
}

/// Encodes frames at the bitrate that is asked for: at their own size, or at half of it.
pub struct ScalingEncoder {
    full: EncoderConfig,
    encoder: H264Encoder,
    bitrate: u32,
    size: SizeChoice,
}

impl ScalingEncoder {
    /// Prepares an encoder for frames at their own size. The first frame becomes a key frame.
    ///
    /// # Errors
    /// [`EncodeError::Start`], when memory is short.
    pub fn new(full: EncoderConfig) -> Result<Self, EncodeError> {
        Ok(Self {
            full,
            encoder: H264Encoder::new(full)?,
            bitrate: full.bitrate,
            size: SizeChoice::default(),
        })
    }

    /// Aims at another bitrate from the next frame on.
    pub fn set_bitrate(&mut self, bitrate: u32) {
        self.bitrate = bitrate;
        self.encoder.set_bitrate(bitrate);
    }

    /// Makes the next frame a key frame, as a PLI asks for (RFC 4585 §6.3.1).
    pub fn request_key_frame(&mut self) {
        self.encoder.request_key_frame();
    }

    /// Encodes one frame, at the size that the bitrate can bear.
    ///
    /// # Errors
    /// Those of [`H264Encoder::encode`].
    pub fn encode(&mut self, frame: &VideoFrame) -> Result<AccessUnit, EncodeError> {
        self.choose_size(frame.captured_at)?;
        let halved = self.size.is_halved();
        match halved.then(|| frame.at_half_size()).flatten() {
            Some(half) => self.encoder.encode(&half),
            None => self.encoder.encode(frame),
        }
    }

    fn choose_size(&mut self, now: Instant) -> Result<(), EncodeError> {
        let share = f64::from(self.bitrate) / f64::from(self.full.bitrate);
        let Some(half) = self.full.resolution.halved() else {
            return Ok(());
        };
        if !self.size.update(share, now) {
            return Ok(());
        }
        let size = match self.size.is_halved() {
            true => half,
            false => self.full.resolution,
        };
        let kilobits = self.bitrate / 1000;
        tracing::info!(peer = "local", "{kilobits} kbit/s: {size} from now on");
        self.encoder = H264Encoder::new(EncoderConfig::new(size, self.full.frame_rate))?;
        self.encoder.set_bitrate(self.bitrate);
        Ok(())
    }
}
