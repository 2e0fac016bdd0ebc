//! Frames to H.264.

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use bytes::Bytes;
use openh264::encoder::{
    BitRate, Complexity, Encoder, FrameRate, FrameType, IntraFramePeriod, Profile, RateControlMode,
    UsageType, VuiConfig,
};
use openh264::formats::YUVSlices;
use openh264::{OpenH264API, Timestamp};
use step_01_capture::{Resolution, VideoFrame};

use crate::access_unit::AccessUnit;

/// A key frame comes at least this often, in seconds.
///
/// Rarely, because it costs about ten times the bytes of the others and a receiver that needs one asks for it (PLI,
/// RFC 4585 §6.3.1). Not never, because that request can be lost too.
const KEY_FRAME_INTERVAL: u32 = 10;

/// The encoder's clock goes at this speed at most, and at this one at least: beyond, its rate control has no room.
const CLOCK_SPEEDS: RangeInclusive<f64> = 0.05..=1.5;

/// What the encoder has to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncoderConfig {
    /// Size of the frames. Frames of another size are encoded too, each change beginning with a key frame.
    pub resolution: Resolution,
    /// Frames a second, from which the encoder computes how many bits one frame may take.
    pub frame_rate: u32,
    /// Bits a second to aim at, until another bitrate is set. The encoder lowers the quality to stay near it, and skips a
    /// frame where that is not enough.
    pub bitrate: u32,
}

impl EncoderConfig {
    /// A configuration with a bitrate that fits: 0.18 bits a pixel, which makes 1.66 Mbit/s of 640x480 at 30 frames
    /// a second, about what a browser sends.
    pub fn new(resolution: Resolution, frame_rate: u32) -> Self {
        let pixels_a_second = resolution.pixels() as u64 * u64::from(frame_rate);
        Self {
            resolution,
            frame_rate,
            bitrate: (pixels_a_second * 18 / 100).clamp(100_000, 20_000_000) as u32,
        }
    }
}

/// Why a frame was not encoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// There is no encoder at all.
    #[error("the H.264 encoder does not start: {cause}")]
    Start {
        /// The encoder's reason, or the system's.
        cause: String,
    },
    /// The encoder refused a frame.
    #[error(
        "the H.264 encoder refused a frame of {resolution}: {cause}: use a --size of at most 3840x2160"
    )]
    Refused {
        /// Size of the frame.
        resolution: Resolution,
        /// The encoder's reason.
        cause: String,
    },
    /// There are no bits for this frame: those before it have taken too many. The next one may be encoded.
    #[error("the H.264 encoder skipped frame {number}: the bitrate is too low for every frame")]
    Skipped {
        /// The number of the frame.
        number: u64,
    },
}

/// An H.264 encoder, configured for a call: constrained baseline profile, one slice a frame, no frame held back.
///
/// That profile has no B frames, so a frame never waits for a later one, and every browser decodes it (RFC 7742 §6.2).
pub struct H264Encoder {
    encoder: Encoder,
    bitrate: u32,
    /// What its clock shows, and how fast that goes.
    clock: Duration,
    clock_speed: f64,
    last_captured_at: Option<Instant>,
    key_frame_requested: bool,
}

impl H264Encoder {
    /// Prepares an encoder. The first frame becomes a key frame.
    ///
    /// # Errors
    /// [`EncodeError::Start`], when memory is short.
    pub fn new(config: EncoderConfig) -> Result<Self, EncodeError> {
        let key_frame_interval = config.frame_rate.saturating_mul(KEY_FRAME_INTERVAL);
        let settings = openh264::encoder::EncoderConfig::new()
            .usage_type(UsageType::CameraVideoRealTime)
            .profile(Profile::Baseline)
            .complexity(Complexity::Low)
            // The bits of a second are those of a second on the encoder's clock: see `set_bitrate`.
            .rate_control_mode(RateControlMode::Timestamp)
            .bitrate(BitRate::from_bps(config.bitrate))
            .max_frame_rate(FrameRate::from_hz(config.frame_rate as f32))
            // A bitrate that is too low for the size lowers the frame rate. Without it, it would not be kept.
            .skip_frames(true)
            // A cut in the video needs no key frame, only a loss does.
            .scene_change_detect(false)
            .intra_frame_period(IntraFramePeriod::from_num_frames(key_frame_interval))
            .num_threads(1)
            // What VideoFrame holds. Without it decoders guess, and differently above 576 lines.
            .vui(VuiConfig::bt601());
        let encoder = Encoder::with_api_config(OpenH264API::from_source(), settings);
        let encoder = encoder.map_err(|error| EncodeError::Start {
            cause: error.to_string(),
        })?;
        Ok(Self {
            encoder,
            bitrate: config.bitrate,
            // The rate control takes 0 for a time that is not known.
            clock: Duration::from_secs(1),
            clock_speed: 1.0,
            last_captured_at: None,
            key_frame_requested: false,
        })
    }

    /// Aims at another bitrate from the next frame on, without a key frame.
    ///
    /// Crate openh264 0.9 cannot change the bitrate of an encoder that runs. But the encoder knows no time except that of the
    /// frames: while its clock goes at half the speed, it spends half of the bits.
    pub fn set_bitrate(&mut self, bitrate: u32) {
        let speed = f64::from(bitrate) / f64::from(self.bitrate);
        self.clock_speed = speed.clamp(*CLOCK_SPEEDS.start(), *CLOCK_SPEEDS.end());
    }

    /// Makes the next frame a key frame, as a PLI asks for (RFC 4585 §6.3.1).
    pub fn request_key_frame(&mut self) {
        self.key_frame_requested = true;
    }

    /// Encodes one frame, about 2 ms for 640x480.
    ///
    /// # Errors
    /// [`EncodeError::Refused`] for a frame over 3840x2160; [`EncodeError::Skipped`] when there are no bits for it.
    pub fn encode(&mut self, frame: &VideoFrame) -> Result<AccessUnit, EncodeError> {
        let last = self.last_captured_at.replace(frame.captured_at);
        let elapsed = last.map(|last| frame.captured_at.saturating_duration_since(last));
        self.clock += elapsed.unwrap_or_default().mul_f64(self.clock_speed);
        if self.key_frame_requested {
            self.encoder.force_intra_frame();
        }
        let resolution = frame.resolution();
        let (width, height) = (resolution.width(), resolution.height());
        let strides = (width, width / 2, width / 2);
        let planes = YUVSlices::new((frame.y(), frame.u(), frame.v()), (width, height), strides);
        let at = Timestamp::from_millis(self.clock.as_millis() as u64);
        let encoded = self.encoder.encode_at(&planes, at);
        let stream = encoded.map_err(|error| EncodeError::Refused {
            resolution,
            cause: error.to_string(),
        })?;
        if stream.frame_type() == FrameType::Skip {
            let number = frame.number;
            return Err(EncodeError::Skipped { number });
        }
        let key_frame = stream.frame_type() == FrameType::IDR;
        let data = Bytes::from(stream.to_vec());
        self.key_frame_requested &= !key_frame;
        Ok(AccessUnit {
            data,
            key_frame,
            captured_at: frame.captured_at,
            number: frame.number,
        })
    }
}
