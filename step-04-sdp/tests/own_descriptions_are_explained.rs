//! Every line that the peers of this tutorial write is explained.

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::time::Duration;

use rule::Rules;
use step_01_capture::{MediaStreamConstraints, SourceChoice, Timeline, get_user_media};
use step_02_peer::{OutgoingVideo, Peer, PeerConfig, PeerEvent, PeerEvents, VideoCodec};
use step_04_sdp::{
    Explanation, create_answer, create_offer, explain, set_local_description,
    set_remote_description,
};
use webrtc::peer_connection::RTCIceGatheringState;

const RULES: Rules = Rules::kept_in("step-04-sdp/src/explain");

/// Gathering on loopback takes milliseconds.
const TIMEOUT: Duration = Duration::from_secs(10);

async fn gathered(events: &mut PeerEvents) {
    let complete = async {
        while let Some(event) = events.recv().await {
            if matches!(
                event,
                PeerEvent::IceGatheringState(RTCIceGatheringState::Complete)
            ) {
                return;
            }
        }
        panic!("the peer was closed before it had gathered");
    };
    tokio::time::timeout(TIMEOUT, complete)
        .await
        .unwrap_or_else(|_| {
            panic!("1-3: iceGatheringState is complete within {TIMEOUT:?} (W3C webrtc-pc §4.3.2)")
        });
}

/// A description with every candidate in it.
async fn whole_description(peer: &Peer) -> String {
    let description = peer.connection().local_description().await;
    description.expect("setLocalDescription() was called").sdp
}

fn all_explained(whose: &str, sdp: &str) -> Explanation {
    let explanation = explain(sdp).expect("webrtc writes descriptions");
    for line in &explanation.lines {
        let explained = line.is_known() && !line.text.starts_with("Malformed");
        assert!(
            explained,
            "{whose} line {}: {:?}: add it to src/explain",
            line.number, line.line
        );
    }
    assert!(
        explanation.notes.is_empty(),
        "{whose} works, but: {:?}",
        explanation.notes
    );
    explanation
}

#[tokio::test]
async fn every_line_of_our_own_offer_and_answer_is_explained() {
    let _rule = RULES.rule("2-1, 2-4: our offer and answer are made of known lines (RFC 8866 §5)");
    let timeline = Timeline::new();
    let constraints = MediaStreamConstraints {
        source: SourceChoice::Pattern,
        ..Default::default()
    };
    let stream = get_user_media(&constraints, &timeline).expect("the pattern always opens");
    let config = PeerConfig {
        video_codecs: vec![VideoCodec::H264, VideoCodec::Vp8],
        ..PeerConfig::loopback()
    };
    let (local, mut local_events) = Peer::new("local", config.clone(), &timeline)
        .await
        .expect("a peer");
    let (remote, mut remote_events) = Peer::new("remote", config, &timeline)
        .await
        .expect("a peer");
    let video = OutgoingVideo::new(&stream, VideoCodec::H264, 1);
    local.add_track(&video).await.expect("the peer is open");
    let channel = local.connection().create_data_channel("chat", None).await;
    channel.expect("the peer is open");

    let offer = create_offer(&local).await.expect("an offer");
    set_local_description(&local, offer.clone())
        .await
        .expect("the offer fits");
    gathered(&mut local_events).await;
    let whole_offer = whole_description(&local).await;
    set_remote_description(&remote, offer)
        .await
        .expect("the offer fits");
    let answer = create_answer(&remote).await.expect("an answer");
    set_local_description(&remote, answer)
        .await
        .expect("the answer fits");
    gathered(&mut remote_events).await;
    let whole_answer = whole_description(&remote).await;

    let offer = all_explained("the offer", &whole_offer).to_string();
    let answer = all_explained("the answer", &whole_answer).to_string();
    for (sdp, explanation, part) in [
        (&whole_offer, &offer, "Section 1: application"),
        (
            &whole_offer,
            &offer,
            "This peer can be reached at 127.0.0.1:",
        ),
        (&whole_offer, &offer, "This peer sends no more candidates."),
        (
            &whole_answer,
            &answer,
            "This peer is the client of the DTLS handshake.",
        ),
    ] {
        assert!(
            explanation.contains(part),
            "expected {part:?} in the explanation of\n{sdp}\n{explanation}"
        );
    }
    local.close().await.expect("it closes");
    remote.close().await.expect("it closes");
}
