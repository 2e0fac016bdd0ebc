//! A call for which a relay is the only way.

#[path = "../../step-02-peer/tests/redact/mod.rs"]
mod redact;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;
mod stage;

use redact::Redaction;
use rule::Rules;
use stage::{camera, until};
use step_01_capture::latest_frame::latest_frame;
use step_01_capture::source::pattern::frame_code;
use step_01_capture::{NextFrame, Timeline};
use step_02_peer::PeerConfig;
use step_03_ice::{IceArguments, IcePolicy};
use step_05_full::call::{Call, LocalVideo};

const RULES: Rules = Rules::kept_in("step-05-full/src/call.rs and actions.rs");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_video_arrives_through_the_relay_and_the_report_says_so() {
    let _rule = RULES.rule(
        "1-3, 1-5: iceTransportPolicy relay uses relay candidates only (W3C webrtc-pc §4.2.3)",
    );
    let arguments = IceArguments {
        policy: IcePolicy::Relay,
        local_servers: true,
        ..Default::default()
    };
    let servers = arguments.start().await.expect("a TURN server on loopback");
    let config = servers.configure(PeerConfig::loopback());
    let timeline = Timeline::new();
    let stream = camera(&timeline);
    let (frames, mut remote) = latest_frame();
    let video = LocalVideo::new(&stream, 0x5eed);
    let call = Call::start(video, config, &timeline, frames).await;
    let call = call.expect("1-1: both peers can be made on loopback");
    until(&call, "ten decoded frames", |stats| {
        stats.frames.decoded >= 10
    })
    .await;
    let shown = remote.next(std::time::Duration::ZERO);
    let (stats, ended) = call.hang_up().await;
    ended.expect("hangupAction() closes both peers in order");
    servers.close().await;

    let NextFrame::Frame(frame) = shown else {
        panic!("ten frames were decoded, and none is shown: {shown:?}");
    };
    assert_eq!(
        frame_code::read(&frame).map(u64::from),
        Some(frame.number),
        "the frame is the one that was sent: its number stands in it"
    );
    let pair = stats.selected_pair.expect("a call that flows has a pair");
    insta::assert_snapshot!(ends(&pair), @"relay 127.0.0.1:[port-1] <-> relay 127.0.0.1:[port-2]");
}

/// `relay 127.0.0.1:49152 <-> relay 127.0.0.1:49153` with labels for the ports.
fn ends(pair: &str) -> String {
    let mut redaction = Redaction::new();
    let words = pair.split(' ').map(|word| match word.rsplit_once(':') {
        Some((address, port)) => format!("{address}:{}", redaction.label("port", port)),
        None => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}
