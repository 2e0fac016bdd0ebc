//! STUN and TURN on loopback: all kinds of candidates without any network.

#[path = "../../step-02-peer/tests/redact/mod.rs"]
mod redact;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;
mod video;

use redact::Redaction;
use rule::Rules;
use step_02_peer::PeerConfig;
use step_03_ice::lesson::connect_two_peers;
use step_03_ice::{CandidateType, IceArguments, IcePolicy, IceReport, parse_stun_server};
use video::{in_time, video};

const RULES: Rules = Rules::kept_in("step-03-ice/src/servers/local_servers.rs");
const OPTIONS: Rules = Rules::kept_in("step-03-ice/src/ice_servers.rs");
const WATCH: Rules = Rules::kept_in("step-03-ice/src/observing/server_log.rs and ice_watch.rs");

async fn call(policy: IcePolicy) -> IceReport {
    let arguments = IceArguments {
        local_servers: true,
        policy,
        ..Default::default()
    };
    let servers = arguments
        .start()
        .await
        .expect("there is a free port on loopback");
    let config = servers.configure(PeerConfig::every_interface());
    let video = video();
    let report = connect_two_peers(
        video.outgoing.clone(),
        config,
        video.timeline.clone(),
        video.stop.clone(),
    );
    let report = in_time(report)
        .await
        .expect("two peers on loopback can be created");
    servers.close().await;
    report
}

/// The candidate lines of the local peer, labelled, in the order of their kinds.
fn candidates(report: &IceReport) -> String {
    let mut found: Vec<_> = report
        .candidates
        .iter()
        .filter(|c| c.from == "local")
        .collect();
    found.sort_by_key(|found| std::cmp::Reverse(found.candidate.priority));
    let mut redaction = Redaction::new();
    let lines = found.iter().map(|found| {
        let message: serde_json::Value =
            serde_json::from_str(&found.message).expect("what is sent is JSON");
        redaction.candidate(message["candidate"].as_str().unwrap_or_default())
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn local_servers_give_all_three_kinds_of_candidates() {
    let _rule =
        RULES.rule("1-3: gathering finds host, srflx and relay candidates (RFC 8445 §5.1.1)");
    let report = call(IcePolicy::All).await;
    insta::assert_snapshot!(candidates(&report), @r"
    candidate:[foundation-1] 1 udp 2130706431 127.0.0.1 [port-1] typ host
    candidate:[foundation-2] 1 udp 1694498815 127.0.0.1 [port-1] typ srflx raddr 127.0.0.1 rport [port-1]
    candidate:[foundation-3] 1 udp 16777215 127.0.0.1 [port-2] typ relay raddr 127.0.0.1 rport [port-1]
    ");
    let text = report.to_string();
    assert!(
        text.contains("is the host candidate again: there is no NAT between"),
        "1-3: the output says why the srflx candidate is the same here: {text}"
    );
    let chosen = report
        .checks
        .nominated()
        .expect("1-5: one pair is nominated");
    assert!(
        !chosen.is_relayed(),
        "1-5: where there is a direct pair, the relay is not taken: {chosen}"
    );
}

#[tokio::test]
async fn with_policy_relay_everything_goes_through_the_relay() {
    let _rule = OPTIONS
        .rule("1-3: iceTransportPolicy relay uses relay candidates only (W3C webrtc-pc §4.2.3)");
    let report = call(IcePolicy::Relay).await;
    insta::assert_snapshot!(candidates(&report), @"candidate:[foundation-1] 1 udp 16777215 127.0.0.1 [port-1] typ relay raddr 127.0.0.1 rport [port-2]");
    let chosen = report
        .checks
        .nominated()
        .expect("1-5: one pair is nominated");
    assert_eq!(
        (chosen.local.kind, chosen.remote.kind),
        (CandidateType::Relay, CandidateType::Relay),
        "1-5: there is no other pair"
    );
    assert!(chosen.round_trip.is_some(), "1-5: the check was answered");
    insta::assert_snapshot!(report.timeline, @r"
    local  connection: new => connecting => connected => closed
    local  gathering: new => gathering => complete
    local  ice: new => checking => connected => closed
    local  signaling: stable => have-local-offer => stable => closed
    remote connection: new => connecting => connected => closed
    remote gathering: new => gathering => complete
    remote ice: new => checking => connected => closed
    remote signaling: stable => have-remote-offer => stable => closed
    ");
}

#[tokio::test]
async fn a_server_that_does_not_resolve_fires_an_error_and_the_call_goes_on() {
    let _rule = WATCH.rule(
        "1-3: icecandidateerror 701 says that a server cannot be reached (W3C webrtc-pc §4.8.3)",
    );
    let server = parse_stun_server("stun:no-such-host.invalid");
    let arguments = IceArguments {
        stun: vec![server.expect("a URL")],
        ..Default::default()
    };
    let servers = arguments.start().await.expect("nothing is started");
    let config = servers.configure(PeerConfig::loopback());
    let video = video();
    let report = connect_two_peers(
        video.outgoing.clone(),
        config,
        video.timeline.clone(),
        video.stop.clone(),
    );
    let report = report.await.expect("the call goes on without the server");
    let error = &report
        .failed_servers
        .first()
        .expect("icecandidateerror was fired")
        .error;
    assert_eq!(
        error.error_code, 701,
        "W3C webrtc-pc §4.8.3: the server could not be reached"
    );
    assert_eq!(error.url, "stun:no-such-host.invalid:3478");
    assert!(
        error.error_text.contains("does not resolve"),
        "{}",
        error.error_text
    );
    assert!(report.checks.nominated().is_some(), "the call goes on");
}
