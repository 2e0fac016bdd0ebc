//! The loop of the main thread: in a window, or without one.

use std::time::{Duration, Instant};

use step_01_capture::SourceError;
use step_01_capture::display::canvas::Canvas;
use step_01_capture::display::page::{self, Page};
use step_01_capture::display::terminal::TerminalScreen;
use step_01_capture::display::video_element::VideoElement;
use step_01_capture::display::window::{POLL, WindowEvent};
use step_01_capture::display::{Display, DisplayError};
use step_01_capture::program::stop_signal::{StopReason, StopSignal};

use crate::app::{App, AppError};
use crate::window::app_window::Layout;
use crate::window::buttons::Button;

/// The figures beside the buttons are for reading: twice a second is enough.
const STATUS_INTERVAL: Duration = Duration::from_millis(500);

/// How long the program waits for its call to end when it ends itself.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the program ended with an error.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The window is gone.
    #[error(transparent)]
    Display(#[from] DisplayError),
    /// A button did not do what its label says, and there is nobody to press another one.
    #[error(transparent)]
    App(#[from] AppError),
    /// The source ended by itself.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The time of `--seconds` was over before the peers were connected.
    #[error(
        "the peers did not connect before the time was up: -v shows their candidates and checks, --seconds gives them longer"
    )]
    NotConnected,
}

/// Runs the page on `display` until `stop` is raised, then hangs up and stops the local video.
///
/// In a window the reader presses the buttons. Without one the program presses them: Start, Call, and Hang Up after
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
        Display::Window(_) => {
            if let Some(seconds) = seconds {
                stop.stop_after(seconds);
            }
            let status = Status {
                message: Some("S: Start   C: Call   H: Hang Up   Q: Quit".to_owned()),
                text: String::new(),
                updated: None,
            };
            let mut page = WindowPage {
                app,
                layout,
                status,
            };
            page::show(&mut page, display, stop).map_err(RunError::from)
        }
        Display::Terminal(screen) => run_headless(app, Some(screen), stop, seconds),
        Display::None => run_headless(app, None, stop, seconds),
    };
    let ended = end_call(app);
    app.stop_local_video();
    ran?;
    ended?;
    let never_connected = app.call_stats().is_some_and(|call| call.setup.is_none());
    match never_connected && stop.reason() == Some(StopReason::TimeIsUp) {
        true => Err(RunError::NotConnected),
        false => Ok(()),
    }
}

/// The page as the window shows it.
struct WindowPage<'a> {
    app: &'a mut App,
    layout: &'a Layout,
    status: Status,
}

impl Page for WindowPage<'_> {
    fn refresh(&mut self, timeout: Duration) -> bool {
        let changed = self.status.update(self.app);
        self.app.refresh(timeout / 2) || changed
    }

    fn draw(&self, canvas: &mut Canvas) {
        let (local, remote) = (&self.app.local_video, &self.app.remote_video);
        let (enabled, text) = (self.app.enabled(), &self.status.text);
        self.layout.draw(canvas, local, remote, enabled, text);
    }

    fn videos(&mut self) -> Vec<&mut VideoElement> {
        vec![&mut self.app.remote_video, &mut self.app.local_video]
    }

    fn handle(&mut self, event: WindowEvent) {
        match event {
            WindowEvent::KeyPressed(key) => self.app.press(Button::of_key(key)),
            WindowEvent::MouseClicked { x, y } => self.app.press(self.layout.button_at(x, y)),
            WindowEvent::Closed => {}
        }
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
    // The error of a call that failed is returned when it is hung up.
    app.source_failure()
        .map_or(Ok(()), |failure| Err(failure.into()))
}

/// Waits for the action that runs, and hangs up.
fn end_call(app: &mut App) -> Result<(), AppError> {
    let deadline = Instant::now() + SHUTDOWN_TIMEOUT;
    let mut result = Ok(());
    for button in [None, Some(Button::HangUp)] {
        app.press(button);
        while app.is_busy() && Instant::now() < deadline {
            result = result.and(app.poll().map(|_| ()));
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    result
}

/// The line beside the buttons: the figures of the call, or what went wrong.
struct Status {
    /// Shown in the place of the figures, until an action succeeds.
    message: Option<String>,
    text: String,
    updated: Option<Instant>,
}

impl Status {
    /// Takes the result of the action that was running. True if there is anything to draw.
    fn update(&mut self, app: &mut App) -> bool {
        let ended = match app.poll() {
            Ok(ended) => {
                self.message = self.message.take().filter(|_| !ended);
                ended
            }
            Err(error) => {
                self.print_error(error.to_string());
                true
            }
        };
        let is_new = |updated: Instant| updated.elapsed() < STATUS_INTERVAL;
        if !ended && self.updated.is_some_and(is_new) {
            return false;
        }
        if let Some(failure) = app.call_failure() {
            self.print_error(failure);
        }
        self.updated = Some(Instant::now());
        let figures = || app.call_stats().map(|stats| stats.status_line());
        let failure = app.source_failure().map(|failure| failure.to_string());
        let text = self.message.clone().or(failure).or_else(figures);
        let text = text.unwrap_or_default();
        std::mem::replace(&mut self.text, text) != self.text || ended
    }

    /// An error that is shown already is not traced again: hanging up a call that failed returns the same one.
    fn print_error(&mut self, error: String) {
        if self.message.as_ref() != Some(&error) {
            tracing::error!(peer = "app", "{error}");
            self.message = Some(error);
        }
    }
}
