//! 1-3: what gathering adds to the description of a peer (RFC 8839 §5.1, W3C webrtc-pc §4.4.2).

#[path = "../../step-02-peer/tests/redact/mod.rs"]
mod redact;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;
mod video;

use std::time::Duration;

use redact::Redaction;
use rule::Rules;
use step_01_capture::Timeline;
use step_02_peer::{GATHERING, Peer, PeerConfig, PeerEvent, PeerEvents, PeerIdentity, SIGNALING};
use step_03_ice::{IceArguments, Negotiator, SilentNegotiator};
use tokio::time::timeout;
use video::video;
use webrtc::peer_connection::RTCIceGatheringState;

const RULES: Rules = Rules::kept_in("step-03-ice/src/negotiator.rs and servers/local_servers.rs");

const SEE: &str = "see step-03-ice/src/negotiator.rs and servers/local_servers.rs";

/// Gathering takes milliseconds here. A peer that does not end it must not keep the reader waiting.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Reads events until every candidate has been found; how many there were.
async fn candidates(events: &mut PeerEvents) -> usize {
    let mut found = 0;
    loop {
        match timeout(TIMEOUT, events.recv()).await {
            Ok(Some(PeerEvent::IceCandidate(_))) => found += 1,
            Ok(Some(PeerEvent::IceGatheringState(RTCIceGatheringState::Complete))) => return found,
            Ok(Some(_)) => {}
            ended => panic!(
                "1-3: expected iceGatheringState complete, got {:?} after {found} candidates; {SEE}",
                ended.map(|_| "the end of the events")
            ),
        }
    }
}

/// The description that the peer has set by now.
async fn local_description(peer: &Peer) -> String {
    let description = peer.connection().local_description().await;
    let description = description.map(|description| description.sdp);
    description.unwrap_or_else(|| panic!("2-2: expected a local description; {SEE}"))
}

/// webrtc 0.21 lists the candidates in the order in which the servers answered; here they are sorted by priority.
fn in_order(sdp: &str) -> String {
    let mut lines: Vec<&str> = sdp.lines().collect();
    let is_candidate = |line: &&str| line.starts_with("a=candidate:");
    for run in lines.chunk_by_mut(|a, b| is_candidate(a) && is_candidate(b)) {
        run.sort_by_key(|line| {
            let priority = line.split(' ').nth(3);
            std::cmp::Reverse(priority.and_then(|priority| priority.parse::<u32>().ok()))
        });
    }
    lines.join("\n")
}

#[tokio::test]
async fn gathering_adds_the_candidates_to_the_description_and_changes_nothing_else() {
    let _rule =
        RULES.rule("1-3: gathering adds a=candidate lines to the local description, and changes nothing else (RFC 8839 §5.1)");
    let arguments = IceArguments {
        local_servers: true,
        ..Default::default()
    };
    let servers = arguments.start().await;
    let servers = servers.expect("there is a free port on loopback");
    let config = PeerConfig {
        identity: Some(PeerIdentity {
            ice_ufrag: "ufrag".to_owned(),
            ice_pwd: "a-password-of-22-chars".to_owned(),
        }),
        ..servers.configure(PeerConfig::loopback())
    };
    let (video, timeline) = (video(), Timeline::new());
    let created = Peer::new("local", config, &timeline).await;
    let (peer, mut events) = created.expect("1-1: a peer on loopback can be created");
    let added = peer.add_track(&video.outgoing).await;
    added.expect("1-2: a new peer takes a track");

    let offer = SilentNegotiator.offer(&peer).await;
    let offer = offer
        .unwrap_or_else(|error| panic!("2-1, 2-2: {error}; {SEE}"))
        .sdp;
    let found = candidates(&mut events).await;
    let gathered = in_order(&local_description(&peer).await);

    // One redaction for both: equal labels are equal values.
    let mut redaction = Redaction::new();
    insta::assert_snapshot!("before_gathering", redaction.sdp(&offer));
    insta::assert_snapshot!("after_gathering", redaction.sdp(&gathered));
    insta::assert_snapshot!(timeline, @r"
    local  connection: new
    local  gathering: new => gathering => complete
    local  ice: new
    local  signaling: stable => have-local-offer
    ");

    assert!(
        !offer.contains("a=candidate:"),
        "1-3: with trickle ICE the offer leaves before the first candidate is found (RFC 8838 §4); {SEE}"
    );
    let lines: Vec<&str> = offer.lines().collect();
    let added: Vec<&str> = gathered
        .lines()
        .filter(|line| !lines.contains(line))
        .collect();
    let (candidates, others): (Vec<&str>, Vec<&str>) = added
        .into_iter()
        .partition(|line| line.starts_with("a=candidate:"));
    assert_eq!(
        others,
        ["a=end-of-candidates"],
        "1-3: expected candidates, the end of them (RFC 8840 §8.2), and no other line; {SEE}"
    );
    for (component, what) in [("1", "RTP"), ("2", "RTCP, which a=rtcp-mux makes needless")] {
        let of_component = |line: &&&str| line.split(' ').nth(1) == Some(component);
        assert_eq!(
            candidates.iter().filter(of_component).count(),
            found,
            "1-3: expected a line for each icecandidate event and component {component}, {what}; {SEE}"
        );
    }
    assert_eq!(
        timeline.state("local", GATHERING).as_deref(),
        Some("complete"),
        "1-3: iceGatheringState; {SEE}"
    );
    assert_eq!(
        timeline.state("local", SIGNALING).as_deref(),
        Some("have-local-offer"),
        "1-3: candidates come and go without a new negotiation; {SEE}"
    );
    peer.close().await.expect("a peer can be closed");
    servers.close().await;
}
