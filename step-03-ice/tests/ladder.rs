//! `--report`: the ladder has what happened, and nothing else.

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;
mod video;

use std::collections::BTreeSet;

use rule::Rules;
use step_01_capture::call_log::EventKind;
use step_01_capture::{StateMachine, Timeline};
use step_02_peer::PeerConfig;
use step_03_ice::lesson::connect_two_peers;
use step_03_ice::report::ladder::{Ladder, Row};
use step_03_ice::{
    IceArguments, IcePolicy, IceReport, Lab, LabReport, LocalServers, SignalingMessage,
};
use video::video;

const RULES: Rules = Rules::kept_in("step-03-ice/src/report/ladder.rs");

fn ladder_of(timeline: &Timeline) -> Ladder {
    Ladder::new(timeline, &str::to_owned)
}

async fn call(policy: IcePolicy) -> (Ladder, IceReport) {
    let arguments = IceArguments {
        local_servers: true,
        policy,
        ..Default::default()
    };
    let servers = arguments.start().await.expect("loopback has free ports");
    let config = servers.configure(PeerConfig::every_interface());
    let video = video();
    let (timeline, stop) = (video.timeline.clone(), video.stop.clone());
    let report = connect_two_peers(video.outgoing.clone(), config, timeline, stop).await;
    servers.close().await;
    let report = report.expect("two peers on loopback can be created");
    (ladder_of(&report.timeline), report)
}

async fn lab(lab: Lab) -> (Ladder, LabReport) {
    let video = video();
    let (timeline, stop) = (video.timeline.clone(), video.stop.clone());
    let report = LabReport::run(lab, video.outgoing.clone(), timeline, stop).await;
    let report = report.expect("a lab on loopback runs to its end");
    (ladder_of(&report.report.timeline), report)
}

fn arrows<'a>(ladder: &'a Ladder, kind: &'a str) -> impl Iterator<Item = &'a Row> {
    let of_kind = move |row: &&Row| row.kind == kind && row.to.is_some();
    ladder.rows.iter().filter(of_kind)
}

#[tokio::test]
async fn every_row_is_a_transition_or_an_event_that_was_recorded() {
    let _rule = RULES.rule("nothing is drawn that was not seen");
    let (ladder, report) = call(IcePolicy::All).await;
    let mut states: Vec<String> = (report.timeline.transitions().iter())
        .map(|t| format!("{} {} {}", t.peer, t.machine, t.to))
        .collect();
    let mut drawn: Vec<String> = (ladder.rows.iter())
        .filter_map(|row| {
            let (machine, state) = row.state.as_ref()?;
            let peer = &ladder.lanes[row.from?].name;
            Some(format!("{peer} {machine} {state}"))
        })
        .collect();
    states.sort();
    drawn.sort();
    assert_eq!(drawn, states, "the states of the timeline");
    // A message that was seen at both ends is one arrow.
    let events = report.timeline.call_log().events();
    let kinds = |kind| events.iter().filter(|event| event.kind == kind).count();
    let rows = ladder.rows.iter().filter(|row| row.kind != "state");
    let (others, arrived) = (
        rows.clone().count(),
        rows.filter(|row| row.arrived_ms.is_some()).count(),
    );
    let recorded = kinds(EventKind::Call) + kinds(EventKind::Sent) + kinds(EventKind::Received);
    assert_eq!(others + arrived, recorded, "the events of the log");
}

#[tokio::test]
async fn each_number_of_the_note_stands_at_the_peer_that_did_it() {
    let _rule = RULES.rule("1-1 to 2-5 stand at the rows");
    let (ladder, _) = call(IcePolicy::All).await;
    let numbered = |peer: &str| -> BTreeSet<String> {
        let of_peer = |row: &&Row| {
            row.kind == "call" && row.from.is_some_and(|lane| ladder.lanes[lane].name == peer)
        };
        let rows = ladder.rows.iter().filter(of_peer);
        rows.map(|row| format!("{} {}", row.number, row.label).trim().to_owned())
            .collect()
    };
    insta::assert_debug_snapshot!((numbered("local"), numbered("remote")), @r#"
    (
        {
            "1-1 new RTCPeerConnection()",
            "1-2 addTrack()",
            "1-3 icecandidate",
            "1-5 addIceCandidate()",
            "2-1 createOffer()",
            "2-2 setLocalDescription(offer)",
            "2-5 setRemoteDescription(answer)",
            "close()",
        },
        {
            "1-1 new RTCPeerConnection()",
            "1-3 icecandidate",
            "1-5 addIceCandidate()",
            "2-3 setRemoteDescription(offer)",
            "2-4 createAnswer()",
            "2-4 setLocalDescription(answer)",
            "close()",
        },
    )
    "#);
}

#[tokio::test]
async fn the_check_that_nominates_has_the_addresses_of_the_chosen_pair_and_an_answer() {
    let _rule = RULES.rule("1-5: checks and answers are arrows (RFC 8445 §7.2.4)");
    let (ladder, report) = call(IcePolicy::All).await;
    let chosen = report.checks.nominated().expect("1-5: a pair is nominated");
    let sockets = (chosen.local.socket(), chosen.remote.socket());
    let nominating: Vec<usize> = (0..ladder.rows.len())
        .filter(|index| ladder.rows[*index].nominates)
        .collect();
    let row = &ladder.rows[*nominating.first().expect("USE-CANDIDATE was sent")];
    assert_eq!(row.route, Some(sockets), "the pair of the check list");
    assert!(row.arrived_ms.is_some(), "it was seen at the other peer");
    let answered = arrows(&ladder, "check").any(|row| {
        let request = row.answers;
        request.is_some_and(|request| nominating.contains(&request))
    });
    assert!(answered, "and its answer too: {:#?}", ladder.rows);
}

#[tokio::test]
async fn servers_have_a_lane_between_the_peers() {
    let _rule = RULES.rule("1-3: what is asked of a server goes to its lane");
    let (ladder, _) = call(IcePolicy::Relay).await;
    let names: Vec<&str> = ladder.lanes.iter().map(|lane| lane.name.as_str()).collect();
    let [local, server, remote] = names[..] else {
        panic!("two peers and one server: {names:?}");
    };
    assert_eq!((local, remote), ("local", "remote"));
    assert!(server.contains("TURN 127.0.0.1:"), "{server}");
    let allocates = |row: &&Row| row.label.starts_with("Allocate request");
    let allocate = ladder.rows.iter().find(allocates);
    let allocate = allocate.expect("1-3: a relay candidate is allocated");
    assert_eq!(allocate.to, Some(1), "at the server");
    let text = &ladder.texts[allocate.text.expect("its attributes")];
    assert!(text.contains("REQUESTED-TRANSPORT  17, UDP"), "{text}");
    // With the policy relay, no datagram goes from peer to peer.
    let direct: Vec<_> = (ladder.rows.iter())
        .filter(|row| row.route.is_some() && row.from != Some(1) && row.to != Some(1))
        .collect();
    assert!(direct.is_empty(), "{direct:#?}");
}

#[tokio::test]
async fn a_candidate_that_is_lost_is_an_arrow_without_an_end() {
    let _rule = RULES.rule("1-4: what was not seen at its end is lost");
    let (ladder, report) = lab(Lab::NoCandidates).await;
    let lost = arrows(&ladder, "signaling").filter(|row| row.lost);
    let labels: BTreeSet<&str> = lost.map(|row| row.label.as_str()).collect();
    assert_eq!(labels, BTreeSet::from(["candidate"]));
    let found = report.report.candidates.len();
    let lost = arrows(&ladder, "signaling").filter(|row| row.lost).count();
    assert_eq!(lost, found, "each that was found was sent");
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_asked_and_no_more() {
    let _rule = RULES.rule("1-3: what another program receives is not known here");
    let (ladder, _) = lab(Lab::StunDown).await;
    assert_eq!(ladder.lanes.len(), 3, "{:?}", ladder.lanes);
    let requests: Vec<&Row> = arrows(&ladder, "STUN").collect();
    assert!(requests.iter().all(|row| row.to == Some(1) && !row.lost));
    assert!(!requests.is_empty(), "1-3: the server is asked");
}

#[test]
fn a_message_of_a_stranger_is_shown_as_the_text_that_it_is() {
    let _rule = RULES.rule("signaling is text from a stranger");
    let timeline = Timeline::new();
    timeline.record("local", StateMachine("signaling"), "stable");
    let texts = [
        "</script>",
        "{\"type\":\"offer\",\"sdp\":\"<img src=x>\"}",
        "\u{0}",
    ];
    for text in texts {
        let log = timeline.call_log();
        log.message("local", EventKind::Received, "no message", text);
    }
    assert!(SignalingMessage::from_json(texts[0]).is_err(), "no JSON");
    let ladder = ladder_of(&timeline);
    assert_eq!(ladder.texts, ["</script>", "<img src=x>", "\u{0}"]);
    assert_eq!(arrows(&ladder, "signaling").count(), 3);
}

#[tokio::test]
async fn each_of_two_servers_has_a_lane_and_answers_its_own_requests() {
    let _rule = RULES.rule("a response goes the way of its request back");
    let servers = [LocalServers::start().await, LocalServers::start().await];
    let servers = servers.map(|it| it.expect("loopback has free ports"));
    let stun = servers.each_ref().map(|it| {
        let [stun, _] = it.ice_servers();
        stun
    });
    let config = PeerConfig {
        ice_servers: stun.into(),
        ..PeerConfig::loopback()
    };
    let video = video();
    let (timeline, stop) = (video.timeline.clone(), video.stop.clone());
    let report = connect_two_peers(video.outgoing.clone(), config, timeline, stop).await;
    for servers in servers {
        servers.close().await;
    }
    let ladder = ladder_of(&report.expect("two peers on loopback").timeline);
    assert_eq!(ladder.lanes.len(), 4, "{:?}", ladder.lanes);
    let answers: Vec<_> = arrows(&ladder, "STUN")
        .filter(|row| row.answers.is_some())
        .collect();
    assert!(!answers.is_empty(), "the servers answer");
    for answer in answers {
        let request = &ladder.rows[answer.answers.expect("it answers one")];
        assert_eq!(
            (request.to, request.from),
            (answer.from, answer.to),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn what_comes_back_to_its_sender_is_no_arrow_to_the_other_peer() {
    let _rule = RULES.rule("an arrow ends where the message was received");
    let (ladder, _) = lab(Lab::WrongPeer).await;
    let ends = |kind| arrows(&ladder, kind).map(|row| (row.from, row.to, row.lost));
    let at = |lane| (Some(lane), Some(lane), false);
    let checks: BTreeSet<_> = ends("check").collect();
    assert_eq!(
        checks,
        BTreeSet::from([at(0), at(1)]),
        "each peer checks itself"
    );
    let candidates: Vec<_> = ends("signaling").filter(|end| end.0 == end.1).collect();
    assert_eq!(candidates.len(), 2, "both candidates come back");
}
