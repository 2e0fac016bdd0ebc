//! The stage in plain webrtc, as a reader runs it.

mod example;
#[path = "../examples/plain.rs"]
mod plain;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use example::Printed;
use rule::Rules;

const RULES: Rules = Rules::kept_in("step-02-peer/examples/plain.rs");

#[test]
#[ignore = "the other tests start it in a process of its own"]
fn program() -> anyhow::Result<()> {
    plain::main()
}

#[test]
fn a_track_is_added_and_asks_for_a_negotiation() {
    let _rule = RULES.rule("1-1, 1-2: addTrack() adds an m= section, and fires negotiationneeded");
    let printed = Printed::by_the_example();
    printed.has_in_order(&[
        "1-1  local = new RTCPeerConnection()",
        "1-1  remote = new RTCPeerConnection()",
        "offer without a track:",
        "1-2  local.addTrack()",
        "local negotiationneeded",
        "offer with the track:",
        "m=video ",
        "a=rtpmap:102 H264/90000",
        "a=msid:stream0 video0",
        "a=sendrecv",
        "local.close(), remote.close()",
    ]);
    let (without_a_track, _) = printed.text.split_once("1-2  ").unwrap_or_default();
    assert!(
        !without_a_track.contains("m="),
        "a peer with nothing to send offers no m= section:\n{without_a_track}"
    );
}
