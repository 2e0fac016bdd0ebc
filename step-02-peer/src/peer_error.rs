//! Why a peer cannot be created or used.

use std::net::SocketAddr;

/// Why a peer cannot be created or used.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// `new RTCPeerConnection()` failed.
    #[error(
        "{peer}: no peer connection on {addresses}: {source}: is that an address of this machine?"
    )]
    Create {
        /// The peer's name.
        peer: String,
        /// The addresses that were asked for.
        addresses: String,
        /// webrtc's reason.
        source: webrtc::error::Error,
    },
    /// A method of `RTCPeerConnection` failed.
    #[error("{peer}.{method}(): {source}")]
    Call {
        /// The peer's name.
        peer: String,
        /// The method, as W3C spells it.
        method: &'static str,
        /// webrtc's reason.
        source: webrtc::error::Error,
    },
}

impl PeerError {
    /// `new RTCPeerConnection()` failed for a peer of this name, on these addresses.
    pub(crate) fn create(
        peer: &str,
        addresses: &[SocketAddr],
        source: webrtc::error::Error,
    ) -> Self {
        let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        Self::Create {
            peer: peer.to_owned(),
            addresses: addresses.join(", "),
            source,
        }
    }
}
