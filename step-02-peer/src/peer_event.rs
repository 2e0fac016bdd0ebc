//! 1-1: the events of a peer, as one stream.

use std::sync::Arc;

use parking_lot::Mutex;
use step_01_capture::StateMachine;
use tokio::sync::mpsc;
use webrtc::media_stream::track_remote::TrackRemote;
use webrtc::peer_connection::{
    RTCIceCandidate, RTCIceConnectionState, RTCIceGatheringState, RTCPeerConnectionIceErrorEvent,
    RTCPeerConnectionState, RTCSignalingState,
};

/// `RTCPeerConnection.signalingState` (W3C webrtc-pc §4.3.1).
pub const SIGNALING: StateMachine = StateMachine("signaling");
/// `RTCPeerConnection.iceGatheringState` (W3C webrtc-pc §4.3.2).
pub const GATHERING: StateMachine = StateMachine("gathering");
/// `RTCPeerConnection.iceConnectionState` (W3C webrtc-pc §4.3.4).
pub const ICE: StateMachine = StateMachine("ice");
/// `RTCPeerConnection.connectionState` (W3C webrtc-pc §4.3.3).
pub const CONNECTION: StateMachine = StateMachine("connection");

/// How many events may wait. A call has about twenty. A peer whose owner reads none of them stops when this many wait.
const CAPACITY: usize = 64;

/// What happened to a peer (W3C webrtc-pc §4.4.2, the events of `RTCPeerConnection`).
#[derive(Clone)]
pub enum PeerEvent {
    /// The last negotiation no longer describes what this peer wants (`negotiationneeded`).
    NegotiationNeeded,
    /// An address at which this peer may be reached was found (`icecandidate`).
    IceCandidate(RTCIceCandidate),
    /// A STUN or TURN server failed (`icecandidateerror`).
    IceCandidateError(RTCPeerConnectionIceErrorEvent),
    /// `signalingstatechange`.
    SignalingState(RTCSignalingState),
    /// `icegatheringstatechange`.
    IceGatheringState(RTCIceGatheringState),
    /// `iceconnectionstatechange`.
    IceConnectionState(RTCIceConnectionState),
    /// `connectionstatechange`.
    ConnectionState(RTCPeerConnectionState),
    /// Media arrives (`track`). webrtc 0.21 fires it with the first packet; a browser, when the description is set.
    Track(Arc<dyn TrackRemote>),
}

impl PeerEvent {
    /// The state machine that changed, and the state that it entered; none for an event that changes no state. The
    /// signaling state is not here: [`Peer`](crate::Peer) records it when the call returns that changed it.
    pub(crate) fn transition(&self) -> Option<(StateMachine, String)> {
        match self {
            Self::IceGatheringState(state) => Some((GATHERING, state.to_string())),
            Self::IceConnectionState(state) => Some((ICE, state.to_string())),
            Self::ConnectionState(state) => Some((CONNECTION, state.to_string())),
            Self::SignalingState(_)
            | Self::NegotiationNeeded
            | Self::IceCandidate(_)
            | Self::IceCandidateError(_)
            | Self::Track(_) => None,
        }
    }
}

/// The events of one peer, in the order in which they happened. It ends when the peer is closed.
pub struct PeerEvents(mpsc::Receiver<PeerEvent>);

impl PeerEvents {
    /// The next event; none once the peer is closed.
    pub async fn recv(&mut self) -> Option<PeerEvent> {
        self.0.recv().await
    }
}

/// The sending end of [`PeerEvents`]. Closing the peer ends it, and all of its clones.
#[derive(Clone)]
pub(crate) struct EventSender(Arc<Mutex<Option<mpsc::Sender<PeerEvent>>>>);

impl EventSender {
    /// Both ends of a stream of events.
    pub(crate) fn channel() -> (EventSender, PeerEvents) {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        let sender = EventSender(Arc::new(Mutex::new(Some(sender))));
        (sender, PeerEvents(receiver))
    }

    /// Where to send an event; none once the peer is closed.
    pub(crate) fn sender(&self) -> Option<mpsc::Sender<PeerEvent>> {
        self.0.lock().clone()
    }

    /// Ends the stream of events once those that wait in it are read.
    pub(crate) fn end(&self) {
        self.0.lock().take();
    }
}
