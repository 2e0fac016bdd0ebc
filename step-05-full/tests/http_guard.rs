//! Who may use the server, how many sessions there may be, and the files of the page.

mod http_server;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::time::Duration;

use http_server::{SDP, TestServer, pattern, until};
use insta::assert_snapshot;
use rule::Rules;

const SESSIONS: Rules = Rules::kept_in("step-05-full/src/http/sessions.rs");
const SESSION: Rules = Rules::kept_in("step-05-full/src/http/http_session.rs");
const TOKEN: Rules = Rules::kept_in("step-05-full/src/http/bearer_token.rs");
const ORIGIN: Rules = Rules::kept_in("step-05-full/src/http/origin.rs");
const ENDPOINT: Rules = Rules::kept_in("step-05-full/src/http/requests.rs");
const PAGE: Rules = Rules::kept_in("step-05-full/src/http/page.rs");
const FRAME: Rules = Rules::kept_in("step-05-full/src/http/latest_frame.rs");
const ADDRESS: Rules = Rules::kept_in("step-05-full/src/http/address.rs");

#[test]
fn no_more_sessions_than_permitted() {
    let _rule = SESSIONS.rule("503 with Retry-After when all places are taken");
    let server = TestServer::start_with(|config| config.limit = 2);
    let (first, _) = server.open_session();
    server.open_session();
    let refused = server.post("/whep", &server.offer("recvonly"));
    assert_snapshot!(refused.summary(), @"503 all 2 sessions are taken: try again later");
    assert_eq!(refused.header("retry-after"), "5");
    assert_eq!(server.request("DELETE", &first).send().status, 200);
    until("the place of the session that was deleted", || {
        server.post("/whep", &server.offer("recvonly")).status == 201
    });
}

#[test]
fn a_client_that_does_not_connect_loses_its_place() {
    let _rule = SESSION.rule("1-5: a session whose client never connects ends");
    let server =
        TestServer::start_with(|config| config.connect_timeout = Duration::from_millis(50));
    let (session, _) = server.open_session();
    until("the end of the session", || server.session_count() == 0);
    assert_eq!(server.request("DELETE", &session).send().status, 404);
    until("its report", || {
        server
            .take_reports()
            .iter()
            .any(|report| report.ended == "the client did not connect in time")
    });
}

#[test]
fn a_token_is_required_where_there_is_one() {
    let _rule = TOKEN.rule("401 with WWW-Authenticate: Bearer without the token (RFC 6750 §3)");
    let server = TestServer::start_with(|config| config.token = "s3cret-token".parse().ok());
    let offer = server.offer("recvonly");
    let refused = server.post("/whep", &offer);
    assert_snapshot!(refused.summary(), @r#"401 this server requires a token: send "Authorization: Bearer SECRET""#);
    assert_eq!(refused.header("www-authenticate"), "Bearer");
    let post = |token: &str| {
        server
            .request("POST", "/whep")
            .header("Authorization", token)
            .content(SDP, &offer)
            .send()
    };
    assert_eq!(post("Bearer s3cret-toke").status, 401);
    assert_eq!(post("Bearer s3cret-token").status, 201);
    assert_eq!(server.request("GET", "/latest-frame").send().status, 401);
    assert_eq!(
        server.request("DELETE", "/whep/0").send().status,
        401,
        "no hint at what is there"
    );
    assert_eq!(
        server.request("GET", "/").send().status,
        200,
        "the page asks for the token"
    );
}

#[test]
fn pages_of_other_origins_are_refused() {
    let _rule = ORIGIN
        .rule("403 for another Origin (RFC 6454 §7), 421 for another Host (RFC 9110 §15.5.20)");
    let server = TestServer::start();
    let offer = server.offer("recvonly");
    let post = |origin: &str| {
        server
            .request("POST", "/whep")
            .header("Origin", origin)
            .content(SDP, &offer)
            .send()
    };
    assert_snapshot!(post("http://evil.example").summary(), @"403 pages of other origins are refused: open the page of this server itself");
    assert_eq!(post(&format!("http://{}", server.address)).status, 201);
    let rebound = server
        .request("POST", "/whep")
        .host("evil.example")
        .header("Origin", "http://evil.example");
    assert_snapshot!(rebound.content(SDP, &offer).send().summary(), @"421 this server answers to localhost, 127.0.0.1 and [::1] only");
}

#[test]
fn a_source_that_has_ended_cannot_be_watched() {
    let _rule = ENDPOINT.rule("409 when the MediaStreamTrack has ended (W3C Media Capture §4.3.1)");
    let mut stream = pattern();
    stream.video_track_mut().stop();
    let server = TestServer::start_showing(stream, |_| {});
    let refused = server.post("/whep", &server.offer("recvonly"));
    assert_snapshot!(refused.summary(), @"409 the video source has ended: there is nothing to watch");
    assert_eq!(refused.header("retry-after"), "5");
}

#[test]
fn the_page_brings_all_of_its_files_and_takes_nothing_from_elsewhere() {
    let _rule = PAGE.rule("the page loads from its own origin only (Content-Security-Policy)");
    let server = TestServer::start();
    let page = server.request("GET", "/").send();
    assert_eq!(
        (page.status, page.header("content-type").as_str()),
        (200, "text/html; charset=utf-8")
    );
    assert!(
        page.header("content-security-policy")
            .starts_with("default-src 'self'")
    );
    let mut wanted: Vec<String> = vec!["/main.js".to_owned()];
    for quoted in page
        .body
        .split('"')
        .filter(|text| text.ends_with(".js") || text.ends_with(".css"))
    {
        wanted.push(format!("/{quoted}"));
    }
    let mut index = 0;
    while let Some(path) = wanted.get(index).cloned() {
        let file = server.request("GET", &path).send();
        assert_eq!(file.status, 200, "{path}");
        let imports = file
            .body
            .split('\'')
            .filter_map(|text| text.strip_prefix("./"));
        let imports: Vec<_> = imports
            .filter(|text| text.ends_with(".js"))
            .map(|text| format!("/{text}"))
            .collect();
        for import in imports {
            if path != "/adapter.js" && !wanted.contains(&import) {
                wanted.push(import);
            }
        }
        index += 1;
    }
    assert!(wanted.len() > 8, "the page has modules: {wanted:?}");
    assert_eq!(server.request("GET", "/secret.js").send().status, 404);
    assert_eq!(server.request("GET", "/../Cargo.toml").send().status, 404);
    assert_eq!(server.request("POST", "/").send().status, 405);
}

#[test]
fn the_latest_frame_has_a_number_and_an_age() {
    let _rule = FRAME.rule("GET /latest-frame returns the newest frame; no other method does");
    let server = TestServer::start();
    until("a frame", || {
        let latest = server.request("GET", "/latest-frame").send();
        latest.body.contains("\"frame_rate\":30") && !latest.body.contains("\"number\":null")
    });
    assert_eq!(server.request("POST", "/latest-frame").send().status, 405);
}

#[test]
fn the_age_of_the_latest_frame_is_in_milliseconds() {
    let _rule = FRAME.rule("age_ms is the time from the capture of that frame to the response");
    let server = TestServer::start();
    let frames = server.stream.video_track().frames();
    let in_ms = |age: Duration| age.as_secs_f64() * 1e3;
    // Another frame may come between the two reads. Then both are repeated.
    until("a read and a request of the same frame", || {
        let Some(frame) = frames.peek() else {
            return false;
        };
        let least = in_ms(frame.captured_at.elapsed());
        let body = server.request("GET", "/latest-frame").send().body;
        let most = in_ms(frame.captured_at.elapsed());
        let latest: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        if latest["number"] != frame.number {
            return false;
        }
        let age = latest["age_ms"].as_f64().expect("a frame has an age");
        assert!((least..=most).contains(&age), "{least} <= {age} <= {most}");
        true
    });
}

#[test]
fn a_full_server_says_so_before_it_reads_what_is_sent() {
    let _rule =
        SESSIONS.rule("503 comes first: a full server works on no offer, not even a wrong one");
    let server = TestServer::start_with(|config| config.limit = 1);
    let _session = server.open_session();
    let wrong = server
        .request("POST", "/whep")
        .content("text/plain", "hello");
    assert_eq!(wrong.send().status, 503, "not 415");
}

#[test]
fn an_address_that_others_reach_is_refused_without_a_token() {
    let _rule = ADDRESS.rule("an address that other machines can reach requires a token");
    let program = env!("CARGO_BIN_EXE_step-05-full");
    let output = std::process::Command::new(program)
        .args(["--serve", "0.0.0.0:0"])
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(2), "wrong usage");
    assert_snapshot!(String::from_utf8_lossy(&output.stderr), @"error: 0.0.0.0:0 can be reached from other machines, and everyone who reaches it can see the camera: add --token SECRET, or use --serve 127.0.0.1:0");
}
