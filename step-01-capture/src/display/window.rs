//! A window of the desktop.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use minifb::{InputCallback, MouseButton, MouseMode, ScaleMode, WindowOptions};

use super::DisplayError;
use super::display_server::DisplayServer;
use crate::display::canvas::Canvas;

/// How often to look for keys and the mouse. A button that is pressed and released between two looks is not seen, so
/// this is far shorter than a click of a hand (a script must hold the button for 20 ms). A new video frame does not
/// wait for it.
pub const POLL: Duration = Duration::from_millis(8);

/// Nobody tells that another window has covered this one, so the picture is sent again now and then.
const REPAINT_AFTER: Duration = Duration::from_millis(250);

/// What the reader did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowEvent {
    /// Typed a character, as it is on the keyboard's cap and shift.
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
    /// None only while it is being dropped.
    window: Option<minifb::Window>,
    server: Option<DisplayServer>,
    size: (usize, usize),
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
            // Full means that nobody has asked for 64 keys: the rest may go.
            let _ = self.0.try_send(character);
        }
    }
}

impl Window {
    /// Opens a window for a canvas of `width` and `height` pixels.
    ///
    /// # Errors
    /// [`DisplayError::NoWindow`] when there is no desktop, or its libraries are missing.
    pub fn open(title: &str, width: usize, height: usize) -> Result<Self, DisplayError> {
        let server = DisplayServer::connect();
        let options = WindowOptions {
            scale_mode: ScaleMode::UpperLeft,
            ..WindowOptions::default()
        };
        let mut window = minifb::Window::new(title, width, height, options).map_err(|error| {
            DisplayError::NoWindow {
                cause: cause(&error),
            }
        })?;
        // Our loop waits for frames; minifb's own limiter would sleep after each one.
        window.set_target_fps(0);
        let (keyboard, typed) = sync_channel(64);
        window.set_input_callback(Box::new(Keyboard(keyboard)));
        Ok(Self {
            window: Some(window),
            server,
            size: (width, height),
            typed,
            mouse_was_down: false,
            events: Vec::new(),
            shown_at: None,
        })
    }

    /// Width and height of the canvas for which it was opened.
    pub fn size(&self) -> (usize, usize) {
        self.size
    }

    /// Shows the canvas now.
    ///
    /// # Errors
    /// [`DisplayError::WentAway`] when the desktop ended.
    pub fn show(&mut self, canvas: &Canvas) -> Result<(), DisplayError> {
        self.check()?;
        if let Some(window) = &mut self.window {
            let (width, height) = (canvas.width(), canvas.height());
            // Its one error is a buffer of the wrong size; a canvas is always whole.
            let _ = window.update_with_buffer(canvas.pixels(), width, height);
        }
        self.shown_at = Some(Instant::now());
        self.gather();
        Ok(())
    }

    /// Whether to call [`Window::show`] again although nothing changed, four times a second.
    pub fn wants_repaint(&self) -> bool {
        self.shown_at
            .is_none_or(|shown_at| shown_at.elapsed() > REPAINT_AFTER)
    }

    /// What the reader did since the last call. Call it every [`POLL`], or the desktop takes the window for dead.
    ///
    /// # Errors
    /// [`DisplayError::WentAway`] when the desktop ended.
    pub fn poll(&mut self) -> Result<Vec<WindowEvent>, DisplayError> {
        self.check()?;
        if let Some(window) = &mut self.window {
            window.update();
        }
        self.gather();
        Ok(std::mem::take(&mut self.events))
    }

    fn check(&mut self) -> Result<(), DisplayError> {
        if let Some(server) = &mut self.server
            && server.has_ended()
        {
            let server = server.name().to_owned();
            return Err(DisplayError::WentAway { server });
        }
        Ok(())
    }

    fn gather(&mut self) {
        let Some(window) = &self.window else { return };
        let typed = self.typed.try_iter().map(WindowEvent::KeyPressed);
        self.events.extend(typed);
        let is_down = window.get_mouse_down(MouseButton::Left);
        if is_down
            && !self.mouse_was_down
            && let Some((x, y)) = window.get_unscaled_mouse_pos(MouseMode::Discard)
        {
            let (x, y) = (x as usize, y as usize);
            self.events.push(WindowEvent::MouseClicked { x, y });
        }
        self.mouse_was_down = is_down;
        if !window.is_open() {
            self.events.push(WindowEvent::Closed);
        }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        if self.check().is_err() {
            // Closing a window tells the server, and Xlib would end the process for that.
            std::mem::forget(self.window.take());
        }
    }
}

/// minifb's error without its prefix, with the usual cause in plain words.
fn cause(error: &minifb::Error) -> String {
    match error {
        minifb::Error::WindowCreate(said) if said.contains("XOpenDisplay") => {
            match std::env::var("DISPLAY") {
                Ok(display) if !display.is_empty() => {
                    format!("X display {display} does not answer")
                }
                _ => "DISPLAY is not set".to_owned(),
            }
        }
        minifb::Error::WindowCreate(said) => said.clone(),
        other => other.to_string(),
    }
}
