//! The event handlers of a peer: webrtc calls them, and each becomes one [`PeerEvent`].

use std::sync::Arc;

use step_01_capture::Timeline;
use webrtc::media_stream::track_remote::TrackRemote;
use webrtc::peer_connection::{
    PeerConnectionEventHandler, RTCIceConnectionState, RTCIceGatheringState,
    RTCPeerConnectionIceErrorEvent, RTCPeerConnectionIceEvent, RTCPeerConnectionState,
    RTCSignalingState,
};

use crate::peer_event::{EventSender, GATHERING, PeerEvent, PeerEvents};
use crate::webrtc_gaps::prompt_timers::{Pace, PromptTimers};

/// Receives webrtc's callbacks and does nothing but pass them on.
///
/// The driver of a peer awaits each callback before it goes on: work done here would stall the connection.
pub(crate) struct EventForwarder {
    pub(crate) peer: String,
    pub(crate) timeline: Timeline,
    timers: PromptTimers,
    pub(crate) events: EventSender,
}

impl EventForwarder {
    pub(crate) fn new(
        peer: &str,
        timeline: &Timeline,
        timers: PromptTimers,
    ) -> (EventForwarder, EventSender, PeerEvents) {
        let (sender, events) = EventSender::pair();
        let (peer, timeline) = (peer.to_owned(), timeline.clone());
        let forwarder = EventForwarder {
            peer,
            timeline,
            timers,
            events: sender.clone(),
        };
        (forwarder, sender, events)
    }

    /// webrtc 0.21 enters `gathering` without an event; the first candidate, or the end, shows that it did
    /// (W3C webrtc-pc §4.3.2 knows no way from `new` to `complete` past it).
    async fn ensure_gathering(&self) {
        let gathering = RTCIceGatheringState::Gathering;
        if self.timeline.state(&self.peer, GATHERING) != Some(gathering.to_string()) {
            self.forward(PeerEvent::IceGatheringState(gathering)).await;
        }
    }
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for EventForwarder {
    async fn on_negotiation_needed(&self) {
        tracing::info!(peer = self.peer, "negotiationneeded");
        self.forward(PeerEvent::NegotiationNeeded).await;
    }

    async fn on_ice_candidate(&self, event: RTCPeerConnectionIceEvent) {
        self.ensure_gathering().await;
        self.forward(PeerEvent::IceCandidate(event.candidate)).await;
    }

    async fn on_ice_candidate_error(&self, event: RTCPeerConnectionIceErrorEvent) {
        self.forward(PeerEvent::IceCandidateError(event)).await;
    }

    async fn on_signaling_state_change(&self, state: RTCSignalingState) {
        self.forward(PeerEvent::SignalingState(state)).await;
    }

    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        self.ensure_gathering().await;
        self.forward(PeerEvent::IceGatheringState(state)).await;
    }

    async fn on_ice_connection_state_change(&self, state: RTCIceConnectionState) {
        self.forward(PeerEvent::IceConnectionState(state)).await;
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        self.timers.set_pace(Pace::of(state));
        self.forward(PeerEvent::ConnectionState(state)).await;
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        self.forward(PeerEvent::Track(track)).await;
    }
}

#[cfg(test)]
#[path = "event_forwarder_tests.rs"]
mod tests;
