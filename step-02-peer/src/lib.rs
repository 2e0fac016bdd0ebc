//! Step 02: two peers and what a track changes.

pub mod beside_video;
pub mod lesson;
pub mod outgoing_video;
pub mod peer;
pub mod peer_config;
pub mod peer_event;
pub mod prompt_timers;
pub mod redaction;
pub mod video_codec;

pub use beside_video::{BesideVideoError, beside_local_video, stopped};
pub use outgoing_video::OutgoingVideo;
pub use peer::{Peer, PeerError, tokio_runtime};
pub use peer_config::{IceTimeouts, PeerConfig, PeerIdentity};
pub use peer_event::{
    CONNECTION, GATHERING, ICE, IceErrorReporter, PeerEvent, PeerEvents, SIGNALING,
};
pub use prompt_timers::PromptTimers;
pub use redaction::Redaction;
pub use video_codec::VideoCodec;
