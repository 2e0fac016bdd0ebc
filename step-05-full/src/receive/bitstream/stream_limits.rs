//! How large the frames of a stream may be.

/// How large the frames of a stream may be, and how many the decoder must keep: what the level of `profile-level-id`
/// promises (RFC 6184 §8.1, ITU-T H.264 table A-1). They bound the memory that a sender can make the decoder take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamLimits {
    /// Macroblocks in a frame (`MaxFS`). One has 16x16 pixels.
    pub frame_size: u32,
    /// Macroblocks in all frames that later frames may refer to (`MaxDpbMbs`).
    pub decoded_frames_size: u32,
}

impl StreamLimits {
    /// What every session negotiates, `profile-level-id=42e01f`: 1280x720, or 11.4 MB for frames of any size.
    pub const LEVEL_3_1: Self = Self {
        frame_size: 3600,
        decoded_frames_size: 18_000,
    };

    /// The most that the decoder can do: 4096x2304. For a stream that this program makes itself.
    pub const LEVEL_5_2: Self = Self {
        frame_size: 36_864,
        decoded_frames_size: 184_320,
    };
}
