//! URLs of STUN and TURN servers (RFC 7064 §3.1, RFC 7065 §3.1).

use step_03_ice::{IceScheme, IceServerUrl};

const SEE: &str = "see step-03-ice/src/servers/ice_server_url.rs";

fn read(text: &str) -> IceServerUrl {
    text.parse()
        .unwrap_or_else(|error| panic!("{text:?} is a URL, but: {error}; {SEE}"))
}

fn is_rejected(text: &str, why: &str) {
    match text.parse::<IceServerUrl>() {
        Ok(url) => panic!("{text:?} was read as {url}; {SEE}"),
        Err(error) => assert!(error.to_string().contains(why), "{text:?}: {error}; {SEE}"),
    }
}

#[test]
fn scheme_host_and_port_are_read() {
    let url = read("turn:Turn.Example.org:5349?transport=udp");
    assert_eq!(url.scheme, IceScheme::Turn, "{SEE}");
    assert_eq!(
        (url.host.as_str(), url.port),
        ("turn.example.org", 5349),
        "{SEE}"
    );
    assert_eq!(url.authority(), "turn.example.org:5349", "{SEE}");
    let url = read("STUN:[2001:DB8::7]:80");
    assert_eq!(url.scheme, IceScheme::Stun, "{SEE}");
    assert_eq!((url.host.as_str(), url.port), ("2001:db8::7", 80), "{SEE}");
    assert_eq!(
        url.authority(),
        "[2001:db8::7]:80",
        "RFC 3986 §3.2.2; {SEE}"
    );
    assert_eq!(url.to_string(), "stun:[2001:db8::7]:80", "{SEE}");
}

#[test]
fn brackets_hold_an_ipv6_address_and_nothing_else() {
    for wrong in [
        "stun:[::1",
        "stun:[::1]80",
        "stun:[192.0.2.1]",
        "stun:[]",
        "stun:[::1]x:80",
    ] {
        is_rejected(wrong, "is no host");
    }
}

#[test]
fn a_port_is_a_number_from_1_to_65535() {
    assert_eq!(read("stun:h:1").port, 1, "{SEE}");
    assert_eq!(read("stun:[::1]:65535").port, 65_535, "{SEE}");
    for wrong in [
        "stun:h:0",
        "stun:h:65536",
        "stun:h:",
        "stun:h:8x",
        "stun:h:-8",
        "stun:[::1]:0",
    ] {
        is_rejected(wrong, "is no port");
    }
}

#[test]
fn a_host_has_letters_digits_hyphens_and_dots_and_at_most_253_of_them() {
    let longest = "abcdefg.".repeat(31) + "abcde";
    assert_eq!(longest.len(), 253);
    for host in [&longest, "a", "my_host-1.example.org", "example.org."] {
        assert_eq!(
            &read(&format!("stun:{host}")).host,
            host,
            "RFC 1035 §2.3.4; {SEE}"
        );
    }
    for wrong in [
        &format!("{longest}f"),
        "",
        "a..b",
        ".a",
        ".",
        "a/b",
        "ü",
        "a@b",
    ] {
        is_rejected(&format!("stun:{wrong}"), "is no host");
    }
}

#[test]
fn only_turn_has_a_query_and_only_one() {
    assert_eq!(
        read("turn:h?transport=udp").to_string(),
        "turn:h:3478",
        "{SEE}"
    );
    is_rejected("stun:h?transport=udp", "is no query");
    is_rejected("turn:h?transport=sctp", "is no query");
    is_rejected("stun:h?transport=tcp", "use UDP");
    is_rejected("turn:h?", "is no query");
}

#[test]
fn a_message_quotes_no_more_than_80_characters() {
    let long = "x".repeat(500);
    for text in [
        &long,
        &format!("{long}:h"),
        &format!("stun:h:{long}"),
        &format!("turn:h?{long}"),
    ] {
        let error = text.parse::<IceServerUrl>().expect_err(SEE).to_string();
        assert!(
            error.len() < 250 && error.contains("xxxx"),
            "{error}; {SEE}"
        );
    }
}
