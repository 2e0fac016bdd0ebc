//! Why there is no call.

use step_02_peer::PeerError;
use step_03_ice::SessionError;

use crate::receive::frame_decoder::DecodeError;
use crate::send::video_sender::SendVideoError;

/// Why a call could not be made, or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// A peer cannot be made or used.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// The peers cannot negotiate, or cannot be closed.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The local video cannot be sent.
    #[error(transparent)]
    Send(#[from] SendVideoError),
    /// The remote video cannot be shown.
    #[error(transparent)]
    Receive(#[from] DecodeError),
    /// `connectionState` became `failed` (W3C webrtc-pc §4.3.3).
    #[error(
        "{peer} connection: failed: the peers never found each other, or lost each other: call again"
    )]
    Failed {
        /// The peer whose connection failed.
        peer: String,
    },
}
