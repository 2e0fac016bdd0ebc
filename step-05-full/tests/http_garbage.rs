//! Malformed requests must not stop the program, nor a call that goes on meanwhile.

mod http_server;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http_server::{CHROMIUM, FRAGMENT, SDP, TestServer, exchange, pattern};
use rule::Rules;
use step_02_peer::PeerConfig;
use step_05_full::http::client_session::ClientSession;
use step_05_full::http::http_client::{HttpClient, endpoint};
use step_05_full::http::outgoing_media::OutgoingMedia;
use step_05_full::http::shared_encoder::SharedEncoder;
use tokio::sync::oneshot;

const RULES: Rules = Rules::kept_in("step-05-full/src/http/offer.rs and requests.rs");
const CONNECTIONS: Rules = Rules::kept_in("step-05-full/src/http/connections.rs and server.rs");

/// As many clients throw garbage at once.
const THROWERS: u32 = 8;

/// A linear congruential generator: the same garbage in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }

    /// An offer with up to four lines that are lost, doubled, moved or spoiled.
    fn spoil(&mut self, offer: &str) -> String {
        let mut lines: Vec<String> = offer.lines().map(str::to_owned).collect();
        for _ in 0..=self.below(4) {
            let (from, to) = (self.below(lines.len()), self.below(lines.len()));
            match self.below(6) {
                0 => drop(lines.remove(from)),
                1 => lines.insert(to, lines[from].clone()),
                2 => lines.swap(from, to),
                3 => lines[from] = lines[from].chars().take(self.below(40)).collect(),
                4 => lines[from] = lines[from].replace(|c: char| c.is_ascii_digit(), "99999999999"),
                _ => {
                    let at = self.below(lines[from].len());
                    let odd = ["\u{0}", " ", ":", "-1", "=", "é", "a=", "/", "4294967296"];
                    if lines[from].is_char_boundary(at) {
                        lines[from].insert_str(at, odd[self.below(odd.len())]);
                    }
                }
            }
            if lines.is_empty() {
                break;
            }
        }
        lines.join("\r\n") + "\r\n"
    }
}

#[test]
fn no_spoiled_offer_stops_the_server() {
    let _rule = RULES.rule("2-3: a spoiled offer is answered or refused, and the server goes on");
    let server = TestServer::start_with(|config| {
        config.limit = 64;
        config.connect_timeout = Duration::from_millis(1);
    });
    let offers = [
        ("/whep", server.offer("recvonly")),
        ("/whip", server.offer("sendonly")),
        ("/whip", CHROMIUM.replace("a=recvonly", "a=sendonly")),
        ("/whep", CHROMIUM.to_owned()),
    ];
    let mut chance = Chance(7);
    let mut counts = std::collections::BTreeMap::new();
    let rounds = std::env::var("SPOILED_OFFERS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(400);
    for round in 0..rounds {
        let (path, offer) = &offers[round % offers.len()];
        let offer = chance.spoil(offer);
        let status = server.post(path, &offer).status;
        assert!(
            matches!(status, 201 | 400 | 422 | 500 | 503),
            "{status} is no status for this offer:\n{offer}"
        );
        *counts.entry(status).or_insert(0) += 1;
    }
    println!("statuses: {counts:?}");
    assert!(counts.contains_key(&201), "some offers survive: {counts:?}");
    assert!(counts.contains_key(&422), "some do not: {counts:?}");
    let fine = server.post("/whep", &server.offer("recvonly"));
    assert!(
        matches!(fine.status, 201 | 503),
        "the server goes on: {}",
        fine.summary()
    );
}

/// One piece of garbage. What comes back does not matter; that something comes, or the connection closes, does.
fn throw(server: &Target, chance: &mut Chance) {
    let post = |path: &str, media_type: &str, body: &[u8]| {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\r\n",
            server.address,
            body.len()
        );
        exchange(server.address, &[head.as_bytes(), body].concat())
    };
    let endpoint = ["/whep", "/whip"][chance.below(2)];
    match chance.below(8) {
        0 => drop(post(
            endpoint,
            SDP,
            chance
                .spoil(&server.offers[chance.0 as usize % 2])
                .as_bytes(),
        )),
        1 => drop(post(
            endpoint,
            SDP,
            server.offers[chance.below(2)].as_bytes(),
        )),
        2 => drop(post(endpoint, SDP, &vec![b'v'; 70_000])),
        3 => drop(post(endpoint, "text/plain", b"hello")),
        4 => drop(post(
            &format!("/whip/{:032x}", chance.0),
            FRAGMENT,
            b"a=ice-ufrag:x",
        )),
        5 => {
            let bytes: Vec<u8> = (0..200).map(|_| chance.below(256) as u8).collect();
            exchange(server.address, &bytes);
        }
        6 => {
            // A connection that says half a line and is left open until it is closed from here.
            if let Ok(mut stream) = TcpStream::connect(server.address) {
                let _ = stream.write_all(b"POST /whi");
            }
        }
        _ => drop(exchange(
            server.address,
            b"GET /latest-frame HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        )),
    }
}

struct Target {
    address: std::net::SocketAddr,
    offers: [String; 2],
}

#[test]
fn a_call_goes_on_while_garbage_comes() {
    let _rule = CONNECTIONS.rule("a session goes on whatever comes over other connections");
    // FLOOD_SECONDS=30 is the full check, for a machine that has nothing else to do; shorter here, where every reader
    // waits for it.
    let full_check: Option<u32> = std::env::var("FLOOD_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok());
    let seconds = full_check.unwrap_or(1);
    let rate: u32 = 200;
    let server = TestServer::start();
    let (hang_up, hung_up) = oneshot::channel();
    let url = endpoint(&format!("http://{}/whip", server.address)).expect("a URL");
    let stream = pattern();
    let session = ClientSession {
        name: "publish",
        client: HttpClient::new(url, None),
        media: Box::new(OutgoingMedia::new(&stream, SharedEncoder::of(&stream))),
        peer_config: PeerConfig::loopback(),
    };
    let calling = server.network.spawn(session.run(hung_up));
    let first = server.display.recv_timeout(Duration::from_secs(30));
    first.expect("the video of the call arrives before the flood begins");

    let target = Arc::new(Target {
        address: server.address,
        offers: [server.offer("recvonly"), server.offer("sendonly")],
    });
    let requests = rate * seconds;
    let throwers: Vec<_> = (0..THROWERS)
        .map(|index| {
            let target = Arc::clone(&target);
            std::thread::spawn(move || {
                let mut chance = Chance(index.into());
                let began = Instant::now();
                for count in 1..=requests / THROWERS {
                    throw(&target, &mut chance);
                    let due = began + Duration::from_secs(1) * THROWERS * count / rate;
                    std::thread::sleep(due.saturating_duration_since(Instant::now()));
                }
            })
        })
        .collect();
    for thrower in throwers {
        thrower.join().expect("the server answers, or closes");
    }
    let _ = hang_up.send(());
    let (sent, called) = server.network.block_on(calling).expect("the client ends");
    called.expect("the call goes on until it is hung up");
    let reports = server.stop();
    let received = reports
        .iter()
        .find(|report| report.name == "whip-1")
        .expect("the call was the first session");
    let (sent, decoded) = (sent.call.frames, received.call.frames.decoded);
    println!("{requests} requests; sent {sent:?}, decoded {decoded}");
    // A busy machine may lose a packet; only an idle one shows whether garbage causes a loss.
    match full_check {
        Some(_) => assert_eq!(
            decoded, sent.sent,
            "no frame that was sent is lost: {:?}",
            received.call
        ),
        None => assert!(
            decoded * 2 > sent.sent,
            "the call goes on: {:?}",
            received.call
        ),
    }
}
