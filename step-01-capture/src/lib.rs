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
//! - [`video_source`]: the one trait that cameras, files and the test pattern implement.
//! - [`media_stream`], [`video_track`], [`track_state`]: the stream, its track, and whether the track is live.
//! - [`capture`]: the loop of the track's thread.
//! - [`latest_frame`]: the channel that holds one frame.
//! - [`video_frame`], [`resolution`]: one frame in I420.
//! - [`media_description`]: what the capture could add to a session description.
//! - [`timeline`]: every state machine of the call in one list.
//!
//! The folders: [`source`] holds the sources, [`display`] the window and the terminal, [`program`] what every step's
//! `main.rs` needs, [`call_log`] what the later steps record for `--report`. `exercise` holds the starters of the three
//! files that you can write yourself.

#[cfg_attr(feature = "exercise", path = "exercise/user_media.rs")]
pub mod user_media;
pub mod user_media_error;

pub mod media_stream_constraints;
pub mod video_source;

pub mod media_stream;
pub mod track_state;
pub mod video_track;

#[cfg_attr(feature = "exercise", path = "exercise/capture.rs")]
pub mod capture;
pub mod latest_frame;

pub mod resolution;
pub mod video_frame;

#[cfg_attr(feature = "exercise", path = "exercise/media_description.rs")]
pub mod media_description;
pub mod timeline;

pub mod display;
pub mod program;
pub mod source;

pub mod call_log;

pub use call_log::{CallLog, EventKind};
pub use display::snapshot::{SnapshotError, write_png};
pub use latest_frame::{LatestFrame, NextFrame};
pub use media_description::media_section;
pub use media_stream::MediaStream;
pub use media_stream_constraints::{MediaStreamConstraints, SourceChoice};
pub use resolution::Resolution;
pub use source::camera::{CameraDescription, CameraMode, list_cameras};
pub use timeline::{StateMachine, Timeline, Transition};
pub use track_state::MediaStreamTrackState;
pub use user_media::get_user_media;
pub use user_media_error::GetUserMediaError;
pub use video_frame::VideoFrame;
pub use video_source::{MediaTrackSettings, SourceError, VideoSource};
pub use video_track::VideoTrack;
