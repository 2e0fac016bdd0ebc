//! What --stun, --turn, --policy and --lab take, and how they say no.

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use clap::Parser;
use rule::Rules;
use step_03_ice::{IceArguments, IcePolicy, IceServerUrl, Lab, LabChoice};

const RULES: Rules = Rules::kept_in("step-03-ice/src/servers/ice_server_url.rs");
const OPTIONS: Rules = Rules::kept_in("step-03-ice/src/servers/ice_arguments.rs");
const LABS: Rules = Rules::kept_in("step-03-ice/src/labs/mod.rs");

#[derive(Debug, Parser)]
struct Step {
    #[command(flatten)]
    ice: IceArguments,
}

fn url(text: &str) -> String {
    let url: Result<IceServerUrl, _> = text.parse();
    url.map_or_else(|error| format!("refused: {error}"), |url| url.to_string())
}

fn refusal(words: &[&str]) -> String {
    let words = ["step"].iter().chain(words);
    let error = Step::try_parse_from(words).expect_err("these options should be refused");
    error
        .to_string()
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn a_url_without_a_port_means_port_3478() {
    let _rule = RULES
        .rule("1-1: RTCIceServer.urls without a port mean 3478 (RFC 7064 §3.2, RFC 7065 §3.2)");
    assert_eq!(
        url("stun:stun.example.org"),
        "stun:stun.example.org:3478",
        "RFC 7064 §3.2"
    );
    assert_eq!(
        url("turn:192.0.2.1"),
        "turn:192.0.2.1:3478",
        "RFC 7065 §3.2"
    );
    assert_eq!(
        url("turn:[2001:DB8::1]"),
        "turn:[2001:db8::1]:3478",
        "RFC 3986 §3.2.2"
    );
    assert_eq!(
        url("TURN:Example.org:80?transport=udp"),
        "turn:example.org:80"
    );
}

#[test]
fn what_webrtc_drops_in_silence_is_refused_aloud() {
    let _rule = RULES.rule("1-1: a server that webrtc would never ask is refused, with the reason");
    insta::assert_snapshot!(url("turns:example.org"), @"refused: turns: needs TLS, which webrtc 0.21 leaves out without a word: use turn: over UDP");
    insta::assert_snapshot!(url("stuns:example.org"), @"refused: stuns: needs TLS, which webrtc 0.21 leaves out without a word: use stun: over UDP");
    insta::assert_snapshot!(url("turn:example.org?transport=tcp"), @"refused: transport=tcp: webrtc 0.21 gathers nothing over TCP, without a word: use UDP");
}

#[test]
fn a_malformed_url_is_told_what_is_wrong_with_it() {
    let _rule =
        RULES.rule("1-1: RTCIceServer.urls are stun: or turn: URLs (RFC 7064 §3.1, RFC 7065 §3.1)");
    insta::assert_snapshot!(url("example.org"), @r#"refused: "example.org" is no STUN or TURN URL: write stun:HOST or turn:HOST, as in stun:192.0.2.1:3478"#);
    insta::assert_snapshot!(url("stun://example.org"), @"refused: stun:// is for web pages: write stun:HOST, without the slashes (RFC 7064 §3.1)");
    insta::assert_snapshot!(url("stun:"), @r#"refused: "" is no host: write a name, an IPv4 address, or an IPv6 address in brackets"#);
    insta::assert_snapshot!(url("stun:2001:db8::1"), @r#"refused: "db8::1" is no port: write a number from 1 to 65535"#);
    insta::assert_snapshot!(url("stun:h:0"), @r#"refused: "0" is no port: write a number from 1 to 65535"#);
    insta::assert_snapshot!(url("stun:h:+80"), @r#"refused: "+80" is no port: write a number from 1 to 65535"#);
    insta::assert_snapshot!(url("stun:h?x=1"), @r#"refused: "x=1" is no query: only turn: has one, and it is ?transport=udp"#);
    insta::assert_snapshot!(url("stun:a b"), @r#"refused: "a b" is no host: write a name, an IPv4 address, or an IPv6 address in brackets"#);
}

#[test]
fn options_become_servers() {
    let _rule = OPTIONS
        .rule("1-1: --stun and --turn become RTCConfiguration.iceServers (W3C webrtc-pc §4.2.4)");
    let words = "step --stun stun:a --stun stun:b --turn turn:c,ana,se,cret --policy relay";
    let ice = Step::try_parse_from(words.split(' '))
        .expect("these options are right")
        .ice;
    assert_eq!((ice.stun.len(), ice.policy), (2, IcePolicy::Relay));
    let server = ice.turn[0].ice_server();
    assert_eq!(server.urls, ["turn:c:3478"]);
    assert_eq!(server.username, "ana");
    assert_eq!(
        server.credential, "se,cret",
        "a comma may stand in a password"
    );
    let debug = format!("{ice:?}");
    assert!(
        !debug.contains("cret"),
        "a password must not be traced: {debug}"
    );
    assert!(debug.contains("turn:c:3478, ana"), "{debug}");
}

#[test]
fn wrong_credentials_and_mixed_up_options_are_refused() {
    let _rule =
        OPTIONS.rule("1-1: a TURN server has a username and a credential (W3C webrtc-pc §4.2.4)");
    insta::assert_snapshot!(refusal(&["--turn", "turn:h,ana"]), @"error: invalid value 'turn:h,ana' for '--turn <URL,USER,PASSWORD>': user or password is missing: write URL,USER,PASSWORD, as in turn:192.0.2.1,ana,secret");
    for nobody in ["turn:h,,secret", "turn:h,ana,", "turn:h,,"] {
        let refused = refusal(&["--turn", nobody]);
        assert!(refused.contains("user or password is missing"), "{refused}");
    }
    insta::assert_snapshot!(refusal(&["--turn", "stun:h,a,b"]), @"error: invalid value 'stun:h,a,b' for '--turn <URL,USER,PASSWORD>': stun:h:3478 is a STUN server, which asks for no password: give it with --stun URL");
    insta::assert_snapshot!(refusal(&["--stun", "turn:h"]), @"error: invalid value 'turn:h' for '--stun <URL>': turn:h:3478 is a TURN server: give it with --turn URL,USER,PASSWORD");
    insta::assert_snapshot!(refusal(&["--policy", "none"]), @"error: invalid value 'none' for '--policy <POLICY>'");
}

#[tokio::test]
async fn a_relay_policy_without_a_relay_is_refused() {
    let _rule = OPTIONS
        .rule("1-1: iceTransportPolicy relay uses relay candidates only (W3C webrtc-pc §4.2.5)");
    let ice = IceArguments {
        policy: IcePolicy::Relay,
        ..Default::default()
    };
    let error = ice.start().await.err().map(|error| error.to_string());
    insta::assert_snapshot!(error.unwrap_or_default(), @"--policy relay without a TURN server leaves no candidate: add --turn or --local-servers");
}

#[test]
fn every_lab_is_found_by_its_name() {
    let _rule = LABS.rule("1-3 to 1-5: each lab has a name and a line of its own");
    for lab in Lab::ALL {
        assert_eq!(lab.name().parse(), Ok(LabChoice::Run(lab)));
    }
    assert_eq!("list".parse(), Ok(LabChoice::List));
    insta::assert_snapshot!(Lab::list(), @r"
    no-candidates        the candidates are lost on their way to the other peer
    wrong-peer           every candidate is added to the peer that it came from
    early-candidate      a candidate comes before the description that it belongs to
    stun-down            the STUN server does not answer
    turn-wrong-password  the TURN server is given a wrong password
    relay-only           only relayed candidates may be used, and then the relay dies
    ");
}
