//! Step 01: a live picture on the screen.
//!
//! `cargo run -p step-01-capture`

pub mod arguments;
pub mod canvas;
pub mod console;
pub mod display;
pub mod frame_counts;
pub mod frame_rate;
pub mod latest_frame;
pub mod media_description;
pub mod media_stream;
pub mod media_stream_constraints;
pub mod playback;
pub mod program;
pub mod report;
pub mod resolution;
pub mod rgb;
pub mod snapshot;
pub mod source;
mod sticky_picture;
pub mod stop_signal;
pub mod timeline;
pub mod trace;
mod track_state;
#[cfg_attr(feature = "exercise", path = "exercise.rs")]
pub mod user_media;
pub mod user_media_error;
pub mod video_element;
pub mod video_frame;
pub mod video_source;
pub mod video_track;

pub use latest_frame::{LatestFrame, NextFrame};
pub use media_description::MediaDescription;
pub use media_stream::MediaStream;
pub use media_stream_constraints::{MediaStreamConstraints, SourceChoice};
pub use resolution::Resolution;
pub use snapshot::{SnapshotError, write_png};
pub use source::camera::{CameraDescription, CameraMode, list_cameras};
pub use timeline::{StateMachine, Timeline, Transition};
pub use user_media::get_user_media;
pub use user_media_error::GetUserMediaError;
pub use video_frame::VideoFrame;
pub use video_source::{MediaTrackSettings, SourceError, VideoSource};
pub use video_track::{MediaStreamTrackState, VideoTrack};
