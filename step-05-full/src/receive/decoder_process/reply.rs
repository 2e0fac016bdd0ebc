//! What the child writes before each frame, or instead of one.

use step_01_capture::resolution::ResolutionError;
use step_01_capture::{Resolution, VideoFrame};

use crate::receive::frame_decoder::DecodeError;

/// How many bytes a reply has.
pub(super) const LENGTH: usize = 16;

/// The reply for what was decoded. The bytes of the frame follow, if there is one.
pub(super) fn write(decoded: &Result<VideoFrame, DecodeError>) -> [u8; LENGTH] {
    let (width, height, code) = match decoded {
        Ok(frame) => {
            let resolution = frame.resolution();
            (resolution.width() as u32, resolution.height() as u32, 0)
        }
        Err(DecodeError::Resolution(ResolutionError::Range(width, height))) => (*width, *height, 0),
        Err(DecodeError::Bitstream { code }) => (0, 0, *code),
        Err(_) => (0, 0, 0),
    };
    let mut bytes = [0; LENGTH];
    bytes[..4].copy_from_slice(&width.to_le_bytes());
    bytes[4..8].copy_from_slice(&height.to_le_bytes());
    bytes[8..].copy_from_slice(&code.to_le_bytes());
    bytes
}

/// The size of the frame that follows.
///
/// # Errors
/// [`DecodeError`], when none follows.
pub(super) fn read(bytes: [u8; LENGTH]) -> Result<Resolution, DecodeError> {
    let [w0, w1, w2, w3, h0, h1, h2, h3, code @ ..] = bytes;
    let width = u32::from_le_bytes([w0, w1, w2, w3]);
    let height = u32::from_le_bytes([h0, h1, h2, h3]);
    match (width, i64::from_le_bytes(code)) {
        (0, 0) => Err(DecodeError::Incomplete),
        (0, code) => Err(DecodeError::Bitstream { code }),
        _ => Ok(Resolution::new(width, height)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_child_writes_the_parent_reads() {
        let wide = Resolution::new(1280, 720).expect("a size");
        assert_eq!(read(write(&Ok(VideoFrame::black(wide)))), Ok(wide));
        let errors = [
            DecodeError::Incomplete,
            DecodeError::Bitstream { code: -3 },
            DecodeError::Resolution(ResolutionError::Range(8, 16)),
        ];
        for error in errors {
            assert_eq!(read(write(&Err(error.clone()))), Err(error));
        }
    }
}
