//! When a server is given up, and what is told of it.

use super::*;

const FIRST: TransactionId = TransactionId([1; 12]);
const SECOND: TransactionId = TransactionId([2; 12]);

fn socket(text: &str) -> SocketAddr {
    text.parse().expect("an address and a port")
}

/// A peer with a socket on loopback and one on a network, and a TURN server out there.
fn log() -> ServerLog {
    let mut log = ServerLog::new(&[RTCIceServer {
        urls: vec!["turn:turn.example.org".to_owned()],
        username: "ana".to_owned(),
        credential: "secret".to_owned(),
    }]);
    log.opened(socket("127.0.0.1:1000"));
    log.opened(socket("192.0.2.1:1000"));
    let found = log.resolved(
        "turn.example.org:3478",
        &Ok(vec![socket("203.0.113.9:3478")]),
    );
    assert_eq!(told(found), [""; 0]);
    log
}

fn told(errors: Vec<RTCPeerConnectionIceErrorEvent>) -> Vec<String> {
    let line = |e: RTCPeerConnectionIceErrorEvent| {
        format!(
            "{} {} {}:{} {}",
            e.error_code, e.url, e.address, e.port, e.error_text
        )
    };
    errors.into_iter().map(line).collect()
}

fn ask(
    log: &mut ServerLog,
    now: Instant,
    request: TransactionId,
    signed: bool,
) -> Result<(), Vec<String>> {
    let (from, to) = (socket("192.0.2.1:1000"), socket("203.0.113.9:3478"));
    log.sending(now, from, to, (IceScheme::Turn, request, signed))
        .map_err(told)
}

fn loopback_has_no_way(log: &mut ServerLog, now: Instant) -> Vec<String> {
    let (from, to) = (socket("127.0.0.1:1000"), socket("203.0.113.9:3478"));
    let request = (IceScheme::Turn, TransactionId([9; 12]), false);
    assert!(log.sending(now, from, to, request).is_ok());
    let error = io::Error::from(io::ErrorKind::NetworkUnreachable);
    told(log.not_sent(from, to, IceScheme::Turn, &error))
}

#[test]
fn a_server_that_is_silent_for_long_is_given_up_and_told_of_once() {
    let (mut log, begin) = (log(), Instant::now());
    assert_eq!(
        loopback_has_no_way(&mut log, begin),
        [""; 0],
        "the other socket may do better"
    );
    assert_eq!(ask(&mut log, begin, FIRST, false), Ok(()));
    assert_eq!(
        ask(&mut log, begin + SILENCE / 2, FIRST, false),
        Ok(()),
        "a repetition"
    );
    assert_eq!(
        ask(&mut log, begin + SILENCE, FIRST, false),
        Err(vec![
            "701 turn:turn.example.org:3478 192.0.2.1:1000 no answer: is the server up, and does a firewall let UDP pass?".to_owned()
        ])
    );
    assert_eq!(
        told(log.answered(FIRST, Ok(()))),
        [""; 0],
        "it was told of before"
    );
}

#[test]
fn the_first_401_asks_for_the_password_and_the_second_refuses_it() {
    let (mut log, begin) = (log(), Instant::now());
    loopback_has_no_way(&mut log, begin);
    assert_eq!(ask(&mut log, begin, FIRST, false), Ok(()));
    assert_eq!(
        told(log.answered(FIRST, Err((401, "Unauthorized")))),
        [""; 0],
        "RFC 8489 §9.2.4"
    );
    assert_eq!(
        ask(&mut log, begin + SILENCE, SECOND, true),
        Ok(()),
        "a new request, a new wait"
    );
    assert_eq!(
        told(log.answered(SECOND, Err((401, "Unauthorized")))),
        [
            "401 turn:turn.example.org:3478 192.0.2.1:1000 Unauthorized: wrong password, or no user \"ana\""
        ]
    );
}

#[test]
fn a_server_that_has_helped_may_be_silent() {
    let (mut log, begin) = (log(), Instant::now());
    assert_eq!(ask(&mut log, begin, FIRST, true), Ok(()));
    assert_eq!(told(log.answered(FIRST, Ok(()))), [""; 0]);
    assert_eq!(ask(&mut log, begin + SILENCE * 9, FIRST, true), Ok(()));
}

#[test]
fn a_server_that_no_socket_can_reach_is_told_of_with_the_systems_reason() {
    let (mut log, begin) = (log(), Instant::now());
    assert_eq!(ask(&mut log, begin, FIRST, false), Ok(()));
    let (from, to) = (socket("192.0.2.1:1000"), socket("203.0.113.9:3478"));
    let error = io::Error::from(io::ErrorKind::NetworkUnreachable);
    assert_eq!(
        told(log.not_sent(from, to, IceScheme::Turn, &error)),
        [""; 0]
    );
    assert_eq!(
        loopback_has_no_way(&mut log, begin),
        ["701 turn:turn.example.org:3478 127.0.0.1:1000 network unreachable"]
    );
}

#[test]
fn a_server_with_addresses_of_another_kind_is_told_of() {
    let mut log = ServerLog::new(&[RTCIceServer {
        urls: vec!["stun:six.example.org".to_owned()],
        ..Default::default()
    }]);
    log.opened(socket("192.0.2.1:1000"));
    let errors = log.resolved(
        "six.example.org:3478",
        &Ok(vec![socket("[2001:db8::1]:3478")]),
    );
    assert_eq!(
        told(errors),
        [
            "701 stun:six.example.org:3478 :0 none of its addresses is of the kind that this machine has"
        ]
    );
}

#[test]
fn a_name_that_does_not_resolve_is_told_of_once() {
    let mut log = ServerLog::new(&[
        RTCIceServer {
            urls: vec!["stun:gone.example.org".to_owned(), "no url".to_owned()],
            ..Default::default()
        },
        RTCIceServer {
            urls: vec!["turn:turn.example.org".to_owned()],
            ..Default::default()
        },
    ]);
    assert_eq!(log.count(), 2, "names to look up");
    let gone = || Err(io::Error::from(io::ErrorKind::NotFound));
    assert_eq!(
        told(log.resolved("gone.example.org:3478", &gone())),
        ["701 stun:gone.example.org:3478 :0 gone.example.org does not resolve: entity not found"]
    );
    assert_eq!(
        told(log.resolved("gone.example.org:3478", &gone())),
        [""; 0]
    );
    assert_eq!(
        told(log.resolved("elsewhere.example.org:3478", &gone())),
        [""; 0]
    );
}

#[test]
fn a_request_to_somebody_else_is_no_servers_business() {
    let (mut log, begin) = (log(), Instant::now());
    loopback_has_no_way(&mut log, begin);
    let from = socket("192.0.2.1:1000");
    for (to, scheme) in [
        ("203.0.113.9:3478", IceScheme::Stun),
        ("203.0.113.10:3478", IceScheme::Turn),
    ] {
        let to = socket(to);
        for later in [Duration::ZERO, SILENCE * 2] {
            let sent = log.sending(begin + later, from, to, (scheme, FIRST, false));
            assert!(sent.is_ok(), "{scheme} {to}");
        }
        let error = io::Error::from(io::ErrorKind::NetworkUnreachable);
        assert_eq!(told(log.not_sent(from, to, scheme, &error)), [""; 0]);
    }
}
