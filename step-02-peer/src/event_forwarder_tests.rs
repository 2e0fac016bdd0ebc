//! Callbacks of webrtc, and what becomes of them.

use super::*;
use crate::connection_builder::tokio_runtime;

/// What every failure of this file says.
const LOOK: &str = "see step-02-peer/src/event_forwarder.rs";

struct Bench {
    forwarder: EventForwarder,
    events: PeerEvents,
    timeline: Timeline,
}

fn bench() -> Bench {
    let timeline = Timeline::new();
    let timers = PromptTimers::new(tokio_runtime(), false);
    let (forwarder, _, events) = EventForwarder::new("local", &timeline, timers);
    Bench {
        forwarder,
        events,
        timeline,
    }
}

impl Bench {
    /// What is in the stream, without waiting: a callback returns after its event was sent.
    async fn forwarded(mut self) -> Vec<String> {
        self.forwarder.events.end();
        drop(self.forwarder);
        let mut told = Vec::new();
        while let Some(event) = self.events.recv().await {
            told.push(match event {
                PeerEvent::IceCandidateError(error) => {
                    format!("icecandidateerror {}", error.error_code)
                }
                PeerEvent::IceCandidate(_) => "icecandidate".to_owned(),
                other => match other.transition() {
                    Some((machine, state)) => format!("{machine}: {state}"),
                    None => "another event".to_owned(),
                },
            });
        }
        told
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
        timeline,
        "local  connection: connecting\nlocal  ice: checking\nlocal  signaling: have-local-offer\n",
        "1-1 and its line on the timeline; {LOOK}"
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
        "1-3 there is no way from new to complete past gathering (W3C webrtc-pc §4.3.2); {LOOK}"
    );
}

#[tokio::test]
async fn a_server_that_does_not_help_is_an_event() {
    let bench = bench();
    let error = RTCPeerConnectionIceErrorEvent {
        error_code: 701,
        ..Default::default()
    };
    bench.forwarder.on_ice_candidate_error(error).await;
    assert_eq!(
        bench.forwarded().await,
        ["icecandidateerror 701"],
        "1-3 icecandidateerror (W3C webrtc-pc §4.8.2); {LOOK}"
    );
}
