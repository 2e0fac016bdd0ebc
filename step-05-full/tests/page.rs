//! The page: which button can be pressed when, and what each one does to the two videos.

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;
mod stage;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rule::Rules;
use stage::{camera, camera_unplugged_in_mid_call, camera_with_plug, poll_until, wait_for_action};
use step_01_capture::display::Display;
use step_01_capture::program::stop_signal::{StopReason, StopSignal};
use step_01_capture::{GetUserMediaError, MediaStream, Resolution, Timeline};
use step_02_peer::PeerConfig;
use step_05_full::app::{App, AppError};
use step_05_full::window::app_window::Layout;
use step_05_full::window::buttons::Button;
use step_05_full::window::run::{RunError, run};
use tokio::runtime::Runtime;

const RULES: Rules = Rules::kept_in("step-05-full/src/app.rs");
const RUN: Rules = Rules::kept_in("step-05-full/src/window/run.rs");

fn network() -> Runtime {
    let network = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    network.expect("a runtime for the test")
}

fn page(
    network: &Runtime,
    timeline: &Timeline,
    open: impl Fn(&Timeline) -> Result<MediaStream, GetUserMediaError> + Send + Sync + 'static,
) -> App {
    App::new(
        open,
        PeerConfig::loopback(),
        network.handle().clone(),
        timeline.clone(),
    )
}

fn press(app: &mut App, button: Button) {
    app.press(button);
    wait_for_action(app).unwrap_or_else(|error| panic!("{button:?}: {error}"));
}

fn start_and_call(app: &mut App) {
    press(app, Button::Start);
    press(app, Button::Call);
    poll_until(app, "a remote frame", |app| {
        app.remote_video.frame().is_some()
    });
}

fn buttons(timeline: &Timeline) -> String {
    let all = timeline.to_string();
    all.lines()
        .filter(|line| line.contains("buttons:"))
        .collect()
}

#[test]
fn call_comes_after_start_and_hang_up_after_call_and_call_again() {
    let _rule = RULES.rule("one button is enabled at a time: Start, Call, Hang Up, Call");
    let (network, timeline) = (network(), Timeline::new());
    let mut app = page(&network, &timeline, |timeline| Ok(camera(timeline)));
    start_and_call(&mut app);
    press(&mut app, Button::HangUp);
    insta::assert_snapshot!(buttons(&timeline), @"app    buttons: Start => busy => Call => busy => Hang Up => busy => Call");
}

#[test]
fn a_button_that_is_not_enabled_does_nothing() {
    let _rule = RULES.rule("a button that is disabled does nothing");
    let (network, timeline) = (network(), Timeline::new());
    let mut app = page(&network, &timeline, |timeline| Ok(camera(timeline)));
    for enabled in [Button::Start, Button::Call, Button::HangUp] {
        assert!(
            app.enabled() == Some(enabled),
            "{enabled:?} was expected: {:?}",
            app.enabled()
        );
        let before = timeline.transitions().len();
        for other in Button::ALL.into_iter().filter(|button| *button != enabled) {
            app.press(other);
            assert!(
                !app.is_busy(),
                "{other:?} was pressed while only {enabled:?} was enabled"
            );
        }
        if enabled != Button::HangUp {
            assert_eq!(
                timeline.transitions().len(),
                before,
                "no state machine may move"
            );
        }
        press(&mut app, enabled);
    }
}

#[test]
fn no_button_is_enabled_while_the_program_is_busy_with_one() {
    let _rule = RULES.rule("no button is enabled while the action of one goes on");
    let (network, timeline) = (network(), Timeline::new());
    let mut app = page(&network, &timeline, |timeline| Ok(camera(timeline)));
    app.press(Button::Start);
    assert!(app.is_busy(), "opening a source takes its time");
    for button in Button::ALL {
        assert!(app.enabled() != Some(button), "{button:?}");
    }
    wait_for_action(&mut app).expect("the camera opens");
}

#[test]
fn hang_up_clears_the_remote_video_and_leaves_the_local_one_running() {
    let _rule = RULES.rule("hangupAction() clears remoteVideo and leaves localStream live");
    let (network, timeline) = (network(), Timeline::new());
    let mut app = page(&network, &timeline, |timeline| Ok(camera(timeline)));
    start_and_call(&mut app);
    press(&mut app, Button::HangUp);
    assert!(
        app.remote_video.frame().is_none(),
        "hangupAction() clears the remote video (see step-05-full/src/app.rs)"
    );
    let newest = app.local_video.counts().captured;
    poll_until(&mut app, "a new local frame", |app| {
        app.local_video.counts().captured > newest
    });
    assert!(
        app.remote_video.frame().is_none(),
        "and nothing brings it back"
    );
}

#[test]
fn one_can_call_again_after_hanging_up_again_and_again() {
    let _rule = RULES.rule("1-1 to 2-5: after hangupAction(), callAction() makes two new peers");
    let (network, timeline) = (network(), Timeline::new());
    let mut app = page(&network, &timeline, |timeline| Ok(camera(timeline)));
    press(&mut app, Button::Start);
    for _ in 0..3 {
        press(&mut app, Button::Call);
        poll_until(&mut app, "a remote frame", |app| {
            app.remote_video.frame().is_some()
        });
        press(&mut app, Button::HangUp);
    }
    let report = app.report();
    assert_eq!(report.calls.len(), 3, "each call has its own entry");
    for call in &report.calls {
        assert!(
            call.frames.decoded > 0 && call.frames.sent == call.frames.decoded,
            "{call:?}"
        );
        assert!(call.setup.is_some() && call.failure.is_none(), "{call:?}");
    }
    assert_eq!(app.summary().len(), 3);
}

#[test]
fn a_source_that_is_unplugged_in_mid_call_leaves_the_last_remote_frame_and_hang_up() {
    let _rule =
        RULES.rule("1-2: an ended MediaStreamTrack closes no peer (W3C Media Capture §4.3.1)");
    let (network, timeline) = (network(), Timeline::new());
    let plug = Arc::new(AtomicBool::new(false));
    let pulled = Arc::clone(&plug);
    let mut app = page(&network, &timeline, move |timeline| {
        Ok(camera_with_plug(&pulled, timeline))
    });
    start_and_call(&mut app);
    plug.store(true, Ordering::Release);
    poll_until(&mut app, "the end of the track", |app| {
        app.source_failure().is_some()
    });
    app.refresh(Duration::ZERO);
    let failure = app.source_failure().map(|failure| failure.to_string());
    insta::assert_snapshot!(failure.unwrap_or_default(), @r#"NotReadableError: the camera "fake camera" was unplugged: plug it in and start again"#);
    assert!(
        app.remote_video.frame().is_some(),
        "the remote keeps its last frame"
    );
    assert!(app.enabled() == Some(Button::HangUp), "{:?}", app.enabled());
    press(&mut app, Button::HangUp);
    assert!(
        app.enabled() == Some(Button::Start),
        "a track never lives again: Start takes a new one"
    );
    plug.store(false, Ordering::Release);
    press(&mut app, Button::Start);
    assert!(app.source_failure().is_none(), "the new track is live");
    let local = timeline.to_string();
    assert!(
        local.contains("track: live => ended; live"),
        "W3C Media Capture §4.3.1:\n{local}"
    );
}

#[test]
fn a_source_that_does_not_open_is_an_error_and_start_can_be_pressed_again() {
    let _rule =
        RULES.rule("1-2: getUserMedia() fails with a NotReadableError, and can be called again");
    let (network, timeline) = (network(), Timeline::new());
    let was_busy = AtomicBool::new(false);
    let mut app = page(&network, &timeline, move |timeline| {
        if was_busy.swap(true, Ordering::AcqRel) {
            return Ok(camera(timeline));
        }
        Err(GetUserMediaError::NotReadable {
            what: "the camera".to_owned(),
            cause: "it is busy".to_owned(),
            hint: "end the other program".to_owned(),
        })
    });
    app.press(Button::Start);
    let refused = wait_for_action(&mut app).expect_err("1-2: getUserMedia() fails");
    insta::assert_snapshot!(refused, @"NotReadableError: the camera: it is busy: end the other program");
    assert!(app.enabled() == Some(Button::Start), "{:?}", app.enabled());
    assert!(app.local_video.frame().is_none());
    press(&mut app, Button::Start);
    assert!(
        app.enabled() == Some(Button::Call),
        "the other program has ended: {:?}",
        app.enabled()
    );
}

#[test]
fn a_call_that_cannot_be_made_is_an_error_and_the_local_video_goes_on() {
    let _rule = RULES.rule("1-1: a call that fails leaves localStream live");
    let (network, timeline) = (network(), Timeline::new());
    let config = PeerConfig {
        addresses: vec![([192, 0, 2, 1], 0).into()],
        ..PeerConfig::loopback()
    };
    let open = |timeline: &Timeline| Ok(camera(timeline));
    let mut app = App::new(open, config, network.handle().clone(), timeline.clone());
    press(&mut app, Button::Start);
    app.press(Button::Call);
    let refused = wait_for_action(&mut app).expect_err("1-1: no socket on an address of nobody's");
    assert!(matches!(refused, AppError::Call(_)), "{refused:?}");
    assert!(app.enabled() == Some(Button::Call), "{:?}", app.enabled());
    poll_until(&mut app, "a local frame", |app| {
        app.local_video.frame().is_some()
    });
}

#[test]
fn a_source_that_panics_is_an_error_and_the_page_goes_on() {
    let _rule = RULES.rule("1-2: a source that panics is an error, and Start can be pressed again");
    let (network, timeline) = (network(), Timeline::new());
    let mut app = page(&network, &timeline, |_| panic!("on purpose"));
    app.press(Button::Start);
    let error = wait_for_action(&mut app).expect_err("Start cannot succeed");
    assert!(
        matches!(error, AppError::Panicked(Button::Start)),
        "{error:?}"
    );
    assert!(app.enabled() == Some(Button::Start));
}

fn run_headless(app: &mut App, stop: &StopSignal, seconds: Duration) -> Result<(), RunError> {
    let layout = Layout::new(Resolution::VGA);
    run(app, &mut Display::None, &layout, stop, Some(seconds))
}

#[test]
fn without_a_display_the_call_runs_by_itself() {
    let _rule = RUN.rule("without a display Start, Call and Hang Up are pressed by the program");
    let (network, timeline, stop) = (network(), Timeline::new(), StopSignal::new());
    let mut app = page(&network, &timeline, |timeline| Ok(camera(timeline)));
    run_headless(&mut app, &stop, Duration::from_secs(2)).expect("start, call, hang up");
    assert_eq!(stop.reason(), Some(StopReason::TimeIsUp));
    let report = app.report();
    assert_eq!(report.calls.len(), 1);
    assert!(report.calls[0].frames.decoded > 0, "{:?}", report.calls);
    insta::assert_snapshot!(buttons(&timeline), @"app    buttons: Start => busy => Call => busy => Hang Up => busy => Call");
}

#[test]
fn without_a_display_a_source_that_fails_ends_the_program_with_its_error() {
    let _rule = RUN.rule("1-2: without a display a source that fails ends the program");
    let (network, timeline, stop) = (network(), Timeline::new(), StopSignal::new());
    let mut app = page(&network, &timeline, |timeline| {
        Ok(camera_unplugged_in_mid_call(timeline))
    });
    let ended = run_headless(&mut app, &stop, Duration::from_secs(60));
    assert!(matches!(ended, Err(RunError::Source(_))), "{ended:?}");
    assert_eq!(
        app.report().calls.len(),
        1,
        "the call is hung up all the same"
    );
}

#[test]
fn an_interrupt_while_the_source_opens_ends_the_program_before_the_call() {
    let _rule = RUN.rule("1-2: an interrupt ends the track and the program");
    let (network, timeline, stop) = (network(), Timeline::new(), StopSignal::new());
    let interrupt = stop.clone();
    let opened = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&opened);
    let mut app = page(&network, &timeline, move |timeline| {
        interrupt.stop(StopReason::Interrupted);
        noted.store(true, Ordering::Release);
        Ok(camera(timeline))
    });
    run_headless(&mut app, &stop, Duration::from_secs(60)).expect("an interrupt is no error");
    assert!(opened.load(Ordering::Acquire));
    assert!(app.report().calls.is_empty(), "Call was never pressed");
    let states = timeline.to_string();
    assert!(
        states.contains("track: live => ended"),
        "the camera is free again:\n{states}"
    );
}

#[test]
fn a_new_local_frame_alone_is_drawn() {
    let _rule = RULES.rule("the page is drawn anew when one of its two frames changes");
    let (network, timeline) = (network(), Timeline::new());
    let mut app = page(&network, &timeline, |timeline| Ok(camera(timeline)));
    assert!(!app.refresh(Duration::ZERO), "before Start nothing changes");
    press(&mut app, Button::Start);
    let mut attempts = 0..2000;
    assert!(
        attempts.any(|_| app.refresh(Duration::from_millis(5))),
        "localVideo plays, and nobody has called"
    );
}

#[test]
fn the_figures_of_the_last_call_can_be_read_after_hang_up() {
    let _rule =
        RULES.rule("the status shows the figures of the present call, else of the last one");
    let (network, timeline) = (network(), Timeline::new());
    let mut app = page(&network, &timeline, |timeline| Ok(camera(timeline)));
    assert!(app.call_stats().is_none(), "there was no call");
    start_and_call(&mut app);
    let during = app.call_stats().expect("a call goes on");
    press(&mut app, Button::HangUp);
    let after = app.call_stats().expect("there was a call");
    assert!(during.setup.is_some() && after.setup == during.setup);
    assert!(after.frames.decoded >= during.frames.decoded && after.frames.decoded > 0);
}
