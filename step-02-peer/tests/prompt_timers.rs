//! A connection that is being set up must not sleep; one that is set up may.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use step_01_capture::Timeline;
use step_02_peer::prompt_timers::{Pace, PromptTimers};
use step_02_peer::{Peer, PeerConfig};
use webrtc::peer_connection::RTCPeerConnectionState;
use webrtc::runtime::{
    AsyncInterval, AsyncTcpListener, AsyncTcpStream, AsyncUdpSocket, JoinHandle, Runtime,
    TokioRuntime,
};

/// What every failure of this file says.
const LOOK: &str = "see step-02-peer/src/prompt_timers.rs";

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Notes what it is asked for. Sleeps take no time, unless a driver sleeps that would turn in a circle.
#[derive(Debug)]
struct Recorder {
    asked: Mutex<Vec<String>>,
    began: Instant,
    sleeps: bool,
}

impl Recorder {
    fn note(&self, what: impl Into<String>) {
        self.asked
            .lock()
            .expect("no test panics with the lock")
            .push(what.into());
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().expect("no test panics with the lock"))
    }
}

impl Runtime for Recorder {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.note(format!("sleep {duration:?}"));
        match self.sleeps {
            true => TokioRuntime.sleep(duration),
            false => Box::pin(std::future::ready(())),
        }
    }
    fn spawn(&self, future: BoxFuture<'static, ()>) -> Box<dyn JoinHandle> {
        self.note("spawn");
        TokioRuntime.spawn(future)
    }
    fn wrap_udp_socket(&self, socket: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        self.note("wrap_udp_socket");
        TokioRuntime.wrap_udp_socket(socket)
    }
    fn wrap_tcp_listener(
        &self,
        listener: std::net::TcpListener,
    ) -> io::Result<Arc<dyn AsyncTcpListener>> {
        self.note("wrap_tcp_listener");
        TokioRuntime.wrap_tcp_listener(listener)
    }
    fn connect_tcp<'a>(
        &'a self,
        to: SocketAddr,
    ) -> BoxFuture<'a, io::Result<Arc<dyn AsyncTcpStream>>> {
        self.note(format!("connect_tcp {to}"));
        Box::pin(std::future::ready(Err(io::ErrorKind::Unsupported.into())))
    }
    fn resolve_host<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        self.note(format!("resolve_host {host}"));
        Box::pin(std::future::ready(Ok(vec![
            (Ipv4Addr::LOCALHOST, 1).into(),
        ])))
    }
    fn now(&self) -> Instant {
        self.began
    }
    fn interval(&self, period: Duration) -> Box<dyn AsyncInterval> {
        self.note(format!("interval {period:?}"));
        TokioRuntime.interval(period)
    }
    fn block_on(&self, _: Pin<Box<dyn Future<Output = ()> + '_>>) {
        self.note("block_on");
    }
    fn name(&self) -> &'static str {
        "recorder"
    }
}

fn timers() -> (PromptTimers, Arc<Recorder>) {
    timers_of_a_call(false)
}

fn timers_of_a_call(may_relay: bool) -> (PromptTimers, Arc<Recorder>) {
    let recorder = Arc::new(Recorder {
        asked: Mutex::default(),
        // In the past: the clock of the test, not the wall clock.
        began: Instant::now(),
        sleeps: false,
    });
    (PromptTimers::new(recorder.clone(), may_relay), recorder)
}

#[tokio::test]
async fn sleeps_are_short_until_the_connection_is_set_up() {
    let (timers, recorder) = timers();
    let mut slept = Vec::new();
    for pace in [
        None,
        Some(Pace::Idle),
        Some(Pace::SettingUp),
        Some(Pace::Settled),
    ] {
        if let Some(pace) = pace {
            timers.set_pace(pace);
        }
        timers.sleep(Duration::from_secs(30)).await;
        slept.extend(recorder.asked());
    }
    assert_eq!(
        slept,
        ["sleep 10ms", "sleep 10ms", "sleep 2ms", "sleep 30s"],
        "a new peer, idle, setting up, settled; {LOOK}"
    );
}

#[tokio::test]
async fn a_sleep_that_is_short_already_stays_as_it_is() {
    let (timers, recorder) = timers();
    timers.sleep(Duration::from_millis(1)).await;
    assert_eq!(recorder.asked(), ["sleep 1ms"], "{LOOK}");
}

/// How many sleeps take no time at all, before the runtime inside is asked for one again.
async fn sleeps_that_are_left_out(timers: &PromptTimers, recorder: &Recorder) -> usize {
    for left_out in 0..10 {
        timers.sleep(Duration::from_secs(1)).await;
        if !recorder.asked().is_empty() {
            return left_out;
        }
    }
    panic!("ten sleeps in a row took no time: the driver turns in a circle; {LOOK}");
}

#[tokio::test]
async fn with_a_relay_the_driver_looks_around_three_times_after_something_has_happened() {
    let (timers, recorder) = timers_of_a_call(true);
    timers.set_pace(Pace::Settled);
    // The driver gives up a sleep when a packet comes.
    drop(timers.sleep(Duration::from_secs(1)));
    recorder.asked();
    let left_out = sleeps_that_are_left_out(&timers, &recorder).await;
    assert_eq!(left_out, 3, "sleeps after a packet; {LOOK}");
    let left_out = sleeps_that_are_left_out(&timers, &recorder).await;
    assert_eq!(left_out, 0, "sleeps after a sleep to its end; {LOOK}");
}

#[tokio::test]
async fn without_a_relay_nothing_has_to_be_looked_for() {
    let (timers, recorder) = timers();
    timers.set_pace(Pace::Settled);
    drop(timers.sleep(Duration::from_secs(1)));
    recorder.asked();
    let left_out = sleeps_that_are_left_out(&timers, &recorder).await;
    assert_eq!(
        left_out, 0,
        "what is sent goes straight to the socket; {LOOK}"
    );
}

#[tokio::test]
async fn a_connection_that_closes_sleeps_as_it_was_asked_to() {
    let (timers, recorder) = timers_of_a_call(true);
    drop(timers.sleep(Duration::from_secs(1)));
    recorder.asked();
    timers.set_pace(Pace::Closing);
    timers.sleep(Duration::from_secs(1)).await;
    assert_eq!(
        recorder.asked(),
        ["sleep 1s"],
        "the driver takes leave in its own time; {LOOK}"
    );
}

#[tokio::test]
async fn a_clone_has_the_same_pace() {
    let (timers, recorder) = timers();
    timers.clone().set_pace(Pace::Settled);
    timers.sleep(Duration::from_secs(1)).await;
    assert_eq!(
        recorder.asked(),
        ["sleep 1s"],
        "the driver and the events share the pace; {LOOK}"
    );
}

#[tokio::test]
async fn everything_else_is_the_business_of_the_runtime_inside() {
    let (timers, recorder) = timers();
    let loopback: SocketAddr = (Ipv4Addr::LOCALHOST, 0).into();
    let udp = std::net::UdpSocket::bind(loopback).expect("loopback has free ports");
    let tcp = std::net::TcpListener::bind(loopback).expect("loopback has free ports");
    for socket in [udp.set_nonblocking(true), tcp.set_nonblocking(true)] {
        socket.expect("every system can do that");
    }
    timers.spawn(Box::pin(std::future::ready(()))).detach();
    timers.wrap_udp_socket(udp).expect("the socket is good");
    timers.wrap_tcp_listener(tcp).expect("the listener is good");
    assert!(
        timers.connect_tcp(loopback).await.is_err(),
        "the recorder connects to nothing"
    );
    let resolved = timers.resolve_host("peer.example:1").await;
    assert_eq!(
        resolved.ok(),
        Some(vec![(Ipv4Addr::LOCALHOST, 1).into()]),
        "{LOOK}"
    );
    timers.interval(Duration::from_secs(2)).tick().await;
    timers.block_on(Box::pin(std::future::ready(())));
    assert_eq!(timers.now(), recorder.began, "one clock for all; {LOOK}");
    assert_eq!(timers.name(), "recorder", "{LOOK}");
    assert!(
        format!("{timers:?}").starts_with("PromptTimers(Recorder"),
        "{LOOK}"
    );
    assert_eq!(
        recorder.asked(),
        [
            "spawn",
            "wrap_udp_socket",
            "wrap_tcp_listener",
            "connect_tcp 127.0.0.1:0",
            "resolve_host peer.example:1",
            "interval 2s",
            "block_on"
        ],
        "{LOOK}"
    );
}

#[test]
fn the_state_of_the_connection_sets_the_pace() {
    use RTCPeerConnectionState::{Closed, Connected, Connecting, Disconnected, Failed, New};
    for (state, pace) in [
        (New, Pace::Idle),
        (Connecting, Pace::SettingUp),
        (Connected, Pace::Settled),
        (Disconnected, Pace::Settled),
        (Failed, Pace::Settled),
        (Closed, Pace::Settled),
    ] {
        assert_eq!(Pace::of(state), pace, "connection: {state}; {LOOK}");
    }
}

#[tokio::test]
async fn a_clock_of_the_tests_is_asked_for_short_sleeps_only_where_it_wants_them() {
    for (prompt, expected) in [(true, "all are short"), (false, "one is long")] {
        let recorder = Arc::new(Recorder {
            asked: Mutex::default(),
            began: Instant::now(),
            sleeps: true,
        });
        let config = PeerConfig {
            runtime: Some(recorder.clone()),
            prompt,
            ..PeerConfig::loopback()
        };
        let made = Peer::new("local", config, &Timeline::new()).await;
        let (peer, _events) = made.expect("1-1 new RTCPeerConnection()");
        // What the driver does first is done when it sleeps for the first time.
        let slept = async {
            loop {
                tokio::task::yield_now().await;
                let asked = recorder.asked();
                if asked.iter().any(|what| what.starts_with("sleep")) {
                    break asked;
                }
            }
        };
        let slept = tokio::time::timeout(Duration::from_secs(5), slept).await;
        let slept = slept.expect("a driver with nothing to do sleeps");
        let are_short = |what: &String| !what.starts_with("sleep") || what == "sleep 10ms";
        let told = match slept.iter().all(are_short) {
            true => "all are short",
            false => "one is long",
        };
        assert_eq!(
            told, expected,
            "prompt: {prompt}, {slept:?}; see step-02-peer/src/connection_builder.rs"
        );
        peer.close().await.expect("1-1 close()");
    }
}
