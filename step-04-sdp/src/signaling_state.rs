//! `RTCPeerConnection.signalingState`.

use std::fmt;
use std::time::Duration;

use step_02_peer::{Peer, SIGNALING};
use tokio::time::{sleep, timeout};
use webrtc::peer_connection::{PeerConnection, RTCSdpType};

/// The event follows its call within a millisecond or two.
const LOOK_AGAIN: Duration = Duration::from_millis(1);
const TIMEOUT: Duration = Duration::from_secs(1);

/// How far a negotiation has come, from one peer's point of view (W3C webrtc-pc §4.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignalingState {
    /// No exchange of offer and answer is going on.
    Stable,
    /// This peer has made an offer and waits for the answer.
    HaveLocalOffer,
    /// This peer has got an offer and owes an answer.
    HaveRemoteOffer,
    /// This peer has given a provisional answer.
    HaveLocalPranswer,
    /// This peer has got a provisional answer.
    HaveRemotePranswer,
}

impl SignalingState {
    /// The state of `peer` now, told from its pending descriptions (W3C webrtc-pc §4.4.1.5): the event that announces it
    /// may still be on its way.
    pub async fn of(peer: &Peer) -> Self {
        Self::of_connection(peer.connection().as_ref()).await
    }

    /// The same, once the event that announces it has come too: so that the timeline misses no state when the next call
    /// follows at once.
    pub async fn announced(peer: &Peer) -> Self {
        let state = Self::of(peer).await;
        let announced = async {
            while peer.timeline().state(peer.name(), SIGNALING) != Some(state.to_string()) {
                sleep(LOOK_AGAIN).await;
            }
        };
        // A peer that is closed meanwhile announces nothing any more.
        let _ = timeout(TIMEOUT, announced).await;
        state
    }

    async fn of_connection(connection: &dyn PeerConnection) -> Self {
        let local = connection
            .pending_local_description()
            .await
            .map(|d| d.sdp_type);
        let remote = connection
            .pending_remote_description()
            .await
            .map(|d| d.sdp_type);
        match (local, remote) {
            (Some(RTCSdpType::Pranswer), _) => Self::HaveLocalPranswer,
            (_, Some(RTCSdpType::Pranswer)) => Self::HaveRemotePranswer,
            (Some(_), _) => Self::HaveLocalOffer,
            (_, Some(_)) => Self::HaveRemoteOffer,
            (None, None) => Self::Stable,
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
