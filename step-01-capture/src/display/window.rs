//! A window of the desktop.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use minifb::{InputCallback, MouseButton, MouseMode, ScaleMode, WindowOptions};

use super::display_error::DisplayError;
use crate::display::canvas::Canvas;
use crate::display::video_element::BACKGROUND;

/// How often to look for keys and the mouse. A button that is pressed and released between two looks is not seen, so
/// this is far shorter than a click of a hand (a script must hold the button for 20 ms). A new video frame does not
/// wait for it.
pub const POLL: Duration = Duration::from_millis(8);

/// The system does not report that another window has covered this one, so the canvas is sent again now and then.
const REPAINT_AFTER: Duration = Duration::from_millis(250);

/// What the reader did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowEvent {
    /// Typed a character, with shift taken into account.
    KeyPressed(char),
    /// Pressed the left button at this pixel of the canvas.
    MouseClicked {
        /// From the left edge.
        x: usize,
        /// From the top edge.
        y: usize,
    },
    /// Closed the window.
    Closed,
}

/// A window that shows a [`Canvas`]. It lives on the main thread.
pub struct Window {
    window: minifb::Window,
    canvas: Canvas,
    typed: Receiver<char>,
    mouse_was_down: bool,
    events: Vec<WindowEvent>,
    shown_at: Option<Instant>,
}

/// Keys come through minifb's callback: a key that is pressed and released between two polls is not lost.
struct Keyboard(SyncSender<char>);

impl InputCallback for Keyboard {
    fn add_char(&mut self, code: u32) {
        if let Some(character) = char::from_u32(code) {
            // Full means that nobody has asked for 64 keys: the others are left out.
            let _ = self.0.try_send(character);
        }
    }
}

impl Window {
    /// Opens a window with a canvas of `width` and `height` pixels.
    ///
    /// # Errors
    /// [`DisplayError::NoWindow`] when there is no desktop, or its libraries are missing.
    pub fn open(title: &str, width: usize, height: usize) -> Result<Self, DisplayError> {
        let options = WindowOptions {
            scale_mode: ScaleMode::UpperLeft,
            ..WindowOptions::default()
        };
        let window = minifb::Window::new(title, width, height, options);
        let mut window = window.map_err(|error| DisplayError::NoWindow(cause(error)))?;
        // The loop waits for frames; minifb's own limiter would sleep after each one.
        window.set_target_fps(0);
        let (keyboard, typed) = sync_channel(64);
        window.set_input_callback(Box::new(Keyboard(keyboard)));
        Ok(Self {
            window,
            canvas: Canvas::new(width, height, BACKGROUND),
            typed,
            mouse_was_down: false,
            events: Vec::new(),
            shown_at: None,
        })
    }

    /// Shows the canvas after `draw` has drawn on it.
    ///
    /// # Errors
    /// [`DisplayError::WindowGone`]. When an X server ends, Xlib ends the process instead, with a line of its own and
    /// exit status 1.
    pub fn show(&mut self, draw: impl FnOnce(&mut Canvas)) -> Result<(), DisplayError> {
        draw(&mut self.canvas);
        let (width, height) = (self.canvas.width(), self.canvas.height());
        self.window
            .update_with_buffer(self.canvas.pixels(), width, height)
            .map_err(|error| DisplayError::WindowGone(cause(error)))?;
        self.shown_at = Some(Instant::now());
        self.collect_events();
        Ok(())
    }

    /// Whether to call [`Window::show`] again although nothing changed, four times a second.
    pub fn wants_repaint(&self) -> bool {
        self.shown_at.is_none_or(|at| at.elapsed() > REPAINT_AFTER)
    }

    /// What the reader did since the last call. Call it every [`POLL`], or the desktop reports that the window does not respond.
    pub fn poll(&mut self) -> Vec<WindowEvent> {
        self.window.update();
        self.collect_events();
        std::mem::take(&mut self.events)
    }

    fn collect_events(&mut self) {
        let typed = self.typed.try_iter().map(WindowEvent::KeyPressed);
        self.events.extend(typed);
        let is_down = self.window.get_mouse_down(MouseButton::Left);
        if is_down
            && !self.mouse_was_down
            && let Some((x, y)) = self.window.get_unscaled_mouse_pos(MouseMode::Discard)
        {
            let (x, y) = (x as usize, y as usize);
            self.events.push(WindowEvent::MouseClicked { x, y });
        }
        self.mouse_was_down = is_down;
        if !self.window.is_open() {
            self.events.push(WindowEvent::Closed);
        }
    }
}

/// minifb's error without its prefix; the usual one becomes plain English.
fn cause(error: minifb::Error) -> String {
    let display = std::env::var("DISPLAY").unwrap_or_default();
    match error {
        minifb::Error::WindowCreate(text) if !text.contains("XOpenDisplay") => text,
        minifb::Error::WindowCreate(_) if display.is_empty() => "DISPLAY is not set".to_owned(),
        minifb::Error::WindowCreate(_) => format!("X display {display} does not answer"),
        minifb::Error::UpdateFailed(text) => text,
        other => other.to_string(),
    }
}
