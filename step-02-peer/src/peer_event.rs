//! 1-1: the event handlers of a peer, turned into one stream.

use std::sync::{Arc, Mutex, PoisonError};

use step_01_capture::{StateMachine, Timeline};
use tokio::sync::mpsc;
use webrtc::media_stream::track_remote::TrackRemote;
use webrtc::peer_connection::{
    PeerConnectionEventHandler, RTCIceCandidate, RTCIceConnectionState, RTCIceGatheringState,
    RTCPeerConnectionIceErrorEvent, RTCPeerConnectionIceEvent, RTCPeerConnectionState,
    RTCSignalingState,
};

use crate::prompt_timers::{Pace, PromptTimers};

/// `RTCPeerConnection.signalingState` (W3C webrtc-pc §4.3.1).
pub const SIGNALING: StateMachine = StateMachine("signaling");
/// `RTCPeerConnection.iceGatheringState` (W3C webrtc-pc §4.3.2).
pub const GATHERING: StateMachine = StateMachine("gathering");
/// `RTCPeerConnection.iceConnectionState` (W3C webrtc-pc §4.3.4).
pub const ICE: StateMachine = StateMachine("ice");
/// `RTCPeerConnection.connectionState` (W3C webrtc-pc §4.3.3).
pub const CONNECTION: StateMachine = StateMachine("connection");

/// How many events may wait. A call makes some twenty; a peer whose owner does not read them at all waits for it.
const CAPACITY: usize = 64;

/// What happened to a peer (W3C webrtc-pc §4.4.2, the events of `RTCPeerConnection`).
#[derive(Clone)]
pub enum PeerEvent {
    /// The last negotiation no longer describes what this peer wants (`negotiationneeded`).
    NegotiationNeeded,
    /// A way to reach this peer was found (`icecandidate`).
    IceCandidate(RTCIceCandidate),
    /// A STUN or TURN server did not help (`icecandidateerror`).
    IceCandidateError(RTCPeerConnectionIceErrorEvent),
    /// `signalingstatechange`.
    SignalingState(RTCSignalingState),
    /// `icegatheringstatechange`.
    IceGatheringState(RTCIceGatheringState),
    /// `iceconnectionstatechange`.
    IceConnectionState(RTCIceConnectionState),
    /// `connectionstatechange`.
    ConnectionState(RTCPeerConnectionState),
    /// Media arrives (`track`). webrtc 0.21 tells of it with the first packet; a browser, when the description is set.
    Track(Arc<dyn TrackRemote>),
}

/// The events of one peer, in the order in which they happened. It ends when the peer is closed.
pub struct PeerEvents(mpsc::Receiver<PeerEvent>);

impl PeerEvents {
    /// The next event; none once the peer is closed.
    pub async fn recv(&mut self) -> Option<PeerEvent> {
        self.0.recv().await
    }
}

/// Receives webrtc's callbacks and does nothing but pass them on.
///
/// The driver of a peer awaits each callback before it goes on: work done here would stall the connection.
pub(crate) struct EventForwarder {
    peer: String,
    timeline: Timeline,
    timers: PromptTimers,
    events: EventSender,
}

/// The sending end of [`PeerEvents`], which the peer takes away when it is closed.
#[derive(Clone)]
pub(crate) struct EventSender(Arc<Mutex<Option<mpsc::Sender<PeerEvent>>>>);

impl EventSender {
    fn get(&self) -> Option<mpsc::Sender<PeerEvent>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Ends the stream of events once those that wait in it are read.
    pub(crate) fn end(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// Fires `icecandidateerror` on a peer (W3C webrtc-pc §4.8.2): webrtc 0.21 knows the event and never fires it, so
/// whoever finds out about a server does. It does not keep the peer alive.
pub struct IceErrorReporter {
    peer: String,
    events: EventSender,
}

impl IceErrorReporter {
    pub(crate) fn new(peer: &str, events: EventSender) -> Self {
        let peer = peer.to_owned();
        Self { peer, events }
    }

    /// Traces the error and puts it into the stream of the peer's events, or drops it if that is full or has ended.
    pub fn report(&self, error: RTCPeerConnectionIceErrorEvent) {
        let (code, url, text) = (error.error_code, &error.url, &error.error_text);
        tracing::info!(peer = self.peer, "icecandidateerror: {code} {url}: {text}");
        if let Some(events) = self.events.get() {
            let _ = events.try_send(PeerEvent::IceCandidateError(error));
        }
    }
}

impl EventForwarder {
    pub(crate) fn new(
        peer: &str,
        timeline: &Timeline,
        timers: PromptTimers,
    ) -> (EventForwarder, EventSender, PeerEvents) {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        let events = EventSender(Arc::new(Mutex::new(Some(sender))));
        let (peer, timeline) = (peer.to_owned(), timeline.clone());
        let forwarder = EventForwarder {
            peer,
            timeline,
            timers,
            events: events.clone(),
        };
        (forwarder, events, PeerEvents(receiver))
    }

    async fn forward(&self, event: PeerEvent) {
        if let Some(events) = self.events.get() {
            // An owner that dropped its receiver has no interest in events any more; the peer lives on.
            let _ = events.send(event).await;
        }
    }

    /// webrtc 0.21 enters `gathering` without an event; the first candidate, or the end, shows that it did
    /// (W3C webrtc-pc §4.3.2 knows no way from `new` to `complete` past it).
    async fn ensure_gathering(&self) {
        let gathering = RTCIceGatheringState::Gathering;
        if self.timeline.state(&self.peer, GATHERING) != Some(gathering.to_string()) {
            self.timeline.record(&self.peer, GATHERING, gathering);
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
        self.timeline.record(&self.peer, SIGNALING, state);
        self.forward(PeerEvent::SignalingState(state)).await;
    }

    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        self.ensure_gathering().await;
        self.timeline.record(&self.peer, GATHERING, state);
        self.forward(PeerEvent::IceGatheringState(state)).await;
    }

    async fn on_ice_connection_state_change(&self, state: RTCIceConnectionState) {
        self.timeline.record(&self.peer, ICE, state);
        self.forward(PeerEvent::IceConnectionState(state)).await;
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        self.timers.set_pace(match state {
            RTCPeerConnectionState::New => Pace::Idle,
            RTCPeerConnectionState::Connecting => Pace::SettingUp,
            _ => Pace::Settled,
        });
        self.timeline.record(&self.peer, CONNECTION, state);
        self.forward(PeerEvent::ConnectionState(state)).await;
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        self.forward(PeerEvent::Track(track)).await;
    }
}
