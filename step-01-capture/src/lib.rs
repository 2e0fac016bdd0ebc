//! Step 01: a live video on the screen.
//!
//! `cargo run -p step-01-capture`
//!
//! # Layout
//!
//! The lesson, in reading order:
//!
//! - [`user_media`]: `getUserMedia()`, from constraints to a live track (1-2 of the note), and its [errors](user_media_error).
//! - [`media_stream_constraints`]: what the caller asks for.
//! - [`video_source`]: the one trait behind which cameras, files and the test pattern look alike.
//! - [`media_stream`], [`video_track`]: the stream, its track, and the thread that captures.
//! - [`latest_frame`]: the channel that holds one frame.
//! - [`video_frame`], [`resolution`]: one frame in I420.
//! - [`timeline`]: every state machine of the call in one list.
//! - [`media_description`]: what the capture could add to a session description.
//!
//! The rooms: [`source`] holds the sources, [`display`] the window and the terminal, [`program`] what every step's
//! `main.rs` needs.

#[cfg_attr(feature = "exercise", path = "exercise.rs")]
pub mod user_media;
pub mod user_media_error;

pub mod media_stream_constraints;

pub mod video_source;

pub mod media_stream;
mod track_state;
pub mod video_track;

pub mod latest_frame;

pub mod resolution;
pub mod video_frame;

pub mod timeline;

pub mod media_description;

pub mod source;

pub mod display;

pub mod program;

pub use display::snapshot::{SnapshotError, write_png};
pub use latest_frame::{LatestFrame, NextFrame};
pub use media_description::MediaDescription;
pub use media_stream::MediaStream;
pub use media_stream_constraints::{MediaStreamConstraints, SourceChoice};
pub use resolution::Resolution;
pub use source::camera::{CameraDescription, CameraMode, list_cameras};
pub use timeline::{StateMachine, Timeline, Transition};
pub use user_media::get_user_media;
pub use user_media_error::GetUserMediaError;
pub use video_frame::VideoFrame;
pub use video_source::{MediaTrackSettings, SourceError, VideoSource};
pub use video_track::{MediaStreamTrackState, VideoTrack};
