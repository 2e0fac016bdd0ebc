//! When a server has failed, and the error that is fired.

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
    log.resolved(
        "turn.example.org:3478",
        &Ok(vec![socket("203.0.113.9:3478")]),
    );
    assert_eq!(new_failures(&mut log), [""; 0]);
    log
}

fn new_failures(log: &mut ServerLog) -> Vec<String> {
    let line = |e: RTCPeerConnectionIceErrorEvent| {
        format!(
            "{} {} {}:{} {}",
            e.error_code, e.url, e.address, e.port, e.error_text
        )
    };
    log.take_new_failures().into_iter().map(line).collect()
}

fn request(scheme: IceScheme, id: TransactionId, signed: bool) -> ServerRequest {
    ServerRequest { scheme, id, signed }
}

/// Sends a request, or returns the failures.
fn send(
    log: &mut ServerLog,
    now: Instant,
    id: TransactionId,
    signed: bool,
) -> Result<(), Vec<String>> {
    let (from, to) = (socket("192.0.2.1:1000"), socket("203.0.113.9:3478"));
    match log.sending(now, (from, to), request(IceScheme::Turn, id, signed)) {
        true => Ok(()),
        false => Err(new_failures(log)),
    }
}

fn answered(
    log: &mut ServerLog,
    id: TransactionId,
    answer: Result<(), (u16, &str)>,
) -> Vec<String> {
    log.answered(id, answer);
    new_failures(log)
}

fn not_sent(log: &mut ServerLog, from: &str, to: SocketAddr, scheme: IceScheme) -> Vec<String> {
    let error = io::Error::from(io::ErrorKind::NetworkUnreachable);
    log.not_sent((socket(from), to), scheme, &error);
    new_failures(log)
}

fn resolved(
    log: &mut ServerLog,
    authority: &str,
    result: io::Result<Vec<SocketAddr>>,
) -> Vec<String> {
    log.resolved(authority, &result);
    new_failures(log)
}

fn loopback_cannot_send(log: &mut ServerLog, now: Instant) -> Vec<String> {
    let (from, to) = (socket("127.0.0.1:1000"), socket("203.0.113.9:3478"));
    let request = request(IceScheme::Turn, TransactionId([9; 12]), false);
    assert!(log.sending(now, (from, to), request));
    not_sent(log, "127.0.0.1:1000", to, IceScheme::Turn)
}

#[test]
fn a_server_that_does_not_answer_in_time_fails_once() {
    let (mut log, begin) = (log(), Instant::now());
    assert_eq!(
        loopback_cannot_send(&mut log, begin),
        [""; 0],
        "the other socket may do better"
    );
    assert_eq!(send(&mut log, begin, FIRST, false), Ok(()));
    assert_eq!(
        send(&mut log, begin + ANSWER_TIMEOUT / 2, FIRST, false),
        Ok(()),
        "a repetition"
    );
    assert_eq!(
        send(&mut log, begin + ANSWER_TIMEOUT, FIRST, false),
        Err(vec![
            "701 turn:turn.example.org:3478 192.0.2.1:1000 no answer: is the server up, and does a firewall let UDP pass?".to_owned()
        ])
    );
    assert_eq!(
        answered(&mut log, FIRST, Ok(())),
        [""; 0],
        "the failure was taken before"
    );
}

#[test]
fn the_first_401_requests_the_password_and_the_second_rejects_it() {
    let (mut log, begin) = (log(), Instant::now());
    loopback_cannot_send(&mut log, begin);
    assert_eq!(send(&mut log, begin, FIRST, false), Ok(()));
    assert_eq!(
        answered(&mut log, FIRST, Err((401, "Unauthorized"))),
        [""; 0],
        "RFC 8489 §9.2.4"
    );
    assert_eq!(
        send(&mut log, begin + ANSWER_TIMEOUT, SECOND, true),
        Ok(()),
        "a new request, a new wait"
    );
    assert_eq!(
        answered(&mut log, SECOND, Err((401, "Unauthorized"))),
        [
            "401 turn:turn.example.org:3478 192.0.2.1:1000 Unauthorized: wrong password, or no user \"ana\""
        ]
    );
}

#[test]
fn a_server_that_has_succeeded_need_not_answer_again() {
    let (mut log, begin) = (log(), Instant::now());
    assert_eq!(send(&mut log, begin, FIRST, true), Ok(()));
    assert_eq!(answered(&mut log, FIRST, Ok(())), [""; 0]);
    assert_eq!(
        send(&mut log, begin + ANSWER_TIMEOUT * 9, FIRST, true),
        Ok(())
    );
}

#[test]
fn a_server_that_no_socket_can_reach_fails_with_the_systems_reason() {
    let (mut log, begin) = (log(), Instant::now());
    assert_eq!(send(&mut log, begin, FIRST, false), Ok(()));
    let to = socket("203.0.113.9:3478");
    assert_eq!(
        not_sent(&mut log, "192.0.2.1:1000", to, IceScheme::Turn),
        [""; 0]
    );
    assert_eq!(
        loopback_cannot_send(&mut log, begin),
        ["701 turn:turn.example.org:3478 127.0.0.1:1000 network unreachable"]
    );
}

#[test]
fn a_server_with_addresses_of_another_family_fails() {
    let mut log = ServerLog::new(&[RTCIceServer {
        urls: vec!["stun:six.example.org".to_owned()],
        ..Default::default()
    }]);
    log.opened(socket("192.0.2.1:1000"));
    assert_eq!(
        resolved(
            &mut log,
            "six.example.org:3478",
            Ok(vec![socket("[2001:db8::1]:3478")]),
        ),
        [
            "701 stun:six.example.org:3478 :0 this machine has no address of the same family (IPv4, IPv6)"
        ]
    );
}

#[test]
fn a_name_that_does_not_resolve_fails_once() {
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
        resolved(&mut log, "gone.example.org:3478", gone()),
        ["701 stun:gone.example.org:3478 :0 gone.example.org does not resolve: entity not found"]
    );
    assert_eq!(resolved(&mut log, "gone.example.org:3478", gone()), [""; 0]);
    assert_eq!(
        resolved(&mut log, "elsewhere.example.org:3478", gone()),
        [""; 0]
    );
}

#[test]
fn a_request_to_another_address_concerns_no_server() {
    let (mut log, begin) = (log(), Instant::now());
    loopback_cannot_send(&mut log, begin);
    let from = socket("192.0.2.1:1000");
    for (to, scheme) in [
        ("203.0.113.9:3478", IceScheme::Stun),
        ("203.0.113.10:3478", IceScheme::Turn),
    ] {
        let to = socket(to);
        for later in [Duration::ZERO, ANSWER_TIMEOUT * 2] {
            let request = request(scheme, FIRST, false);
            assert!(
                log.sending(begin + later, (from, to), request),
                "{scheme} {to}"
            );
        }
        assert_eq!(not_sent(&mut log, "192.0.2.1:1000", to, scheme), [""; 0]);
    }
}
