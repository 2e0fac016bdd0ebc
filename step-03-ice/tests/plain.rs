//! The stage in plain webrtc, as a reader runs it.

#[path = "../../step-02-peer/tests/example/mod.rs"]
mod example;
#[path = "../examples/plain.rs"]
mod plain;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use example::Printed;
use rule::Rules;

const RULES: Rules = Rules::kept_in("step-03-ice/examples/plain.rs");

#[test]
#[ignore = "the other tests start it in a process of its own"]
fn program() -> anyhow::Result<()> {
    plain::main()
}

#[test]
fn the_candidates_of_both_peers_are_exchanged_and_connect_them() {
    let _rule = RULES.rule("1-3 to 1-5: each candidate is found, sent and added, and both connect");
    let printed = Printed::by_the_example();
    for (peer, other) in [("local", "remote"), ("remote", "local")] {
        printed.has_in_order(&[
            &format!("1-1  {peer} = new RTCPeerConnection()"),
            "1-2  local.addTrack()",
            &format!("1-3  {peer} icecandidate: udp host 127.0.0.1:"),
            &format!("1-4  {peer} sends candidate:"),
            &format!("1-5  {other}.addIceCandidate()"),
            "selected: (local) udp ",
            "local.close(), remote.close()",
        ]);
        printed.has_in_order(&[
            &format!("{peer} iceconnectionstatechange: checking"),
            &format!("{peer} iceconnectionstatechange: connected"),
        ]);
        printed.has_in_order(&[
            &format!("{peer} connectionstatechange: connecting"),
            &format!("{peer} connectionstatechange: connected"),
            "selected: (local) udp ",
        ]);
    }
}
