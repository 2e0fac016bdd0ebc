//! The limits of what the HTTP server and its client take, to the last one that is permitted.

use axum::http::StatusCode;
use step_05_full::figures::wall_clock;
use step_05_full::http::bearer_token::BearerToken;
use step_05_full::http::endpoint::Endpoint;
use step_05_full::http::http_client::{endpoint, is_loopback};
use step_05_full::http::offer::Offer;
use step_05_full::http::rejection::Rejection;
use step_05_full::http::trickle_fragment::TrickleFragment;

const SECTION: &str = "m=video 9 UDP/TLS/RTP/SAVPF 102\r\na=ice-ufrag:abcd\r\n\
    a=ice-pwd:0123456789012345678901\r\na=fingerprint:sha-256 AA\r\na=setup:actpass\r\na=mid:0\r\n\
    a=rtpmap:102 H264/90000\r\na=fmtp:102 packetization-mode=1\r\n";

fn offer(lines: &str) -> String {
    format!("v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n{SECTION}{lines}")
}

fn status(offer: &str, endpoint: Endpoint) -> u16 {
    Offer::parse(offer, endpoint).map_or_else(|rejection| rejection.status().as_u16(), |_| 200)
}

#[test]
fn an_offer_has_at_most_16_sections() {
    let sends = |lines: &str| status(&offer(lines), Endpoint::Whip);
    let section = "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n";
    assert_eq!(sends(&section.repeat(15)), 200);
    assert_eq!(sends(&section.repeat(16)), 422);
}

#[test]
fn an_endpoint_takes_the_direction_that_fits_it_and_sendrecv() {
    for (direction, whip, whep) in [
        ("a=sendonly\r\n", 200, 422),
        ("a=recvonly\r\n", 422, 200),
        ("a=sendrecv\r\n", 200, 200),
        ("a=inactive\r\n", 422, 422),
        // None means both (RFC 8866 §6.7).
        ("", 200, 200),
    ] {
        let offer = offer(direction);
        assert_eq!(
            (
                status(&offer, Endpoint::Whip),
                status(&offer, Endpoint::Whep)
            ),
            (whip, whep),
            "{direction:?}"
        );
    }
    // What a section leaves out may stand in the lines of the session.
    let moved = offer("").replace("a=setup:actpass\r\n", "");
    assert_eq!(status(&moved, Endpoint::Whip), 422);
    let moved = moved.replace("t=0 0\r\n", "t=0 0\r\na=setup:actpass\r\n");
    assert_eq!(status(&moved, Endpoint::Whip), 200);
    let empty = offer("").replace("a=mid:0", "a=mid:");
    assert_eq!(
        status(&empty, Endpoint::Whip),
        422,
        "a name with nothing in it is none"
    );
}

#[test]
fn an_endpoint_is_a_web_address() {
    for right in ["http://127.0.0.1:8080/whep", "https://example.org/whip"] {
        assert!(endpoint(right).is_ok(), "{right}");
    }
    for wrong in [
        "ftp://example.org/whip",
        "example.org/whip",
        "http://",
        "data:text/plain,x",
    ] {
        assert!(endpoint(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn loopback_is_known_in_all_its_spellings() {
    let loopback =
        |host: &str| is_loopback(&endpoint(&format!("http://{host}/")).expect("a web address"));
    for own in [
        "localhost",
        "LocalHost:1",
        "127.0.0.1",
        "127.9.9.9:80",
        "[::1]:80",
    ] {
        assert!(loopback(own), "{own}");
    }
    for other in [
        "example.org",
        "192.0.2.1",
        "[2001:db8::1]",
        "localhost.example.org",
    ] {
        assert!(!loopback(other), "{other}");
    }
}

#[test]
fn a_token_has_1_to_256_letters() {
    let token = |length: usize| "t".repeat(length).parse::<BearerToken>().is_ok();
    assert_eq!(
        [0, 1, 256, 257].map(token),
        [false, true, true, false],
        "RFC 6750 §2.1"
    );
    let token: BearerToken = "aZ09-._~+/="
        .parse()
        .expect("every letter that there may be");
    assert_eq!(token.header_value(), "Bearer aZ09-._~+/=");
}

const FRAGMENT: &str = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n\
    m=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:v\r\n";

#[test]
fn the_credentials_of_a_fragment_have_their_lengths_and_letters() {
    let with = |ufrag: &str, pwd: &str| {
        format!("a=ice-ufrag:{ufrag}\r\na=ice-pwd:{pwd}\r\n")
            .parse::<TrickleFragment>()
            .is_ok()
    };
    let text = |length| "a".repeat(length);
    assert!(
        with("a+/9", &text(22)) && with(&text(256), &text(256)),
        "RFC 8839 §5.4"
    );
    for (ufrag, pwd) in [(3, 22), (257, 22), (4, 21), (4, 257)] {
        assert!(!with(&text(ufrag), &text(pwd)), "{ufrag}, {pwd}");
    }
    assert!(!with("ab-d", &text(22)) && !with("abcd", &(text(21) + "-")));
}

#[test]
fn a_fragment_says_which_section_and_whether_there_will_be_more() {
    let candidate = "a=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n";
    let text = format!("{FRAGMENT}{candidate}\r\na=mid:w\r\na=end-of-candidates\r\n");
    let fragment: TrickleFragment = text.parse().expect("RFC 8840 §9");
    assert_eq!(
        fragment.mid, "v",
        "the first section carries the candidates (RFC 9725 §4.3.2)"
    );
    assert!(fragment.end_of_candidates);
    assert_eq!(
        fragment.to_string(),
        format!("{FRAGMENT}{candidate}a=end-of-candidates\r\n")
    );
    let more: TrickleFragment = FRAGMENT.parse().expect("RFC 8840 §9");
    assert!(!more.end_of_candidates);
    assert_eq!(more.to_string(), FRAGMENT);
    // 64 candidates are taken, and one address that is listed twice is one.
    let most = FRAGMENT.to_owned() + &candidate.repeat(64);
    assert_eq!(
        most.parse::<TrickleFragment>().map(|f| f.candidates.len()),
        Ok(64)
    );
    let offer = offer(&candidate.repeat(2));
    let of_offer = TrickleFragment::of_description(&offer);
    assert_eq!(
        (of_offer.ufrag.as_str(), of_offer.candidates.len()),
        ("abcd", 1)
    );
}

#[test]
fn a_rejection_is_one_line_and_not_too_long() {
    let rejection = Rejection::new(
        StatusCode::BAD_REQUEST,
        "a\r\nb\u{1b}c".to_owned() + &"x".repeat(999),
    );
    assert!(rejection.reason().starts_with("abcx"));
    assert_eq!(rejection.reason().chars().count(), 300);
    let rejections = [
        Rejection::unauthorized(),
        Rejection::method_not_allowed(),
        Rejection::full(16),
        Rejection::nothing_to_watch(),
        Rejection::too_many_restarts(),
        Rejection::broken_session(),
        Rejection::not_found(),
    ];
    let texts = rejections
        .map(|rejection| format!("{} {}", rejection.status().as_u16(), rejection.reason()));
    insta::assert_snapshot!(texts.join("\n"), @r#"
    401 this server requires a token: send "Authorization: Bearer SECRET"
    405 this resource does not have this method: the header Allow names those that it has
    503 all 16 sessions are taken: try again later
    409 the video source has ended: there is nothing to watch
    422 this session has had too many ICE restarts: start a new one
    500 this session ended in an error of the server; the others go on
    404 there is no such resource: a session ends at DELETE and when ICE fails
    "#);
}

#[test]
fn a_frame_is_at_most_ten_seconds_old() {
    let age = |painted| wall_clock::age(painted, 20_000).map(|age| age.as_millis());
    assert_eq!(
        [10_000, 9_999, 20_000].map(age),
        [Some(10_000), None, Some(0)]
    );
    let (first, second) = (wall_clock::now(), wall_clock::now());
    let between = wall_clock::age(first, second);
    assert!(between.is_some(), "the clock goes on: {first}, {second}");
    assert!(
        first > 1 || second > 1,
        "the lower bits of the milliseconds since 1970"
    );
}
