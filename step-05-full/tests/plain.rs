//! The stage in plain webrtc, as a reader runs it.

#[path = "../../step-02-peer/tests/example/mod.rs"]
mod example;
#[path = "../examples/plain.rs"]
mod plain;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use example::Printed;
use rule::Rules;

const RULES: Rules = Rules::kept_in("step-05-full/examples/plain.rs");

#[test]
#[ignore = "the other tests start it in a process of its own"]
fn program() -> anyhow::Result<()> {
    plain::main()
}

#[test]
fn the_frames_of_a_whole_call_arrive_and_are_decoded() {
    let _rule = RULES.rule("1-1 to 2-5: a call in plain webrtc sends frames that are decoded");
    let printed = Printed::by_the_example();
    printed.has_in_order(&[
        "1-2  getUserMedia()",
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
        "remote track",
        "local.close(), remote.close()",
        " of 60 frames decoded",
    ]);
    for (peer, other) in [("local", "remote"), ("remote", "local")] {
        printed.has_in_order(&[
            &format!("1-3  {peer} icecandidate: "),
            &format!("1-4  {peer} sends candidate:"),
            &format!("1-5  {other}.addIceCandidate()"),
        ]);
    }
    let mut lines = printed.text.lines();
    let decoded = lines.find_map(|line| line.strip_suffix(" of 60 frames decoded"));
    let count = decoded.and_then(|decoded| decoded.trim().parse::<u32>().ok());
    assert!(count > Some(0), "frames must be decoded: {decoded:?}");
}
