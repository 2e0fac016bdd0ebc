//! What step 03 prints.

use std::time::Duration;

use rtc::peer_connection::transport::RTCIceCandidatePair;
use step_01_capture::Timeline;
use step_02_peer::labs::mystery::faults;
use step_02_peer::labs::name_and_summary;
use step_02_peer::{CONNECTION, ICE};
use step_03_ice::{
    CallEnd, CandidatePair, Check, FailedServer, IceReport, Lab, LabReport, RemoteCall, Role,
    SignalingMessage,
};
use webrtc::peer_connection::{
    RTCIceCandidate, RTCIceCandidateInit, RTCIceCandidateType, RTCPeerConnectionIceErrorEvent,
};

const SEE: &str = "see step-03-ice/src/report/mod.rs";

/// A report on a peer called `local` that has found these candidates.
fn found(candidates: &[&str]) -> IceReport {
    with_candidates_of("local", candidates, IceReport::new(Timeline::new()))
}

fn with_candidates_of(peer: &str, candidates: &[&str], mut report: IceReport) -> IceReport {
    for candidate in candidates {
        let init = RTCIceCandidateInit {
            candidate: format!("candidate:{candidate}"),
            ..Default::default()
        };
        report.add_message(peer, &SignalingMessage::Candidate(init));
    }
    report
}

const HOST: &str = "1 1 udp 2130706431 192.0.2.1 1000 typ host";
const SAME_ADDRESS: &str = "2 1 udp 1694498815 192.0.2.1 1000 typ srflx raddr 192.0.2.1 rport 1000";
const OUTSIDE: &str = "2 1 udp 1694498815 203.0.113.1 1000 typ srflx raddr 192.0.2.1 rport 1000";
const RELAY: &str = "3 1 udp 16777215 198.51.100.9 3000 typ relay raddr 203.0.113.1 rport 1000";

/// The first line, and the notes that come after the candidates.
fn printed(candidates: &[&str]) -> String {
    let text = found(candidates).candidates_section("local");
    let lines = text.lines().enumerate();
    let kept = lines.filter(|(index, line)| *index == 0 || line.ends_with('.'));
    kept.map(|(_, line)| line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_candidates_are_printed_with_notes_on_nats_and_servers() {
    insta::assert_snapshot!(printed(&[HOST]), @r"
    1-3  What local found: 1 candidate
      no srflx: that is an address outside of a NAT, and only a STUN server outside sees it.
      no relay: only a TURN server has such addresses.
    ");
    insta::assert_snapshot!(printed(&[HOST, SAME_ADDRESS]), @r"
    1-3  What local found: 2 candidates
      192.0.2.1:1000 is the host candidate again: there is no NAT between this machine and the STUN server.
      no relay: only a TURN server has such addresses.
    ");
    insta::assert_snapshot!(printed(&[HOST, OUTSIDE, RELAY]), @r"
    1-3  What local found: 3 candidates
      203.0.113.1:1000 is what a NAT makes of it: others reach this machine there.
    ");
    // With the policy `relay` there is no host candidate, and nobody asked for a srflx one.
    insta::assert_snapshot!(printed(&[RELAY]), @"1-3  What local found: 1 candidate");
}

#[test]
fn the_candidates_of_a_peer_are_its_own_alone() {
    let text = found(&[HOST]).candidates_section("remote");
    assert!(
        text.starts_with("1-3  What remote found: 0 candidates"),
        "{text}; {SEE}"
    );
}

#[test]
fn the_messages_are_printed_as_they_were_sent() {
    insta::assert_snapshot!(found(&[HOST]).messages_section(), @r#"
    1-4, 1-5  What was sent, and added to the other peer
      local -> {"candidate":"candidate:1 1 udp 2130706431 192.0.2.1 1000 typ host","sdpMid":null,"sdpMLineIndex":null,"usernameFragment":null}
    "#);
}

#[test]
fn servers_that_failed_are_printed_by_peer_and_url() {
    let failed = |peer: &str, url: &str| FailedServer {
        peer: peer.to_owned(),
        error: RTCPeerConnectionIceErrorEvent {
            url: url.to_owned(),
            error_code: 701,
            error_text: "no answer".to_owned(),
            ..Default::default()
        },
    };
    let mut report = IceReport::new(Timeline::new());
    assert_eq!(report.failed_servers_section(), "", "{SEE}");
    report.failed_servers = vec![failed("remote", "stun:a:1"), failed("local", "turn:b:1")];
    insta::assert_snapshot!(report.failed_servers_section(), @r"
    Servers that failed; the call goes on with the candidates that there are
      local  icecandidateerror 701  turn:b:1  no answer
      remote icecandidateerror 701  stun:a:1  no answer
    ");
}

#[test]
fn the_path_that_ice_chose_is_printed_with_its_round_trip_and_whether_it_is_relayed() {
    let chosen = |remote: &str, candidates: &[&str]| {
        let check = Check {
            local: "192.0.2.1:1000".parse().expect("an address"),
            remote: remote.parse().expect("an address"),
            sent: 1,
            round_trip: Some(Duration::from_micros(2500)),
            nominated: true,
            remote_priority: None,
        };
        let mut report = with_candidates_of("remote", candidates, found(&[HOST]));
        report.add_checks(&[check], ("local", "remote"), Role::Offerer);
        let text = report.checks_section("local");
        text.lines().last().unwrap_or_default().to_owned()
    };
    insta::assert_snapshot!(chosen("198.51.100.9:3000", &[RELAY]), @"  host 192.0.2.1:1000 <-> relay 198.51.100.9:3000, through a relay, round trip 2.5 ms");
    insta::assert_snapshot!(chosen("203.0.113.1:1000", &[OUTSIDE]), @"  host 192.0.2.1:1000 <-> srflx 203.0.113.1:1000, straight from peer to peer, round trip 2.5 ms");
}

#[test]
fn the_states_of_ice_and_of_the_connection_are_printed_with_the_time_since_the_first_check() {
    let timeline = Timeline::new();
    timeline.record("local", ICE, "checking");
    timeline.record("local", ICE, "connected");
    timeline.record("local", CONNECTION, "connected");
    let check = Check {
        local: "192.0.2.1:1000".parse().expect("an address"),
        remote: "192.0.2.2:1000".parse().expect("an address"),
        sent: 1,
        round_trip: None,
        nominated: true,
        remote_priority: None,
    };
    let mut report = IceReport::new(timeline);
    report.add_checks(&[check], ("local", "remote"), Role::Answerer);
    let text = report.checks_section("local");
    let reached: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split_once(" ms after the first check: "))
        .map(|(_, what)| what)
        .collect();
    assert_eq!(
        reached,
        [
            "ice connected, the nominated pair was answered",
            "connection connected, keys are agreed on (DTLS), media may flow"
        ],
        "{text}; {SEE}"
    );
    assert!(
        text.contains("The other peer made the offer, so it nominates")
            && text.contains("if the other peer's is the higher"),
        "RFC 8445 §6.1.1: {text}"
    );
    let states = report.timeline_section();
    assert!(
        states.starts_with("Timeline\n") && states.contains("checking"),
        "{states}; {SEE}"
    );
}

#[test]
fn without_a_pair_no_path_is_chosen() {
    insta::assert_snapshot!(found(&[]).checks_section("local"), @r"
    1-5  The pairs that local checked, in this order
      none: there was no pair of candidates to check

    The path that ICE chose
      none: no pair of candidates was answered
    ");
}

#[test]
fn each_lab_ends_with_an_explanation() {
    let report = |lab| LabReport {
        lab: Some(lab),
        rejection: None,
        report: IceReport::new(Timeline::new()),
    };
    for lab in faults() {
        let text = report(lab).to_string();
        let (name, summary) = name_and_summary(&lab);
        assert!(
            text.starts_with(&format!("Lab {name}: {summary}\n")),
            "{text}; see step-03-ice/src/labs/mod.rs"
        );
        let (_, explanation) = text.rsplit_once("Timeline\n").expect("every lab has one");
        assert!(
            explanation.trim().len() > 80,
            "{name}: {text}; see step-03-ice/src/labs/mod.rs"
        );
    }
    let mut early = report(Lab::EarlyCandidate);
    early.rejection = Some("it was rejected".to_owned());
    assert!(
        early.to_string().contains(": it was rejected\n\n"),
        "{early}"
    );
}

#[test]
fn a_call_between_two_processes_ends_with_its_reason() {
    for (end, reason) in [
        (CallEnd::Stopped, "The call was ended here"),
        (CallEnd::OtherLeft, "The other peer has left"),
        (
            CallEnd::Failed,
            "ICE failed: no pair of candidates is answered",
        ),
    ] {
        let timeline = Timeline::new();
        timeline.record("local", ICE, "checking");
        let call = RemoteCall { end, timeline };
        let text = call.to_string();
        assert!(
            text.starts_with(&format!("{reason}\n\nTimeline\n")),
            "{text}"
        );
        assert!(text.ends_with("checking"), "{text}");
    }
}

#[test]
fn a_pair_of_candidates_is_one_line() {
    let end = |typ, address: &str, port| RTCIceCandidate {
        typ,
        address: address.to_owned(),
        port,
        ..Default::default()
    };
    let pair = CandidatePair(RTCIceCandidatePair::new(
        end(RTCIceCandidateType::Host, "192.0.2.1", 1000),
        end(RTCIceCandidateType::Relay, "198.51.100.9", 3000),
    ));
    assert_eq!(
        pair.to_string(),
        "host 192.0.2.1:1000 <-> relay 198.51.100.9:3000"
    );
}
