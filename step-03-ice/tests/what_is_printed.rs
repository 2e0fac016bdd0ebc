//! What step 03 prints of what the peers experienced.

use std::time::Duration;

use step_01_capture::Timeline;
use step_02_peer::{CONNECTION, ICE};
use step_03_ice::lesson::Lesson;
use step_03_ice::{
    CallEnd, CandidatePair, Check, CheckList, FailedServer, Lab, LabReport, Observations, PairEnd,
    RemoteCall, Role, SignalingMessage, report,
};
use webrtc::peer_connection::{RTCIceCandidateInit, RTCPeerConnectionIceErrorEvent};

const SEE: &str = "see step-03-ice/src/report/mod.rs";

/// A peer called `local` that has found these candidates.
fn found(candidates: &[&str]) -> Observations {
    let mut seen = Observations::default();
    for candidate in candidates {
        let init = RTCIceCandidateInit {
            candidate: format!("candidate:{candidate}"),
            ..Default::default()
        };
        seen.note_candidate("local".to_owned(), &SignalingMessage::Candidate(init));
    }
    seen
}

const HOST: &str = "1 1 udp 2130706431 192.0.2.1 1000 typ host";
const TWIN: &str = "2 1 udp 1694498815 192.0.2.1 1000 typ srflx raddr 192.0.2.1 rport 1000";
const OUTSIDE: &str = "2 1 udp 1694498815 203.0.113.1 1000 typ srflx raddr 192.0.2.1 rport 1000";
const RELAY: &str = "3 1 udp 16777215 198.51.100.9 3000 typ relay raddr 203.0.113.1 rport 1000";

/// The first line, and the notes that come after the candidates.
fn told(candidates: &[&str]) -> String {
    let text = report::candidates(&found(candidates), "local");
    let lines = text.lines().enumerate();
    let kept = lines.filter(|(index, line)| *index == 0 || line.ends_with('.'));
    kept.map(|(_, line)| line).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_was_found_is_told_with_what_stands_between() {
    insta::assert_snapshot!(told(&[HOST]), @r"
    1-3  What local found: 1 candidate
      no srflx: that is an address outside of a NAT, and only a STUN server outside tells it.
      no relay: only a TURN server has addresses to lend.
    ");
    insta::assert_snapshot!(told(&[HOST, TWIN]), @r"
    1-3  What local found: 2 candidates
      192.0.2.1:1000 is the host candidate over again: no NAT stands between this machine and the STUN server.
      no relay: only a TURN server has addresses to lend.
    ");
    insta::assert_snapshot!(told(&[HOST, OUTSIDE, RELAY]), @r"
    1-3  What local found: 3 candidates
      203.0.113.1:1000 is what a NAT makes of it: others reach this machine there.
    ");
    // With the policy `relay` there is no host candidate, and nobody asked for a srflx one.
    insta::assert_snapshot!(told(&[RELAY]), @"1-3  What local found: 1 candidate");
}

#[test]
fn a_peer_is_told_of_its_own_candidates_alone() {
    let text = report::candidates(&found(&[HOST]), "remote");
    assert!(
        text.starts_with("1-3  What remote found: 0 candidates"),
        "{text}; {SEE}"
    );
}

#[test]
fn the_messages_are_printed_as_they_travelled() {
    insta::assert_snapshot!(report::messages(&found(&[HOST])), @r#"
    1-4, 1-5  What was sent, and added to the other peer
      local -> {"candidate":"candidate:1 1 udp 2130706431 192.0.2.1 1000 typ host","sdpMid":null,"sdpMLineIndex":null,"usernameFragment":null}
    "#);
}

#[test]
fn servers_that_failed_are_told_by_peer_and_url() {
    let failed = |peer: &str, url: &str| FailedServer {
        peer: peer.to_owned(),
        error: RTCPeerConnectionIceErrorEvent {
            url: url.to_owned(),
            error_code: 701,
            error_text: "no answer".to_owned(),
            ..Default::default()
        },
    };
    let mut seen = Observations::default();
    assert_eq!(report::failed_servers(&seen), "", "{SEE}");
    seen.failed_servers = vec![failed("remote", "stun:a:1"), failed("local", "turn:b:1")];
    insta::assert_snapshot!(report::failed_servers(&seen), @r"
    Servers that did not help; the call goes on with the candidates that there are
      local  icecandidateerror 701  turn:b:1  no answer
      remote icecandidateerror 701  stun:a:1  no answer
    ");
}

#[test]
fn the_way_that_ice_chose_is_told_with_its_round_trip_and_whether_it_is_relayed() {
    let chosen = |remote: &str, candidates: &[&str]| {
        let check = Check {
            local: "192.0.2.1:1000".parse().expect("an address"),
            remote: remote.parse().expect("an address"),
            sent: 1,
            round_trip: Some(Duration::from_micros(2500)),
            nominated: true,
            told_priority: None,
        };
        let own = found(&[HOST]).candidates_of("local");
        let others = found(candidates).candidates_of("local");
        let list = CheckList::new(&[check], &own, &others, Role::Offerer);
        let text = report::checks("local", &list, &Timeline::new());
        text.lines().last().unwrap_or_default().to_owned()
    };
    insta::assert_snapshot!(chosen("198.51.100.9:3000", &[RELAY]), @"  host 192.0.2.1:1000 <-> relay 198.51.100.9:3000, through a relay, round trip 2.5 ms");
    insta::assert_snapshot!(chosen("203.0.113.1:1000", &[OUTSIDE]), @"  host 192.0.2.1:1000 <-> srflx 203.0.113.1:1000, straight from peer to peer, round trip 2.5 ms");
}

#[test]
fn the_states_of_ice_and_of_the_connection_are_told_from_the_first_check_on() {
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
        told_priority: None,
    };
    let list = CheckList::new(&[check], &[], &[], Role::Answerer);
    let text = report::checks("local", &list, &timeline);
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
    let states = report::timeline(&timeline);
    assert!(
        states.starts_with("Timeline\n") && states.contains("checking"),
        "{states}; {SEE}"
    );
}

#[test]
fn without_a_pair_there_is_nothing_to_choose() {
    let none = CheckList::new(&[], &[], &[], Role::Offerer);
    insta::assert_snapshot!(report::checks("local", &none, &Timeline::new()), @r"
    1-5  The pairs that local checked, in this order
      none: there was no pair of candidates to check

    The way that ICE chose
      none: no pair of candidates was answered
    ");
}

#[test]
fn each_lab_ends_with_its_moral() {
    let report = |lab| LabReport {
        lab,
        remark: None,
        lesson: Lesson {
            seen: Observations::default(),
            checks: CheckList::new(&[], &[], &[], Role::Offerer),
            timeline: Timeline::new(),
        },
    };
    for lab in Lab::ALL {
        let text = report(lab).to_string();
        assert!(
            text.starts_with(&format!("Lab {}: {}\n", lab.name(), lab.broken())),
            "{text}; see step-03-ice/src/labs/mod.rs"
        );
        let (_, moral) = text.rsplit_once("Timeline\n").expect("every lab has one");
        assert!(
            moral.trim().len() > 80,
            "{}: {text}; see step-03-ice/src/labs/mod.rs",
            lab.name()
        );
    }
    let mut early = report(Lab::EarlyCandidate);
    early.remark = Some("it was refused".to_owned());
    assert!(
        early.to_string().contains("\nit was refused\n\n"),
        "{early}"
    );
}

#[test]
fn a_call_between_two_processes_ends_with_its_reason() {
    for (end, reason) in [
        (CallEnd::Stopped, "The call was ended here"),
        (CallEnd::OtherLeft, "The other peer has gone away"),
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
    let end = |kind: &str, socket: &str| PairEnd {
        kind: kind.to_owned(),
        socket: socket.to_owned(),
    };
    let pair = CandidatePair {
        local: end("host", "192.0.2.1:1000"),
        remote: end("relay", "198.51.100.9:3000"),
    };
    assert_eq!(
        pair.to_string(),
        "host 192.0.2.1:1000 <-> relay 198.51.100.9:3000"
    );
}
