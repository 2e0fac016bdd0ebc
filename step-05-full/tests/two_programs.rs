//! Two programs of our own call each other: one with `--serve`, one with `--publish` or `--watch`.

mod http_server;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;
mod running_program;

use http_server::{CHROMIUM, exchange};
use rule::Rules;
use running_program::{Program, number};
use serde_json::Value;
use std::collections::BTreeMap;

const RULES: Rules = Rules::kept_in("step-05-full/src/http/client_session.rs and http_session.rs");
const SERVED: Rules = Rules::kept_in("step-05-full/src/http/http_session.rs");
const CLIENT: Rules = Rules::kept_in("step-05-full/src/http/http_client.rs");

#[test]
fn what_one_program_publishes_the_other_shows() {
    let _rule =
        RULES.rule("1-1 to 2-5 over WHIP: POST brings the video, DELETE ends it (RFC 9725 §4.2)");
    let (server, url) = Program::serve("whip", &[]);
    let publisher = Program::start(
        "publish",
        &[
            "--publish",
            &format!("{url}/whip"),
            "--source",
            "pattern",
            "--seconds",
            "3",
        ],
    );
    let (status, published, trace) = publisher.end();
    assert!(status.success(), "{trace}");
    server.interrupt();
    let (status, served, trace) = server.end();
    assert!(status.success(), "{trace}");
    let (sent, shown) = (&published["sessions"][0], &served["sessions"][0]);
    let (sent, decoded) = (
        number(&sent["frames"]["sent"]),
        number(&shown["frames"]["decoded"]),
    );
    assert!(sent > 10, "the publisher sends: {published}");
    // The last frames may still be on their way when the publisher hangs up: it cannot see the other's display.
    assert!(
        decoded <= sent && decoded * 10 >= sent * 9,
        "what was sent is shown, {decoded} of {sent}: {served}\n{trace}"
    );
    assert_eq!(
        shown["ended"], "deleted by the client",
        "the publisher hangs up: {trace}"
    );
    let (publisher, server) = (arrows(&published), arrows(&served));
    for arrow in [
        "offer",
        "answer",
        "DTLS ClientHello",
        "RTP, the first packet",
    ] {
        let (from_publisher, at_server) = (publisher.get(arrow), server.get(arrow));
        let opposite = from_publisher.is_some()
            && at_server.is_some_and(|to_left| from_publisher != Some(to_left));
        assert!(
            opposite,
            "each side sees the {arrow} from its own end: {publisher:?} {server:?}"
        );
    }
}

/// The labels of the arrows in the ladder of the first session, each with whether it goes to the left: to this program.
fn arrows(report: &Value) -> BTreeMap<String, bool> {
    let rows = report["sessions"][0]["ladder"]["rows"].as_array();
    let rows = rows.into_iter().flatten().filter(|row| row["to"].is_u64());
    rows.map(|row| {
        let label = row["label"].as_str().unwrap_or_default().to_owned();
        (label, row["to"] == 0)
    })
    .collect()
}

#[test]
fn what_one_program_serves_the_other_watches() {
    let _rule = RULES.rule("1-1 to 2-5 over WHEP: POST takes the video (draft-ietf-wish-whep)");
    let (server, url) = Program::serve("whep", &["--token", "s3cret-token"]);
    let watcher = Program::start(
        "watch",
        &[
            "--watch",
            &format!("{url}/whep"),
            "--token",
            "s3cret-token",
            "--seconds",
            "3",
        ],
    );
    let (status, watched, trace) = watcher.end();
    assert!(status.success(), "{trace}");
    let text = watched.to_string();
    assert!(!text.contains("s3cret"), "the token is in no report");
    server.interrupt();
    let (status, served, trace) = server.end();
    assert!(status.success(), "{trace}");
    let (watched, sent) = (&watched["sessions"][0], &served["sessions"][0]);
    let (decoded, sent) = (
        number(&watched["frames"]["decoded"]),
        number(&sent["frames"]["sent"]),
    );
    assert!(
        decoded > 10 && decoded <= sent,
        "{decoded} frames of {sent} were decoded: {trace}"
    );
    let frames = &watched["frames"];
    assert!(
        number(&frames["dropped"]) * 10 <= number(&frames["decoded"]),
        "the video goes on: {watched}"
    );
}

#[test]
fn ctrl_c_hangs_up_before_the_program_ends() {
    let _rule = RULES.rule("DELETE ends the session (RFC 9725 §4.2)");
    let (server, url) = Program::serve("interrupted", &[]);
    let mut publisher = Program::start(
        "interrupt",
        &["--publish", &format!("{url}/whip"), "--source", "pattern"],
    );
    publisher.wait_for("Setup time");
    publisher.interrupt();
    let (status, _, _) = publisher.end();
    assert!(status.success());
    server.interrupt();
    let (_, served, trace) = server.end();
    assert_eq!(
        served["sessions"][0]["ended"], "deleted by the client",
        "{trace}"
    );
}

#[test]
fn a_client_says_what_is_wrong_with_its_server() {
    let _rule = CLIENT.rule("a status that is not 201 is printed with the reason (RFC 9725 §4.2)");
    let refused = |arguments: &[&str]| {
        let (status, _, trace) = Program::start("refused", arguments).end();
        assert_eq!(status.code(), Some(1), "{trace}");
        trace.lines().last().unwrap_or_default().to_owned()
    };
    let (_server, url) = Program::serve("refusing", &["--token", "s3cret-token"]);
    let last = refused(&["--watch", &format!("{url}/whep")]).replace(&url, "URL");
    insta::assert_snapshot!(last, @r#"error: URL/whep refused the POST: 401 Unauthorized: this server requires a token: send "Authorization: Bearer SECRET": give it the right --token SECRET"#);
    let last = refused(&["--watch", &format!("{url}/nothing")]).replace(&url, "URL");
    insta::assert_snapshot!(last, @"error: URL/nothing refused the POST: 404 Not Found: there is no such resource: a session ends at DELETE and when ICE fails: is this the path of a WHIP or WHEP endpoint?");
    let last = refused(&["--watch", "http://127.0.0.1:1/whep"]);
    assert!(last.contains("is the server running"), "{last}");
}

#[test]
fn a_server_that_stops_ends_its_clients() {
    let _rule = RULES.rule("connectionState closed or failed ends a client (W3C webrtc-pc §4.3.3)");
    let (server, url) = Program::serve("stopping", &[]);
    let mut watcher = Program::start("left", &["--watch", &format!("{url}/whep")]);
    watcher.wait_for("Received remote stream.");
    server.interrupt();
    assert!(server.end().0.success());
    let (status, _, trace) = watcher.end();
    assert_eq!(status.code(), Some(1), "{trace}");
    let last = trace.lines().last().unwrap_or_default();
    insta::assert_snapshot!(last, @"error: the server has ended the session: start again");
}

#[test]
fn what_a_client_sends_does_not_control_the_terminal() {
    let _rule = SERVED.rule("1-5: a candidate is printed without control characters");
    let (mut server, url) = Program::serve("escape", &["-v"]);
    let address = url
        .trim_start_matches("http://")
        .parse()
        .expect("an address");
    let request = |method: &str, path: &str, headers: &str, body: &str| {
        let length = body.len();
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
        let request = format!("{head}{headers}Content-Length: {length}\r\n\r\n{body}");
        exchange(address, request.as_bytes())
    };
    let created = request(
        "POST",
        "/whep",
        "Content-Type: application/sdp\r\n",
        CHROMIUM,
    );
    assert_eq!(created.status, 201, "{}", created.body);
    let body = "a=ice-ufrag:PQlU\r\na=ice-pwd:0123456789012345678901ab\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n\
        a=candidate:1 1 udp 1 127.0.0.1 9 typ host x \u{1b}[2Jescape\r\n";
    let headers = "Content-Type: application/trickle-ice-sdpfrag\r\nIf-Match: *\r\n";
    let patched = request("PATCH", &created.header("location"), headers, body);
    assert_eq!(patched.status, 204, "{}", patched.body);
    server.wait_for("escape");
    server.interrupt();
    let (_, _, trace) = server.end();
    assert!(!trace.contains('\u{1b}'), "{trace:?}");
}
