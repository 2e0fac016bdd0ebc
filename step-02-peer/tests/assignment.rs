//! The exercise of step 02: `Peer::new`, `EventForwarder::forward`, `Peer::add_track`, `Peer::close`. Run it alone with
//! `cargo test -p step-02-peer --features exercise --test assignment`.

#[path = "../../step-01-capture/tests/task/mod.rs"]
mod task;

use std::future::Future;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use step_01_capture::{
    MediaStream, MediaTrackSettings, Resolution, SourceError, StateMachine, Timeline, VideoFrame,
    VideoSource, VideoTrack,
};
use step_02_peer::{
    CONNECTION, GATHERING, ICE, OutgoingVideo, Peer, PeerConfig, PeerError, PeerEvent, PeerEvents,
    PeerIdentity, SIGNALING, VideoCodec,
};
use task::{Assignment, Task, same};
use tokio::time::timeout;
use webrtc::peer_connection::{RTCPeerConnectionIceErrorEvent, RTCSignalingState};

fn main() -> ExitCode {
    Assignment {
        step: "step-02-peer",
        folder: env!("CARGO_MANIFEST_DIR"),
        exercise: cfg!(feature = "exercise"),
        limit: Duration::from_secs(8),
        tasks: &TASKS,
    }
    .run()
}

const TASKS: [Task; 4] = [
    Task {
        number: "1-1",
        function: "Peer::new",
        file: "peer.rs",
        given: false,
        learnt: "An RTCPeerConnection has four state machines, and the constructor sets their first states without an event. \
                 It opens its sockets at once, so an address that is not of this machine is an error here.",
        question: "webrtc awaits each of its callbacks: what happens to the connection while a callback works for a second?",
        tests: &[
            ("the peer has the name that it was given", the_name),
            (
                "a new RTCPeerConnection is stable, new, new and new (W3C webrtc-pc §4.4.1.1), on the timeline that was passed in",
                first_states,
            ),
            (
                "the first states are recorded under the name of the peer",
                first_states_have_the_name,
            ),
            (
                "PeerEvents is the other end of the channel that the peer sends into",
                the_channel_has_two_ends,
            ),
            (
                "an address that is not of this machine gives PeerError::create(): the peer, the address, webrtc's reason",
                an_address_of_nobody,
            ),
            (
                "a peer that could not be created has no state",
                no_state_without_a_peer,
            ),
            (
                "builder() takes the configuration: the ICE credentials of the offer are the configured ones (RFC 8839 §5.4)",
                the_configuration_is_used,
            ),
            (
                "the sockets are on config.addresses and nowhere else (with_udp_addrs)",
                the_addresses_are_used,
            ),
        ],
    },
    Task {
        number: "1-1",
        function: "EventForwarder::forward",
        file: "event_forwarder.rs",
        given: false,
        learnt: "Callbacks become one stream of events at one place, and from there on everything is a loop that receives. A \
                 change of state is recorded before its event is sent, so whoever reads the event finds it on the timeline.",
        question: "A track was added, and no state has changed: how does the other peer learn of it?",
        tests: &[
            (
                "signalingstatechange is an event of the peer (W3C webrtc-pc §4.4.2)",
                a_change_is_an_event,
            ),
            (
                "a change of state is recorded on the timeline, under the name of the peer",
                a_change_is_recorded,
            ),
            (
                "the state is recorded first, then the event is sent",
                recorded_then_sent,
            ),
            (
                "no event is lost when many wait: send().await waits for room",
                no_event_is_lost,
            ),
            (
                "an event without a state, such as negotiationneeded, is sent too (W3C webrtc-pc §4.7.3)",
                negotiationneeded_is_sent,
            ),
            (
                "each event is sent once, in the order in which it happened",
                each_event_once,
            ),
            (
                "an owner that dropped its PeerEvents is no error: the states are recorded all the same",
                nobody_listens,
            ),
        ],
    },
    Task {
        number: "1-2",
        function: "Peer::add_track",
        file: "peer.rs",
        given: false,
        learnt: "addTrack() sends nothing: it adds an m= section to the next offer and fires negotiationneeded. The sender that \
                 it returns knows later what was negotiated.",
        question: "close() is the last call of a peer: who may still be waiting for something from it?",
        tests: &[
            (
                "addTrack() adds one m=video section to the next offer (RFC 9429 §5.2.1)",
                one_section,
            ),
            (
                "a=msid names the stream and the track of this video (RFC 8830 §2)",
                the_section_names_the_track,
            ),
            (
                "a=ssrc has the SSRC of this video (RFC 5576 §4.1)",
                the_section_has_the_ssrc,
            ),
            ("a second track has a section of its own", a_second_track),
            (
                "addTrack() fires negotiationneeded once, and changes no state (W3C webrtc-pc §4.7.3)",
                a_track_needs_a_negotiation,
            ),
            (
                "the RTCRtpSender of this track is returned (W3C webrtc-pc §5.1)",
                the_sender_is_returned,
            ),
            (
                "a closed peer rejects addTrack(), and the error names the peer and the method: self.failed(\"addTrack\", …)",
                a_closed_peer_takes_no_track,
            ),
        ],
    },
    Task {
        number: "1-1",
        function: "Peer::close",
        file: "peer.rs",
        given: false,
        learnt: "close() fires no event: the three states are set by the call itself, and gathering stays as it was (W3C webrtc-pc \
                 §4.4.2). Whoever reads the events sees their end, so no task waits for ever.",
        question: "Both peers know nothing of each other yet. What must one tell the other first, and over which channel?",
        tests: &[
            (
                "close() sets signalingState, iceConnectionState and connectionState to closed, and no other state (W3C webrtc-pc §4.4.2)",
                the_last_states,
            ),
            (
                "the connection itself is closed when close() returns: createOffer() is rejected then",
                the_connection_is_closed,
            ),
            (
                "the sockets are closed when close() returns: their port is free",
                the_port_is_free,
            ),
            ("the stream of events ends", the_events_end),
            (
                "events that wait when the peer is closed can still be read",
                waiting_events_stay,
            ),
            (
                "nothing is recorded after closed: the connection is closed first, then the states are recorded",
                closed_is_last,
            ),
            ("closing twice is closing once", twice_is_once),
        ],
    },
];

fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.expect("a runtime for the test").block_on(test)
}

fn config() -> PeerConfig {
    let identity = PeerIdentity {
        ice_ufrag: "someone".to_owned(),
        ice_pwd: "a-password-of-22-chars".to_owned(),
    };
    PeerConfig {
        identity: Some(identity),
        ..PeerConfig::loopback()
    }
}

async fn create(name: &str, timeline: &Timeline) -> (Peer, PeerEvents) {
    let created = Peer::new(name, config(), timeline).await;
    created.unwrap_or_else(|error| panic!("new RTCPeerConnection(): {error}"))
}

fn states(timeline: &Timeline, peer: &str) -> [Option<String>; 4] {
    [SIGNALING, GATHERING, ICE, CONNECTION].map(|machine| timeline.state(peer, machine))
}

fn some(states: [&str; 4]) -> [Option<String>; 4] {
    states.map(|state| Some(state.to_owned()))
}

fn the_name() {
    for name in ["local", "other"] {
        let (peer, _events) = run(create(name, &Timeline::new()));
        same("name()", peer.name(), name);
    }
}

fn first_states() {
    let timeline = Timeline::new();
    let (_peer, _events) = run(create("local", &timeline));
    let expected = some(["stable", "new", "new", "new"]);
    same(
        "[signaling, gathering, ice, connection]",
        states(&timeline, "local"),
        expected,
    );
}

fn first_states_have_the_name() {
    let timeline = Timeline::new();
    let (_peer, _events) = run(create("other", &timeline));
    let expected = "other  connection: new\nother  gathering: new\nother  ice: new\nother  signaling: stable\n";
    same("the timeline", timeline.to_string(), expected.to_owned());
}

fn server_error(code: u16) -> RTCPeerConnectionIceErrorEvent {
    RTCPeerConnectionIceErrorEvent {
        error_code: code,
        ..Default::default()
    }
}

/// An event as a text.
fn name(event: &PeerEvent) -> String {
    match event {
        PeerEvent::NegotiationNeeded => "negotiationneeded".to_owned(),
        PeerEvent::IceCandidate(_) => "icecandidate".to_owned(),
        PeerEvent::IceCandidateError(error) => format!("icecandidateerror {}", error.error_code),
        PeerEvent::SignalingState(state) => format!("signaling {state}"),
        PeerEvent::IceGatheringState(state) => format!("gathering {state}"),
        PeerEvent::IceConnectionState(state) => format!("ice {state}"),
        PeerEvent::ConnectionState(state) => format!("connection {state}"),
        PeerEvent::Track(_) => "track".to_owned(),
    }
}

const A_MOMENT: Duration = Duration::from_secs(3);

/// The next event as a text; `what` was expected.
async fn next(events: &mut PeerEvents, what: &str) -> String {
    match timeout(A_MOMENT, events.recv()).await {
        Ok(Some(event)) => name(&event),
        Ok(None) => "the end of the events".to_owned(),
        Err(_) => panic!("no event came in 3 s, where {what} was to come"),
    }
}

fn the_channel_has_two_ends() {
    let next = run(async {
        let (peer, mut events) = create("local", &Timeline::new()).await;
        peer.ice_error_reporter().report(server_error(701));
        next(&mut events, "icecandidateerror 701").await
    });
    same("the event", &*next, "icecandidateerror 701");
}

/// TEST-NET-1, which no machine has (RFC 5737 §3).
fn on_an_address_of_nobody(timeline: &Timeline) -> Option<PeerError> {
    let addresses = vec!["192.0.2.1:0".parse().expect("an address")];
    let config = PeerConfig {
        addresses,
        ..config()
    };
    run(async { Peer::new("other", config, timeline).await.err() })
}

fn an_address_of_nobody() {
    let Some(error) = on_an_address_of_nobody(&Timeline::new()) else {
        panic!("a peer on 192.0.2.1:0, which is no address of this machine, was created");
    };
    let text = error.to_string();
    assert!(
        matches!(error, PeerError::Create { .. }),
        "the error is {error:?}"
    );
    assert!(
        text.starts_with("other: no peer connection on 192.0.2.1:0: "),
        "the error is: {text}"
    );
}

fn no_state_without_a_peer() {
    let timeline = Timeline::new();
    let _ = on_an_address_of_nobody(&timeline);
    same("the timeline", timeline.to_string(), String::new());
}

/// Frames that nobody wants: these tests are about names.
struct Silent;

impl VideoSource for Silent {
    fn label(&self) -> &str {
        "silent"
    }

    fn settings(&self) -> MediaTrackSettings {
        MediaTrackSettings {
            resolution: Resolution::VGA,
            frame_rate: 30,
        }
    }

    fn next_frame(&mut self) -> Result<Arc<VideoFrame>, SourceError> {
        Err(SourceError::Silent {
            label: self.label().to_owned(),
        })
    }
}

fn video(stream: &str, track: &str, ssrc: u32) -> OutgoingVideo {
    let track = VideoTrack::start(track.to_owned(), Box::new(Silent), Timeline::new());
    OutgoingVideo::new(
        &MediaStream::new(stream.to_owned(), track),
        VideoCodec::H264,
        ssrc,
    )
}

/// Adds a track without `Peer::add_track`.
async fn add_directly(peer: &Peer) {
    let track = video("camera-3", "track-7", 9).track().clone();
    let added = peer.connection().add_track(track).await;
    added.expect("webrtc takes a track");
}

async fn offer(peer: &Peer) -> String {
    let offer = peer.create_offer().await;
    offer
        .unwrap_or_else(|error| panic!("createOffer(): {error}"))
        .sdp
}

fn the_configuration_is_used() {
    let sdp = run(async {
        let (peer, _events) = create("local", &Timeline::new()).await;
        add_directly(&peer).await;
        offer(&peer).await
    });
    let ufrag = sdp.lines().find(|line| line.starts_with("a=ice-ufrag:"));
    same("the line of the offer", ufrag, Some("a=ice-ufrag:someone"));
}

fn free_port() -> u16 {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("loopback has a free port");
    socket.local_addr().expect("it is bound").port()
}

async fn create_on(port: u16) -> (Peer, PeerEvents) {
    let config = PeerConfig {
        addresses: vec![([127, 0, 0, 1], port).into()],
        ..config()
    };
    let created = Peer::new("local", config, &Timeline::new()).await;
    created.unwrap_or_else(|error| panic!("new RTCPeerConnection(): {error}"))
}

fn is_free(port: u16) -> bool {
    std::net::UdpSocket::bind(("127.0.0.1", port)).is_ok()
}

fn the_addresses_are_used() {
    let port = free_port();
    let taken = run(async {
        let (_peer, _events) = create_on(port).await;
        !is_free(port)
    });
    assert!(
        taken,
        "127.0.0.1:{port} was to be used, and no socket is there"
    );
}

/// Sets an offer without any section: the shortest way to a change of state.
async fn set_offer(peer: &Peer) {
    let offer = peer.create_offer().await.expect("2-1 createOffer()");
    let set = timeout(A_MOMENT, peer.set_local_description(offer)).await;
    // While an event waits for its reader, so may this call.
    if let Ok(set) = set {
        set.expect("2-2 setLocalDescription()");
    }
}

fn a_change_is_an_event() {
    let next = run(async {
        let (peer, mut events) = create("local", &Timeline::new()).await;
        set_offer(&peer).await;
        next(&mut events, "signalingstatechange to have-local-offer").await
    });
    same(
        "the event",
        next,
        format!("signaling {}", RTCSignalingState::HaveLocalOffer),
    );
}

/// Waits until a state is on the timeline, or until a moment is over.
async fn recorded(
    timeline: &Timeline,
    peer: &str,
    machine: StateMachine,
    state: &str,
) -> Option<String> {
    let reached = async {
        while timeline.state(peer, machine).as_deref() != Some(state) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let _ = timeout(A_MOMENT, reached).await;
    timeline.state(peer, machine)
}

// The signaling state is recorded by the calls that change it, so these tests read the gathering state.
fn a_change_is_recorded() {
    for name in ["local", "other"] {
        let timeline = Timeline::new();
        let state = run(async {
            let (peer, _events) = create(name, &timeline).await;
            set_offer(&peer).await;
            recorded(&timeline, name, GATHERING, "complete").await
        });
        same(
            &format!("the gathering state of {name} on the timeline"),
            state.as_deref(),
            Some("complete"),
        );
    }
}

/// As many events as can wait, and one that has to wait for room: that gathering has begun.
async fn crowded(timeline: &Timeline) -> (Peer, PeerEvents, Option<String>) {
    let (peer, mut events) = create("local", timeline).await;
    let reporter = peer.ice_error_reporter();
    // What finds no room is dropped by the reporter.
    (0..WAITING).for_each(|code| reporter.report(server_error(code)));
    // The signaling state comes first, and finds room.
    next(&mut events, "icecandidateerror").await;
    let setting = peer.clone();
    tokio::spawn(async move { set_offer(&setting).await });
    let state = recorded(timeline, "local", GATHERING, "gathering").await;
    (peer, events, state)
}

/// The events that a peer keeps for a reader who is late: `CAPACITY` in `peer_event.rs`.
const WAITING: u16 = 64;

fn recorded_then_sent() {
    let (_peer, _events, state) = run(async { crowded(&Timeline::new()).await });
    same(
        "the gathering state on the timeline while its event waits for room",
        state.as_deref(),
        Some("gathering"),
    );
}

fn no_event_is_lost() {
    let last = run(async {
        let (_peer, mut events, _) = crowded(&Timeline::new()).await;
        for _ in 1..WAITING {
            next(&mut events, "icecandidateerror").await;
        }
        next(&mut events, "signalingstatechange").await;
        next(
            &mut events,
            "icegatheringstatechange, which had to wait for room",
        )
        .await
    });
    same("the event that had to wait", &*last, "gathering gathering");
}

fn negotiationneeded_is_sent() {
    let next = run(async {
        let (peer, mut events) = create("local", &Timeline::new()).await;
        add_directly(&peer).await;
        next(&mut events, "negotiationneeded").await
    });
    same("the event", &*next, "negotiationneeded");
}

/// All events of a peer with a track that sets its offer, up to the end of gathering.
async fn fired(timeline: &Timeline) -> Vec<String> {
    let (peer, mut events) = create("local", timeline).await;
    add_directly(&peer).await;
    set_offer(&peer).await;
    let mut fired = Vec::new();
    while fired.last().map(String::as_str) != Some("gathering complete") {
        let event = next(&mut events, &format!("the event after {fired:?}")).await;
        fired.push(event);
    }
    fired
}

fn each_event_once() {
    let timeline = Timeline::new();
    let fired = run(fired(&timeline));
    let expected = [
        "negotiationneeded",
        "signaling have-local-offer",
        "gathering gathering",
        "icecandidate",
        "gathering complete",
    ];
    same(
        "the list of events",
        fired,
        expected.map(str::to_owned).to_vec(),
    );
    let expected = some(["have-local-offer", "complete", "new", "new"]);
    same(
        "[signaling, gathering, ice, connection]",
        states(&timeline, "local"),
        expected,
    );
}

fn nobody_listens() {
    let timeline = Timeline::new();
    let state = run(async {
        let (peer, events) = create("local", &timeline).await;
        drop(events);
        set_offer(&peer).await;
        recorded(&timeline, "local", GATHERING, "complete").await
    });
    same("the gathering state", state.as_deref(), Some("complete"));
}

/// The offer of a peer to which these videos were added.
fn offer_with(videos: &[OutgoingVideo]) -> String {
    run(async {
        let (peer, _events) = create("local", &Timeline::new()).await;
        for video in videos {
            let added = peer.add_track(video).await;
            added.unwrap_or_else(|error| panic!("addTrack(): {error}"));
        }
        offer(&peer).await
    })
}

fn sections(sdp: &str) -> usize {
    sdp.lines()
        .filter(|line| line.starts_with("m=video 9 "))
        .count()
}

fn one_section() {
    same(
        "the number of m=video sections",
        sections(&offer_with(&[video("s", "t", 1)])),
        1,
    );
}

#[track_caller]
fn has_line(sdp: &str, start: &str, expected: &str) {
    let found: Vec<&str> = sdp.lines().filter(|line| line.starts_with(start)).collect();
    assert!(
        found.contains(&expected),
        "the offer has {found:?}, and {expected:?} is expected"
    );
}

fn the_section_names_the_track() {
    for (stream, track) in [("stream0", "video0"), ("camera-3", "track-7")] {
        let sdp = offer_with(&[video(stream, track, 1)]);
        has_line(&sdp, "a=msid:", &format!("a=msid:{stream} {track}"));
    }
}

fn the_section_has_the_ssrc() {
    let sdp = offer_with(&[video("s", "t", 0x5afe)]);
    assert!(
        sdp.contains(&format!("a=ssrc:{} ", 0x5afe)),
        "no line a=ssrc:{} in the offer",
        0x5afe
    );
}

fn a_second_track() {
    let sdp = offer_with(&[video("s", "one", 1), video("s", "two", 2)]);
    same("the number of m=video sections", sections(&sdp), 2);
    has_line(&sdp, "a=msid:", "a=msid:s two");
}

fn a_track_needs_a_negotiation() {
    let timeline = Timeline::new();
    let (fired, before) = run(async {
        let (peer, mut events) = create("local", &timeline).await;
        let added = peer.add_track(&video("s", "t", 1)).await;
        added.unwrap_or_else(|error| panic!("addTrack(): {error}"));
        let offer = peer.connection().pending_local_description().await;
        same("pendingLocalDescription", offer.map(|it| it.sdp), None);
        let mut fired = vec![next(&mut events, "negotiationneeded").await];
        let before = states(&timeline, "local");
        set_offer(&peer).await;
        while !fired
            .last()
            .is_some_and(|event| event.starts_with("signaling "))
        {
            fired.push(next(&mut events, "signalingstatechange").await);
        }
        (fired, before)
    });
    let expected = ["negotiationneeded", "signaling have-local-offer"];
    same(
        "the list of events, up to setLocalDescription(),",
        fired,
        expected.map(str::to_owned).to_vec(),
    );
    same(
        "[signaling, gathering, ice, connection] after addTrack()",
        before,
        some(["stable", "new", "new", "new"]),
    );
}

fn the_sender_is_returned() {
    let (returned, known) = run(async {
        let (peer, _events) = create("local", &Timeline::new()).await;
        let mut returned = Vec::new();
        for ssrc in 1..=6 {
            let sender = peer.add_track(&video("s", &format!("t{ssrc}"), ssrc)).await;
            returned.push(sender.expect("addTrack()").id());
        }
        let senders = peer.connection().get_senders().await;
        (
            returned,
            senders.iter().map(|sender| sender.id()).collect::<Vec<_>>(),
        )
    });
    // webrtc lists them in any order.
    let sorted = |ids: Vec<_>| {
        let mut names: Vec<String> = ids.iter().map(|id| format!("{id:?}")).collect();
        names.sort();
        names
    };
    same(
        "the senders that six calls returned",
        sorted(returned),
        sorted(known),
    );
}

fn a_closed_peer_takes_no_track() {
    let error = run(async {
        let (peer, _events) = create("other", &Timeline::new()).await;
        peer.connection()
            .close()
            .await
            .expect("webrtc closes a peer");
        peer.add_track(&video("s", "t", 1)).await.err()
    });
    let error = error.map_or("none".to_owned(), |error| error.to_string());
    same("the error", &*error, "other.addTrack(): connection closed");
}

async fn close(peer: &Peer) {
    peer.close()
        .await
        .unwrap_or_else(|error| panic!("close(): {error}"));
}

fn the_last_states() {
    for name in ["local", "other"] {
        let timeline = Timeline::new();
        run(async {
            let (peer, _events) = create(name, &timeline).await;
            close(&peer).await;
        });
        let expected = some(["closed", "new", "closed", "closed"]);
        same(
            "[signaling, gathering, ice, connection]",
            states(&timeline, name),
            expected,
        );
    }
}

fn the_connection_is_closed() {
    // On one thread: what close() leaves to another task has not happened when it returns.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let error = runtime.expect("a runtime for the test").block_on(async {
        let (peer, _events) = create("local", &Timeline::new()).await;
        close(&peer).await;
        peer.create_offer().await.err()
    });
    let error = error.map_or("none".to_owned(), |error| error.to_string());
    same(
        "the error of createOffer()",
        &*error,
        "local.createOffer(): connection closed",
    );
}

fn the_port_is_free() {
    let port = free_port();
    let free = run(async {
        let (peer, _events) = create_on(port).await;
        close(&peer).await;
        // The driver drops its sockets; the system may take a moment.
        let freed = async {
            while !is_free(port) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        timeout(A_MOMENT, freed).await.is_ok()
    });
    assert!(free, "127.0.0.1:{port} is still taken");
}

fn the_events_end() {
    let last = run(async {
        let (peer, mut events) = create("local", &Timeline::new()).await;
        let clone = peer.clone();
        close(&peer).await;
        let mut last = String::new();
        for _ in 0..10 {
            last = next(&mut events, "the end of the events").await;
            if last == "the end of the events" {
                break;
            }
        }
        drop(clone);
        last
    });
    same("the last of the events", &*last, "the end of the events");
}

fn waiting_events_stay() {
    let first = run(async {
        let (peer, mut events) = create("local", &Timeline::new()).await;
        peer.ice_error_reporter().report(server_error(701));
        close(&peer).await;
        next(&mut events, "icecandidateerror 701").await
    });
    same("the event that waited", &*first, "icecandidateerror 701");
}

fn closed_is_last() {
    let timeline = Timeline::new();
    run(async {
        let (peer, mut events) = create("local", &timeline).await;
        add_directly(&peer).await;
        set_offer(&peer).await;
        close(&peer).await;
        while timeout(A_MOMENT, events.recv())
            .await
            .unwrap_or_default()
            .is_some()
        {}
    });
    for machine in [SIGNALING, ICE, CONNECTION] {
        let transitions = timeline.transitions();
        let of_machine = transitions.iter().filter(|it| it.machine == machine);
        let closed = of_machine.clone().position(|it| it.to == "closed");
        let count = of_machine.count();
        same(
            &format!("how many states of {machine} follow closed"),
            closed.map(|at| count - at - 1),
            Some(0),
        );
    }
}

fn twice_is_once() {
    let timeline = Timeline::new();
    let (once, again) = run(async {
        let (peer, _events) = create("local", &timeline).await;
        close(&peer).await;
        let once = timeline.to_string();
        (once, peer.close().await.map_err(|error| error.to_string()))
    });
    same("the second close()", again, Ok(()));
    same("the timeline after it", timeline.to_string(), once);
}
