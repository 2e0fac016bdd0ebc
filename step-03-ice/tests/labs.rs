//! What a call with one mistake shows.

#[path = "../../step-02-peer/tests/mystery/mod.rs"]
mod mystery;
#[path = "../../step-02-peer/tests/redact/mod.rs"]
mod redact;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;
mod video;

use redact::Redaction;
use rule::Rules;
use step_02_peer::labs::mystery::faults;
use step_03_ice::{CandidateType, Lab, LabReport};
use video::{in_time, video};

const RULES: Rules = Rules::kept_in("step-03-ice/src/labs/faulty_signaling.rs");
const TRICKLE: Rules = Rules::kept_in(rule::lesson_file!("step-03-ice/src/", "trickle.rs"));
const SERVERS: Rules = Rules::kept_in("step-03-ice/src/observing/server_log.rs and ice_watch.rs");
const LABS: Rules = Rules::kept_in("step-03-ice/src/labs/lab_report.rs");

async fn run(lab: Lab) -> LabReport {
    let video = video();
    let (outgoing, timeline) = (video.outgoing.clone(), video.timeline.clone());
    let report = in_time(LabReport::run(lab, outgoing, timeline, video.stop.clone())).await;
    report.expect("a lab breaks the call, not the program")
}

fn states(report: &LabReport) -> String {
    report.report.timeline.to_string()
}

/// `701 stun:127.0.0.1:[port-1] ...`, one line for each peer.
fn errors(report: &LabReport) -> String {
    let mut redaction = Redaction::new();
    let mut lines = Vec::new();
    for failed in &report.report.failed_servers {
        let (url, port) = failed.error.url.rsplit_once(':').unwrap_or_default();
        let port = redaction.label("port", port);
        let (code, text) = (failed.error.error_code, &failed.error.error_text);
        lines.push(format!("{:<6} {code} {url}:{port} {text}", failed.peer));
    }
    lines.sort();
    lines.join("\n")
}

/// The kinds of candidates that the peers found, without their addresses.
fn kinds(report: &LabReport) -> Vec<CandidateType> {
    let found = report.report.candidates.iter();
    found.map(|found| found.candidate.kind).collect()
}

#[tokio::test]
async fn without_candidates_ice_goes_from_checking_to_failed() {
    let _rule = RULES
        .rule("1-5: without a pair that works iceConnectionState is failed (W3C webrtc-pc §5.6.4)");
    let report = run(Lab::NoCandidates).await;
    insta::assert_snapshot!(states(&report), @r"
    local  connection: new => connecting => failed => closed
    local  gathering: new => gathering => complete
    local  ice: new => checking => failed => closed
    local  signaling: stable => have-local-offer => stable => closed
    remote connection: new => connecting => failed => closed
    remote gathering: new => gathering => complete
    remote ice: new => checking => failed => closed
    remote signaling: stable => have-remote-offer => stable => closed
    ");
    assert_eq!(
        report.report.checks.pairs,
        [],
        "1-5: no candidate came, so there is no pair"
    );
}

#[tokio::test]
async fn with_candidates_at_the_wrong_peer_each_peer_checks_itself() {
    let _rule = RULES.rule(
        "1-5: addIceCandidate() is for the candidates of the other peer (W3C webrtc-pc §4.4.2)",
    );
    let report = run(Lab::WrongPeer).await;
    insta::assert_snapshot!(states(&report), @r"
    local  connection: new => connecting => failed => closed
    local  gathering: new => gathering => complete
    local  ice: new => checking => failed => closed
    local  signaling: stable => have-local-offer => stable => closed
    remote connection: new => connecting => failed => closed
    remote gathering: new => gathering => complete
    remote ice: new => checking => failed => closed
    remote signaling: stable => have-remote-offer => stable => closed
    ");
    let pairs = &report.report.checks.pairs;
    assert!(
        !pairs.is_empty(),
        "1-5: a peer with its own candidates has pairs to check"
    );
    for pair in pairs {
        assert_eq!(
            pair.local.socket(),
            pair.remote.socket(),
            "1-5: local checks itself"
        );
        assert_eq!(pair.round_trip, None, "1-5: nobody answers");
    }
}

#[tokio::test]
async fn an_early_candidate_is_rejected_by_the_peer_and_kept_by_trickle() {
    let _rule =
        TRICKLE.rule("1-5: addIceCandidate() needs a remote description (W3C webrtc-pc §4.4.2)");
    let report = run(Lab::EarlyCandidate).await;
    insta::assert_snapshot!(report.rejection.clone().unwrap_or_default(), @"remote.addIceCandidate(): remote description is not set");
    assert!(
        states(&report).contains("local  ice: new => checking => connected"),
        "1-5: Trickle keeps candidates until the description is set (src/trickle.rs): {}",
        states(&report)
    );
}

#[tokio::test]
async fn a_silent_stun_server_fires_an_error_and_the_call_goes_on() {
    let _rule = SERVERS.rule(
        "1-3: icecandidateerror 701 says that a server does not answer (W3C webrtc-pc §4.8.3)",
    );
    let report = run(Lab::StunDown).await;
    insta::assert_snapshot!(errors(&report), @r"
    local  701 stun:127.0.0.1:[port-1] no answer: is the server up, and does a firewall let UDP pass?
    remote 701 stun:127.0.0.1:[port-1] no answer: is the server up, and does a firewall let UDP pass?
    ");
    insta::assert_snapshot!(states(&report), @r"
    local  connection: new => connecting => connected => closed
    local  gathering: new => gathering => complete
    local  ice: new => checking => connected => closed
    local  signaling: stable => have-local-offer => stable => closed
    remote connection: new => connecting => connected => closed
    remote gathering: new => gathering => complete
    remote ice: new => checking => connected => closed
    remote signaling: stable => have-remote-offer => stable => closed
    ");
    assert_eq!(
        kinds(&report),
        [CandidateType::Host; 2],
        "1-3: host candidates need no server"
    );
}

#[tokio::test]
async fn a_wrong_turn_password_fires_an_error_and_the_call_goes_on() {
    let _rule = SERVERS.rule("1-3: icecandidateerror has the error code of STUN (RFC 8489 §14.8)");
    let report = run(Lab::TurnWrongPassword).await;
    insta::assert_snapshot!(errors(&report), @r#"
    local  401 turn:127.0.0.1:[port-1] Unauthorized: wrong password, or no user "reader"
    remote 401 turn:127.0.0.1:[port-1] Unauthorized: wrong password, or no user "reader"
    "#);
    assert_eq!(
        kinds(&report),
        [CandidateType::Host; 2],
        "1-3: no relay without a password"
    );
    assert!(
        states(&report).contains("local  ice: new => checking => connected"),
        "{}",
        states(&report)
    );
}

#[tokio::test]
async fn when_the_only_relay_stops_ice_is_disconnected_and_then_failed() {
    let _rule =
        LABS.rule("1-5: iceConnectionState is disconnected, then failed (W3C webrtc-pc §5.6.4)");
    let report = run(Lab::RelayOnly).await;
    insta::assert_snapshot!(states(&report), @r"
    local  connection: new => connecting => connected => disconnected => failed => closed
    local  gathering: new => gathering => complete
    local  ice: new => checking => connected => disconnected => failed => closed
    local  signaling: stable => have-local-offer => stable => closed
    remote connection: new => connecting => connected => disconnected => failed => closed
    remote gathering: new => gathering => complete
    remote ice: new => checking => connected => disconnected => failed => closed
    remote signaling: stable => have-remote-offer => stable => closed
    ");
    assert_eq!(
        kinds(&report),
        [CandidateType::Relay; 2],
        "1-3: with policy relay nothing else is offered"
    );
}

#[tokio::test]
async fn every_mystery_is_solved_by_its_right_answer_and_by_no_other() {
    let _rule = LABS.rule("each mistake leaves a line that no other mistake leaves");
    for fault in faults() {
        let mut report = run(fault).await;
        report.lab = None;
        mystery::assert_solved_by_one_answer(fault, &report.to_string());
    }
}
