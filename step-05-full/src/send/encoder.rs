//! Pictures to H.264.

use std::time::Instant;

use bytes::Bytes;
use openh264::encoder::{
    BitRate, Complexity, Encoder, FrameRate, FrameType, IntraFramePeriod, Profile, RateControlMode,
    UsageType, VuiConfig,
};
use openh264::formats::YUVSource;
use openh264::{OpenH264API, Timestamp};
use step_01_capture::{Resolution, VideoFrame};

use crate::access_unit::AccessUnit;

/// A key frame comes at least this often, in seconds.
///
/// Rarely, because it costs about ten times the bytes of the others and a receiver that needs one asks for it (PLI,
/// RFC 4585 §6.3.1). Not never, because that request can be lost too.
const KEY_FRAME_INTERVAL: u32 = 10;

/// How often the encoder is asked for one picture. At a hundredth of the bits that a picture needs it was 130 times.
const PERSISTENCE: usize = 1000;

/// What the encoder shall make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncoderConfig {
    /// Size of the pictures. Pictures of another size are encoded too, each change beginning with a key frame.
    pub resolution: Resolution,
    /// Frames a second, from which the encoder learns how many bits one frame may take.
    pub frame_rate: u32,
    /// Bits a second to aim at. The encoder lowers the quality to stay near it and never skips a frame for it.
    pub bitrate: u32,
}

impl EncoderConfig {
    /// A configuration with a bitrate that fits: 0.18 bits a pixel, which makes 1.66 Mbit/s of 640x480 at 30 frames
    /// a second, about what a browser sends.
    pub fn new(resolution: Resolution, frame_rate: u32) -> Self {
        let pixels_a_second = resolution.pixels() as u64 * u64::from(frame_rate);
        let bitrate = (pixels_a_second * 18 / 100).clamp(100_000, 20_000_000);
        Self {
            resolution,
            frame_rate,
            bitrate: bitrate as u32,
        }
    }
}

/// Why a picture was not encoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// There is no encoder at all.
    #[error("the H.264 encoder does not start: {cause}")]
    Start {
        /// What the encoder said.
        cause: String,
    },
    /// The encoder refused a picture.
    #[error(
        "the H.264 encoder refused a picture of {resolution}: {cause}: use a --size of at most 3840x2160"
    )]
    Refused {
        /// Size of the picture.
        resolution: Resolution,
        /// What the encoder said.
        cause: String,
    },
    /// The encoder took the picture and made nothing of it.
    #[error("the H.264 encoder skipped picture {number}")]
    Skipped {
        /// The picture's number.
        number: u64,
    },
}

/// An H.264 encoder, set up for a call: constrained baseline profile, one slice a picture, no picture held back.
///
/// That profile has no B frames, so a picture never waits for a later one, and every browser decodes it (RFC 7742 §5).
pub struct H264Encoder {
    encoder: Encoder,
    config: EncoderConfig,
    /// The rate control wants milliseconds since the beginning.
    began: Option<Instant>,
    key_frame_requested: bool,
}

impl H264Encoder {
    /// Prepares an encoder. The first picture becomes a key frame.
    ///
    /// # Errors
    /// [`EncodeError::Start`], when memory is short.
    pub fn new(config: EncoderConfig) -> Result<Self, EncodeError> {
        let settings = openh264::encoder::EncoderConfig::new()
            .usage_type(UsageType::CameraVideoRealTime)
            .profile(Profile::Baseline)
            .complexity(Complexity::Low)
            .rate_control_mode(RateControlMode::Bitrate)
            .bitrate(BitRate::from_bps(config.bitrate))
            .max_frame_rate(FrameRate::from_hz(config.frame_rate as f32))
            // Without it the library prints a warning on standard error for every encoder. What it skips is asked for
            // again: see `encode_without_skipping`.
            .skip_frames(true)
            // A cut in the picture needs no key frame, only a loss does.
            .scene_change_detect(false)
            .intra_frame_period(IntraFramePeriod::from_num_frames(
                config.frame_rate.saturating_mul(KEY_FRAME_INTERVAL),
            ))
            .num_threads(1)
            // What VideoFrame holds; unsaid, decoders guess, and differently above 576 lines.
            .vui(VuiConfig::bt601());
        let encoder =
            Encoder::with_api_config(OpenH264API::from_source(), settings).map_err(|error| {
                EncodeError::Start {
                    cause: error.to_string(),
                }
            })?;
        Ok(Self {
            encoder,
            config,
            began: None,
            key_frame_requested: false,
        })
    }

    /// What it was made with.
    pub fn config(&self) -> EncoderConfig {
        self.config
    }

    /// Makes the next picture a key frame, as a PLI asks for (RFC 4585 §6.3.1).
    pub fn request_key_frame(&mut self) {
        self.key_frame_requested = true;
    }

    /// Encodes one picture, about 2 ms for 640x480. One in, one out.
    ///
    /// # Errors
    /// [`EncodeError::Refused`] for a picture over 3840x2160; [`EncodeError::Skipped`] should not happen.
    pub fn encode(&mut self, frame: &VideoFrame) -> Result<AccessUnit, EncodeError> {
        let began = *self.began.get_or_insert(frame.captured_at);
        let elapsed = frame.captured_at.saturating_duration_since(began);
        if std::mem::take(&mut self.key_frame_requested) {
            self.encoder.force_intra_frame();
        }
        let millis = Timestamp::from_millis(elapsed.as_millis() as u64);
        let (data, key_frame) = self.encode_without_skipping(frame, millis)?;
        Ok(AccessUnit {
            data,
            key_frame,
            captured_at: frame.captured_at,
            number: frame.number,
        })
    }

    /// Asks for a picture until it comes.
    ///
    /// When bits are short the encoder skips pictures, and each that it skips adds its share of bits to what is left. But
    /// every picture captured shall be seen, and quality give way instead. Asking again costs about 10 µs, and the stream
    /// has the same bitrate as that of an encoder which may not skip.
    fn encode_without_skipping(
        &mut self,
        frame: &VideoFrame,
        at: Timestamp,
    ) -> Result<(Bytes, bool), EncodeError> {
        for _ in 0..PERSISTENCE {
            let encoded = self.encoder.encode_at(&I420(frame), at);
            let stream = encoded.map_err(|error| EncodeError::Refused {
                resolution: frame.resolution(),
                cause: error.to_string(),
            })?;
            if stream.frame_type() != FrameType::Skip {
                let key_frame = stream.frame_type() == FrameType::IDR;
                return Ok((Bytes::from(stream.to_vec()), key_frame));
            }
        }
        Err(EncodeError::Skipped {
            number: frame.number,
        })
    }
}

/// Shows the encoder the planes where they are, without a copy.
struct I420<'a>(&'a VideoFrame);

impl YUVSource for I420<'_> {
    fn dimensions(&self) -> (usize, usize) {
        let resolution = self.0.resolution();
        (resolution.width(), resolution.height())
    }

    fn strides(&self) -> (usize, usize, usize) {
        let width = self.0.resolution().width();
        (width, width / 2, width / 2)
    }

    fn y(&self) -> &[u8] {
        self.0.y()
    }

    fn u(&self) -> &[u8] {
        self.0.u()
    }

    fn v(&self) -> &[u8] {
        self.0.v()
    }
}
