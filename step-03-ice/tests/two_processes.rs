//! Signaling over TCP, with peers and with strangers.

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;
mod video;

use std::net::Ipv4Addr;

use rule::Rules;
use step_01_capture::program::stop_signal::StopReason;
use step_02_peer::PeerConfig;
use step_03_ice::two_processes::tcp_signaling::LONGEST_LINE;
use step_03_ice::{CallEnd, RemoteCall, Role, TcpSignaling};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use video::video;

const RULES: Rules = Rules::kept_in("step-03-ice/src/two_processes/tcp_signaling.rs");
const CALL: Rules = Rules::kept_in("step-03-ice/src/two_processes/remote_call.rs");

async fn connected() -> (TcpSignaling, TcpStream) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let stranger = TcpStream::connect(address).await.expect("it listens");
    let (stream, _) = listener.accept().await.expect("somebody connects");
    (TcpSignaling::new(stream), stranger)
}

/// The lines that the session gets when a stranger sends these bytes and closes the connection.
async fn received(bytes: &[u8]) -> Vec<String> {
    let (mut signaling, mut stranger) = connected().await;
    let sending = async {
        let sent = stranger.write_all(bytes).await;
        sent.expect("the channel reads whatever comes");
        drop(stranger);
    };
    let receiving = async {
        let mut lines = Vec::new();
        while let Some(line) = signaling.channel.recv().await {
            lines.push(line);
        }
        lines
    };
    tokio::join!(sending, receiving).1
}

#[tokio::test]
async fn lines_are_received_and_longer_ones_and_those_that_are_not_utf8_are_skipped() {
    let _rule = RULES.rule("1-4: a message of the signaling channel is one line of text");
    let long = "x".repeat(LONGEST_LINE + 1);
    let text = format!("one\n{long}\ntwo\n\n\u{fffd}\nno end");
    let mut bytes = text.into_bytes();
    bytes.splice(0..0, *b"\xff\n");
    assert_eq!(
        received(&bytes).await,
        ["one", "two", "", "\u{fffd}"],
        "what comes after the last line end is no message"
    );
}

#[tokio::test]
async fn the_longest_line_is_still_a_message() {
    let _rule = RULES.rule("1-4: a message of the signaling channel has up to 64 KiB");
    let longest = "x".repeat(LONGEST_LINE);
    let lines = received(format!("{longest}\n").as_bytes()).await;
    assert!(lines == [longest], "64 KiB and not a byte more");
}

#[tokio::test]
async fn a_peer_that_closes_its_connection_ends_the_channel() {
    let _rule = RULES.rule("1-4: the signaling channel ends with the connection");
    let (mut signaling, mut stranger) = connected().await;
    stranger
        .write_all(b"hello\n")
        .await
        .expect("it is connected");
    drop(stranger);
    assert_eq!(signaling.channel.recv().await.as_deref(), Some("hello"));
    assert_eq!(
        signaling.channel.recv().await,
        None,
        "the other end is gone"
    );
    assert_eq!(signaling.received.recv().await.as_deref(), Some("hello"));
    assert_eq!(
        signaling.received.recv().await,
        None,
        "and so does the copy for the report"
    );
}

#[tokio::test]
async fn two_processes_call_each_other_over_tcp() {
    let _rule = CALL
        .rule("1-5, 2-1 to 2-5: connectionState is connected on both sides (W3C webrtc-pc §4.3.3)");
    let (signaling, stream) = connected().await;
    let (callee, caller) = (video(), video());
    let (print, mut printed) = mpsc::unbounded_channel();
    let printer = |print: mpsc::UnboundedSender<String>| move |text| print.send(text).unwrap_or(());
    let answer = RemoteCall::run_over(
        (Role::Answerer, signaling),
        callee.outgoing.clone(),
        PeerConfig::loopback(),
        callee.timeline.clone(),
        printer(print.clone()),
        callee.stop.clone(),
    );
    let call = RemoteCall::run_over(
        (Role::Offerer, TcpSignaling::new(stream)),
        caller.outgoing.clone(),
        PeerConfig::loopback(),
        caller.timeline.clone(),
        printer(print),
        caller.stop.clone(),
    );
    // Both print how they are connected; then the caller hangs up.
    let hang_up = async {
        for _ in 0..2 {
            let text = printed.recv().await.unwrap_or_default();
            assert!(text.contains("straight from peer to peer"), "1-5: {text}");
        }
        caller.stop.stop(StopReason::Done);
    };
    let (answered, called, ()) = tokio::join!(answer, call, hang_up);
    let (answered, called) = (answered.expect("a callee"), called.expect("a caller"));
    assert_eq!(called.end, CallEnd::Stopped, "the caller was stopped");
    assert_eq!(
        answered.end,
        CallEnd::OtherLeft,
        "the callee sees that the caller left"
    );
    insta::assert_snapshot!(called.timeline, @r"
    local  connection: new => connecting => connected => closed
    local  gathering: new => gathering => complete
    local  ice: new => checking => connected => closed
    local  signaling: stable => have-local-offer => stable => closed
    ");
    insta::assert_snapshot!(answered.timeline, @r"
    remote connection: new => connecting => connected => closed
    remote gathering: new => gathering => complete
    remote ice: new => checking => connected => closed
    remote signaling: stable => have-remote-offer => stable => closed
    ");
}
