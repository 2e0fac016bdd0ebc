//! Step 02: two peers and what a track changes.
//!
//! `cargo run -p step-02-peer`
//!
//! # Layout
//!
//! The lesson, in reading order:
//!
//! - [`peer`], [`peer_error`]: one `RTCPeerConnection`, from the constructor to `close()` (1-1 and 1-2 of the note).
//! - [`peer_config`], `connection_builder`: the configuration of a peer, and what a browser decides by itself.
//! - `event_forwarder`, [`peer_event`]: the callbacks of webrtc become one stream of events.
//! - [`outgoing_video`], [`video_codec`]: how a track is announced.
//! - [`peer_pair`], [`lesson`]: what the program shows.
//!
//! The folders: [`webrtc_gaps`] adds what webrtc 0.21 leaves to the application, [`labs`] makes one mistake on purpose,
//! [`program`] runs a lesson while the local video is shown. `exercise` has a starter for each file that the feature
//! `exercise` replaces.

#![cfg_attr(
    feature = "exercise",
    allow(dead_code, reason = "the bodies are yours to write")
)]

#[cfg_attr(feature = "exercise", path = "exercise/peer.rs")]
pub mod peer;
pub mod peer_error;

mod connection_builder;
pub mod peer_config;

#[cfg_attr(feature = "exercise", path = "exercise/event_forwarder.rs")]
mod event_forwarder;
pub mod peer_event;

pub mod outgoing_video;
pub mod video_codec;

pub mod lesson;
pub mod peer_pair;

pub mod webrtc_gaps;

pub mod labs;

pub mod program;

#[cfg(all(test, not(feature = "exercise")))]
mod tests;

pub use connection_builder::tokio_runtime;
pub use outgoing_video::OutgoingVideo;
pub use peer::Peer;
pub use peer_config::{IceTimeouts, PacketCapture, PeerConfig, PeerIdentity};
pub use peer_error::PeerError;
pub use peer_event::{CONNECTION, GATHERING, ICE, PeerEvent, PeerEvents, SIGNALING};
pub use peer_pair::PeerPair;
pub use program::local_video::{LocalVideoError, run_with_local_video, stopped};
pub use video_codec::VideoCodec;
pub use webrtc_gaps::bandwidth::Bandwidth;
pub use webrtc_gaps::ice_error_reporter::IceErrorReporter;
pub use webrtc_gaps::inactive_audio::leave_audio_inactive;
pub use webrtc_gaps::key_frame_requests::asks_for_key_frame;
pub use webrtc_gaps::media_tap::MediaTap;
pub use webrtc_gaps::prompt_timers::PromptTimers;
pub use webrtc_gaps::runtime_layer::{BoxFuture, RuntimeLayer};
