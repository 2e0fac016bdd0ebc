//! 1-3 to 1-5: a candidate on its way to the other peer.

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;
mod video;

use rule::Rules;
use step_02_peer::{PeerConfig, PeerPair};
use step_03_ice::{Negotiator, SilentNegotiator, Trickle, candidate_message};
use video::video;
use webrtc::peer_connection::{
    RTCIceCandidate, RTCIceCandidateInit, RTCIceCandidateType, RTCIceProtocol,
};

const RULES: Rules = Rules::kept_in(rule::lesson_file!("step-03-ice/src/", "trickle.rs"));

const SEE: &str = rule::lesson_file!("see step-03-ice/src/", "trickle.rs");

/// Two peers on loopback; the local one has something to offer.
async fn peers() -> PeerPair {
    let (config, video) = (PeerConfig::loopback(), video());
    let peers = PeerPair::new(config.clone(), config, &video.timeline).await;
    let peers = peers.expect("two peers on loopback can be created");
    let track = peers.local.add_track(&video.outgoing).await;
    track.expect("a new peer takes a track");
    peers
}

/// A line that `addIceCandidate()` refuses, so that a test sees when it was called.
fn unreadable() -> RTCIceCandidateInit {
    RTCIceCandidateInit {
        candidate: "candidate:nonsense".to_owned(),
        sdp_mline_index: Some(0),
        ..Default::default()
    }
}

/// Exchanges an offer and its answer (2-1 to 2-4, step 04).
async fn exchange_descriptions(peers: &PeerPair) {
    let offer = SilentNegotiator
        .offer(&peers.local)
        .await
        .expect("2-1, 2-2");
    let answer = SilentNegotiator.receive(&peers.remote, offer).await;
    assert!(answer.expect("2-3, 2-4").is_some(), "an offer is answered");
}

#[test]
fn a_candidate_is_sent_as_json_with_the_index_of_the_first_section() {
    let _rule = RULES.rule(
        "1-4: RTCIceCandidate.toJSON() names the section by sdpMLineIndex 0 (W3C webrtc-pc §4.8.1)",
    );
    let candidate = RTCIceCandidate {
        foundation: "1".to_owned(),
        component: 1,
        priority: 2_130_706_431,
        protocol: RTCIceProtocol::Udp,
        address: "192.0.2.1".to_owned(),
        port: 50000,
        typ: RTCIceCandidateType::Host,
        ..Default::default()
    };
    let message = candidate_message(&candidate).expect("1-4: a host candidate has a text");
    insta::assert_snapshot!(message.to_json(), @r#"{"candidate":"candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host","sdpMid":null,"sdpMLineIndex":0,"usernameFragment":null}"#);
}

#[tokio::test]
async fn a_candidate_before_the_description_is_kept_and_added_after_it() {
    let peers = peers().await;
    let mut trickle = Trickle::default();
    let kept = trickle.receive(&peers.remote, unreadable()).await;
    assert!(
        kept.is_ok(),
        "1-5: expected the candidate to wait for the remote description, got {kept:?}; {SEE}"
    );
    exchange_descriptions(&peers).await;
    let added = trickle.remote_description_is_set(&peers.remote).await;
    assert!(
        added.is_err(),
        "1-5: expected the error of addIceCandidate() for the candidate that was kept: it was not called, or its error was lost; {SEE}"
    );
    let again = trickle.remote_description_is_set(&peers.remote).await;
    assert!(
        again.is_ok(),
        "1-5: expected each candidate to be added once, got {again:?}; {SEE}"
    );
    peers.close().await.expect("both peers can be closed");
}

#[tokio::test]
async fn a_candidate_after_the_description_is_added_at_once() {
    let peers = peers().await;
    exchange_descriptions(&peers).await;
    let added = Trickle::default()
        .receive(&peers.remote, unreadable())
        .await;
    assert!(
        added.is_err(),
        "1-5: expected the error of addIceCandidate() as soon as the candidate came: it was not called, or its error was lost; {SEE}"
    );
    peers.close().await.expect("both peers can be closed");
}
