//! `RTCPeerConnection.signalingState`.

use std::fmt;

use step_02_peer::Peer;
use webrtc::peer_connection::RTCSignalingState;

/// The progress of a negotiation, as one peer sees it (W3C webrtc-pc §4.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignalingState {
    /// No offer is waiting for an answer.
    Stable,
    /// This peer has set its own offer and waits for the answer.
    HaveLocalOffer,
    /// This peer has set the other peer's offer and must answer it.
    HaveRemoteOffer,
    /// This peer has set a provisional answer of its own.
    HaveLocalPranswer,
    /// This peer has set a provisional answer of the other peer.
    HaveRemotePranswer,
}

impl SignalingState {
    /// The present state of `peer` ([`Peer::signaling_state`]).
    pub async fn of(peer: &Peer) -> Self {
        match peer.signaling_state().await {
            RTCSignalingState::HaveLocalOffer => Self::HaveLocalOffer,
            RTCSignalingState::HaveRemoteOffer => Self::HaveRemoteOffer,
            RTCSignalingState::HaveLocalPranswer => Self::HaveLocalPranswer,
            RTCSignalingState::HaveRemotePranswer => Self::HaveRemotePranswer,
            _ => Self::Stable,
        }
    }
}

impl fmt::Display for SignalingState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Stable => "stable",
            Self::HaveLocalOffer => "have-local-offer",
            Self::HaveRemoteOffer => "have-remote-offer",
            Self::HaveLocalPranswer => "have-local-pranswer",
            Self::HaveRemotePranswer => "have-remote-pranswer",
        })
    }
}
