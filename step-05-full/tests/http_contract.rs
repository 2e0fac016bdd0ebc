//! What may be asked of the server, and what it answers: RFC 9725, draft-ietf-wish-whep, RFC 9110.

mod http_server;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use http_server::{FRAGMENT, SDP, TestServer, exchange, until};
use insta::assert_snapshot;
use rule::Rules;
use step_02_peer::PeerConfig;
use step_03_ice::Candidate;
use webrtc::peer_connection::RTCIceServer;

const RULES: Rules = Rules::kept_in("step-05-full/src/http/requests.rs");
const SESSION: Rules = Rules::kept_in("step-05-full/src/http/http_session.rs");
const FRAGMENTS: Rules = Rules::kept_in("step-05-full/src/http/trickle_fragment.rs");
const SESSIONS: Rules = Rules::kept_in("step-05-full/src/http/sessions.rs");
const CANDIDATES: Rules = Rules::kept_in("step-05-full/src/http/host_candidates.rs");
const ANSWER: Rules = Rules::kept_in("step-02-peer/src/webrtc_gaps/inactive_audio.rs");
const OFFER: Rules = Rules::kept_in("step-05-full/src/http/offer.rs");

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

/// The candidate lines of a description.
fn candidates(description: &str) -> Vec<Candidate> {
    let lines = description.lines();
    let lines = lines.filter(|line| line.starts_with("a=candidate:"));
    lines
        .map(|line| line.parse().expect("RFC 8839 §5.1"))
        .collect()
}

#[test]
fn the_candidates_of_the_answer_have_an_order() {
    let _rule = CANDIDATES.rule("1-3: local preferences are distinct (RFC 8445 §5.1.2.1)");
    let server =
        TestServer::start_with(|config| config.peer_config = PeerConfig::every_interface());
    let answer = server.post("/whep", &server.offer("recvonly")).body;
    let candidates = candidates(&answer);
    let priorities: Vec<_> = candidates
        .iter()
        .map(|candidate| candidate.priority)
        .collect();
    assert!(
        priorities.is_sorted_by(|one, next| one > next),
        "each is preferred to the next: {answer}"
    );
    assert!(
        candidates.iter().all(|candidate| candidate.component == 1),
        "RTCP shares the port of RTP (RFC 9725 §4.4.1): {answer}"
    );
    assert!(
        !answer.contains(" 0.0.0.0 "),
        "nobody can send to it: {answer}"
    );
    let last = candidates
        .last()
        .map(|candidate| candidate.address.as_str());
    assert_eq!(
        last,
        Some("127.0.0.1"),
        "the client is on this machine: {answer}"
    );
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
    assert_snapshot!(server.request("DELETE", &session).send().summary(), @"404 there is no such resource: a session ends at DELETE and when ICE fails");
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
fn other_methods_are_refused() {
    let _rule = RULES.rule("405 with Allow (RFC 9110 §15.5.6)");
    let server = TestServer::start();
    let (session, _) = server.open_session();
    for method in ["PUT", "DELETE", "PATCH", "BREW"] {
        let refused = server.request(method, "/whep").send();
        assert_eq!(
            (refused.status, refused.header("allow").as_str()),
            (405, "POST,GET,HEAD,OPTIONS"),
            "{method} /whep"
        );
    }
    for method in ["PUT", "POST"] {
        let refused = server.request(method, &session).send();
        assert_eq!(
            (refused.status, refused.header("allow").as_str()),
            (405, "PATCH,GET,HEAD,DELETE,OPTIONS"),
            "{method} of a session"
        );
    }
}

#[test]
fn get_and_head_succeed_without_content() {
    let _rule = RULES.rule("GET is answered with 2xx and no content (RFC 9725 §4.1)");
    let server = TestServer::start();
    let (session, _) = server.open_session();
    for method in ["GET", "HEAD"] {
        for (path, status) in [("/whip", 204), ("/whep", 200), (session.as_str(), 204)] {
            let response = server.request(method, path).send();
            assert_eq!(
                (response.status, response.body.as_str()),
                (status, ""),
                "{method} {path}"
            );
        }
        let whep = server.request(method, "/whep").send();
        assert_eq!(
            whep.header("content-type"),
            SDP,
            "draft-ietf-wish-whep §4.2"
        );
        assert_eq!(server.request(method, "/whep/0").send().status, 404);
    }
}

#[test]
fn options_name_the_media_types_and_permit_no_other_origin() {
    let _rule =
        RULES.rule("OPTIONS: 200 with Accept-Post (RFC 9725 §4.2) or Accept-Patch (RFC 5789 §3.1)");
    let server = TestServer::start();
    let options = server.request("OPTIONS", "/whip").send();
    assert_eq!(
        (options.status, options.header("accept-post").as_str()),
        (200, SDP)
    );
    assert_eq!(options.header("allow"), "GET,HEAD,OPTIONS,POST");
    assert_eq!(options.header("access-control-allow-origin"), "");
    let (session, _) = server.open_session();
    let options = server.request("OPTIONS", &session).send();
    assert_eq!(
        (options.status, options.header("accept-patch").as_str()),
        (200, FRAGMENT)
    );
    let preflight = server
        .request("OPTIONS", "/whip")
        .header("Origin", "http://evil.example");
    assert_eq!(preflight.send().status, 403);
}

#[test]
fn a_preflight_request_gets_no_ice_servers() {
    let _rule = RULES.rule(
        "Link is in the responses to POST and OPTIONS, not to a preflight request (RFC 9725 §4.6)",
    );
    let server = TestServer::start_with(|config| {
        config.peer_config.ice_servers = vec![RTCIceServer {
            urls: vec!["stun:127.0.0.1:9".to_owned()],
            ..Default::default()
        }];
    });
    let link = "<stun:127.0.0.1:9>; rel=\"ice-server\"";
    let options = server.request("OPTIONS", "/whip").send();
    assert_eq!(options.header("link"), link);
    let created = server.post("/whep", &server.offer("recvonly"));
    assert_eq!(created.header("link"), link);
    let preflight = server
        .request("OPTIONS", "/whip")
        .header("Access-Control-Request-Method", "POST");
    assert_eq!(preflight.send().header("link"), "");
}

#[test]
fn an_offer_to_send_and_to_receive_gets_one_direction() {
    let _rule = OFFER.rule("2-4: sendrecv is answered sendonly or recvonly (RFC 9725 §4.2)");
    let server = TestServer::start();
    for (path, direction) in [("/whep", "a=sendonly"), ("/whip", "a=recvonly")] {
        let answer = server.post(path, &server.offer("sendrecv"));
        assert_eq!(answer.status, 201, "{}", answer.body);
        assert!(answer.body.contains(direction), "{path}: {}", answer.body);
        assert!(
            !answer.body.contains("a=sendrecv"),
            "{path}: {}",
            answer.body
        );
    }
}

#[test]
fn a_client_that_begins_the_handshake_is_waited_for() {
    let _rule = SESSION.rule("setup:active is answered with passive (RFC 8842 §5.3)");
    let server = TestServer::start();
    for (offered, answered) in [
        ("actpass", "active"),
        ("active", "passive"),
        ("passive", "active"),
    ] {
        let offer = server.offer("sendonly");
        let offer = offer.replace("a=setup:actpass", &format!("a=setup:{offered}"));
        let answer = server.post("/whip", &offer).body;
        assert!(
            answer.contains(&format!("a=setup:{answered}")),
            "{offered}: {answer}"
        );
    }
}

#[test]
fn one_layer_of_simulcast_is_accepted() {
    let _rule = OFFER.rule("2-4: an answer accepts the first layer only (RFC 8853)");
    let server = TestServer::start();
    let offer = server.offer("sendonly");
    let layers = "a=rid:h send\r\na=rid:m send\r\na=rid:l send\r\na=simulcast:send h;m;l\r\n";
    let answer = server.post("/whip", &(offer + layers));
    assert_eq!(answer.status, 201, "{}", answer.body);
    let lines = answer.body.lines();
    let layers: Vec<_> = lines
        .filter(|line| line.contains("rid:") || line.contains("simulcast"))
        .collect();
    assert_eq!(
        layers,
        ["a=rid:h recv", "a=simulcast:recv h"],
        "{}",
        answer.body
    );
}

#[test]
fn audio_is_accepted_and_inactive() {
    let _rule = ANSWER.rule("2-4: audio stays in the bundle and is inactive (RFC 9725 §4.4.1)");
    let server = TestServer::start();
    for (path, direction) in [("/whep", "recvonly"), ("/whip", "sendonly")] {
        let offer = server.offer(direction);
        let video = offer.find("m=video").expect("it has a video");
        let (session, video) = offer.split_at(video);
        let transport = video.lines().filter(|line| {
            ["a=ice-", "a=fingerprint:", "a=setup:"]
                .iter()
                .any(|start| line.starts_with(start))
        });
        let transport: String = transport.map(|line| format!("{line}\r\n")).collect();
        let audio = format!(
            "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\n{transport}a=mid:sound\r\na={direction}\r\n\
             a=rtcp-mux\r\na=rtpmap:96 opus/48000/2\r\n"
        );
        let session = session.replace("a=group:BUNDLE ", "a=group:BUNDLE sound ");
        let answer = server.post(path, &(session + &audio + video));
        assert_eq!(answer.status, 201, "{}", answer.body);
        let answer = answer.body;
        assert!(answer.contains("a=group:BUNDLE sound "), "{answer}");
        let audio = answer.find("m=audio 9 ").expect("it is not rejected");
        let audio = &answer[audio..answer.find("m=video").expect("the video is answered too")];
        assert!(audio.contains("a=inactive"), "{path}: {answer}");
    }
}

#[test]
fn a_body_of_another_type_is_refused() {
    let _rule =
        RULES.rule("an offer is application/sdp (RFC 9725 §4.2), and 415 refuses another type");
    let server = TestServer::start();
    let offer = server.offer("recvonly");
    assert_snapshot!(server.request("POST", "/whep").content("application/json", &offer).send().summary(), @"415 send the body as application/sdp");
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
    assert_snapshot!(server.request("PATCH", &session).content(SDP, "").send().summary(), @"415 send the body as application/trickle-ice-sdpfrag");
}

#[test]
fn a_body_over_64_kilobytes_is_refused() {
    let _rule = RULES.rule("413 refuses a body that is too long");
    let server = TestServer::start();
    let long = vec![b'a'; 64 * 1024 + 1];
    let most = server.request("POST", "/whep").content(SDP, &long[1..]);
    assert_eq!(most.send().status, 400, "it is read, and is no offer");
    let announced = server.request("POST", "/whep").content(SDP, &long).send();
    assert_snapshot!(announced.summary(), @"413 Failed to buffer the request body: length limit exceeded");
    // Without an announcement it is noticed while it comes.
    let mut chunked = format!("POST /whep HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: {SDP}\r\nTransfer-Encoding: chunked\r\n\r\n", server.address).into_bytes();
    chunked.extend(format!("{:x}\r\n", long.len()).into_bytes());
    chunked.extend([&long[..], b"\r\n0\r\n\r\n"].concat());
    assert_eq!(exchange(server.address, &chunked).status, 413);
}

#[test]
fn a_body_in_malformed_chunks_is_refused() {
    let _rule = RULES.rule("400 for a body that cannot be read (RFC 9112 §7.1)");
    let server = TestServer::start();
    let head = format!(
        "POST /whep HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: {SDP}\r\nTransfer-Encoding: chunked\r\n\r\n",
        server.address
    );
    let response = exchange(server.address, (head + "nonsense\r\n").as_bytes());
    assert_eq!(response.status, 400, "{}", response.body);
}

#[test]
fn what_is_no_offer_is_refused_with_the_reason() {
    let _rule =
        OFFER.rule("2-3: 400 for what is no description, 422 for an offer that cannot be answered");
    let server = TestServer::start();
    let post = |offer: &[u8]| {
        server
            .request("POST", "/whep")
            .content(SDP, offer)
            .send()
            .summary()
    };
    assert_snapshot!(post(b""), @"400 no offer: the description is empty: expected v=0 as its first line");
    assert_snapshot!(post(b"\xff\xfe"), @"400 Request body didn't contain valid UTF-8: invalid utf-8 sequence of 1 bytes from index 0");
    assert_snapshot!(post(b"hello\r\n"), @r#"400 no offer: line 1: expected <type>=<value>, where <type> is one small letter, found "hello""#);
    assert_snapshot!(post(b"v=0\r\ns=-\r\n"), @"422 no answer to this offer: it has no m=video section");
    let offer = server.offer("sendonly");
    assert_snapshot!(post(offer.as_bytes()), @"422 no answer to this offer: a client of /whep offers a=recvonly in its m=video section");
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
    let list = format!("\"other\", {tag}");
    for if_match in [&tag, &list, "*"] {
        assert_eq!(
            patch(Some(if_match), &own).summary(),
            "204 ",
            "RFC 9110 §13.1.1: {if_match}"
        );
    }
    assert_snapshot!(patch(None, &own).summary(), @"428 send If-Match with the ETag of the answer, or * to restart ICE");
    let weak = format!("W/{tag}");
    assert_eq!(
        patch(Some(&weak), &own).status,
        412,
        "RFC 9110 §13.1.1: strong comparison"
    );
    assert_snapshot!(patch(Some("\"other\""), &own).summary(), @"412 this is for another ICE session: If-Match does not name the present one");
    assert_snapshot!(patch(Some(&tag), "v=0\r\n").summary(), @"400 no trickle fragment: line 1: expected a=…, m=… or an end (RFC 8840 §9)");
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
fn an_ice_restart_gets_new_credentials_and_a_new_entity_tag() {
    let _rule = SESSION.rule("ICE restart: 200, new credentials and a new ETag (RFC 9725 §4.3.3)");
    let server = TestServer::start();
    let offer = server.offer("recvonly");
    let created = server.post("/whep", &offer);
    let (session, tag) = (created.header("location"), created.header("etag"));
    let body = fragment(&offer, Some("another1"));
    let request = server.request("PATCH", &session).content(FRAGMENT, &body);
    // The entity tag of the present ICE session does as well as *.
    let request = request.header("If-Match", &tag);
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
fn a_session_restarts_ice_60_times_and_reports_how_often() {
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
    assert_snapshot!(restart(61).summary(), @"422 this session has had too many ICE restarts: start a new one");
    let restarts: Vec<_> = server
        .stop()
        .iter()
        .map(|report| report.ice_restarts)
        .collect();
    assert_eq!(restarts, [60]);
}

#[test]
fn checks_go_to_a_limited_number_of_candidates() {
    let _rule =
        SESSION.rule("1-5: a client directs checks at 16 candidates, four of them of one address");
    let server = TestServer::start_with(|config| config.connect_timeout = Duration::from_secs(1));
    // Elsewhere, loopback is one address.
    let addresses = if cfg!(target_os = "linux") { 5 } else { 1 };
    let sockets: Vec<_> = (0..40)
        .map(|number| SocketAddr::from(([127, 0, 0, 1 + number % addresses], 0)))
        .map(UdpSocket::bind)
        .map(|socket| socket.expect("loopback has ports"))
        .collect();
    let lines: Vec<_> = sockets
        .iter()
        .map(|socket| {
            socket.set_nonblocking(true).expect("a socket");
            let address = socket.local_addr().expect("it is bound");
            let (ip, port) = (address.ip(), address.port());
            format!("a=candidate:1 1 udp 2130706431 {ip} {port} typ host\r\n")
        })
        .collect();
    let offer = server.offer("recvonly");
    let created = server.post("/whep", &(offer.clone() + &lines[..20].concat()));
    let body = fragment(&offer, None) + &lines[20..].concat();
    let session = created.header("location");
    let request = server.request("PATCH", &session).content(FRAGMENT, &body);
    assert_eq!(request.header("If-Match", "*").send().status, 204);
    until("the end of the session", || server.session_count() == 0);
    let reached = sockets
        .iter()
        .filter(|socket| socket.recv(&mut [0; 1500]).is_ok());
    let mut per_address = BTreeMap::new();
    for socket in reached {
        let address = socket.local_addr().expect("it is bound").ip();
        *per_address.entry(address).or_insert(0) += 1;
    }
    assert_eq!(per_address.values().max(), Some(&4), "{per_address:?}");
    let expected = if addresses == 1 { 4 } else { 16 };
    assert_eq!(
        per_address.values().sum::<i32>(),
        expected,
        "{per_address:?}"
    );
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
    let _rule = SESSIONS.rule("each session that has ended is reported once");
    let server = TestServer::start();
    for _ in 0..3 {
        let (session, _) = server.open_session();
        assert_eq!(server.request("DELETE", &session).send().status, 200);
    }
    let reports = server.stop().into_iter();
    let mut names: Vec<_> = reports.map(|report| report.name).collect();
    // DELETE is answered before the session has closed everything, so the next one may be reported first.
    names.sort();
    assert_eq!(names, ["whep-1", "whep-2", "whep-3"]);
}
