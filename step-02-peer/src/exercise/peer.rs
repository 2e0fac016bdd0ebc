//! 1-1, 1-2: one `RTCPeerConnection` with a name, from the constructor to `close()`, for you to write.
//!
//! `cargo test -p step-02-peer --features exercise` names what comes next. Compare with `src/peer.rs` when you are done.

#![allow(unused, reason = "the bodies are yours to write")]

use std::sync::Arc;

use step_01_capture::{StateMachine, Timeline};
use webrtc::error::Error;
use webrtc::peer_connection::{
    PeerConnection, RTCIceCandidateInit, RTCSdpType, RTCSessionDescription, RTCSignalingState,
};
use webrtc::rtp_transceiver::RtpSender;

use crate::connection_builder::{builder, timers};
use crate::event_forwarder::EventForwarder;
use crate::outgoing_video::OutgoingVideo;
use crate::peer_config::PeerConfig;
use crate::peer_error::PeerError;
use crate::peer_event::{CONNECTION, EventSender, GATHERING, ICE, PeerEvents, SIGNALING};
use crate::webrtc_gaps::ice_error_reporter::IceErrorReporter;
use crate::webrtc_gaps::prompt_timers::{Pace, PromptTimers};

/// The states that the constructor sets without an event (W3C webrtc-pc §4.4.1.1).
const FIRST_STATES: [(StateMachine, &str); 4] = [
    (SIGNALING, "stable"),
    (GATHERING, "new"),
    (ICE, "new"),
    (CONNECTION, "new"),
];

/// The states that `close()` sets without an event (W3C webrtc-pc §4.4.2).
const LAST_STATES: [(StateMachine, &str); 3] = [
    (SIGNALING, "closed"),
    (ICE, "closed"),
    (CONNECTION, "closed"),
];

/// One end of a call: webrtc's `RTCPeerConnection` with a name, and with its state machines on a [`Timeline`].
#[derive(Clone)]
pub struct Peer {
    name: String,
    timeline: Timeline,
    connection: Arc<dyn PeerConnection>,
    event_sender: EventSender,
    timers: PromptTimers,
}

impl Peer {
    /// 1-1: create a peer, and the stream of its events (W3C webrtc-pc §4.4.1.1).
    ///
    /// 1. [`EventSender::channel`]`()` gives both ends of the stream of events: one for the handler and for `close()`, the
    ///    other, [`PeerEvents`], for the caller.
    /// 2. [`EventForwarder::new`]`(name, timeline, timers, event_sender)` makes the handler that webrtc calls. The timers are
    ///    [`timers`]`(&config)`; clones of them and of the sender are the same ones.
    /// 3. [`builder`]`(&config, timers)?` knows codecs and settings. Give it the handler (`with_handler`, in an [`Arc`]) and
    ///    `config.addresses` (`with_udp_addrs`), and `build().await` it. The peer holds the connection in an [`Arc`].
    /// 4. The constructor sets the first state of each state machine, and no event is fired: `record` [`FIRST_STATES`].
    ///
    /// # Errors
    /// `PeerError::create(name, &config.addresses, source)` makes [`PeerError::Create`] of webrtc's reason, which
    /// [`builder`] or `build()` returned.
    pub async fn new(
        name: &str,
        config: PeerConfig,
        timeline: &Timeline,
    ) -> Result<(Peer, PeerEvents), PeerError> {
        tracing::info!(peer = name, "1-1 new RTCPeerConnection()");
        timeline.record_call(name, "1-1 new RTCPeerConnection()", "");
        todo!(
            "1-1 build a connection with its event handler; see step-02-peer/src/exercise/peer.rs"
        )
    }

    /// 1-2: announce that this peer will send `video` (W3C webrtc-pc §5.1 `addTrack()`). Nothing is sent before the next
    /// negotiation; what changes now is the next offer.
    ///
    /// The connection's method has the same name. It takes a clone of `video.track()`.
    ///
    /// # Errors
    /// `self.failed("addTrack", source)` names the peer and the method.
    pub async fn add_track(&self, video: &OutgoingVideo) -> Result<Arc<dyn RtpSender>, PeerError> {
        self.record_call("1-2 addTrack()", "");
        todo!("1-2 add the track to the connection; see step-02-peer/src/exercise/peer.rs")
    }

    /// 1-1: end the call for this peer (W3C webrtc-pc §4.4.2 `close()`). Closing twice is closing once.
    ///
    /// 1. Set the pace of the timers to [`Pace::Closing`]. Close the connection, and keep what it returns for the end.
    /// 2. End the stream of events: `end()` of the event sender.
    /// 3. W3C fires no event for what the application itself did: `record` [`LAST_STATES`].
    ///
    /// # Errors
    /// `self.failed("close", source)`; the peer is closed all the same.
    pub async fn close(&self) -> Result<(), PeerError> {
        self.record_call("close()", "");
        todo!("1-1 close, end the events, record the states; see step-02-peer/src/exercise/peer.rs")
    }

    /// The offer that this peer would make now (W3C webrtc-pc §4.4.2 `createOffer()`). No state changes.
    ///
    /// # Errors
    /// [`PeerError::Call`] when the peer is closed.
    pub async fn create_offer(&self) -> Result<RTCSessionDescription, PeerError> {
        self.record_call("2-1 createOffer()", "");
        let offer = self.connection.create_offer(None).await;
        offer.map_err(|source| self.failed("createOffer", source))
    }

    /// The answer to the offer that this peer has received (W3C webrtc-pc §4.4.2 `createAnswer()`). No state changes.
    ///
    /// # Errors
    /// [`PeerError::Call`] when there is no offer.
    pub async fn create_answer(&self) -> Result<RTCSessionDescription, PeerError> {
        self.record_call("2-4 createAnswer()", "");
        let answer = self.connection.create_answer(None).await;
        answer.map_err(|source| self.failed("createAnswer", source))
    }

    /// Applies an offer or answer that this peer made (W3C webrtc-pc §4.4.2 `setLocalDescription()`). Gathering begins.
    ///
    /// # Errors
    /// [`PeerError::Call`] when the signaling state does not allow it.
    pub async fn set_local_description(
        &self,
        description: RTCSessionDescription,
    ) -> Result<(), PeerError> {
        let call = match description.sdp_type {
            RTCSdpType::Offer => "2-2 setLocalDescription(offer)",
            RTCSdpType::Rollback => "setLocalDescription(rollback)",
            _ => "2-4 setLocalDescription(answer)",
        };
        self.record_call(call, &description.sdp);
        let set = self.connection.set_local_description(description).await;
        self.record_signaling_state().await;
        set.map_err(|source| self.failed("setLocalDescription", source))
    }

    /// Applies an offer or answer of the other peer (W3C webrtc-pc §4.4.2 `setRemoteDescription()`).
    ///
    /// # Errors
    /// [`PeerError::Call`] when the signaling state does not allow it, or the description cannot be used.
    pub async fn set_remote_description(
        &self,
        description: RTCSessionDescription,
    ) -> Result<(), PeerError> {
        let call = match description.sdp_type {
            RTCSdpType::Offer => "2-3 setRemoteDescription(offer)",
            RTCSdpType::Rollback => "setRemoteDescription(rollback)",
            _ => "2-5 setRemoteDescription(answer)",
        };
        self.record_call(call, &description.sdp);
        let set = self.connection.set_remote_description(description).await;
        self.record_signaling_state().await;
        set.map_err(|source| self.failed("setRemoteDescription", source))
    }

    /// Adds a candidate of the other peer (W3C webrtc-pc §4.4.2 `addIceCandidate()`).
    ///
    /// # Errors
    /// [`PeerError::Call`] when there is no remote description, or the candidate cannot be read.
    pub async fn add_ice_candidate(&self, candidate: RTCIceCandidateInit) -> Result<(), PeerError> {
        self.record_call("1-5 addIceCandidate()", &candidate.candidate);
        let added = self.connection.add_ice_candidate(candidate).await;
        added.map_err(|source| self.failed("addIceCandidate", source))
    }

    /// How far the negotiation has come, read from the descriptions that wait for their counterpart (W3C webrtc-pc
    /// §4.4.1.4). A closed peer has none.
    pub async fn signaling_state(&self) -> RTCSignalingState {
        let local = self.connection.pending_local_description().await;
        let remote = self.connection.pending_remote_description().await;
        match (local.map(|it| it.sdp_type), remote.map(|it| it.sdp_type)) {
            (Some(RTCSdpType::Pranswer), _) => RTCSignalingState::HaveLocalPranswer,
            (_, Some(RTCSdpType::Pranswer)) => RTCSignalingState::HaveRemotePranswer,
            (Some(_), _) => RTCSignalingState::HaveLocalOffer,
            (_, Some(_)) => RTCSignalingState::HaveRemoteOffer,
            (None, None) => RTCSignalingState::Stable,
        }
    }

    /// `local` or `remote`: the name in the trace (the codelab's `getPeerName()`).
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the state machines of this peer are recorded.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// webrtc's own object, for the methods that are not here.
    pub fn connection(&self) -> &Arc<dyn PeerConnection> {
        &self.connection
    }

    /// Fires `icecandidateerror` on this peer.
    pub fn ice_error_reporter(&self) -> IceErrorReporter {
        IceErrorReporter::new(&self.name, self.event_sender.clone())
    }

    /// Names the peer and the method in an error of webrtc's.
    pub fn failed(&self, method: &'static str, source: Error) -> PeerError {
        self.record_call("a call failed", &format!("{method}(): {source}"));
        PeerError::Call {
            peer: self.name.clone(),
            method,
            source,
        }
    }

    /// webrtc fires `signalingstatechange` when its driver wakes up, often after the next call. So the state is recorded
    /// when the call returns that changed it.
    async fn record_signaling_state(&self) {
        let state = self.signaling_state().await;
        if self.timeline.state(&self.name, SIGNALING).as_deref() != Some("closed") {
            self.timeline.record(&self.name, SIGNALING, state);
        }
    }

    /// Records a call, with what was passed to it, for the report.
    fn record_call(&self, call: &'static str, text: &str) {
        self.timeline.record_call(&self.name, call, text);
    }

    fn record(&self, states: &[(StateMachine, &str)]) {
        for (machine, state) in states {
            self.timeline.record(&self.name, *machine, state);
        }
    }
}
