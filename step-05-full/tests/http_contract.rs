//! What may be asked of the server, and what it answers: RFC 9725, draft-ietf-wish-whep, RFC 9110.

mod http_server;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use http_server::{FRAGMENT, SDP, TestServer, exchange};
use insta::assert_snapshot;
use rule::Rules;

const RULES: Rules = Rules::kept_in("step-05-full/src/http/endpoint.rs");
const SESSION: Rules = Rules::kept_in("step-05-full/src/http/http_session.rs");
const FRAGMENTS: Rules = Rules::kept_in("step-05-full/src/http/trickle_fragment.rs");
const SESSIONS: Rules = Rules::kept_in("step-05-full/src/http/sessions.rs");
const OFFER: Rules = Rules::kept_in("step-05-full/src/http/offer.rs");
const BODY: Rules = Rules::kept_in("step-05-full/src/http/request_body.rs");

#[test]
fn an_offer_is_answered_with_a_session() {
    let _rule = RULES.rule("WHEP: 201 with the answer, Location and ETag (draft-ietf-wish-whep)");
    let server = TestServer::start();
    let created = server.post("/whep", &server.offer("recvonly"));
    assert_eq!(created.status, 201, "RFC 9725 §4.2: {}", created.body);
    assert_eq!(created.header("content-type"), SDP);
    assert!(
        created.header("location").starts_with("/whep/"),
        "{}",
        created.head
    );
    assert!(
        created.header("etag").starts_with('"'),
        "RFC 9725 §4.3.1: {}",
        created.head
    );
    let answer = created.body;
    assert!(
        answer.contains("a=sendonly"),
        "the client receives, so we send: {answer}"
    );
    assert!(
        answer.contains("a=candidate:"),
        "all candidates are in the answer: {answer}"
    );
    assert!(answer.contains("H264/90000"), "{answer}");
    assert_eq!(server.session_count(), 1);
    assert_eq!(server.stop()[0].ended, "the server was stopped");
}

#[test]
fn whip_answers_that_it_receives() {
    let _rule = RULES.rule("WHIP: 201 with the answer and a Location (RFC 9725 §4.2)");
    let server = TestServer::start();
    let created = server.post("/whip", &server.offer("sendonly"));
    assert_eq!(created.status, 201, "{}", created.body);
    assert!(
        created.header("location").starts_with("/whip/"),
        "{}",
        created.head
    );
    assert!(created.body.contains("a=recvonly"), "{}", created.body);
}

#[test]
fn delete_ends_a_session_once() {
    let _rule = RULES.rule("DELETE ends the session (RFC 9725 §4.2)");
    let server = TestServer::start();
    let (session, _) = server.open_session();
    assert_eq!(
        server.request("DELETE", &session).send().status,
        200,
        "RFC 9725 §4.2"
    );
    assert_snapshot!(server.request("DELETE", &session).send().told(), @"404 there is no such resource: sessions end at DELETE and when ICE fails");
    assert_eq!(server.session_count(), 0);
}

#[test]
fn a_session_belongs_to_its_endpoint() {
    let _rule = RULES.rule("a session has one URL, its Location (RFC 9725 §4.2)");
    let server = TestServer::start();
    let (session, _) = server.open_session();
    let other = session.replace("/whep/", "/whip/");
    assert_eq!(
        server.request("DELETE", &other).send().status,
        404,
        "{other}"
    );
    assert_eq!(server.request("DELETE", "/whep/0").send().status, 404);
    assert_eq!(server.session_count(), 1);
}

#[test]
fn methods_that_a_resource_has_not_are_refused_with_those_it_has() {
    let _rule = RULES
        .rule("405 with Allow (RFC 9110 §15.5.6), 2xx without content for GET (RFC 9725 §4.1)");
    let server = TestServer::start();
    let (session, _) = server.open_session();
    for path in ["/whep", "/whip", session.as_str()] {
        for method in ["GET", "HEAD"] {
            assert_eq!(
                server.request(method, path).send().told(),
                "204 ",
                "{method} {path}"
            );
        }
    }
    for method in ["PUT", "DELETE", "PATCH", "BREW"] {
        let refused = server.request(method, "/whep").send();
        assert_eq!(
            (refused.status, refused.header("allow").as_str()),
            (405, "GET, HEAD, OPTIONS, POST"),
            "{method} /whep"
        );
    }
    for method in ["PUT", "POST"] {
        let refused = server.request(method, &session).send();
        assert_eq!(
            (refused.status, refused.header("allow").as_str()),
            (405, "DELETE, GET, HEAD, OPTIONS, PATCH"),
            "{method} of a session"
        );
    }
}

#[test]
fn options_say_what_is_taken_and_open_no_door_for_other_origins() {
    let _rule = RULES
        .rule("OPTIONS answers with Accept-Post (RFC 9725 §4.2) or Accept-Patch (RFC 5789 §3.1)");
    let server = TestServer::start();
    let options = server.request("OPTIONS", "/whip").send();
    assert_eq!(
        (options.status, options.header("accept-post").as_str()),
        (204, SDP)
    );
    assert_eq!(options.header("access-control-allow-origin"), "");
    let (session, _) = server.open_session();
    let options = server.request("OPTIONS", &session).send();
    assert_eq!(
        (options.status, options.header("accept-patch").as_str()),
        (204, FRAGMENT)
    );
    let preflight = server
        .request("OPTIONS", "/whip")
        .header("Origin", "http://evil.example");
    assert_eq!(preflight.send().status, 403);
}

#[test]
fn a_body_of_another_type_is_refused() {
    let _rule =
        BODY.rule("an offer is application/sdp (RFC 9725 §4.2), and 415 refuses another type");
    let server = TestServer::start();
    let offer = server.offer("recvonly");
    assert_snapshot!(server.request("POST", "/whep").content("application/json", &offer).send().told(), @"415 send the body as application/sdp");
    assert_eq!(
        server.request("POST", "/whep").send().status,
        415,
        "no type at all"
    );
    let charset = server
        .request("POST", "/whep")
        .content("Application/SDP; charset=utf-8", &offer);
    assert_eq!(
        charset.send().status,
        201,
        "RFC 9110 §8.3.1: parameters, any case"
    );
    let (session, _) = server.open_session();
    assert_snapshot!(server.request("PATCH", &session).content(SDP, "").send().told(), @"415 send the body as application/trickle-ice-sdpfrag");
}

#[test]
fn a_body_over_64_kilobytes_is_refused() {
    let _rule = BODY.rule("413 refuses a body that is too long");
    let server = TestServer::start();
    let long = vec![b'a'; 64 * 1024 + 1];
    let announced = server.request("POST", "/whep").content(SDP, &long).send();
    assert_snapshot!(announced.told(), @"413 a body has at most 65536 bytes");
    // Without an announcement it is noticed while it comes.
    let mut chunked = format!("POST /whep HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: {SDP}\r\nTransfer-Encoding: chunked\r\n\r\n", server.address).into_bytes();
    chunked.extend(format!("{:x}\r\n", long.len()).into_bytes());
    chunked.extend([&long[..], b"\r\n0\r\n\r\n"].concat());
    assert_eq!(exchange(server.address, &chunked).status, 413);
}

#[test]
fn what_is_no_offer_is_refused_with_the_reason() {
    let _rule =
        OFFER.rule("2-3: 400 for what is no description, 422 for an offer that cannot be answered");
    let server = TestServer::start();
    let told = |offer: &[u8]| {
        server
            .request("POST", "/whep")
            .content(SDP, offer)
            .send()
            .told()
    };
    assert_snapshot!(told(b""), @"400 no offer: the description is empty: expected v=0 as its first line");
    assert_snapshot!(told(b"\xff\xfe"), @"400 the body is not UTF-8");
    assert_snapshot!(told(b"hello\r\n"), @r#"400 no offer: line 1: expected <type>=<value>, where <type> is one small letter, found "hello""#);
    assert_snapshot!(told(b"v=0\r\ns=-\r\n"), @"422 no answer to this offer: it has no m=video section");
    let offer = server.offer("sendonly");
    assert_snapshot!(told(offer.as_bytes()), @"422 no answer to this offer: its m=video section should be a=recvonly: this is a WHEP endpoint, it sends");
    assert_eq!(server.session_count(), 0);
}

/// A fragment with the credentials of an offer, or with others.
fn fragment(offer: &str, ufrag: Option<&str>) -> String {
    let line = |start: &str| {
        offer
            .lines()
            .find(|line| line.starts_with(start))
            .unwrap_or_default()
            .to_owned()
    };
    let ufrag = ufrag.map_or_else(
        || line("a=ice-ufrag:"),
        |ufrag| format!("a=ice-ufrag:{ufrag}"),
    );
    format!(
        "{ufrag}\r\n{}\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host\r\n",
        line("a=ice-pwd:")
    )
}

#[test]
fn candidates_are_taken_for_the_present_ice_session_only() {
    let _rule = SESSION
        .rule("1-5: If-Match names the ICE session of the candidates (RFC 9725 §4.3.1, §4.3.2)");
    let server = TestServer::start();
    let offer = server.offer("recvonly");
    let created = server.post("/whep", &offer);
    let (session, tag) = (created.header("location"), created.header("etag"));
    let patch = |if_match: Option<&str>, body: &str| {
        let request = server.request("PATCH", &session).content(FRAGMENT, body);
        match if_match {
            Some(if_match) => request.header("If-Match", if_match).send(),
            None => request.send(),
        }
    };
    let own = fragment(&offer, None);
    assert_eq!(patch(Some(&tag), &own).told(), "204 ", "RFC 9725 §4.3.2");
    assert_snapshot!(patch(None, &own).told(), @"428 send If-Match with the ETag of the answer, or * to restart ICE");
    assert_snapshot!(patch(Some("\"other\""), &own).told(), @"412 this is for another ICE session: If-Match does not name the present one");
    for any in ["*".to_owned(), format!("\"other\", {tag}")] {
        assert_eq!(
            patch(Some(&any), &own).told(),
            "204 ",
            "If-Match: {any} (RFC 9110 §13.1.1)"
        );
    }
    let other = fragment(&offer, Some("another1"));
    assert_eq!(patch(Some("\"other\""), &other).status, 412, "{other}");
    assert_eq!(
        patch(Some(&tag), &other).status,
        200,
        "new credentials restart ICE (RFC 9725 §4.3.3)"
    );
    assert_eq!(
        patch(Some(&tag), &own).status,
        412,
        "the restart has made another entity tag"
    );
    assert_snapshot!(patch(Some(&tag), "v=0\r\n").told(), @"400 no trickle fragment: line 1: expected a=…, m=… or an end (RFC 8840 §9)");
    assert_eq!(
        server
            .request("PATCH", "/whep/0")
            .content(FRAGMENT, &own)
            .send()
            .status,
        404
    );
}

#[test]
fn a_session_takes_no_more_candidates_than_a_client_can_have() {
    let _rule = SESSION.rule("1-5: too many candidates are refused with 422");
    let server = TestServer::start();
    let offer = server.offer("recvonly");
    let created = server.post("/whep", &offer);
    let (session, tag) = (created.header("location"), created.header("etag"));
    let many =
        fragment(&offer, None) + &"a=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\n".repeat(60);
    let patch = || {
        let request = server.request("PATCH", &session).content(FRAGMENT, &many);
        request.header("If-Match", &tag).send()
    };
    assert_eq!((patch().status, patch().status), (204, 204));
    assert_snapshot!(patch().told(), @"422 this session has had too many candidates: begin a new one");
}

#[test]
fn an_ice_restart_gets_new_credentials_and_a_new_entity_tag() {
    let _rule = SESSION.rule("ICE restart: 200, new credentials and a new ETag (RFC 9725 §4.3.3)");
    let server = TestServer::start();
    let offer = server.offer("recvonly");
    let created = server.post("/whep", &offer);
    let (session, tag) = (created.header("location"), created.header("etag"));
    let body = fragment(&offer, Some("another1"));
    let request = server
        .request("PATCH", &session)
        .content(FRAGMENT, &body)
        .header("If-Match", "*");
    let restarted = request.send();
    assert_eq!(
        (restarted.status, restarted.header("content-type").as_str()),
        (200, FRAGMENT),
        "RFC 9725 §4.3.3: {}",
        restarted.body
    );
    assert_ne!(
        restarted.header("etag"),
        tag,
        "another ICE session, another entity tag"
    );
    let ufrag = |text: &str| {
        text.lines()
            .find(|line| line.starts_with("a=ice-ufrag:"))
            .map(str::to_owned)
    };
    assert!(ufrag(&restarted.body).is_some(), "{}", restarted.body);
    assert_ne!(
        ufrag(&restarted.body),
        ufrag(&created.body),
        "RFC 8839 §4.4.1.1.1"
    );
    let late = server
        .request("PATCH", &session)
        .content(FRAGMENT, fragment(&offer, None));
    assert_eq!(
        late.header("If-Match", &tag).send().status,
        412,
        "candidates of before the restart"
    );
}

#[test]
fn a_session_restarts_ice_60_times_and_tells_how_often() {
    let _rule = SESSION.rule("too many ICE restarts are refused with 422");
    let server = TestServer::start();
    let offer = server.offer("recvonly");
    let session = server.post("/whep", &offer).header("location");
    let restart = |number: usize| {
        let ufrag = format!("restart{number}");
        let body = fragment(&offer, Some(&ufrag));
        let request = server.request("PATCH", &session).content(FRAGMENT, &body);
        request.header("If-Match", "*").send()
    };
    for number in 1..=60 {
        assert_eq!(restart(number).status, 200, "restart {number}");
    }
    assert_snapshot!(restart(61).told(), @"422 this session has had too many ICE restarts: begin a new one");
    let restarts: Vec<_> = server
        .stop()
        .iter()
        .map(|report| report.ice_restarts)
        .collect();
    assert_eq!(restarts, [60]);
}

#[test]
fn a_session_takes_128_candidates_to_the_last_one() {
    let _rule = SESSION.rule("1-5: as many candidates as a client can have are taken");
    let server = TestServer::start();
    let offer = server.offer("recvonly");
    let created = server.post("/whep", &offer);
    let (session, tag) = (created.header("location"), created.header("etag"));
    let patch = |count: usize| {
        let more = "a=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\n".repeat(count - 1);
        let body = fragment(&offer, None) + &more;
        let request = server.request("PATCH", &session).content(FRAGMENT, &body);
        request.header("If-Match", &tag).send().status
    };
    assert_eq!([64, 64, 1].map(patch), [204, 204, 422]);
}

#[test]
fn a_line_without_a_type_is_no_line_of_a_fragment() {
    let _rule = FRAGMENTS.rule("each line of a fragment is <type>=<value>, or empty (RFC 8840 §9)");
    let server = TestServer::start();
    let offer = server.offer("recvonly");
    let created = server.post("/whep", &offer);
    let patch = |body: &str| {
        let session = created.header("location");
        let request = server.request("PATCH", &session).content(FRAGMENT, body);
        request.header("If-Match", &created.header("etag")).send()
    };
    let own = fragment(&offer, None);
    assert_eq!(patch(&format!("{own}\r\n")).status, 204);
    assert_eq!(patch(&format!("{own}nonsense\r\n")).status, 400);
}

#[test]
fn each_session_leaves_a_report() {
    let _rule = SESSIONS.rule("the sessions that have ended are told once, in their order");
    let server = TestServer::start();
    for _ in 0..3 {
        let (session, _) = server.open_session();
        assert_eq!(server.request("DELETE", &session).send().status, 200);
    }
    let names: Vec<_> = server
        .stop()
        .into_iter()
        .map(|report| report.name)
        .collect();
    assert_eq!(names, ["whep-1", "whep-2", "whep-3"]);
}
