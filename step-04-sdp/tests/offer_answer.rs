//! 2-1 to 2-5: what the calls of offer and answer do to both peers.

mod peers;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use peers::Peers;
use rule::Rules;
use step_03_ice::Negotiator;
use step_04_sdp::{
    TracingNegotiator, create_answer, create_offer, set_local_description, set_remote_description,
};

const RULES: Rules = Rules::kept_in(rule::lesson_file!("step-04-sdp/src/", "offer_answer.rs"));

const SEE: &str = rule::lesson_file!("see step-04-sdp/src/", "offer_answer.rs");

#[tokio::test]
async fn an_offer_describes_the_track_and_changes_no_state() {
    let _rule =
        RULES.rule("2-1: createOffer() describes the track, and signalingState stays stable");
    let mut peers = Peers::new().await;
    let offer = create_offer(&peers.pair.local).await;
    let offer =
        offer.unwrap_or_else(|e| panic!("2-1: createOffer() in stable gives an offer: {e}; {SEE}"));
    insta::assert_snapshot!("offer", peers.redaction.sdp(&offer.sdp));
    assert_eq!(
        offer.sdp_type.to_string(),
        "offer",
        "2-1: createOffer() gives an offer; {SEE}"
    );
    insta::assert_snapshot!(peers.signaling().await, @r"
    local  signaling: stable => closed
    remote signaling: stable => closed
    ");
}

#[tokio::test]
async fn a_local_offer_waits_for_its_answer() {
    let _rule = RULES.rule("2-2: setLocalDescription(offer): stable => have-local-offer");
    let peers = Peers::new().await;
    let offer = create_offer(&peers.pair.local).await.expect("2-1");
    let set = set_local_description(&peers.pair.local, offer).await;
    set.unwrap_or_else(|e| panic!("2-2: setLocalDescription(offer) in stable: {e}; {SEE}"));
    insta::assert_snapshot!(peers.signaling().await, @r"
    local  signaling: stable => have-local-offer => closed
    remote signaling: stable => closed
    ");
}

#[tokio::test]
async fn a_remote_offer_must_be_answered() {
    let _rule = RULES.rule("2-3: setRemoteDescription(offer): stable => have-remote-offer");
    let peers = Peers::new().await;
    let offer = create_offer(&peers.pair.local).await.expect("2-1");
    let set = set_remote_description(&peers.pair.remote, offer).await;
    set.unwrap_or_else(|e| panic!("2-3: setRemoteDescription(offer) in stable: {e}; {SEE}"));
    insta::assert_snapshot!(peers.signaling().await, @r"
    local  signaling: stable => closed
    remote signaling: stable => have-remote-offer => closed
    ");
}

#[tokio::test]
async fn an_answer_is_made_from_the_offer_and_reverses_its_roles() {
    let _rule =
        RULES.rule("2-4: createAnswer() answers each section of the offer, and signalingState stays have-remote-offer");
    let mut peers = Peers::new().await;
    let offer = create_offer(&peers.pair.local).await.expect("2-1");
    peers.redaction.sdp(&offer.sdp);
    set_remote_description(&peers.pair.remote, offer)
        .await
        .expect("2-3");
    let answer = create_answer(&peers.pair.remote).await;
    let answer =
        answer.unwrap_or_else(|e| panic!("2-4: createAnswer() in have-remote-offer: {e}; {SEE}"));
    insta::assert_snapshot!("answer", peers.redaction.sdp(&answer.sdp));
    let has = |line| answer.sdp.lines().any(|found| found == line);
    assert!(
        has("a=setup:active"),
        "2-4: the answerer of actpass becomes the DTLS client (RFC 9429 §5.3.1); {SEE}"
    );
    assert!(
        has("a=recvonly"),
        "2-4: a peer without a track only receives (RFC 3264 §6.1); {SEE}"
    );
    assert!(
        has("a=mid:0"),
        "2-4: the answer names the section as the offer did (RFC 9429 §5.3.1); {SEE}"
    );
}

#[tokio::test]
async fn both_peers_are_stable_again_when_the_answer_is_set_on_both_sides() {
    let _rule = RULES.rule("2-4, 2-5: with the answer set, signalingState is stable at both peers");
    let peers = Peers::new().await;
    let tracing_negotiator = TracingNegotiator::default();
    negotiate(&peers, &tracing_negotiator).await;
    let calls: Vec<String> = tracing_negotiator
        .steps()
        .iter()
        .map(|s| format!("{} {}.{} => {}", s.call.number(), s.peer, s.call, s.state))
        .collect();
    insta::assert_snapshot!(calls.join("\n"), @r"
    2-1 local.createOffer() => stable
    2-2 local.setLocalDescription(offer) => have-local-offer
    2-3 remote.setRemoteDescription(offer) => have-remote-offer
    2-4 remote.createAnswer() => have-remote-offer
    2-4 remote.setLocalDescription(answer) => stable
    2-5 local.setRemoteDescription(answer) => stable
    ");
    insta::assert_snapshot!(peers.signaling().await, @r"
    local  signaling: stable => have-local-offer => stable => closed
    remote signaling: stable => have-remote-offer => stable => closed
    ");
}

#[tokio::test]
async fn an_offer_that_is_rolled_back_has_no_effect() {
    let _rule = RULES.rule(
        "2-2: setLocalDescription(rollback): have-local-offer => stable (W3C webrtc-pc §4.4.1.4)",
    );
    let peers = Peers::new().await;
    let offer = create_offer(&peers.pair.local).await.expect("2-1");
    set_local_description(&peers.pair.local, offer)
        .await
        .expect("2-2");
    let back = set_local_description(&peers.pair.local, peers::rollback()).await;
    back.unwrap_or_else(|e| {
        panic!("setLocalDescription(rollback) in have-local-offer: {e}; {SEE}")
    });
    insta::assert_snapshot!(peers.signaling().await, @r"
    local  signaling: stable => have-local-offer => stable => closed
    remote signaling: stable => closed
    ");
}

#[tokio::test]
async fn a_second_negotiation_keeps_the_sections_and_increments_the_version() {
    let _rule = RULES.rule(
        "2-1: a second offer keeps its sections and increments sess-version (RFC 9429 §5.2.2)",
    );
    let mut peers = Peers::new().await;
    let tracing_negotiator = TracingNegotiator::default();
    negotiate(&peers, &tracing_negotiator).await;
    let first = tracing_negotiator.offer().expect("2-1 made an offer");
    negotiate(&peers, &tracing_negotiator).await;
    let second = tracing_negotiator.offer().expect("2-1 made an offer");
    let (first, second) = (peers.redaction.sdp(&first), peers.redaction.sdp(&second));
    let origin = |sdp: &str| sdp.lines().nth(1).unwrap_or_default().to_owned();
    insta::assert_snapshot!(origin(&first), @"o=- [session-1] [version-1] IN IP4 0.0.0.0");
    insta::assert_snapshot!(origin(&second), @"o=- [session-1] [version-2] IN IP4 0.0.0.0");
    let media = |sdp: &str| {
        sdp.lines()
            .filter(|l| l.starts_with("m=") || l.starts_with("a=mid"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        media(&first),
        media(&second),
        "2-1: a new offer keeps the sections in their places (RFC 9429 §5.2.2)"
    );
}

#[tokio::test]
async fn an_ice_restart_brings_new_credentials() {
    let _rule = RULES.rule("2-1: an ICE restart brings a new ufrag and pwd (RFC 8839 §4.4.1.1)");
    let mut peers = Peers::with(
        step_02_peer::PeerConfig::loopback(),
        step_02_peer::PeerConfig::loopback(),
    )
    .await;
    let tracing_negotiator = TracingNegotiator::default();
    negotiate(&peers, &tracing_negotiator).await;
    let first = tracing_negotiator.offer().expect("2-1 made an offer");
    peers
        .pair
        .local
        .connection()
        .restart_ice()
        .await
        .expect("restartIce() in stable");
    negotiate(&peers, &tracing_negotiator).await;
    let second = tracing_negotiator.offer().expect("2-1 made an offer");
    let mut credentials = |sdp: &str| {
        let sdp = peers.redaction.sdp(sdp);
        let ice = sdp.lines().filter(|line| line.starts_with("a=ice-"));
        ice.collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(credentials(&first), @r"
    a=ice-ufrag:[ufrag-1]
    a=ice-pwd:[pwd-1]
    ");
    insta::assert_snapshot!(credentials(&second), @r"
    a=ice-ufrag:[ufrag-2]
    a=ice-pwd:[pwd-2]
    ");
}

#[tokio::test]
async fn a_section_without_a_common_codec_is_rejected_with_port_0() {
    let _rule =
        RULES.rule("2-4: a section without a common codec is rejected with port 0 (RFC 3264 §6)");
    let mut remote = peers::remote();
    remote.video_codecs = vec![step_02_peer::VideoCodec::Vp8];
    let mut peers = Peers::with(peers::local(), remote).await;
    let offer = create_offer(&peers.pair.local).await.expect("2-1");
    set_remote_description(&peers.pair.remote, offer)
        .await
        .expect("2-3");
    let answer = create_answer(&peers.pair.remote).await.expect("2-4");
    let answer = peers.redaction.sdp(&answer.sdp);
    let media = answer
        .lines()
        .find(|line| line.starts_with("m="))
        .unwrap_or_default();
    insta::assert_snapshot!(media, @"m=video 0 UDP/TLS/RTP/SAVPF 0");
}

#[tokio::test]
async fn a_peer_that_only_sends_is_answered_by_one_that_only_receives() {
    use webrtc::rtp_transceiver::RTCRtpTransceiverDirection::Sendonly;
    let peers = Peers::new().await;
    let transceivers = peers.pair.local.connection().get_transceivers().await;
    transceivers[0]
        .set_direction(Sendonly)
        .await
        .expect("a transceiver of addTrack()");
    let tracing_negotiator = TracingNegotiator::default();
    negotiate(&peers, &tracing_negotiator).await;
    let direction = |sdp: Option<String>| {
        let sdp = sdp.unwrap_or_default();
        let found = sdp
            .lines()
            .find(|l| ["a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive"].contains(l));
        found.map(str::to_owned)
    };
    assert_eq!(
        direction(tracing_negotiator.offer()).as_deref(),
        Some("a=sendonly"),
        "2-1; {SEE}"
    );
    assert_eq!(
        direction(tracing_negotiator.answer()).as_deref(),
        Some("a=recvonly"),
        "2-4: RFC 3264 §6.1; {SEE}"
    );
}

/// 2-1 to 2-5, without a signaling channel.
async fn negotiate(peers: &Peers, tracing_negotiator: &TracingNegotiator) {
    let (local, remote) = (&peers.pair.local, &peers.pair.remote);
    let offer = tracing_negotiator.offer_for(local).await;
    let answer = tracing_negotiator
        .receive(remote, offer)
        .await
        .expect("2-3, 2-4: the offer is answered");
    let answer = answer.expect("2-4: an offer is answered");
    let nothing = tracing_negotiator
        .receive(local, answer)
        .await
        .expect("2-5: the answer is set");
    assert!(nothing.is_none(), "2-5: an answer is not answered");
}

/// The method of the trait has the name of the accessor; tests need both.
trait OfferFor {
    async fn offer_for(
        &self,
        peer: &step_02_peer::Peer,
    ) -> webrtc::peer_connection::RTCSessionDescription;
}

impl OfferFor for TracingNegotiator {
    async fn offer_for(
        &self,
        peer: &step_02_peer::Peer,
    ) -> webrtc::peer_connection::RTCSessionDescription {
        Negotiator::offer(self, peer)
            .await
            .expect("2-1, 2-2: an offer is made and set")
    }
}
