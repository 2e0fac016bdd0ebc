//! The exercise of step 03: `candidate_priority`, `pair_priority`, `Trickle`. Run it alone with
//! `cargo test -p step-03-ice --features exercise --test assignment`.

#[path = "../../step-01-capture/tests/task/mod.rs"]
mod task;
mod trace;
mod video;

use std::future::Future;
use std::net::UdpSocket;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use step_02_peer::{CONNECTION, Peer, PeerConfig, PeerError, PeerPair};
use step_03_ice::{
    Candidate, CandidateType, ConnectedPair, FaultySignaling, Negotiator, SignalingMessage,
    SilentNegotiator, Trickle, candidate_message, candidate_priority, pair_priority,
    signaling_channel,
};
use task::{Assignment, Task, same};
use tokio::time::timeout;
use trace::traced;
use video::video;
use webrtc::peer_connection::{
    RTCIceCandidate, RTCIceCandidateInit, RTCIceCandidateType, RTCIceProtocol,
    RTCSessionDescription,
};

fn main() -> ExitCode {
    Assignment {
        step: "step-03-ice",
        folder: env!("CARGO_MANIFEST_DIR"),
        exercise: cfg!(feature = "exercise"),
        limit: Duration::from_secs(10),
        tasks: &TASKS,
    }
    .run()
}

const TASKS: [Task; 5] = [
    Task {
        number: "1-3",
        function: "candidate_priority",
        file: "priority.rs",
        given: false,
        learnt: "The type weighs most, so every host candidate comes before every relayed one. Local preferences order the \
                 addresses of one machine, and the component only breaks ties.",
        question: "Each peer knows both candidates of a pair: why may the two not simply add the priorities up?",
        tests: &[
            (
                "a host candidate with local preference 65535, component 1 has the priority 2130706431 (RFC 8445 §5.1.2.1)",
                host,
            ),
            (
                "a server-reflexive one, type preference 100, has 1694498815 (RFC 8445 §5.1.2.2)",
                server_reflexive,
            ),
            (
                "a peer-reflexive one, type preference 110, has 1862270975 (RFC 8445 §5.1.2.2)",
                peer_reflexive,
            ),
            (
                "a relayed one, type preference 0, has 16777215 (RFC 8445 §5.1.2.2)",
                relayed,
            ),
            (
                "the local preference is counted in units of 2^8 (RFC 8445 §5.1.2.1)",
                local_preference,
            ),
            (
                "the component is subtracted from 256 (RFC 8445 §5.1.2.1)",
                component,
            ),
            (
                "the type decides before the local preference, and the local preference before the component",
                what_decides,
            ),
            (
                "the priority has the three parts that Candidate::preferences() reads",
                the_parts,
            ),
        ],
    },
    Task {
        number: "1-5",
        function: "pair_priority",
        file: "priority.rs",
        given: false,
        learnt: "A pair is as good as its worse end, and both agents calculate the same number, so both check in the same order. \
                 The last bit breaks the tie between two pairs that mirror each other.",
        question: "A candidate arrives before the description that it belongs to. Is that an error of the other peer?",
        tests: &[
            (
                "two host candidates give 2^32 · min + 2 · max = 9151314442783293438 (RFC 8445 §6.1.2.3)",
                two_hosts,
            ),
            (
                "if the controlling agent's priority G is the higher one, 1 is added (RFC 8445 §6.1.2.3)",
                the_tie,
            ),
            (
                "if the controlled agent's priority D is the higher one, nothing is added",
                no_tie,
            ),
            (
                "the smaller of both priorities decides: a pair is as good as its worse end",
                the_worse_end_decides,
            ),
            (
                "the check list is sorted by it: host to host, host to srflx, srflx to srflx, host to relay, relay to relay",
                the_check_list,
            ),
            (
                "both agents give a pair the same priority: it only matters who is controlling",
                one_number_for_both,
            ),
            (
                "the calculation has 64 bits: what does not fit is u64::MAX, and nothing panics",
                it_does_not_overflow,
            ),
        ],
    },
    Task {
        number: "1-4",
        function: "candidate_message",
        file: "trickle.rs",
        given: true,
        learnt: "A candidate travels as the JSON of RTCIceCandidateInit. Its section is named by an index.",
        question: "A candidate arrives before the description that it belongs to. Is that an error of the other peer?",
        tests: &[
            (
                "the message has the candidate's line, sdpMLineIndex 0 and no sdpMid (W3C webrtc-pc §4.8.1)",
                the_message,
            ),
            (
                "the fields are those of candidate.to_json(): nothing is lost on the way",
                the_message_is_complete,
            ),
        ],
    },
    Task {
        number: "1-5",
        function: "Trickle::receive",
        file: "trickle.rs",
        given: false,
        learnt: "A candidate belongs to a description, and signaling may deliver them in any order. Whoever keeps the early ones \
                 must also limit them: they come from a stranger.",
        question: "Ten candidates wait and the third of them cannot be read: what becomes of the other seven?",
        tests: &[
            (
                "a candidate that comes before the remote description is no error: it waits (W3C webrtc-pc §4.4.2)",
                an_early_candidate_waits,
            ),
            (
                "nothing is added while the remote description is missing: addIceCandidate() would be rejected",
                nothing_is_added_early,
            ),
            (
                "it is the remote description that counts: with only a local one the candidate still waits",
                the_local_description_does_not_count,
            ),
            (
                "addIceCandidate() is called as soon as an offer is set, also before it is answered",
                an_unanswered_offer_counts,
            ),
            (
                "a candidate after the description is added at once, and the peer checks its address (RFC 8445 §7.2.2)",
                a_late_candidate_is_checked,
            ),
            (
                "a candidate that cannot be read returns webrtc's error, PeerError::Call",
                an_unreadable_candidate_is_an_error,
            ),
            (
                "a candidate that was added, or could not be, does not wait any more",
                what_was_added_does_not_wait,
            ),
            (
                "of 1000 early candidates no more than MOST_WAITING = 256 are kept",
                the_limit,
            ),
            (
                "up to the limit every early candidate is kept, in the order in which they came",
                all_are_kept_up_to_the_limit,
            ),
        ],
    },
    Task {
        number: "1-5",
        function: "Trickle::remote_description_is_set",
        file: "trickle.rs",
        given: false,
        learnt: "The early candidates are added in order, each once, and a bad one takes no other along. With that, a call \
                 connects no matter which message arrives first.",
        question: "Both peers have sent an offer at the same moment. Who of them answers?",
        tests: &[
            (
                "each candidate that waited is added: addIceCandidate() is called for every one",
                each_is_added,
            ),
            (
                "they are added in the order in which they came",
                they_are_added_in_order,
            ),
            (
                "the peer checks the addresses of all candidates that waited (RFC 8445 §7.2.2)",
                they_are_checked,
            ),
            (
                "after a candidate that cannot be read the others are added all the same",
                the_rest_after_a_bad_one,
            ),
            (
                "the error that is returned is the first one",
                the_first_error,
            ),
            (
                "without a bad candidate the result is Ok, also when none waited",
                no_error,
            ),
            (
                "each candidate is added once: nothing waits afterwards",
                each_once,
            ),
            (
                "candidates that come later wait for nothing",
                later_ones_are_added_at_once,
            ),
            (
                "two peers connect over a channel that delivers the first candidate before the offer",
                early_candidates_connect,
            ),
            (
                "two peers connect: connectionState is connected at both (W3C webrtc-pc §4.3.3)",
                two_peers_connect,
            ),
        ],
    },
];

use CandidateType::{Host, PeerReflexive, Relay, ServerReflexive};

fn host() {
    same(
        "candidate_priority(Host, 65535, 1)",
        candidate_priority(Host, 65535, 1),
        2_130_706_431,
    );
}

fn server_reflexive() {
    same(
        "candidate_priority(ServerReflexive, 65535, 1)",
        candidate_priority(ServerReflexive, 65535, 1),
        1_694_498_815,
    );
}

fn peer_reflexive() {
    same(
        "candidate_priority(PeerReflexive, 65535, 1)",
        candidate_priority(PeerReflexive, 65535, 1),
        1_862_270_975,
    );
}

fn relayed() {
    same(
        "candidate_priority(Relay, 65535, 1)",
        candidate_priority(Relay, 65535, 1),
        16_777_215,
    );
}

fn local_preference() {
    for (local, expected) in [(0, 255), (1, 511), (300, 77_055)] {
        same(
            &format!("candidate_priority(Relay, {local}, 1)"),
            candidate_priority(Relay, local, 1),
            expected,
        );
    }
}

fn component() {
    for (component, expected) in [(0, 256), (1, 255), (2, 254), (255, 1)] {
        let name = format!("candidate_priority(Relay, 0, {component})");
        same(&name, candidate_priority(Relay, 0, component), expected);
    }
}

fn what_decides() {
    let sorted = [
        candidate_priority(Host, 0, 2),
        candidate_priority(PeerReflexive, 65535, 1),
        candidate_priority(ServerReflexive, 65535, 1),
        candidate_priority(ServerReflexive, 65534, 1),
        candidate_priority(ServerReflexive, 65534, 2),
        candidate_priority(Relay, 65535, 1),
    ];
    assert!(
        sorted.is_sorted_by(|a, b| a > b),
        "the priorities, which should fall, are {sorted:?}"
    );
}

fn the_parts() {
    for (kind, name, parts) in [
        (Host, "host", (126, 7, 2)),
        (ServerReflexive, "srflx", (100, 7, 2)),
    ] {
        let line = format!(
            "candidate:1 2 udp {} 192.0.2.1 9 typ {name}",
            candidate_priority(kind, 7, 2)
        );
        let candidate: Candidate = line.parse().expect("a candidate line");
        same("(type, local, component)", candidate.preferences(), parts);
    }
}

/// Priorities of candidates with the only address of a machine.
const HOST: u32 = 2_130_706_431;
const SRFLX: u32 = 1_694_498_815;
const RELAY: u32 = 16_777_215;

fn two_hosts() {
    same(
        "pair_priority(2130706431, 2130706431)",
        pair_priority(HOST, HOST),
        9_151_314_442_783_293_438,
    );
}

fn the_tie() {
    same("pair_priority(7, 3)", pair_priority(7, 3), (3 << 32) + 15);
}

fn no_tie() {
    same("pair_priority(3, 7)", pair_priority(3, 7), (3 << 32) + 14);
    same("pair_priority(3, 3)", pair_priority(3, 3), (3 << 32) + 6);
}

fn the_worse_end_decides() {
    let (balanced, unbalanced) = (pair_priority(5, 5), pair_priority(u32::MAX >> 1, 4));
    assert!(
        balanced > unbalanced,
        "(5, 5) has {balanced}, and (2147483647, 4) has {unbalanced}, which is not lower"
    );
}

fn the_check_list() {
    let pairs = [
        (HOST, HOST),
        (HOST, SRFLX),
        (SRFLX, SRFLX),
        (HOST, RELAY),
        (RELAY, RELAY),
    ];
    let sorted = pairs.map(|(g, d)| pair_priority(g, d));
    assert!(
        sorted.is_sorted_by(|a, b| a > b),
        "the priorities, which should fall, are {sorted:?}"
    );
}

fn one_number_for_both() {
    // The controlling agent calls its own priority G, the controlled one calls the other's so.
    let at_controlling = |own, other| pair_priority(own, other);
    let at_controlled = |own, other| pair_priority(other, own);
    same(
        "the priority at the controlled agent",
        at_controlled(RELAY, HOST),
        at_controlling(HOST, RELAY),
    );
    let swapped = pair_priority(RELAY, HOST);
    same(
        "the same pair with the roles swapped",
        swapped,
        pair_priority(HOST, RELAY) - 1,
    );
}

fn it_does_not_overflow() {
    same(
        "pair_priority(u32::MAX, u32::MAX)",
        pair_priority(u32::MAX, u32::MAX),
        u64::MAX,
    );
    same(
        "pair_priority(u32::MAX, 1)",
        pair_priority(u32::MAX, 1),
        (1 << 32) + 2 * 4_294_967_295 + 1,
    );
}

/// webrtc's candidate, as `icecandidate` brings it.
fn found() -> RTCIceCandidate {
    RTCIceCandidate {
        foundation: "1".to_owned(),
        component: 1,
        priority: HOST,
        protocol: RTCIceProtocol::Udp,
        address: "192.0.2.1".to_owned(),
        port: 50000,
        typ: RTCIceCandidateType::Host,
        ..Default::default()
    }
}

fn message() -> RTCIceCandidateInit {
    match candidate_message(&found()) {
        Ok(SignalingMessage::Candidate(init)) => init,
        other => panic!("the message is {other:?}"),
    }
}

fn the_message() {
    let message = message();
    same(
        "candidate",
        &*message.candidate,
        "candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host",
    );
    same("sdpMLineIndex", message.sdp_mline_index, Some(0));
    same("sdpMid", message.sdp_mid, None);
}

fn the_message_is_complete() {
    let whole = found().to_json().expect("a host candidate has a text");
    same("candidate", message().candidate, whole.candidate);
    same(
        "usernameFragment",
        message().username_fragment,
        whole.username_fragment,
    );
}

/// On one thread, so that the trace of a test is its own.
fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime for the test").block_on(test)
}

/// Two peers on loopback; the local one has something to offer.
async fn peers() -> PeerPair {
    let (config, video) = (PeerConfig::loopback(), video());
    let peers = PeerPair::new(config.clone(), config, &video.timeline).await;
    let peers = peers.expect("two peers on loopback can be created");
    let track = peers.local.add_track(&video.outgoing).await;
    track.expect("a new peer takes a track");
    peers
}

/// 2-1 and 2-2.
async fn offer(peers: &PeerPair) -> RTCSessionDescription {
    SilentNegotiator
        .offer(&peers.local)
        .await
        .expect("2-1, 2-2: an offer")
}

/// 2-1 to 2-4: the remote peer has both descriptions then, and begins to check.
async fn exchange_descriptions(peers: &PeerPair) {
    let answer = SilentNegotiator
        .receive(&peers.remote, offer(peers).await)
        .await;
    assert!(answer.expect("2-3, 2-4").is_some(), "an offer is answered");
}

fn init(line: String) -> RTCIceCandidateInit {
    RTCIceCandidateInit {
        candidate: line,
        sdp_mline_index: Some(0),
        ..Default::default()
    }
}

fn host_at(port: u16) -> RTCIceCandidateInit {
    init(format!(
        "candidate:{port} 1 udp 2130706431 127.0.0.1 {port} typ host"
    ))
}

/// Two lines that `addIceCandidate()` refuses, each with a reason of its own.
fn unreadable() -> [RTCIceCandidateInit; 2] {
    [
        "candidate:nonsense",
        "candidate:1 1 udp many 127.0.0.1 9 typ host",
    ]
    .map(|it| init(it.to_owned()))
}

/// The text of webrtc's error for a candidate.
async fn error_of(peer: &Peer, candidate: RTCIceCandidateInit) -> String {
    let added = peer.add_ice_candidate(candidate).await;
    added.expect_err("the candidate cannot be read").to_string()
}

async fn receive(trickle: &mut Trickle, peer: &Peer, candidate: RTCIceCandidateInit) {
    let line = candidate.candidate.clone();
    if let Err(error) = trickle.receive(peer, candidate).await {
        panic!("receive() of {line:?} returned the error: {error}");
    }
}

/// The candidates for which `add_ice_candidate()` was called, in order, by their traces.
fn added(test: impl FnOnce()) -> Vec<String> {
    let lines = traced(test).into_iter();
    let lines =
        lines.filter_map(|line| Some(line.strip_prefix("1-5 addIceCandidate: ")?.to_owned()));
    lines.collect()
}

fn lines(candidates: impl IntoIterator<Item = RTCIceCandidateInit>) -> Vec<String> {
    candidates.into_iter().map(|it| it.candidate).collect()
}

fn an_early_candidate_waits() {
    run(async {
        let peers = peers().await;
        receive(&mut Trickle::default(), &peers.remote, host_at(9)).await;
        receive(
            &mut Trickle::default(),
            &peers.remote,
            unreadable()[0].clone(),
        )
        .await;
    });
}

fn nothing_is_added_early() {
    let added = added(|| {
        run(async {
            let peers = peers().await;
            receive(&mut Trickle::default(), &peers.remote, host_at(9)).await;
        })
    });
    same("what was added", added, Vec::new());
}

fn the_local_description_does_not_count() {
    let added = added(|| {
        run(async {
            let peers = peers().await;
            let _ = offer(&peers).await;
            receive(&mut Trickle::default(), &peers.local, host_at(9)).await;
        })
    });
    same(
        "what was added when only the local description was set",
        added,
        Vec::new(),
    );
}

fn an_unanswered_offer_counts() {
    let added = added(|| {
        run(async {
            let peers = peers().await;
            let offer = offer(&peers).await;
            peers
                .remote
                .set_remote_description(offer)
                .await
                .expect("2-3: an offer is set");
            receive(&mut Trickle::default(), &peers.remote, host_at(9)).await;
        })
    });
    same(
        "what add_ice_candidate() was called for",
        added,
        lines([host_at(9)]),
    );
}

/// Sockets to which candidates point.
fn sockets(count: usize) -> Vec<UdpSocket> {
    let socket = |_| UdpSocket::bind("127.0.0.1:0").expect("loopback has a free port");
    (0..count).map(socket).collect()
}

fn candidate_of(socket: &UdpSocket) -> RTCIceCandidateInit {
    host_at(socket.local_addr().expect("it is bound").port())
}

/// How many of the sockets receive a check within three seconds.
async fn checked(sockets: Vec<UdpSocket>) -> usize {
    let mut count = 0;
    for socket in sockets {
        socket
            .set_nonblocking(true)
            .expect("a socket may not block");
        let socket = tokio::net::UdpSocket::from_std(socket).expect("it is a socket");
        let check = timeout(Duration::from_secs(3), socket.recv_from(&mut [0; 2000])).await;
        count += usize::from(check.is_ok());
    }
    count
}

fn a_late_candidate_is_checked() {
    let checks = run(async {
        let peers = peers().await;
        exchange_descriptions(&peers).await;
        let sockets = sockets(1);
        receive(
            &mut Trickle::default(),
            &peers.remote,
            candidate_of(&sockets[0]),
        )
        .await;
        checked(sockets).await
    });
    same("how many of 1 addresses were checked", checks, 1);
}

fn an_unreadable_candidate_is_an_error() {
    for bad in unreadable() {
        let (error, expected) = run(async {
            let peers = peers().await;
            exchange_descriptions(&peers).await;
            let error = Trickle::default()
                .receive(&peers.remote, bad.clone())
                .await
                .err();
            (error, error_of(&peers.remote, bad).await)
        });
        let call = matches!(&error, Some(PeerError::Call { .. }));
        assert!(
            call || error.is_none(),
            "the error is no PeerError::Call: {error:?}"
        );
        same(
            "the error",
            error.map(|error| error.to_string()),
            Some(expected),
        );
    }
}

fn what_was_added_does_not_wait() {
    let waiting = run(async {
        let peers = peers().await;
        exchange_descriptions(&peers).await;
        let mut trickle = Trickle::default();
        receive(&mut trickle, &peers.remote, host_at(9)).await;
        let _ = trickle
            .receive(&peers.remote, unreadable()[0].clone())
            .await;
        lines(trickle.waiting().to_vec())
    });
    same("what still waits", waiting, Vec::new());
}

/// What waits of so many early candidates.
fn kept(early: u16) -> Vec<String> {
    run(async {
        let peers = peers().await;
        let mut trickle = Trickle::default();
        for port in 0..early {
            receive(&mut trickle, &peers.remote, host_at(port + 1)).await;
        }
        lines(trickle.waiting().to_vec())
    })
}

fn the_limit() {
    let kept = kept(1000).len();
    assert!(kept <= 256, "{kept} of 1000 wait");
}

fn all_are_kept_up_to_the_limit() {
    for early in [1, 3] {
        same("what waits", kept(early), lines((1..=early).map(host_at)));
    }
    same("how many of 255 wait", kept(255).len(), 255);
}

/// Lets candidates wait for the description, and then calls `remote_description_is_set()`.
async fn after_waiting(
    peers: &PeerPair,
    early: &[RTCIceCandidateInit],
) -> (Trickle, Result<(), PeerError>) {
    let mut trickle = Trickle::default();
    for candidate in early {
        receive(&mut trickle, &peers.remote, candidate.clone()).await;
    }
    exchange_descriptions(peers).await;
    let result = trickle.remote_description_is_set(&peers.remote).await;
    (trickle, result)
}

fn each_is_added() {
    let early = [host_at(9), host_at(10), host_at(11)];
    let mut added = added(|| {
        run(async {
            let _ = after_waiting(&peers().await, &early).await;
        })
    });
    added.sort();
    let mut expected = lines(early);
    expected.sort();
    same("what add_ice_candidate() was called for", added, expected);
}

fn they_are_added_in_order() {
    let early = [host_at(10), host_at(9), host_at(12), host_at(11)];
    let added = added(|| {
        run(async {
            let _ = after_waiting(&peers().await, &early).await;
        })
    });
    same(
        "what add_ice_candidate() was called for, in order,",
        added,
        lines(early),
    );
}

fn they_are_checked() {
    let checks = run(async {
        let (peers, sockets) = (peers().await, sockets(3));
        let early: Vec<_> = sockets.iter().map(candidate_of).collect();
        let _ = after_waiting(&peers, &early).await;
        checked(sockets).await
    });
    same("how many of 3 addresses were checked", checks, 3);
}

fn the_rest_after_a_bad_one() {
    let [bad, _] = unreadable();
    let early = [host_at(9), bad, host_at(10), host_at(11)];
    let added = added(|| {
        run(async {
            let _ = after_waiting(&peers().await, &early).await;
        })
    });
    same(
        "what add_ice_candidate() was called for",
        added,
        lines(early),
    );
}

fn the_first_error() {
    let [first, second] = unreadable();
    for early in [[first.clone(), second.clone()], [second, first]] {
        let (error, expected) = run(async {
            let peers = peers().await;
            let with_a_good_one = [early[0].clone(), host_at(9), early[1].clone(), host_at(10)];
            let (_, result) = after_waiting(&peers, &with_a_good_one).await;
            (
                result.err(),
                error_of(&peers.remote, early[0].clone()).await,
            )
        });
        same(
            "the error",
            error.map(|error| error.to_string()),
            Some(expected),
        );
    }
}

fn no_error() {
    for early in [vec![], vec![host_at(9), host_at(10)]] {
        let result = run(async { after_waiting(&peers().await, &early).await.1 });
        same(
            "the result",
            result.map_err(|error| error.to_string()),
            Ok(()),
        );
    }
}

fn each_once() {
    let early = [host_at(9), unreadable()[0].clone()];
    let added = added(|| {
        run(async {
            let peers = peers().await;
            let (mut trickle, _) = after_waiting(&peers, &early).await;
            let again = trickle.remote_description_is_set(&peers.remote).await;
            again.unwrap_or_else(|error| panic!("a second call adds them again: {error}"));
        })
    });
    same(
        "what add_ice_candidate() was called for",
        added,
        lines(early),
    );
}

fn later_ones_are_added_at_once() {
    let added = added(|| {
        run(async {
            let peers = peers().await;
            let (mut trickle, _) = after_waiting(&peers, &[host_at(9)]).await;
            receive(&mut trickle, &peers.remote, host_at(10)).await;
        })
    });
    same(
        "what add_ice_candidate() was called for",
        added,
        lines([host_at(9), host_at(10)]),
    );
}

/// The connection states of both peers, at the latest after some seconds.
fn connected(
    channel: impl FnOnce() -> (step_03_ice::SignalingChannel, step_03_ice::SignalingChannel),
) {
    let states = run(async {
        let (config, video) = (PeerConfig::loopback(), video());
        let peers = PeerPair::new(config.clone(), config, &video.timeline).await;
        let peers = peers.expect("two peers on loopback can be created");
        peers
            .local
            .add_track(&video.outgoing)
            .await
            .expect("a new peer takes a track");
        let negotiator = Arc::new(SilentNegotiator);
        let mut pair = ConnectedPair::connect_over(peers, negotiator, channel());
        let _ = timeout(
            Duration::from_secs(6),
            pair.until_connected_or_failed(|_| {}),
        )
        .await;
        ["local", "remote"].map(|peer| video.timeline.state(peer, CONNECTION).unwrap_or_default())
    });
    same(
        "[connectionState of local, of remote]",
        states,
        ["connected", "connected"].map(str::to_owned),
    );
}

fn early_candidates_connect() {
    connected(|| FaultySignaling::CandidatesFirst.channel());
}

fn two_peers_connect() {
    connected(signaling_channel);
}
