//! The exercise of step 01, third part: what the capture could add to a session description (1-2 of the note).
//!
//! `cargo test -p step-01-capture --features exercise` names what comes next. Compare with
//! `src/media_description.rs` when you are done.
#![allow(unused, reason = "the bodies are yours to write")]

use crate::media_stream::MediaStream;

/// 1-2: the `m=video` section of the stream's track, five SDP lines that each end with a line feed.
///
/// `stream.video_track()` is the track. Both have an `id()`; `settings()` of the track has its `frame_rate` and its `resolution`
/// with `width()` and `height()`.
///
/// 1. `m=video 9 UDP/TLS/RTP/SAVPF *`: port 9 is "discard", `*` stands in for the payload types (RFC 8866 §5.14)
/// 2. `a=msid:` the stream's id, a space, the track's id (RFC 8830 §2)
/// 3. `a=sendonly`: a capture receives nothing (RFC 8866 §6.7)
/// 4. `a=framerate:` frames a second (RFC 8866 §6.13)
/// 5. `a=imageattr:* send [x=640,y=480]` with the size that the track has (RFC 6236 §3.1.1)
pub fn media_section(stream: &MediaStream) -> String {
    todo!(
        "1-2 media_section: write the five lines of m=video; see step-01-capture/src/exercise/media_description.rs"
    )
}
