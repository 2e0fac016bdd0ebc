//! Input from outside may be anything: a clear error, no panic, and the call goes on.

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;
mod video;

use std::net::Ipv4Addr;
use std::sync::Arc;

use clap::ValueEnum;
use rule::Rules;
use step_02_peer::{CONNECTION, PeerConfig, PeerPair};
use step_03_ice::{
    Candidate, ConnectedPair, IceServerUrl, Lab, SignalingMessage, SilentNegotiator, TcpSignaling,
    parse_stun_server, parse_turn_server, signaling_channel,
};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use video::{in_time, video};

const RULES: Rules = Rules::kept_in(
    "step-03-ice/src/servers/ice_server_url.rs, ice_servers.rs, candidate.rs and signaling.rs",
);
const LINES: Rules = Rules::kept_in("step-03-ice/src/two_processes/tcp_signaling.rs");
const SESSION: Rules = Rules::kept_in("step-03-ice/src/session.rs");

/// Inputs for all parsers together.
const INPUTS: usize = 100_000;

/// Valid texts, which are then damaged.
const VALID: [&str; 10] = [
    "stun:stun.example.org:3478",
    "turn:[2001:db8::1]:3478?transport=udp",
    "turn:192.0.2.1,ana,secret",
    "candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host",
    "candidate:2 1 udp 1694498815 203.0.113.5 50000 typ srflx raddr 192.0.2.1 rport 50000 ufrag a",
    "a=candidate:3 1 tcp 1 2001:db8::1 9 typ relay raddr :: rport 0 tcptype active generation 0",
    r#"{"candidate":"candidate:1 1 udp 1 192.0.2.1 5 typ host","sdpMid":null,"sdpMLineIndex":0}"#,
    r#"{"type":"offer","sdp":"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"}"#,
    "no-candidates",
    "\u{1b}[2J\u{202e}\0\u{10ffff}",
];

/// SplitMix64: the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit.max(1) as u64).unwrap_or(0)
    }

    /// A valid text with up to five changes.
    fn bytes(&mut self) -> Vec<u8> {
        let mut bytes = VALID[self.below(VALID.len())].as_bytes().to_vec();
        for _ in 0..self.below(6) {
            let at = self.below(bytes.len() + 1);
            match self.below(6) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, u8::try_from(self.below(256)).unwrap_or(0)),
                2 => bytes.insert(at, b":,?[] \n{}\"0-"[self.below(12)]),
                3 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
                4 if at < bytes.len() => drop(bytes.remove(at)),
                _ => {
                    let other = VALID[self.below(VALID.len())].as_bytes();
                    let from = self.below(other.len());
                    bytes.splice(at..at, other[from..].iter().copied());
                }
            }
        }
        bytes
    }

    fn text(&mut self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }
}

/// An error is one line that a terminal can show.
fn assert_printable(error: &str, input: &str) {
    assert!(!error.is_empty(), "{input:?}: an error says something");
    assert!(error.chars().count() < 1200, "{input:?}: too long: {error}");
    assert!(
        !error.chars().any(char::is_control),
        "{input:?}: {error:?} would move the cursor"
    );
}

fn valid<T, E: ToString>(parsed: Result<T, E>, input: &str) -> Option<T> {
    parsed
        .map_err(|error| assert_printable(&error.to_string(), input))
        .ok()
}

#[test]
fn a_hundred_thousand_inputs_and_no_parser_panics() {
    let _rule = RULES.rule("1-5: every input is read, or rejected in one line");
    let mut random = Random(4);
    let mut count = 0;
    for _ in 0..INPUTS {
        let input = random.text();
        if let Some(url) = valid(input.parse::<IceServerUrl>(), &input) {
            assert_eq!(
                url.to_string().parse(),
                Ok(url),
                "{input:?} must read the same again"
            );
            count += 1;
        }
        if let Some(candidate) = valid(input.parse::<Candidate>(), &input) {
            assert_printable(&candidate.to_string().replace('\n', " "), &input);
            count += 1;
        }
        valid(parse_stun_server(&input), &input);
        valid(parse_turn_server(&input), &input);
        let _ = Lab::from_str(&input, false);
        match SignalingMessage::from_json(&input) {
            Ok(message) => {
                let again = SignalingMessage::from_json(&message.to_json());
                assert!(again.is_ok(), "{input:?} must read the same again");
                count += 1;
            }
            Err(error) => assert_printable(&error.to_string(), &input),
        }
    }
    assert!(
        count > INPUTS / 20,
        "only {count} inputs were valid: too many changes to test much"
    );
}

#[tokio::test]
async fn whatever_a_stranger_sends_the_channel_ends_with_the_connection() {
    let _rule = LINES.rule("1-4: a line of signaling ends, or the channel does");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let mut random = Random(5);
    for _ in 0..INPUTS / 1000 {
        let mut stranger = TcpStream::connect(address).await.expect("it listens");
        let (stream, _) = listener.accept().await.expect("the stranger connects");
        let mut signaling = TcpSignaling::new(stream);
        let sending = async {
            for _ in 0..100 {
                let sent = stranger.write_all(&random.bytes()).await;
                sent.expect("the channel reads whatever comes");
            }
            drop(stranger);
        };
        let receiving = async { while signaling.channel.recv().await.is_some() {} };
        tokio::join!(sending, receiving);
    }
}

#[tokio::test]
async fn a_call_connects_although_strangers_send_messages() {
    let _rule = SESSION.rule("1-5: a message that cannot be used is ignored, and the call goes on");
    let video = video();
    let config = PeerConfig::loopback();
    let pair = PeerPair::new(config.clone(), config, &video.timeline).await;
    let pair = pair.expect("two peers on loopback can be created");
    pair.local
        .add_track(&video.outgoing)
        .await
        .expect("a new peer takes a track");
    let (at_local, mut to_local) = signaling_channel();
    let (mut to_remote, at_remote) = signaling_channel();
    let channel = (at_local, at_remote);
    let mut pair = ConnectedPair::connect_over(pair, Arc::new(SilentNegotiator), channel);
    let stranger = tokio::spawn(async move {
        let mut random = Random(6);
        for _ in 0..1000 {
            let text = random.text();
            // A description that can be read may end the call: whoever sends one is trusted.
            if matches!(
                SignalingMessage::from_json(&text),
                Ok(SignalingMessage::Description(_))
            ) {
                continue;
            }
            let _ = to_remote.send_text(text.clone()).await;
            let _ = to_local.send_text(text).await;
        }
        loop {
            tokio::select! {
                Some(text) = to_local.recv() => drop(to_remote.send_text(text).await),
                Some(text) = to_remote.recv() => drop(to_local.send_text(text).await),
                else => return,
            }
        }
    });
    in_time(pair.until_connected_or_failed(|_| {})).await;
    for peer in ["local", "remote"] {
        assert_eq!(
            video.timeline.state(peer, CONNECTION).as_deref(),
            Some("connected"),
            "1-5: the real candidates connect: {}",
            video.timeline
        );
    }
    pair.close().await.expect("both peers can still be closed");
    stranger.await.expect("the stranger ends with the channel");
}
