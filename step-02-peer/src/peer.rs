//! One `RTCPeerConnection` with a name. What an application does with it is in `peer_connection.rs`.

use std::net::SocketAddr;
use std::sync::Arc;

use step_01_capture::Timeline;
use webrtc::peer_connection::{
    PeerConnection, RTCIceConnectionState, RTCIceGatheringState, RTCPeerConnectionState,
    RTCSignalingState,
};

use crate::peer_event::{CONNECTION, EventSender, GATHERING, ICE, SIGNALING};
use crate::webrtc_gaps::ice_error_reporter::IceErrorReporter;
use crate::webrtc_gaps::prompt_timers::PromptTimers;

/// One end of a call: webrtc's `RTCPeerConnection` with a name, and with its state machines on a [`Timeline`].
#[derive(Clone)]
pub struct Peer {
    pub(crate) name: String,
    pub(crate) timeline: Timeline,
    pub(crate) connection: Arc<dyn PeerConnection>,
    pub(crate) event_sender: EventSender,
    pub(crate) timers: PromptTimers,
}

/// Why a peer could not be made or used.
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
    /// Why `new RTCPeerConnection()` failed for this peer.
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

impl Peer {
    /// The states in which the constructor leaves a peer (W3C webrtc-pc §4.4.1.1); no event tells of them.
    pub(crate) fn record_first_states(&self) {
        self.timeline
            .record(&self.name, SIGNALING, RTCSignalingState::Stable);
        self.timeline
            .record(&self.name, GATHERING, RTCIceGatheringState::New);
        self.timeline
            .record(&self.name, ICE, RTCIceConnectionState::New);
        self.timeline
            .record(&self.name, CONNECTION, RTCPeerConnectionState::New);
    }

    /// `local` or `remote`: the name in the trace (the codelab's `getPeerName()`).
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the state machines of this peer are recorded.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// W3C's methods.
    pub fn connection(&self) -> &Arc<dyn PeerConnection> {
        &self.connection
    }

    /// Fires `icecandidateerror` on this peer.
    pub fn ice_error_reporter(&self) -> IceErrorReporter {
        IceErrorReporter::new(&self.name, self.event_sender.clone())
    }

    /// The offer that this peer would make now (W3C webrtc-pc §4.4.1.6 `createOffer()`). Making it changes no state.
    ///
    /// # Errors
    /// [`PeerError::Call`] when the peer is closed.
    pub async fn create_offer(&self) -> Result<String, PeerError> {
        let offer = self.connection.create_offer(None).await;
        offer
            .map(|offer| offer.sdp)
            .map_err(|source| self.failed("createOffer", source))
    }

    /// The states in which `close()` leaves a peer. W3C fires no event for what the application itself did.
    pub(crate) fn record_last_states(&self) {
        self.timeline
            .record(&self.name, SIGNALING, RTCSignalingState::Closed);
        self.timeline
            .record(&self.name, ICE, RTCIceConnectionState::Closed);
        self.timeline
            .record(&self.name, CONNECTION, RTCPeerConnectionState::Closed);
    }

    /// Names the peer and the method in an error of webrtc's.
    pub fn failed(&self, method: &'static str, source: webrtc::error::Error) -> PeerError {
        PeerError::Call {
            peer: self.name.clone(),
            method,
            source,
        }
    }
}
