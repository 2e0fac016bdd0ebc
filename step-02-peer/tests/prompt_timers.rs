//! A connection that is being set up must not sleep; one that is set up may.

use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use step_01_capture::Timeline;
use step_02_peer::webrtc_gaps::prompt_timers::{Pace, PromptTimers};
use step_02_peer::{BoxFuture, Peer, PeerConfig, RuntimeLayer};
use tokio::sync::mpsc;
use tokio::time::timeout;
use webrtc::peer_connection::RTCPeerConnectionState;
use webrtc::runtime::{MockRuntime, Runtime, TokioRuntime};

/// What every failure of this file says.
const LOOK: &str = "see step-02-peer/src/webrtc_gaps/prompt_timers.rs";

/// The finest step of the clock.
const TICK: Duration = Duration::from_millis(1);

/// Timers over a clock that is moved by hand.
fn timers(may_relay: bool) -> (PromptTimers, Arc<MockRuntime>) {
    let runtime = Arc::new(MockRuntime::new());
    (PromptTimers::new(runtime.clone(), may_relay), runtime)
}

fn is_over(sleep: &mut BoxFuture<'static, ()>) -> bool {
    let mut nobody = Context::from_waker(Waker::noop());
    sleep.as_mut().poll(&mut nobody).is_ready()
}

/// How long a sleep takes for which `wanted` was asked.
fn slept(timers: &PromptTimers, runtime: &MockRuntime, wanted: Duration) -> Duration {
    let (clock, mut sleep) = (runtime.clock(), timers.sleep(wanted));
    let began = clock.elapsed();
    while !is_over(&mut sleep) {
        clock.advance(TICK);
    }
    clock.elapsed() - began
}

#[test]
fn sleeps_are_short_until_the_connection_is_set_up() {
    let (timers, runtime) = timers(false);
    let long = Duration::from_secs(30);
    let new = slept(&timers, &runtime, long);
    let paces = [Pace::Idle, Pace::SettingUp, Pace::Settled, Pace::Closing];
    let [idle, setting_up, settled, closing] = paces.map(|pace| {
        timers.set_pace(pace);
        slept(&timers, &runtime, long)
    });
    assert_eq!(
        [new, idle, setting_up],
        [10, 10, 2].map(Duration::from_millis),
        "a new peer, an idle one, and one that is being set up look around soon; {LOOK}"
    );
    assert_eq!(
        [settled, closing],
        [long, long],
        "afterwards a sleep is as long as the protocol wants it; {LOOK}"
    );
}

#[test]
fn a_sleep_that_is_short_already_stays_as_it_is() {
    let (timers, runtime) = timers(false);
    assert_eq!(slept(&timers, &runtime, TICK), TICK, "{LOOK}");
}

#[test]
fn a_clone_has_the_same_pace() {
    let (timers, runtime) = timers(false);
    timers.clone().set_pace(Pace::Settled);
    let second = Duration::from_secs(1);
    assert_eq!(
        slept(&timers, &runtime, second),
        second,
        "the driver and the events share the pace; {LOOK}"
    );
}

/// How many of the next sleeps take no time at all.
fn looks(timers: &PromptTimers) -> usize {
    let sleep_is_over = |_: &usize| is_over(&mut timers.sleep(Duration::from_secs(1)));
    (0..10).take_while(sleep_is_over).count()
}

#[test]
fn with_a_relay_the_driver_looks_around_after_whatever_interrupts_its_sleep() {
    let (timers, _runtime) = timers(true);
    timers.set_pace(Pace::Settled);
    assert_eq!(looks(&timers), 0, "nothing has happened yet; {LOOK}");
    // The sleep of the line above was given up: that is how a packet interrupts the driver.
    assert_eq!(
        looks(&timers),
        3,
        "the TURN client may have something; {LOOK}"
    );
    timers.set_pace(Pace::Closing);
    assert_eq!(
        looks(&timers),
        0,
        "a peer that closes takes its time; {LOOK}"
    );
}

#[test]
fn a_sleep_that_ends_by_itself_is_no_reason_to_look_around() {
    let (timers, runtime) = timers(true);
    timers.set_pace(Pace::Settled);
    slept(&timers, &runtime, Duration::from_secs(1));
    assert_eq!(looks(&timers), 0, "{LOOK}");
}

#[test]
fn without_a_relay_nobody_looks_around() {
    let (timers, _runtime) = timers(false);
    timers.set_pace(Pace::Settled);
    assert_eq!([looks(&timers), looks(&timers)], [0, 0], "{LOOK}");
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

/// Tells how long each sleep shall be that it is asked for.
#[derive(Debug)]
struct Asked(Arc<dyn Runtime>, mpsc::UnboundedSender<Duration>);

impl RuntimeLayer for Asked {
    fn below(&self) -> &Arc<dyn Runtime> {
        &self.0
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        // A peer that closes may sleep once more when the test has heard enough.
        let _ = self.1.send(duration);
        self.0.sleep(duration)
    }
}

#[tokio::test]
async fn a_clock_of_ones_own_is_asked_for_short_sleeps_only_where_it_wants_them() {
    for prompt in [true, false] {
        let (told, mut asked) = mpsc::unbounded_channel();
        let config = PeerConfig {
            runtime: Some(Asked(Arc::new(TokioRuntime), told).into_runtime()),
            prompt,
            ..PeerConfig::loopback()
        };
        let made = Peer::new("local", config, &Timeline::new()).await;
        let (peer, _events) = made.expect("1-1 new RTCPeerConnection()");
        let first = timeout(Duration::from_secs(20), asked.recv()).await;
        let first = first.ok().flatten();
        let first = first.expect("a driver with nothing to do sleeps");
        assert_eq!(
            first <= Duration::from_millis(10),
            prompt,
            "1-1: prompt: {prompt}, first sleep {first:?}; see step-02-peer/src/connection_builder.rs"
        );
        peer.close().await.expect("1-1 close()");
    }
}
