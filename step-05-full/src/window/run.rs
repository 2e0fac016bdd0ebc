//! The loop of the main thread: in a window, or without one.

use std::time::{Duration, Instant};

use step_01_capture::SourceError;
use step_01_capture::display::terminal::TerminalScreen;
use step_01_capture::display::window::{POLL, Window, WindowEvent};
use step_01_capture::display::{Display, DisplayError};
use step_01_capture::program::stop_signal::{StopReason, StopSignal};

use crate::app::{App, AppError};
use crate::window::app_window::Layout;
use crate::window::buttons::Button;

/// The figures below the videos are for reading: twice a second is enough.
const STATUS_INTERVAL: Duration = Duration::from_millis(500);

/// How long the program waits for a call to be ended when it ends itself.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the program ended before its time.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The window is gone.
    #[error(transparent)]
    Display(#[from] DisplayError),
    /// A button did not do what it says, and nobody is there to press another one.
    #[error(transparent)]
    App(#[from] AppError),
    /// The source ended by itself.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// Runs the page on `display` until `stop` is raised, then hangs up and stops the local video.
///
/// In a window the reader presses the buttons. Without one they press themselves: Start, Call, and Hang Up after
/// `seconds`.
///
/// # Errors
/// [`RunError`]; the call is hung up and the source closed all the same.
pub fn run(
    app: &mut App,
    display: &mut Display,
    layout: &Layout,
    stop: &StopSignal,
    seconds: Option<Duration>,
) -> Result<(), RunError> {
    let ran = match display {
        Display::Window(window) => {
            if let Some(seconds) = seconds {
                stop.stop_after(seconds);
            }
            in_window(app, window, layout, stop)
        }
        Display::Terminal(screen) => run_headless(app, Some(screen), stop, seconds),
        Display::None => run_headless(app, None, stop, seconds),
    };
    let ended = end_call(app);
    app.stop_local_video();
    ran.and(ended)
}

fn in_window(
    app: &mut App,
    window: &mut Window,
    layout: &Layout,
    stop: &StopSignal,
) -> Result<(), RunError> {
    let mut status = Status::new("S: Start   C: Call   H: Hang Up   Q: Quit");
    let mut draw = true;
    while !stop.is_stopped() {
        for event in window.poll() {
            draw = true;
            match event {
                WindowEvent::Closed | WindowEvent::KeyPressed('q' | 'Q' | '\u{1b}') => {
                    stop.stop(StopReason::WindowClosed);
                }
                WindowEvent::KeyPressed(key) => press(app, Button::of_key(key), &mut status),
                WindowEvent::MouseClicked { x, y } => {
                    press(app, layout.button_at(x, y), &mut status)
                }
            }
        }
        match app.poll() {
            Ok(finished) => draw |= finished,
            Err(error) => status.print_error(error.to_string()),
        }
        draw |= app.refresh(POLL / 2) | status.update(app) | window.wants_repaint();
        if draw {
            window.show(|canvas| {
                layout.draw(
                    canvas,
                    &app.local_video,
                    &app.remote_video,
                    app.enabled(),
                    &status.text,
                );
            })?;
            app.local_video.mark_shown();
            app.remote_video.mark_shown();
            draw = false;
        }
    }
    Ok(())
}

fn press(app: &mut App, button: Option<Button>, status: &mut Status) {
    if let Some(button) = button.filter(|button| app.enabled().has(*button)) {
        status.say(String::new());
        app.press(button);
    }
}

/// Presses Start and Call, and returns after `seconds`.
fn run_headless(
    app: &mut App,
    mut screen: Option<&mut TerminalScreen>,
    stop: &StopSignal,
    seconds: Option<Duration>,
) -> Result<(), RunError> {
    for button in [Button::Start, Button::Call] {
        if !stop.is_stopped() {
            app.press(button);
        }
        while app.is_busy() && !stop.is_stopped() {
            app.refresh(POLL / 2);
            app.poll()?;
        }
    }
    if let Some(seconds) = seconds {
        stop.stop_after(seconds);
    }
    while !stop.is_stopped() {
        if app.refresh(POLL)
            && let (Some(screen), Some(frame)) = (screen.as_mut(), app.remote_video.frame())
        {
            screen.show(frame, &app.remote_video.caption());
        }
        if app.source_failure().is_some() || app.call_failure().is_some() {
            stop.stop(StopReason::Done);
        }
    }
    // A call that failed says so when it is hung up.
    app.source_failure()
        .map_or(Ok(()), |failure| Err(failure.into()))
}

/// Hangs up, whatever else happened.
fn end_call(app: &mut App) -> Result<(), RunError> {
    let patience = Instant::now() + SHUTDOWN_TIMEOUT;
    let mut result = finish(app, patience);
    if app.enabled().has(Button::HangUp) {
        app.press(Button::HangUp);
        result = result.and(finish(app, patience));
    }
    Ok(result?)
}

/// Waits until the button that was pressed last has done its work.
fn finish(app: &mut App, patience: Instant) -> Result<(), AppError> {
    let mut result = Ok(());
    while app.is_busy() && Instant::now() < patience {
        result = result.and(app.poll().map(|_| ()));
        std::thread::sleep(Duration::from_millis(1));
    }
    result
}

/// The line beside the buttons.
struct Status {
    text: String,
    said: String,
    /// What was traced last: hanging up a call that failed tells the same again.
    printed_error: String,
    updated: Option<Instant>,
}

impl Status {
    fn new(said: &str) -> Self {
        Self {
            text: said.to_owned(),
            said: said.to_owned(),
            printed_error: String::new(),
            updated: None,
        }
    }

    /// Shows a sentence until the next button is pressed.
    fn say(&mut self, sentence: String) {
        (self.said, self.updated) = (sentence, None);
    }

    /// Says what went wrong, in the trace as well.
    fn print_error(&mut self, sentence: String) {
        if self.printed_error != sentence {
            tracing::error!(peer = "app", "{sentence}");
            self.printed_error.clone_from(&sentence);
        }
        self.say(sentence);
    }

    /// True if the text changed.
    fn update(&mut self, app: &App) -> bool {
        if self
            .updated
            .is_some_and(|updated| updated.elapsed() < STATUS_INTERVAL)
        {
            return false;
        }
        if let Some(failure) = app.call_failure()
            && self.said != failure
        {
            self.print_error(failure);
        }
        self.updated = Some(Instant::now());
        let text = match (app.source_failure(), app.call_stats()) {
            _ if !self.said.is_empty() => self.said.clone(),
            (Some(failure), _) => failure.to_string(),
            (None, Some(stats)) => stats.status_line(),
            (None, None) => String::new(),
        };
        let changed = text != self.text;
        self.text = text;
        changed
    }
}
