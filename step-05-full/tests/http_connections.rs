//! Clients that keep their connections open and do nothing useful with them.

mod http_server;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use http_server::{SDP, TestServer, until};
use rule::Rules;

const CONNECTIONS: Rules = Rules::kept_in("step-05-full/src/http/connections.rs");
const REQUESTS: Rules = Rules::kept_in("step-05-full/src/http/requests.rs");

/// Opens a connection, sends the beginning of something, and leaves it open.
fn connect(server: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(server).expect("the server listens");
    stream.set_nonblocking(true).expect("a socket");
    let _ = stream.write_all(bytes);
    stream
}

/// Requests whose responses fill the buffers of the system, when nobody reads them.
fn many_requests(server: SocketAddr) -> Vec<u8> {
    let request = format!("GET /adapter.js HTTP/1.1\r\nHost: {server}\r\n\r\n");
    request.repeat(100).into_bytes()
}

fn slow_request(server: SocketAddr) -> Vec<u8> {
    let head = format!("POST /whep HTTP/1.1\r\nHost: {server}\r\nContent-Type: {SDP}\r\n");
    (head + "Content-Length: 1000\r\n\r\nv=0\r\n").into_bytes()
}

fn is_closed(stream: &mut TcpStream) -> bool {
    let mut bytes = [0; 65_536];
    loop {
        match stream.read(&mut bytes) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() != ErrorKind::WouldBlock,
        }
    }
}

#[test]
fn clients_that_only_stay_connected_exclude_nobody() {
    let _rule = CONNECTIONS.rule("one connection too many closes another one");
    let server = TestServer::start();
    let offer = server.offer("recvonly");
    let address = server.address;
    let kinds = [
        (b"".to_vec(), 300),
        (b"GET / HTT".to_vec(), 100),
        (slow_request(address), 150),
        (many_requests(address), 128),
    ];
    let mut others = Vec::new();
    for (bytes, count) in kinds {
        others.extend((0..count).map(|_| connect(address, &bytes)));
        let began = Instant::now();
        assert_eq!(server.request("GET", "/").send().status, 200);
        assert_eq!(server.post("/whep", &offer).status, 201);
        let took = began.elapsed();
        assert!(
            took < Duration::from_secs(1),
            "{took:?} behind {} others",
            others.len()
        );
    }
    let began = Instant::now();
    server.stop();
    let took = began.elapsed();
    assert!(
        took < Duration::from_secs(2),
        "the server stops after {took:?}"
    );
}

#[test]
fn a_client_that_does_not_go_on_is_disconnected() {
    let _rule = CONNECTIONS.rule("a client has a limited time to send and to read");
    let server =
        TestServer::start_with(|config| config.client_timeout = Duration::from_millis(100));
    let address = server.address;
    for bytes in [b"".to_vec(), b"GET / HTT".to_vec(), slow_request(address)] {
        let mut stream = connect(address, &bytes);
        until("the end of the connection", || is_closed(&mut stream));
    }
}

#[test]
fn a_client_that_does_not_read_is_disconnected() {
    let _rule = CONNECTIONS.rule("a client has a limited time to read a response");
    let server =
        TestServer::start_with(|config| config.client_timeout = Duration::from_millis(100));
    let mut stream = connect(server.address, &many_requests(server.address));
    // A server that has closed the connection answers the next bytes with a reset.
    until("the end of the connection", || {
        stream.write_all(b"G").is_err()
    });
}

#[test]
fn a_body_that_does_not_come_is_answered() {
    let _rule = REQUESTS.rule("408 for a body that does not come in time (RFC 9110 §15.5.9)");
    let server =
        TestServer::start_with(|config| config.client_timeout = Duration::from_millis(100));
    let response = http_server::exchange(server.address, &slow_request(server.address));
    insta::assert_snapshot!(response.summary(), @"408 the body did not come within 100ms");
}
