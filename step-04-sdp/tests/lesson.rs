//! What `cargo run -p step-04-sdp` prints: the negotiation, both descriptions, the states.

mod peers;

use peers::{SSRC, local, remote, stream};
use step_01_capture::Timeline;
use step_01_capture::program::stop_signal::StopSignal;
use step_02_peer::{OutgoingVideo, VideoCodec};
use step_04_sdp::lesson::negotiate_call;

/// The lines below a heading, up to the next one.
fn below<'a>(text: &'a str, heading: &str) -> String {
    let lines: Vec<&'a str> = text
        .lines()
        .skip_while(|line| *line != heading)
        .skip(1)
        .take_while(|line| line.starts_with("  ") || line.is_empty())
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

#[tokio::test]
async fn the_lesson_lists_the_calls_in_order_and_explains_both_descriptions() {
    let stream = stream();
    let video = OutgoingVideo::new(&stream, VideoCodec::H264, SSRC);
    let report = negotiate_call(
        video,
        local(),
        remote(),
        Timeline::new(),
        StopSignal::default(),
    )
    .await
    .expect("two peers on loopback agree");
    let printed = report.to_string();
    insta::assert_snapshot!(below(&printed, "The negotiation, call by call, and the signaling state of both peers after each"), @r"
      2-1  local.createOffer()                   local stable            remote stable
      2-2  local.setLocalDescription(offer)      local have-local-offer  remote stable
      2-3  remote.setRemoteDescription(offer)    local have-local-offer  remote have-remote-offer
      2-4  remote.createAnswer()                 local have-local-offer  remote have-remote-offer
      2-4  remote.setLocalDescription(answer)    local have-local-offer  remote stable
      2-5  local.setRemoteDescription(answer)    local stable            remote stable
    ");
    let offer = below(&printed, "2-2, 2-3  The offer, line by line");
    assert!(offer.contains("a=setup:actpass"), "{printed}");
    assert!(offer.contains("a=ice-ufrag:local-ufrag"), "{printed}");
    let answer = below(&printed, "2-4, 2-5  The answer, line by line");
    assert!(answer.contains("a=setup:active"), "{printed}");
    assert!(answer.contains("a=ice-ufrag:remote-ufrag"), "{printed}");
    // Both are connected before the lesson ends.
    let states = below(&printed, "Timeline");
    for peer in ["local ", "remote"] {
        let connected = states
            .lines()
            .any(|line| line.contains(peer) && line.contains("connecting => connected"));
        assert!(
            connected,
            "{peer} connects before the lesson ends:\n{printed}"
        );
    }
}
