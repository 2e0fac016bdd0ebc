//! 1-1, 1-2: one peer from its constructor to `close()`, and what a track changes in it.

mod redact;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::time::Duration;

use redact::Redaction;
use rule::Rules;
use step_01_capture::{
    MediaStream, MediaStreamConstraints, SourceChoice, Timeline, get_user_media,
};
use step_02_peer::video_codec::VideoCodec;
use step_02_peer::{
    CONNECTION, GATHERING, ICE, OutgoingVideo, Peer, PeerConfig, PeerError, PeerEvent, PeerEvents,
    PeerIdentity, SIGNALING,
};
use tokio::time::timeout;
use webrtc::peer_connection::{RTCPeerConnectionIceErrorEvent, RTCSignalingState};

const RULES: Rules = Rules::kept_in(rule::lesson_file!("step-02-peer/src/", "peer.rs"));

/// The file to open when a test fails.
const LOOK: &str = rule::lesson_file!("see step-02-peer/src/", "peer.rs");

/// An event comes within milliseconds. A peer that forwards none must not keep the reader waiting.
const TIMEOUT: Duration = Duration::from_secs(5);

const SSRC: u32 = 0x5afe_c0de;

fn config() -> PeerConfig {
    PeerConfig {
        identity: Some(PeerIdentity {
            ice_ufrag: "ufrag".to_owned(),
            ice_pwd: "a-password-of-22-chars".to_owned(),
        }),
        ..PeerConfig::loopback()
    }
}

fn stream() -> MediaStream {
    let constraints = MediaStreamConstraints {
        source: SourceChoice::Pattern,
        ..MediaStreamConstraints::default()
    };
    get_user_media(&constraints, &Timeline::new()).expect("a test pattern always opens")
}

fn video() -> OutgoingVideo {
    OutgoingVideo::new(&stream(), VideoCodec::H264, SSRC)
}

async fn peer(timeline: &Timeline) -> (Peer, PeerEvents) {
    let created = Peer::new("local", config(), timeline).await;
    created.unwrap_or_else(|error| panic!("1-1 new RTCPeerConnection(): {error}; {LOOK}"))
}

async fn next_event(events: &mut PeerEvents, expected: &str) -> Option<PeerEvent> {
    let next = timeout(TIMEOUT, events.recv()).await;
    next.unwrap_or_else(|_| {
        panic!("1-1 events: {expected} was expected, nothing was forwarded; {LOOK}")
    })
}

async fn offer(peer: &Peer) -> String {
    let offer = peer.create_offer().await;
    offer
        .unwrap_or_else(|error| panic!("2-1 createOffer(): {error}; {LOOK}"))
        .sdp
}

fn m_lines(sdp: &str) -> Vec<&str> {
    sdp.lines().filter(|line| line.starts_with("m=")).collect()
}

#[tokio::test]
async fn a_new_peer_is_in_the_first_state_of_each_machine() {
    let _rule =
        RULES.rule("1-1: a new RTCPeerConnection is stable and new (W3C webrtc-pc §4.4.1.1)");
    let timeline = Timeline::new();
    let (peer, _events) = peer(&timeline).await;
    assert_eq!(peer.name(), "local", "1-1 the name in the trace; {LOOK}");
    insta::assert_snapshot!(timeline, @r"
    local  connection: new
    local  gathering: new
    local  ice: new
    local  signaling: stable
    ");
    for (machine, first) in [
        (SIGNALING, "stable"),
        (GATHERING, "new"),
        (ICE, "new"),
        (CONNECTION, "new"),
    ] {
        assert_eq!(
            peer.timeline().state("local", machine).as_deref(),
            Some(first),
            "1-1 new RTCPeerConnection() leaves {machine} in {first} (W3C webrtc-pc §4.4.1.1); {LOOK}"
        );
    }
}

#[tokio::test]
async fn an_offer_without_a_track_has_no_media_section() {
    let _rule = RULES.rule(
        "1-1: an offer has a section for each transceiver, so here it has none (RFC 9429 §5.2.1)",
    );
    let (peer, _events) = peer(&Timeline::new()).await;
    let offer = offer(&peer).await;
    insta::assert_snapshot!("offer_without_a_track", Redaction::new().sdp(&offer));
    assert!(
        m_lines(&offer).is_empty(),
        "1-2 without addTrack() there is nothing to negotiate, so no m= section; {LOOK}: {offer}"
    );
}

#[tokio::test]
async fn an_offer_after_the_track_has_one_video_section_that_names_it() {
    let _rule = RULES
        .rule("1-2: addTrack() adds one m=video section that names the track in a=msid (RFC 8830)");
    let (peer, _events) = peer(&Timeline::new()).await;
    let added = peer.add_track(&video()).await;
    assert!(
        added.is_ok(),
        "1-2 addTrack() gives an RTCRtpSender; {LOOK}"
    );
    let offer = offer(&peer).await;
    insta::assert_snapshot!("offer_with_a_track", Redaction::new().sdp(&offer));
    assert_eq!(
        m_lines(&offer),
        ["m=video 9 UDP/TLS/RTP/SAVPF 102"],
        "1-2 addTrack() adds one m=video section; {LOOK}"
    );
    for (line, meaning) in [
        (
            "a=msid:stream0 video0",
            "MediaStream and track of getUserMedia() (RFC 8830 §2)",
        ),
        (
            "a=sendrecv",
            "a track that is added may be answered with one (RFC 9429 §5.2.1)",
        ),
        (
            "a=ice-ufrag:ufrag",
            "the ICE credentials that the configuration pins (RFC 8839 §5.4)",
        ),
        (
            "a=ice-pwd:a-password-of-22-chars",
            "the ICE credentials that the configuration pins",
        ),
        (
            "a=setup:actpass",
            "an offerer leaves the DTLS role to the other (RFC 8842 §5.2)",
        ),
        (
            "a=rtpmap:102 H264/90000",
            "the codec that the configuration names (RFC 6184 §8.2.1)",
        ),
    ] {
        assert!(
            offer.lines().any(|found| found == line),
            "1-2 the offer must say {line}: {meaning}; {LOOK}: {offer}"
        );
    }
    assert!(
        offer.contains(&format!("a=ssrc:{SSRC} ")),
        "1-2 the packets' SSRC is announced (RFC 5576 §4.1); see step-02-peer/src/outgoing_video.rs"
    );
}

#[tokio::test]
async fn a_track_fires_negotiationneeded_and_changes_no_state() {
    let timeline = Timeline::new();
    let (peer, mut events) = peer(&timeline).await;
    let before = timeline.to_string();
    peer.add_track(&video()).await.expect("1-2 addTrack()");
    let event = next_event(&mut events, "negotiationneeded").await;
    assert!(
        matches!(event, Some(PeerEvent::NegotiationNeeded)),
        "1-2 addTrack() fires negotiationneeded and nothing before it (W3C webrtc-pc §4.7.3); {LOOK}"
    );
    assert_eq!(
        timeline.to_string(),
        before,
        "1-2 addTrack() leaves every state as it was; {LOOK}"
    );
    offer(&peer).await;
    assert_eq!(
        timeline.to_string(),
        before,
        "2-1 createOffer() changes no state either; {LOOK}"
    );
}

#[tokio::test]
async fn every_change_of_state_is_an_event_and_is_on_the_timeline() {
    let _rule = RULES.rule("1-1: every change of state is an event, and on the timeline");
    let timeline = Timeline::new();
    let (peer, mut events) = peer(&timeline).await;
    peer.add_track(&video()).await.expect("1-2 addTrack()");
    let offer = peer.create_offer().await.expect("2-1 createOffer()");
    let set = peer.set_local_description(offer).await;
    set.expect("2-2 setLocalDescription()");
    let mut fired = Vec::new();
    loop {
        match next_event(&mut events, "icegatheringstatechange to complete").await {
            Some(PeerEvent::NegotiationNeeded) => {}
            Some(PeerEvent::SignalingState(RTCSignalingState::HaveLocalOffer)) => {
                fired.push("have-local-offer".to_owned());
            }
            Some(PeerEvent::IceCandidate(candidate)) => {
                fired.push(format!("{} candidate", candidate.typ));
            }
            Some(PeerEvent::IceGatheringState(state)) => {
                fired.push(state.to_string());
                if state.to_string() == "complete" {
                    break;
                }
            }
            Some(_) => fired.push("another event".to_owned()),
            None => panic!("1-3 the events ended before gathering was complete; {LOOK}"),
        }
    }
    assert_eq!(
        fired,
        [
            "have-local-offer",
            "gathering",
            "host candidate",
            "complete"
        ],
        "1-3 signalingstatechange, then icegatheringstatechange around each icecandidate; {LOOK}"
    );
    insta::assert_snapshot!(timeline, @r"
    local  connection: new
    local  gathering: new => gathering => complete
    local  ice: new
    local  signaling: stable => have-local-offer
    ");
}

#[tokio::test]
async fn closing_ends_every_machine_and_the_events() {
    let _rule =
        RULES.rule("1-1: close() sets signalingState, iceConnectionState and connectionState to closed (W3C webrtc-pc §4.4.2)");
    let timeline = Timeline::new();
    let (peer, mut events) = peer(&timeline).await;
    peer.close().await.expect("1-1 close()");
    while let Some(event) = next_event(&mut events, "the end of the events").await {
        assert!(
            !matches!(event, PeerEvent::NegotiationNeeded),
            "a closed peer needs no negotiation; {LOOK}"
        );
    }
    insta::assert_snapshot!(timeline, @r"
    local  connection: new => closed
    local  gathering: new
    local  ice: new => closed
    local  signaling: stable => closed
    ");
}

#[tokio::test]
async fn an_error_of_a_server_is_an_event_as_long_as_the_peer_is_open() {
    let (peer, mut events) = peer(&Timeline::new()).await;
    let look = "see step-02-peer/src/webrtc_gaps/ice_error_reporter.rs";
    let reporter = peer.ice_error_reporter();
    let error = RTCPeerConnectionIceErrorEvent {
        url: "stun:stun.example:3478".to_owned(),
        error_code: 701,
        ..Default::default()
    };
    reporter.report(error.clone());
    match next_event(&mut events, "icecandidateerror").await {
        Some(PeerEvent::IceCandidateError(event)) => assert_eq!(
            (event.error_code, event.url.as_str()),
            (701, "stun:stun.example:3478"),
            "1-3 it names the server; {look}"
        ),
        _ => panic!("1-3 icecandidateerror was expected (W3C webrtc-pc §4.8.3); {look}"),
    }
    peer.close().await.expect("1-1 close()");
    reporter.report(error);
    assert!(
        next_event(&mut events, "the end of the events")
            .await
            .is_none(),
        "1-1 a closed peer fires no event; {look}"
    );
}

#[tokio::test]
async fn closing_twice_is_closing_once() {
    let timeline = Timeline::new();
    let (peer, _events) = peer(&timeline).await;
    peer.close().await.expect("1-1 close()");
    let once = timeline.to_string();
    let again = peer.close().await;
    assert!(
        again.is_ok(),
        "1-1 close() of a closed peer does nothing (W3C webrtc-pc §4.4.2); {LOOK}"
    );
    assert_eq!(
        timeline.to_string(),
        once,
        "1-1 and enters no other state; {LOOK}"
    );
}

#[tokio::test]
async fn a_closed_peer_rejects_with_its_name_and_the_method() {
    let _rule = RULES.rule("1-1: a closed RTCPeerConnection rejects with InvalidStateError");
    let (peer, _events) = peer(&Timeline::new()).await;
    let offer = peer.create_offer().await.expect("2-1 createOffer()");
    peer.close().await.expect("1-1 close()");
    let rejections = [
        peer.add_track(&video()).await.err(),
        peer.create_offer().await.err(),
        peer.create_answer().await.err(),
        peer.set_local_description(offer.clone()).await.err(),
        peer.set_remote_description(offer).await.err(),
        peer.add_ice_candidate(Default::default()).await.err(),
    ];
    let rejections = rejections.map(|error| error.map(|e| e.to_string()).unwrap_or_default());
    insta::assert_snapshot!(rejections.join("\n"), @r"
    local.addTrack(): connection closed
    local.createOffer(): connection closed
    local.createAnswer(): remote description is not set
    local.setLocalDescription(): connection closed
    local.setRemoteDescription(): connection closed
    local.addIceCandidate(): remote description is not set
    ");
}

#[tokio::test]
async fn a_peer_works_when_nobody_reads_its_events() {
    let (peer, events) = peer(&Timeline::new()).await;
    drop(events);
    peer.add_track(&video()).await.expect("1-2 addTrack()");
    assert_eq!(
        m_lines(&offer(&peer).await).len(),
        1,
        "1-1 an owner may drop its events, that is no error; {LOOK}"
    );
    peer.close().await.expect("1-1 close()");
}

#[tokio::test]
async fn an_address_that_is_not_of_this_machine_is_rejected() {
    let config = PeerConfig {
        // TEST-NET-1, which no machine has (RFC 5737 §3).
        addresses: vec!["192.0.2.1:0".parse().expect("this is an address")],
        ..config()
    };
    let timeline = Timeline::new();
    let error = Peer::new("local", config, &timeline).await.err();
    let error =
        error.unwrap_or_else(|| panic!("1-1 a socket on 192.0.2.1 cannot be opened; {LOOK}"));
    assert!(
        matches!(error, PeerError::Create { .. }),
        "1-1 {error}; {LOOK}"
    );
    let message = error.to_string();
    assert!(
        message.starts_with("local: no peer connection on 192.0.2.1:0: ")
            && message.ends_with(": is that an address of this machine?"),
        "1-1 the message names the peer and the address, and asks the right question: {message}"
    );
    assert_eq!(
        timeline.to_string(),
        "",
        "1-1 a peer that was not created has no state; {LOOK}"
    );
}

#[tokio::test]
async fn an_offer_names_only_the_codec_that_its_track_is_encoded_in() {
    let _rule = RULES.rule("1-2: the offer lists the codecs of the configuration, and no other");
    let mut offers = Redaction::new();
    let mut lines = Vec::new();
    for video_codecs in [
        vec![VideoCodec::H264, VideoCodec::Vp8],
        vec![VideoCodec::Vp8, VideoCodec::H264],
        vec![VideoCodec::Vp8],
    ] {
        let config = PeerConfig {
            video_codecs: video_codecs.clone(),
            ..config()
        };
        let created = Peer::new("local", config, &Timeline::new()).await;
        let (peer, _events) = created.expect("1-1 new RTCPeerConnection()");
        let video = OutgoingVideo::new(&stream(), video_codecs[0], SSRC);
        peer.add_track(&video).await.expect("1-2 addTrack()");
        let offer = offers.sdp(&offer(&peer).await);
        let codec_lines = offer.lines().filter(|line| {
            ["m=", "a=rtpmap", "a=fmtp", "a=rtcp-fb"]
                .iter()
                .any(|start| line.starts_with(start))
        });
        lines.extend(codec_lines.map(str::to_owned));
        lines.push(String::new());
    }
    insta::assert_snapshot!(lines.join("\n"), @r"
    m=video 9 UDP/TLS/RTP/SAVPF 102
    a=rtpmap:102 H264/90000
    a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
    a=rtcp-fb:102 nack
    a=rtcp-fb:102 nack pli
    a=rtcp-fb:102 transport-cc

    m=video 9 UDP/TLS/RTP/SAVPF 96
    a=rtpmap:96 VP8/90000
    a=rtcp-fb:96 nack
    a=rtcp-fb:96 nack pli
    a=rtcp-fb:96 transport-cc

    m=video 9 UDP/TLS/RTP/SAVPF 96
    a=rtpmap:96 VP8/90000
    a=rtcp-fb:96 nack
    a=rtcp-fb:96 nack pli
    a=rtcp-fb:96 transport-cc
    ");
}

#[test]
fn a_codec_lists_the_feedback_that_its_receiver_may_send() {
    for codec in [VideoCodec::H264, VideoCodec::Vp8] {
        let feedback = codec.capability().rtcp_feedback;
        let asked: Vec<String> = feedback
            .iter()
            .map(|f| format!("{} {}", f.typ, f.parameter))
            .collect();
        assert_eq!(
            asked,
            ["nack ", "nack pli"],
            "a lost packet again, or a key frame (RFC 4585 §4.2); see step-02-peer/src/video_codec.rs"
        );
    }
}

#[test]
fn outgoing_video_keeps_the_ssrc_that_it_was_created_with() {
    assert_eq!(
        video().ssrc(),
        SSRC,
        "1-2 see step-02-peer/src/outgoing_video.rs"
    );
}

#[test]
fn loopback_and_every_interface_are_the_addresses_of_a_configuration() {
    let addresses = |config: PeerConfig| -> Vec<String> {
        config.addresses.iter().map(ToString::to_string).collect()
    };
    let look = "1-3 one host candidate for each address, see step-02-peer/src/peer_config.rs";
    assert_eq!(addresses(PeerConfig::loopback()), ["127.0.0.1:0"], "{look}");
    assert_eq!(
        addresses(PeerConfig::every_interface()),
        ["127.0.0.1:0", "0.0.0.0:0"],
        "{look}"
    );
}
