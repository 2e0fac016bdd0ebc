//! Sleeps are short while a connection is set up, and as long as requested afterwards.

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

/// The file to open when a test fails.
const LOOK: &str = "see step-02-peer/src/webrtc_gaps/prompt_timers.rs";

/// The finest step of the clock.
const TICK: Duration = Duration::from_millis(1);

/// Timers over a virtual clock.
fn timers(may_relay: bool) -> (PromptTimers, Arc<MockRuntime>) {
    let runtime = Arc::new(MockRuntime::new());
    (PromptTimers::new(runtime.clone(), may_relay), runtime)
}

fn is_over(sleep: &mut BoxFuture<'static, ()>) -> bool {
    let mut nobody = Context::from_waker(Waker::noop());
    sleep.as_mut().poll(&mut nobody).is_ready()
}

/// How long a sleep takes that was requested to take `requested`.
fn slept(timers: &PromptTimers, runtime: &MockRuntime, requested: Duration) -> Duration {
    let (clock, mut sleep) = (runtime.clock(), timers.sleep(requested));
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
        "the driver of a new or idle connection, and of one that is set up, polls soon; {LOOK}"
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

/// How many of the next sleeps end at once.
fn extra_polls(timers: &PromptTimers) -> usize {
    let sleep_is_over = |_: &usize| is_over(&mut timers.sleep(Duration::from_secs(1)));
    (0..10).take_while(sleep_is_over).count()
}

#[test]
fn with_a_relay_the_driver_polls_again_after_a_packet_interrupts_its_sleep() {
    let (timers, _runtime) = timers(true);
    timers.set_pace(Pace::Settled);
    assert_eq!(extra_polls(&timers), 0, "no packet has come yet; {LOOK}");
    // The sleep of the line above was dropped before its end: that is how a packet interrupts the driver.
    assert_eq!(
        extra_polls(&timers),
        3,
        "the TURN client may have a packet; {LOOK}"
    );
    timers.set_pace(Pace::Closing);
    assert_eq!(
        extra_polls(&timers),
        0,
        "close() waits until the relay is released; {LOOK}"
    );
}

#[test]
fn after_a_sleep_that_ends_the_driver_does_not_poll_again() {
    let (timers, runtime) = timers(true);
    timers.set_pace(Pace::Settled);
    slept(&timers, &runtime, Duration::from_secs(1));
    assert_eq!(extra_polls(&timers), 0, "{LOOK}");
}

#[test]
fn without_a_relay_the_driver_does_not_poll_again() {
    let (timers, _runtime) = timers(false);
    timers.set_pace(Pace::Settled);
    assert_eq!(
        [extra_polls(&timers), extra_polls(&timers)],
        [0, 0],
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

/// Sends the duration of every sleep that is requested.
#[derive(Debug)]
struct SleepRecorder(Arc<dyn Runtime>, mpsc::UnboundedSender<Duration>);

impl RuntimeLayer for SleepRecorder {
    fn below(&self) -> &Arc<dyn Runtime> {
        &self.0
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        // A peer that closes may sleep once more after the test has dropped its receiver.
        let _ = self.1.send(duration);
        self.0.sleep(duration)
    }
}

#[tokio::test]
async fn a_runtime_of_the_configuration_gets_short_sleeps_only_if_prompt_is_set() {
    for prompt in [true, false] {
        let (sender, mut requested) = mpsc::unbounded_channel();
        let config = PeerConfig {
            runtime: Some(SleepRecorder(Arc::new(TokioRuntime), sender).into_runtime()),
            prompt,
            ..PeerConfig::loopback()
        };
        let created = Peer::new("local", config, &Timeline::new()).await;
        let (peer, _events) = created.expect("1-1 new RTCPeerConnection()");
        let first = timeout(Duration::from_secs(20), requested.recv()).await;
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
