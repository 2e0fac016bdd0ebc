//! How the client of WHIP and WHEP handles the responses of a server.

mod http_server;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;
use std::time::Duration;

use http_server::{TestServer, exchange, until};
use rule::Rules;
use step_01_capture::NextFrame;
use step_02_peer::PeerConfig;
use step_05_full::http::client_session::ClientSession;
use step_05_full::http::http_client::{HttpClient, endpoint};
use step_05_full::http::incoming_media::IncomingMedia;
use step_05_full::receive::jitter_buffer::PlayoutDelay;
use tokio::sync::oneshot;
use url::Url;

const RULES: Rules = Rules::kept_in("step-05-full/src/http/http_client.rs");
const SERVED: Rules = Rules::kept_in("step-05-full/src/http/http_session.rs");
const SESSION: Rules = Rules::kept_in("step-05-full/src/http/client_session.rs");

/// A server that gives prepared responses, one after the other.
struct Scripted {
    listener: TcpListener,
    url: Url,
}

impl Scripted {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has ports");
        let address = listener.local_addr().expect("it is bound");
        let url = endpoint(&format!("http://{address}/whep")).expect("a web address");
        Self { listener, url }
    }

    fn client(&self) -> HttpClient {
        HttpClient::new(self.url.clone(), "s3cret".parse().ok())
    }

    /// Gives the responses; the thread returns the requests, head and body.
    fn respond(self, responses: &[&str]) -> JoinHandle<Vec<String>> {
        let responses: Vec<_> = responses.iter().map(|text| (*text).to_owned()).collect();
        std::thread::spawn(move || {
            let respond = |response: String| {
                let (mut stream, _) = self.listener.accept().expect("a request comes");
                let request = read(&stream);
                let (head, body) = response.split_once('|').unwrap_or((&response, ""));
                let length = body.len();
                let response = format!(
                    "HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
                );
                stream
                    .write_all(response.as_bytes())
                    .expect("the client waits for it");
                request
            };
            responses.into_iter().map(respond).collect()
        })
    }
}

/// A request with its body.
fn read(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") {
        let read = reader
            .read_line(&mut request)
            .expect("the client sends text");
        assert!(read > 0, "a request has an end: {request}");
    }
    let head = request.to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length = length.map_or(0, |length| length.parse().expect("a number"));
    let mut body = vec![0; length];
    reader
        .read_exact(&mut body)
        .expect("the client sends the whole body");
    request + &String::from_utf8_lossy(&body)
}

fn end(server: JoinHandle<Vec<String>>) -> Vec<String> {
    server
        .join()
        .expect("the server got as many requests as it has responses")
}

fn carries_token(request: &str) -> bool {
    request.contains("Bearer s3cret")
}

#[tokio::test]
async fn an_offer_follows_its_endpoint_to_another_server_and_the_token_does_not() {
    let _rule = RULES
        .rule("307 and 308 redirect an offer (RFC 9725 §4.5); the token is for the first server");
    for status in ["307 Temporary Redirect", "308 Permanent Redirect"] {
        let (first, second) = (Scripted::new(), Scripted::new());
        let (client, target) = (first.client(), second.url.clone());
        let first = first.respond(&[&format!("{status}\r\nLocation: {target}")]);
        let created = "201 Created\r\nLocation: /whep/7\r\nETag: \"a\"|the answer";
        let second = second.respond(&[created]);
        let created = client.offer("the offer").await.expect("201");
        assert_eq!(created.answer, "the answer");
        assert_eq!(Some(created.session), target.join("/whep/7").ok());
        assert_eq!(created.entity_tag.as_deref(), Some("\"a\""));
        let (first, second) = (end(first).concat(), end(second).concat());
        assert!(
            carries_token(&first) && !carries_token(&second),
            "{first}\n{second}"
        );
        assert!(second.ends_with("the offer"), "{second}");
    }
}

#[tokio::test]
async fn three_redirections_are_followed_and_no_fourth() {
    let _rule = RULES.rule("redirections are followed three times");
    let server = Scripted::new();
    let client = server.client();
    let again = "307 Temporary Redirect\r\nLocation: /whep";
    let server = server.respond(&[again; 4]);
    let error = client.offer("").await.expect_err("there is no end");
    assert!(
        error.to_string().ends_with("more than 3 redirections"),
        "{error}"
    );
    assert_eq!(end(server).len(), 4);
}

#[tokio::test]
async fn the_error_of_a_refused_request_has_the_reason_and_a_hint() {
    let _rule = RULES.rule("the error of a client names the status, the reason and a hint");
    let mut errors = Vec::new();
    for response in [
        "401 Unauthorized|a token is wanted",
        "403 Forbidden",
        "404 Not Found",
        "503 Service Unavailable",
        "307 Temporary Redirect",
        "418 I'm a teapot|no\u{7} tea",
    ] {
        let server = Scripted::new();
        let (client, url) = (server.client(), server.url.to_string());
        let server = server.respond(&[response]);
        let error = client.offer("").await.expect_err("it is refused");
        errors.push(error.to_string().replace(&url, "URL"));
        end(server);
    }
    insta::assert_snapshot!(errors.join("\n"), @r"
    URL refused the POST: 401 Unauthorized: a token is wanted: give it the right --token SECRET
    URL refused the POST: 403 Forbidden: give it the right --token SECRET
    URL refused the POST: 404 Not Found: is this the path of a WHIP or WHEP endpoint?
    URL refused the POST: 503 Service Unavailable: try again later
    URL refused the POST: 307 Temporary Redirect
    URL refused the POST: 418 I'm a teapot: no tea
    ");
}

#[tokio::test]
async fn candidates_that_are_refused_are_an_error() {
    let _rule = RULES.rule("PATCH has success with 2xx (RFC 9725 §4.3.2)");
    for (response, taken) in [("204 No Content", true), ("412 Precondition Failed", false)] {
        let server = Scripted::new();
        let (client, session) = (server.client(), server.url.clone());
        let server = server.respond(&[response]);
        let trickled = client.patch(&session, "\"a\"", "fragment").await;
        assert_eq!(trickled.is_ok(), taken, "{response}: {trickled:?}");
        let request = end(server).concat();
        assert!(
            request.to_lowercase().contains("if-match: \"a\""),
            "{request}"
        );
        assert!(
            request.starts_with("PATCH ") && request.ends_with("fragment"),
            "{request}"
        );
    }
}

#[tokio::test]
async fn a_session_that_cannot_be_deleted_is_an_error() {
    let _rule = RULES.rule("DELETE has success with 2xx (RFC 9725 §4.2)");
    for (response, deleted) in [("200 OK", true), ("404 Not Found", false)] {
        let server = Scripted::new();
        let (client, session) = (server.client(), server.url.clone());
        let server = server.respond(&[response]);
        assert_eq!(client.delete(&session).await.is_ok(), deleted, "{response}");
        assert!(end(server).concat().starts_with("DELETE "));
    }
}

#[tokio::test]
async fn only_404_and_410_say_that_a_session_is_gone() {
    let _rule = RULES.rule("404 and 410 say that there is no such session (RFC 9110 §15.5)");
    for (response, there) in [
        ("204 No Content", true),
        ("405 Method Not Allowed", true),
        ("404 Not Found", false),
        ("410 Gone", false),
    ] {
        let server = Scripted::new();
        let (client, session) = (server.client(), server.url.clone());
        let server = server.respond(&[response]);
        let has_session = client.has_session(&session).await;
        assert_eq!(has_session.ok(), Some(there), "{response}");
        assert!(end(server).concat().starts_with("OPTIONS "));
    }
    let gone = Scripted::new();
    let (client, session) = (gone.client(), gone.url.clone());
    drop(gone);
    let has_session = client.has_session(&session).await;
    assert!(
        has_session.is_err(),
        "an outage says nothing about the session"
    );
}

fn watch(
    client: HttpClient,
) -> (
    ClientSession,
    std::sync::mpsc::Receiver<step_01_capture::LatestFrame>,
) {
    let (display, videos) = sync_channel(1);
    let session = ClientSession {
        name: "watch",
        client,
        media: Box::new(IncomingMedia::new(display, true, PlayoutDelay::Auto, None)),
        peer_config: PeerConfig::loopback(),
    };
    (session, videos)
}

#[tokio::test]
async fn candidates_that_were_in_the_offer_are_not_sent_again() {
    let _rule =
        SESSION.rule("1-4: the offer carries the candidates; a PATCH is for what comes later");
    let server = Scripted::new();
    let (session, _videos) = watch(server.client());
    let created = "201 Created\r\nLocation: /whep/7\r\nETag: \"a\"|no answer";
    let server = server.respond(&[created, "200 OK"]);
    let (_stop, stopped) = oneshot::channel();
    let (report, ran) = session.run(stopped).await;
    let error = ran.expect_err("that is no answer").to_string();
    assert_eq!(report.ended, error);
    let requests = end(server);
    let methods: Vec<_> = requests
        .iter()
        .filter_map(|text| text.split(' ').next())
        .collect();
    assert_eq!(methods, ["POST", "DELETE"]);
    assert!(requests[0].contains("a=candidate:"), "{}", requests[0]);
}

#[test]
fn the_sender_and_the_receiver_report_setup_time_and_selected_pair() {
    let _rule = SESSION.rule("Setup time goes from the offer to connected, on either side");
    let server = TestServer::start();
    let url = endpoint(&format!("http://{}/whep", server.address)).expect("a web address");
    let (session, videos) = watch(HttpClient::new(url, None));
    let (stop, stopped) = oneshot::channel();
    let watching = server.network.spawn(session.run(stopped));
    let mut frames = videos.recv().expect("the track comes");
    until("a frame", || {
        matches!(frames.next(Duration::from_secs(1)), NextFrame::Frame(_))
    });
    stop.send(()).expect("the session goes on until now");
    let (watched, ran) = server.network.block_on(watching).expect("no panic");
    ran.expect("it was hung up in order");
    until("the end of the session", || server.session_count() == 0);
    let served = server.stop();
    assert_eq!(served.len(), 1);
    for report in served.iter().chain([&watched]) {
        let report = serde_json::to_value(report).expect("JSON");
        assert!(report["setup_ms"].is_f64(), "{report}");
        assert!(report["failure"].is_null(), "{report}");
        let pair = report["selected_pair"].as_str().unwrap_or_default();
        assert!(pair.contains("127.0.0.1"), "{report}");
    }
}

/// Forwards requests to a server, and changes the fingerprint in its answer (RFC 8122 §5): someone on the way.
fn forge_fingerprint(server: std::net::SocketAddr) -> Url {
    let proxy = Scripted::new();
    let url = proxy.url.clone();
    std::thread::spawn(move || {
        for stream in proxy.listener.incoming().flatten() {
            let request = read(&stream).replacen("\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1);
            let response = exchange(server, request.as_bytes());
            let at = response
                .body
                .find("a=fingerprint:sha-256 ")
                .map(|at| at + 22);
            let mut body = response.body.into_bytes();
            if let Some(digit) = at.and_then(|at| body.get_mut(at)) {
                *digit = if *digit == b'0' { b'1' } else { b'0' };
            }
            // The client may have ended.
            let _ = (&stream).write_all(&[response.head.as_bytes(), b"\r\n\r\n", &body].concat());
        }
    });
    url
}

#[test]
fn a_handshake_that_fails_is_not_called_a_missing_way() {
    let _rule =
        SERVED.rule("the certificate must have the fingerprint of the answer (RFC 8122 §5)");
    let server =
        TestServer::start_with(|config| config.connect_timeout = Duration::from_millis(500));
    let url = forge_fingerprint(server.address);
    let (session, _videos) = watch(HttpClient::new(url, None));
    let (stop, stopped) = oneshot::channel();
    let watching = server.network.spawn(session.run(stopped));
    let mut served = Vec::new();
    until("the end of the session", || {
        served = server.take_reports();
        !served.is_empty()
    });
    assert_eq!(
        served[0].ended,
        "the client was reached, but the keys were not agreed on in time (DTLS)"
    );
    let _ = stop.send(());
    let (watched, _) = server.network.block_on(watching).expect("no panic");
    assert_eq!(watched.ended, "hung up");
}
