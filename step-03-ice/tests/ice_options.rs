//! What --stun, --turn, --policy and --lab accept, and the messages for what they reject.

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use clap::{Parser, ValueEnum};
use rule::Rules;
use step_02_peer::labs::{list, name_and_summary};
use step_03_ice::{IceArguments, IcePolicy, IceServerUrl, Lab};

const RULES: Rules = Rules::kept_in("step-03-ice/src/servers/ice_server_url.rs");
const OPTIONS: Rules = Rules::kept_in("step-03-ice/src/ice_servers.rs");
const LABS: Rules = Rules::kept_in("step-03-ice/src/labs/mod.rs");

#[derive(Debug, Parser)]
struct Step {
    #[command(flatten)]
    ice: IceArguments,
}

fn url(text: &str) -> String {
    let url: Result<IceServerUrl, _> = text.parse();
    url.map_or_else(|error| format!("rejected: {error}"), |url| url.to_string())
}

fn rejection(words: &[&str]) -> String {
    let words = ["step"].iter().chain(words);
    let error = Step::try_parse_from(words).expect_err("these options should be rejected");
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
fn a_server_that_webrtc_skips_is_rejected() {
    let _rule = RULES.rule("1-1: a server that webrtc would skip is rejected, with the reason");
    insta::assert_snapshot!(url("turns:example.org"), @"rejected: turns: needs TLS, and webrtc 0.21 skips such a server: use turn: over UDP");
    insta::assert_snapshot!(url("stuns:example.org"), @"rejected: stuns: needs TLS, and webrtc 0.21 skips such a server: use stun: over UDP");
    insta::assert_snapshot!(url("turn:example.org?transport=tcp"), @"rejected: transport=tcp: webrtc 0.21 skips a server over TCP: use UDP");
}

#[test]
fn a_malformed_url_is_rejected_with_the_reason() {
    let _rule =
        RULES.rule("1-1: RTCIceServer.urls are stun: or turn: URLs (RFC 7064 §3.1, RFC 7065 §3.1)");
    insta::assert_snapshot!(url("example.org"), @r#"rejected: "example.org" is no STUN or TURN URL: write stun:HOST or turn:HOST, as in stun:192.0.2.1:3478"#);
    insta::assert_snapshot!(url("stun://example.org"), @"rejected: stun:// is for web pages: write stun:HOST, without the slashes (RFC 7064 §3.1)");
    insta::assert_snapshot!(url("stun:"), @r#"rejected: "" is no host: write a name, an IPv4 address, or an IPv6 address in brackets"#);
    insta::assert_snapshot!(url("stun:2001:db8::1"), @r#"rejected: "db8::1" is no port: write a number from 1 to 65535"#);
    insta::assert_snapshot!(url("stun:h:0"), @r#"rejected: "0" is no port: write a number from 1 to 65535"#);
    insta::assert_snapshot!(url("stun:h:+80"), @r#"rejected: "+80" is no port: write a number from 1 to 65535"#);
    insta::assert_snapshot!(url("stun:h?x=1"), @r#"rejected: "x=1" is no query: only turn: has one, and it is ?transport=udp"#);
    insta::assert_snapshot!(url("stun:a b"), @r#"rejected: "a b" is no host: write a name, an IPv4 address, or an IPv6 address in brackets"#);
}

#[test]
fn options_become_ice_servers() {
    let _rule = OPTIONS
        .rule("1-1: --stun and --turn become RTCConfiguration.iceServers (W3C webrtc-pc §4.2.2)");
    let words = "step --stun stun:a --stun stun:b --turn turn:c,ana,se,cret --policy relay";
    let ice = Step::try_parse_from(words.split(' '))
        .expect("these options are right")
        .ice;
    assert_eq!((ice.stun.len(), ice.policy), (2, IcePolicy::Relay));
    let server = &ice.turn[0];
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
fn missing_credentials_and_confused_options_are_rejected() {
    let _rule =
        OPTIONS.rule("1-1: a TURN server has a username and a credential (W3C webrtc-pc §4.2.2)");
    insta::assert_snapshot!(rejection(&["--turn", "turn:h,ana"]), @"error: invalid value 'turn:h,ana' for '--turn <URL,USER,PASSWORD>': user or password is missing: write URL,USER,PASSWORD, as in turn:192.0.2.1,ana,secret");
    for nobody in ["turn:h,,secret", "turn:h,ana,", "turn:h,,"] {
        let rejected = rejection(&["--turn", nobody]);
        assert!(
            rejected.contains("user or password is missing"),
            "{rejected}"
        );
    }
    insta::assert_snapshot!(rejection(&["--turn", "stun:h,a,b"]), @"error: invalid value 'stun:h,a,b' for '--turn <URL,USER,PASSWORD>': stun:h:3478 is a STUN server, which needs no password: give it with --stun URL");
    insta::assert_snapshot!(rejection(&["--stun", "turn:h"]), @"error: invalid value 'turn:h' for '--stun <URL>': turn:h:3478 is a TURN server: give it with --turn URL,USER,PASSWORD");
    insta::assert_snapshot!(rejection(&["--policy", "none"]), @"error: invalid value 'none' for '--policy <POLICY>'");
}

#[tokio::test]
async fn a_relay_policy_without_a_relay_is_rejected() {
    let _rule = OPTIONS
        .rule("1-1: iceTransportPolicy relay uses relay candidates only (W3C webrtc-pc §4.2.3)");
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
    for lab in Lab::value_variants() {
        let (name, _) = name_and_summary(lab);
        assert_eq!(Lab::from_str(&name, false), Ok(*lab));
    }
    insta::assert_snapshot!(list::<Lab>(), @r"
    no-candidates            The candidates are lost on their way to the other peer
    wrong-peer               Every candidate is added to the peer that it came from
    early-candidate          A candidate comes before the description that it belongs to
    stun-down                The STUN server does not answer
    turn-wrong-password      The TURN server is given a wrong password
    relay-only               Only relayed candidates may be used, and then the relay stops
    mystery                  Make one of these mistakes, and find out which
    list                     Name the labs of this step
    ");
}
