//! 1-1: the event handlers of a peer, for you to complete. webrtc calls them, and each call becomes one [`PeerEvent`].
//!
//! `cargo test -p step-02-peer --features exercise` names what comes next. Compare with `src/event_forwarder.rs` when you
//! are done.

#![allow(unused, reason = "the bodies are yours to write")]

use std::sync::Arc;

use step_01_capture::Timeline;
use webrtc::media_stream::track_remote::TrackRemote;
use webrtc::peer_connection::{
    PeerConnectionEventHandler, RTCIceConnectionState, RTCIceGatheringState,
    RTCPeerConnectionIceErrorEvent, RTCPeerConnectionIceEvent, RTCPeerConnectionState,
    RTCSignalingState,
};

use crate::peer_event::{EventSender, GATHERING, PeerEvent};
use crate::webrtc_gaps::prompt_timers::{Pace, PromptTimers};

/// Receives webrtc's callbacks and passes them on.
///
/// The driver of a peer awaits each callback before it goes on: work done here would stall the connection.
pub(crate) struct EventForwarder {
    peer: String,
    timeline: Timeline,
    timers: PromptTimers,
    events: EventSender,
}

impl EventForwarder {
    /// A handler for the peer of this name.
    pub(crate) fn new(
        peer: &str,
        timeline: &Timeline,
        timers: PromptTimers,
        events: EventSender,
    ) -> Self {
        let (peer, timeline) = (peer.to_owned(), timeline.clone());
        Self {
            peer,
            timeline,
            timers,
            events,
        }
    }

    /// 1-1: record a change of state with `self.timeline.record(&self.peer, machine, state)`; `event.transition()` gives the
    /// state machine and the state, or none. Then send the event to `self.events.sender()`, a channel of tokio's, which is
    /// none once the peer is closed.
    ///
    /// Do nothing else here: the driver of the connection awaits each of its callbacks. An owner that dropped its
    /// [`PeerEvents`](crate::PeerEvents) does not want events; that is no error.
    async fn forward(&self, event: PeerEvent) {
        todo!(
            "1-1 record the state, send the event; see step-02-peer/src/exercise/event_forwarder.rs"
        )
    }

    /// webrtc 0.21 fires no event when it enters `gathering` (W3C webrtc-pc §4.3.2). The first candidate, or the end of
    /// gathering, shows that it did, so the event is fired then.
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
        tracing::info!(peer = self.peer, "1-3 icecandidate: {}", event.candidate);
        let line = event.candidate.to_json().map(|init| init.candidate);
        self.timeline
            .record_call(&self.peer, "1-3 icecandidate", &line.unwrap_or_default());
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
