//! What comes from outside may be anything: a clear error, no panic, and the call goes on.

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;
mod video;

use std::sync::Arc;

use rule::Rules;
use step_02_peer::PeerConfig;
use step_03_ice::report::observations::Observations;
use step_03_ice::two_processes::tcp_signaling::{Line, next_line};
use step_03_ice::{
    Candidate, IceServerUrl, LabChoice, PeerPair, SignalingMessage, SilentNegotiator, StunServer,
    TurnServer, signaling_channel,
};
use video::video;

const RULES: Rules = Rules::kept_in(
    "step-03-ice/src/servers/ice_server_url.rs, ice_arguments.rs, candidate_info.rs, lab.rs and signaling.rs",
);
const LINES: Rules = Rules::kept_in("step-03-ice/src/two_processes/tcp_signaling.rs");
const SESSION: Rules = Rules::kept_in("step-03-ice/src/session.rs");

/// Inputs for all parsers together.
const INPUTS: usize = 100_000;

/// Texts that are right, to begin with.
const RIGHT: [&str; 10] = [
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
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit.max(1) as u64).unwrap_or(0)
    }

    /// A right text with up to five wounds.
    fn bytes(&mut self) -> Vec<u8> {
        let mut bytes = RIGHT[self.below(RIGHT.len())].as_bytes().to_vec();
        for _ in 0..self.below(6) {
            let at = self.below(bytes.len() + 1);
            match self.below(6) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, u8::try_from(self.below(256)).unwrap_or(0)),
                2 => bytes.insert(at, b":,?[] \n{}\"0-"[self.below(12)]),
                3 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
                4 if at < bytes.len() => drop(bytes.remove(at)),
                _ => {
                    let other = RIGHT[self.below(RIGHT.len())].as_bytes();
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
fn assert_tellable(error: &str, input: &str) {
    assert!(!error.is_empty(), "{input:?}: an error says something");
    assert!(error.chars().count() < 1200, "{input:?}: too long: {error}");
    assert!(
        !error.chars().any(char::is_control),
        "{input:?}: {error:?} would move the cursor"
    );
}

fn parse<T: std::str::FromStr<Err: ToString>>(input: &str) -> Option<T> {
    let parsed = input.parse::<T>();
    parsed
        .map_err(|error| assert_tellable(&error.to_string(), input))
        .ok()
}

#[test]
fn a_hundred_thousand_inputs_and_no_parser_panics() {
    let _rule = RULES.rule("1-5: whatever comes is read, or refused in one line");
    let mut chance = Chance(4);
    let mut right = 0;
    for _ in 0..INPUTS {
        let input = chance.text();
        if let Some(url) = parse::<IceServerUrl>(&input) {
            assert_eq!(
                url.to_string().parse(),
                Ok(url),
                "{input:?} must read the same again"
            );
            right += 1;
        }
        if let Some(info) = parse::<Candidate>(&input) {
            assert_tellable(&info.to_string().replace('\n', " "), &input);
            right += 1;
        }
        parse::<StunServer>(&input);
        parse::<TurnServer>(&input);
        parse::<LabChoice>(&input);
        match SignalingMessage::from_json(&input) {
            Ok(message) => {
                let again = SignalingMessage::from_json(&message.to_json());
                assert!(again.is_ok(), "{input:?} must read the same again");
                right += 1;
            }
            Err(error) => assert_tellable(&error.to_string(), &input),
        }
    }
    assert!(
        right > INPUTS / 20,
        "only {right} inputs were right: the wounds are too deep to test much"
    );
}

#[tokio::test]
async fn lines_of_a_stranger_end() {
    let _rule = LINES.rule("1-4: a line of signaling ends, or the channel does");
    let mut chance = Chance(5);
    for _ in 0..INPUTS / 10 {
        let bytes = chance.bytes();
        let mut reader = &bytes[..];
        while next_line(&mut reader).await.expect("memory can be read") != Line::End {}
    }
}

#[tokio::test]
async fn a_call_survives_what_strangers_send() {
    let _rule =
        SESSION.rule("1-5: a message that cannot be used is left out, and the call goes on");
    let video = video();
    let config = PeerConfig::loopback();
    let pair = PeerPair::new(config.clone(), config, &video.timeline).await;
    let pair = pair.expect("two peers on loopback can be made");
    pair.local
        .add_track(&video.outgoing)
        .await
        .expect("a new peer takes a track");
    let (at_local, mut to_local) = signaling_channel();
    let (mut to_remote, at_remote) = signaling_channel();
    let mut pair = pair.connect_over(Arc::new(SilentNegotiator), (at_local, at_remote));
    let stranger = tokio::spawn(async move {
        let mut chance = Chance(6);
        for _ in 0..1000 {
            let text = chance.text();
            // A description that can be read is no attack: whoever may send one may end the call.
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
    let mut seen = Observations::default();
    while !seen.are_settled(2) {
        seen.note(pair.next_event().await.expect("both sessions still run"));
    }
    assert_eq!(
        seen.failed, 0,
        "1-5: the real candidates connect: {}",
        video.timeline
    );
    pair.close().await.expect("both peers can still be closed");
    stranger.await.expect("the stranger ends with the channel");
}
