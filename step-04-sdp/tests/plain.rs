//! The stage in plain webrtc, as a reader runs it.

#[path = "../../step-02-peer/tests/example/mod.rs"]
mod example;
#[path = "../examples/plain.rs"]
mod plain;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use example::Printed;
use rule::Rules;

const RULES: Rules = Rules::kept_in("step-04-sdp/examples/plain.rs");

#[test]
#[ignore = "the other tests start it in a process of its own"]
fn program() -> anyhow::Result<()> {
    plain::main()
}

#[test]
fn each_call_of_the_negotiation_is_named_before_it_is_made() {
    let _rule = RULES.rule("2-1 to 2-5: the order of the calls is that of RFC 9429 §3.2");
    Printed::by_the_example().has_in_order(&[
        "1-1  local = new RTCPeerConnection()",
        "1-1  remote = new RTCPeerConnection()",
        "1-2  local.addTrack()",
        "2-1  local.createOffer()",
        "2-2  local.setLocalDescription(offer)",
        "2-3  remote.setRemoteDescription(offer)",
        "2-4  remote.createAnswer()",
        "2-4  remote.setLocalDescription(answer)",
        "2-5  local.setRemoteDescription(answer)",
        "1-5  ",
        "selected: (local) udp ",
        "local.close(), remote.close()",
    ]);
}

#[test]
fn each_peer_goes_through_the_state_of_its_offer_and_back_to_stable() {
    let _rule = RULES.rule("2-1 to 2-5: the states are those of RFC 9429 §3.2");
    let printed = Printed::by_the_example();
    for (peer, call, state) in [
        ("local", "2-2  ", "have-local-offer"),
        ("remote", "2-3  ", "have-remote-offer"),
    ] {
        printed.has_in_order(&[
            call,
            &format!("{peer} signalingstatechange: {state}"),
            &format!("{peer} signalingstatechange: stable"),
        ]);
    }
}

#[test]
fn offer_and_answer_are_shown_with_what_connects_the_peers() {
    let _rule = RULES.rule("2-1, 2-4: the whole offer and the whole answer are printed");
    Printed::by_the_example().has_in_order(&[
        "2-1  local.createOffer()",
        "a=fingerprint:sha-256 ",
        "m=video ",
        "a=setup:actpass",
        "a=ice-ufrag:",
        "a=sendrecv",
        "2-4  remote.createAnswer()",
        "a=fingerprint:sha-256 ",
        "m=video ",
        "a=setup:active",
        "a=ice-ufrag:",
        "a=recvonly",
    ]);
}
