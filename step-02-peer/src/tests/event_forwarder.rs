//! Callbacks of webrtc, and the events that they become.

use step_01_capture::Timeline;
use webrtc::peer_connection::{
    PeerConnectionEventHandler, RTCIceConnectionState, RTCIceGatheringState,
    RTCPeerConnectionIceErrorEvent, RTCPeerConnectionIceEvent, RTCPeerConnectionState,
    RTCSignalingState,
};

use crate::connection_builder::tokio_runtime;
use crate::event_forwarder::EventForwarder;
use crate::peer_event::{EventSender, PeerEvent, PeerEvents};
use crate::webrtc_gaps::prompt_timers::PromptTimers;

/// The file to open when a test fails.
const LOOK: &str = "see step-02-peer/src/event_forwarder.rs";

struct Bench {
    forwarder: EventForwarder,
    sender: EventSender,
    events: PeerEvents,
    timeline: Timeline,
}

fn bench() -> Bench {
    let timeline = Timeline::new();
    let timers = PromptTimers::new(tokio_runtime(), false);
    let (sender, events) = EventSender::channel();
    Bench {
        forwarder: EventForwarder::new("local", &timeline, timers, sender.clone()),
        sender,
        events,
        timeline,
    }
}

impl Bench {
    /// The events in the stream, without waiting: a callback returns after its event was sent.
    async fn forwarded(mut self) -> Vec<String> {
        self.sender.end();
        drop(self.forwarder);
        let mut forwarded = Vec::new();
        while let Some(event) = self.events.recv().await {
            forwarded.push(match event {
                PeerEvent::IceCandidateError(error) => {
                    format!("icecandidateerror {}", error.error_code)
                }
                PeerEvent::IceCandidate(_) => "icecandidate".to_owned(),
                PeerEvent::SignalingState(state) => format!("signaling: {state}"),
                other => match other.transition() {
                    Some((machine, state)) => format!("{machine}: {state}"),
                    None => "another event".to_owned(),
                },
            });
        }
        forwarded
    }
}

#[tokio::test]
async fn a_change_of_each_machine_is_an_event_and_is_on_the_timeline() {
    let bench = bench();
    let forwarder = &bench.forwarder;
    forwarder
        .on_signaling_state_change(RTCSignalingState::HaveLocalOffer)
        .await;
    forwarder
        .on_ice_connection_state_change(RTCIceConnectionState::Checking)
        .await;
    forwarder
        .on_connection_state_change(RTCPeerConnectionState::Connecting)
        .await;
    let timeline = bench.timeline.to_string();
    assert_eq!(
        bench.forwarded().await,
        [
            "signaling: have-local-offer",
            "ice: checking",
            "connection: connecting"
        ],
        "1-1 every machine has its event (W3C webrtc-pc §4.4.2); {LOOK}"
    );
    assert_eq!(
        timeline, "local  connection: connecting\nlocal  ice: checking\n",
        "1-1 and its line is on the timeline, but for signaling, which Peer records; {LOOK}"
    );
}

#[tokio::test]
async fn gathering_begins_before_its_first_candidate_and_only_once() {
    let bench = bench();
    for _ in 0..2 {
        let found = RTCPeerConnectionIceEvent::default();
        bench.forwarder.on_ice_candidate(found).await;
    }
    bench
        .forwarder
        .on_ice_gathering_state_change(RTCIceGatheringState::Complete)
        .await;
    assert_eq!(
        bench.forwarded().await,
        [
            "gathering: gathering",
            "icecandidate",
            "icecandidate",
            "gathering: complete"
        ],
        "1-3 gathering comes between new and complete (W3C webrtc-pc §4.3.2); {LOOK}"
    );
}

#[tokio::test]
async fn a_server_that_fails_is_an_event() {
    let bench = bench();
    let error = RTCPeerConnectionIceErrorEvent {
        error_code: 701,
        ..Default::default()
    };
    bench.forwarder.on_ice_candidate_error(error).await;
    assert_eq!(
        bench.forwarded().await,
        ["icecandidateerror 701"],
        "1-3 icecandidateerror (W3C webrtc-pc §4.8.3); {LOOK}"
    );
}
