//! `RTCPeerConnection.signalingState`.

use std::fmt;
use std::time::Duration;

use step_02_peer::{Peer, SIGNALING};
use tokio::time::{sleep, timeout};
use webrtc::peer_connection::RTCSdpType;

/// The event follows its call within a millisecond or two.
const POLL_INTERVAL: Duration = Duration::from_millis(1);
const EVENT_TIMEOUT: Duration = Duration::from_secs(1);

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
    /// The present state of `peer`, read from its pending descriptions (W3C webrtc-pc §4.4.1.4). The last event can be one
    /// state behind: it comes through a queue.
    pub async fn of(peer: &Peer) -> Self {
        let connection = peer.connection();
        let local = connection.pending_local_description().await;
        let remote = connection.pending_remote_description().await;
        match (local.map(|it| it.sdp_type), remote.map(|it| it.sdp_type)) {
            (Some(RTCSdpType::Pranswer), _) => Self::HaveLocalPranswer,
            (_, Some(RTCSdpType::Pranswer)) => Self::HaveRemotePranswer,
            (Some(_), _) => Self::HaveLocalOffer,
            (_, Some(_)) => Self::HaveRemoteOffer,
            (None, None) => Self::Stable,
        }
    }

    /// The same, when its event has reached the timeline too. A peer that is closed before would miss it there.
    pub async fn on_timeline(peer: &Peer) -> Self {
        let state = Self::of(peer).await;
        let recorded = async {
            while peer.timeline().state(peer.name(), SIGNALING) != Some(state.to_string()) {
                sleep(POLL_INTERVAL).await;
            }
        };
        // A peer that is closed has no more events.
        let _ = timeout(EVENT_TIMEOUT, recorded).await;
        state
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
