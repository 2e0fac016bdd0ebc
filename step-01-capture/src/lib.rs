//! Step 01: a live picture on the screen.
//!
//! `cargo run -p step-01-capture`

pub mod latest_frame;
pub mod media_stream;
pub mod media_stream_constraints;
pub mod resolution;
pub mod rgb;
pub mod source;
pub mod timeline;
pub mod user_media;
pub mod video_frame;
pub mod video_source;
pub mod video_track;

pub use latest_frame::{LatestFrame, NextFrame};
pub use media_stream::MediaStream;
pub use media_stream_constraints::{MediaStreamConstraints, SourceChoice};
pub use resolution::Resolution;
pub use timeline::{StateMachine, Timeline, Transition};
pub use user_media::{GetUserMediaError, get_user_media};
pub use video_frame::VideoFrame;
pub use video_source::{MediaTrackSettings, SourceError, VideoSource};
pub use video_track::{MediaStreamTrackState, VideoTrack};
