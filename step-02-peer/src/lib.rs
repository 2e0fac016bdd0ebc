//! Step 02: two peers and what a track changes.

pub mod beside_video;
mod connection_builder;
mod event_forwarder;
pub mod ice_error_reporter;
pub mod key_frame_requests;
pub mod lab;
pub mod lesson;
pub mod no_track;
pub mod outgoing_video;
pub mod peer;
pub mod peer_config;
#[cfg_attr(feature = "exercise", path = "exercise.rs")]
pub mod peer_connection;
pub mod peer_event;
pub mod prompt_timers;
mod receiving_socket;
pub mod redaction;
pub mod runtime_layer;
mod two_peers;
pub mod video_codec;

pub use beside_video::{BesideVideoError, beside_local_video, stopped};
pub use connection_builder::tokio_runtime;
pub use ice_error_reporter::IceErrorReporter;
pub use key_frame_requests::asks_for_key_frame;
pub use outgoing_video::OutgoingVideo;
pub use peer::{Peer, PeerError};
pub use peer_config::{IceTimeouts, PeerConfig, PeerIdentity};
pub use peer_event::{CONNECTION, GATHERING, ICE, PeerEvent, PeerEvents, SIGNALING};
pub use prompt_timers::PromptTimers;
pub use redaction::Redaction;
pub use runtime_layer::{BoxFuture, RuntimeLayer};
pub use video_codec::VideoCodec;
