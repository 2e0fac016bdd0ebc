//! Frames to H.264.

use std::time::Instant;

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

/// How often the encoder is given one frame. At a hundredth of the bits that a frame needs it was 130 times.
const ATTEMPTS: usize = 1000;

/// What the encoder has to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncoderConfig {
    /// Size of the frames. Frames of another size are encoded too, each change beginning with a key frame.
    pub resolution: Resolution,
    /// Frames a second, from which the encoder computes how many bits one frame may take.
    pub frame_rate: u32,
    /// Bits a second to aim at. The encoder lowers the quality to stay near it and never skips a frame for it.
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
    /// The encoder took the frame and made nothing of it.
    #[error("the H.264 encoder skipped frame {number}")]
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
    /// The rate control wants milliseconds since the first frame.
    began: Option<Instant>,
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
            .rate_control_mode(RateControlMode::Bitrate)
            .bitrate(BitRate::from_bps(config.bitrate))
            .max_frame_rate(FrameRate::from_hz(config.frame_rate as f32))
            // Without it the library prints a warning on standard error for every encoder. A frame that it skips is given
            // to it again: see `encode_without_skipping`.
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
            began: None,
            key_frame_requested: false,
        })
    }

    /// Makes the next frame a key frame, as a PLI asks for (RFC 4585 §6.3.1).
    pub fn request_key_frame(&mut self) {
        self.key_frame_requested = true;
    }

    /// Encodes one frame, about 2 ms for 640x480. One in, one out.
    ///
    /// # Errors
    /// [`EncodeError::Refused`] for a frame over 3840x2160; [`EncodeError::Skipped`] should not happen.
    pub fn encode(&mut self, frame: &VideoFrame) -> Result<AccessUnit, EncodeError> {
        let began = *self.began.get_or_insert(frame.captured_at);
        let elapsed = frame.captured_at.saturating_duration_since(began);
        if std::mem::take(&mut self.key_frame_requested) {
            self.encoder.force_intra_frame();
        }
        let timestamp = Timestamp::from_millis(elapsed.as_millis() as u64);
        let (data, key_frame) = self.encode_without_skipping(frame, timestamp)?;
        Ok(AccessUnit {
            data,
            key_frame,
            captured_at: frame.captured_at,
            number: frame.number,
        })
    }

    /// Gives a frame to the encoder until it is encoded.
    ///
    /// When bits are short the encoder skips frames, and each that it skips adds its share of bits to what is left. But
    /// every frame captured shall be seen, at a lower quality. Another attempt costs about 10 µs, and the stream has the same
    /// bitrate as that of an encoder which may not skip.
    fn encode_without_skipping(
        &mut self,
        frame: &VideoFrame,
        at: Timestamp,
    ) -> Result<(Bytes, bool), EncodeError> {
        let resolution = frame.resolution();
        let (width, height) = (resolution.width(), resolution.height());
        let strides = (width, width / 2, width / 2);
        let planes = YUVSlices::new((frame.y(), frame.u(), frame.v()), (width, height), strides);
        for _ in 0..ATTEMPTS {
            let encoded = self.encoder.encode_at(&planes, at);
            let stream = encoded.map_err(|error| EncodeError::Refused {
                resolution,
                cause: error.to_string(),
            })?;
            if stream.frame_type() != FrameType::Skip {
                let key_frame = stream.frame_type() == FrameType::IDR;
                return Ok((Bytes::from(stream.to_vec()), key_frame));
            }
        }
        let number = frame.number;
        Err(EncodeError::Skipped { number })
    }
}
