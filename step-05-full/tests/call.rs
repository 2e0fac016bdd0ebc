//! The whole call, from Call to Hang Up: what flows, in which order, and what is left.

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;
mod stage;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rule::Rules;
use stage::{camera, camera_with_plug, until};
use step_01_capture::latest_frame::latest_frame;
use step_01_capture::source::pattern::frame_code;
use step_01_capture::{LatestFrame, MediaStream, NextFrame, StateMachine, Timeline};
use step_02_peer::{PeerConfig, PeerEvent};
use step_03_ice::Observed;
use step_05_full::actions::{call_action, handle_event, hangup_action};
use step_05_full::call::{Call, LocalVideo};
use step_05_full::call_error::CallError;
use step_05_full::call_media::{CallMedia, CallProgress};
use step_05_full::send::encoder_thread::EncoderThread;
use webrtc::peer_connection::RTCPeerConnectionState;

const RULES: Rules = Rules::kept_in(rule::lesson_file!("step-05-full/src/", "actions.rs"));
const SEE: &str = rule::lesson_file!("see step-05-full/src/", "actions.rs");
const VIDEO: Rules = Rules::kept_in(
    "step-05-full/src/receive/video_receiver.rs, decoder_thread.rs and capture_log.rs",
);

async fn call(stream: &MediaStream, timeline: &Timeline) -> (Call, LatestFrame) {
    let (frames, remote) = latest_frame();
    let video = LocalVideo::new(stream, 0x5eed);
    let call = Call::start(video, PeerConfig::loopback(), timeline, frames).await;
    let call = call
        .unwrap_or_else(|error| panic!("1-1: both peers can be made on loopback; {SEE}: {error}"));
    (call, remote)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_goes_through_every_state_once_and_ends_closed() {
    let _rule =
        RULES.rule("1-1 to 2-5: connectionState goes from new to closed (W3C webrtc-pc §4.3.3)");
    let timeline = Timeline::new();
    let stream = camera(&timeline);
    let (call, _remote) = call(&stream, &timeline).await;
    until(&call, "a decoded frame", |stats| stats.frames.decoded > 0).await;
    let (_, ended) = call.hang_up().await;
    ended.unwrap_or_else(|error| {
        panic!("hangupAction() closes both peers in order; {SEE}: {error}")
    });
    drop(stream);
    insta::assert_snapshot!(timeline, @r"
    local  connection: new => connecting => connected => closed
    local  gathering: new => gathering => complete
    local  ice: new => checking => connected => closed
    local  signaling: stable => have-local-offer => stable => closed
    local  track: live => ended
    remote connection: new => connecting => connected => closed
    remote gathering: new => gathering => complete
    remote ice: new => checking => connected => closed
    remote signaling: stable => have-remote-offer => stable => closed
    ");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_frame_that_was_sent_is_decoded_before_the_call_ends() {
    let _rule = RULES.rule("hangupAction() waits for the frames on their way");
    let timeline = Timeline::new();
    let stream = camera(&timeline);
    let (call, _remote) = call(&stream, &timeline).await;
    until(&call, "ten decoded frames", |stats| {
        stats.frames.decoded >= 10
    })
    .await;
    let (stats, _) = call.hang_up().await;
    let frames = stats.frames;
    assert_eq!(
        (frames.dropped, stats.pli_count),
        (0, 0),
        "2-5: nothing is lost when sending begins with both peers connected, so no PLI is needed; {SEE}, handle_event: {frames:?}"
    );
    assert_eq!(
        frames.sent, frames.decoded,
        "hangupAction(): what was sent is waited for; {SEE}, hangup_action: {frames:?}"
    );
    assert!(
        stats.setup.is_some() && stats.first_remote_frame >= stats.setup,
        "{stats:?}"
    );
    assert!(
        stats.latency.p50.is_some() && stats.latency.p50 <= stats.latency.p99,
        "{stats:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_selected_pair_is_on_loopback() {
    let _rule = RULES.rule("1-5: media takes the selected candidate pair (W3C webrtc-pc §5.6)");
    let timeline = Timeline::new();
    let stream = camera(&timeline);
    let (call, _remote) = call(&stream, &timeline).await;
    until(&call, "a decoded frame", |stats| stats.frames.decoded > 0).await;
    let pair = call.hang_up().await.0.selected_pair.unwrap_or_default();
    let ends = pair.matches(" 127.0.0.1:").count();
    assert_eq!(
        ends, 2,
        "1-5: media takes the pair that ICE selected: {pair:?}"
    );
}

/// Takes frames on a thread that may wait for them.
fn take(mut frames: LatestFrame, count: usize) -> Vec<(u64, Option<u32>)> {
    let begun = Instant::now();
    let mut taken = Vec::new();
    while taken.len() < count && begun.elapsed() < Duration::from_secs(20) {
        match frames.next(Duration::from_millis(100)) {
            NextFrame::Frame(frame) => taken.push((frame.number, frame_code::read(&frame))),
            NextFrame::TimedOut => {}
            NextFrame::Ended => break,
        }
    }
    taken
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_number_in_the_remote_frame_is_the_number_that_was_sent() {
    let _rule = VIDEO.rule("an RTP timestamp leads back to its frame (RFC 3550 §5.1)");
    let timeline = Timeline::new();
    let stream = camera(&timeline);
    let (call, remote) = call(&stream, &timeline).await;
    until(&call, "a decoded frame", |stats| stats.frames.decoded > 0).await;
    let taken = tokio::task::spawn_blocking(|| take(remote, 10)).await;
    let taken = taken.expect("taking frames cannot panic");
    call.hang_up().await.1.expect("the call ends in order");
    assert_eq!(
        taken.len(),
        10,
        "ten remote frames (see step-05-full/src/receive/video_receiver.rs)"
    );
    for (sent, read) in &taken {
        let sent = u32::try_from(*sent).ok();
        assert_eq!(
            *read, sent,
            "what was decoded is what was captured, and its log is right"
        );
    }
    let different: BTreeSet<_> = taken.iter().map(|(sent, _)| sent).collect();
    assert_eq!(different.len(), 10, "each frame is another one: {taken:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_that_is_unplugged_ends_the_track_and_not_the_call() {
    let _rule =
        RULES.rule("1-2: an ended MediaStreamTrack closes no peer (W3C Media Capture §4.3.1)");
    let timeline = Timeline::new();
    let plug = Arc::new(AtomicBool::new(false));
    let stream = camera_with_plug(&plug, &timeline);
    let (call, mut remote) = call(&stream, &timeline).await;
    until(&call, "a decoded frame", |stats| stats.frames.decoded > 0).await;
    plug.store(true, Ordering::Release);
    while timeline.state("local", StateMachine::TRACK).as_deref() != Some("ended") {
        tokio::task::yield_now().await;
    }
    assert!(
        !call.is_over(),
        "the call goes on without frames until someone hangs up"
    );
    assert!(
        remote.peek().is_some(),
        "the remote peer keeps its last frame"
    );
    assert!(
        !matches!(remote.next(Duration::ZERO), NextFrame::Ended),
        "its track has not ended"
    );
    let (stats, ended) = call.hang_up().await;
    ended.expect("a call without a source can be hung up");
    assert_eq!(
        stats.frames.sent, stats.frames.decoded,
        "hangupAction(): what was sent is waited for; {SEE}, hangup_action"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hanging_up_at_once_ends_a_call_that_is_still_being_made() {
    let _rule = RULES.rule("close() may be called in every state (W3C webrtc-pc §4.4.2)");
    let timeline = Timeline::new();
    let stream = camera(&timeline);
    let (call, _remote) = call(&stream, &timeline).await;
    let (stats, ended) = call.hang_up().await;
    ended.unwrap_or_else(|error| panic!("hangupAction() at any time; {SEE}: {error}"));
    assert_eq!(
        stats.frames.sent, stats.frames.decoded,
        "hangupAction(): what was sent is waited for; {SEE}, hangup_action"
    );
    let states = timeline.to_string();
    assert_eq!(
        states.matches("closed\n").count(),
        6,
        "both peers are closed:\n{states}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_dropped_hangs_up_by_itself() {
    let _rule = RULES.rule("a call that has no owner any more is closed");
    let timeline = Timeline::new();
    let stream = camera(&timeline);
    let (call, mut remote) = call(&stream, &timeline).await;
    until(&call, "a decoded frame", |stats| stats.frames.decoded > 0).await;
    drop(call);
    let ended = tokio::task::spawn_blocking(move || {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(20) {
            if matches!(remote.next(Duration::from_millis(100)), NextFrame::Ended) {
                return true;
            }
        }
        false
    });
    assert!(
        ended.await.unwrap_or(false),
        "the remote frames end (see step-05-full/src/call.rs)"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_cannot_be_made_is_an_error_with_its_address() {
    let _rule = RULES.rule("1-1: a peer that cannot be made is an error with its address");
    let timeline = Timeline::new();
    let stream = camera(&timeline);
    // An address of nobody's machine (TEST-NET-1, RFC 5737 §3).
    let config = PeerConfig {
        addresses: vec![([192, 0, 2, 1], 0).into()],
        ..PeerConfig::loopback()
    };
    let (frames, _remote) = latest_frame();
    let call = Call::start(LocalVideo::new(&stream, 1), config, &timeline, frames).await;
    let error = call.err().expect("1-1: there is no socket on that address");
    assert!(matches!(error, CallError::Peer(_)), "{error:?}");
    assert!(error.to_string().contains("192.0.2.1:0"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_fails_is_an_error() {
    let _rule = RULES
        .rule("1-5: connectionState failed ends the call with a reason (W3C webrtc-pc §4.3.3)");
    let timeline = Timeline::new();
    let stream = camera(&timeline);
    let local = LocalVideo::new(&stream, 1);
    let encoder = EncoderThread::start(local.frames, local.encoder_config);
    let encoder = encoder.expect("an encoder");
    let (pair, sender) = call_action(&local.outgoing, PeerConfig::loopback(), &timeline)
        .await
        .expect("1-1: both peers can be made");
    let (frames, _remote) = latest_frame();
    let to_send = (encoder, sender, local.outgoing);
    let mut media = CallMedia::new(CallProgress::begin(), to_send, frames);
    let failed = Observed {
        peer: "remote".to_owned(),
        event: PeerEvent::ConnectionState(RTCPeerConnectionState::Failed),
    };
    let error = handle_event(failed, &mut media).await;
    let error = error.expect_err(SEE);
    insta::assert_snapshot!(error, @"remote connection: failed: the peers never found each other, or lost each other: call again");
    hangup_action(pair, media)
        .await
        .expect("and the call can be hung up");
}
