//! Where the video is shown.

pub mod canvas;
mod display_error;
pub mod frame_counts;
mod frame_rate;
mod half_blocks;
pub mod page;
pub mod playback;
pub mod rgb;
pub mod snapshot;
pub mod terminal;
pub mod video_element;
pub mod window;

use crate::program::console::Console;
use terminal::TerminalScreen;
use window::Window;

pub use display_error::DisplayError;

/// `--display`: where to show the video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum DisplayChoice {
    /// A window, else the terminal, else none.
    Auto,
    /// A window.
    Window,
    /// Coloured characters in the terminal.
    Terminal,
    /// Nowhere.
    None,
}

/// An open display.
#[allow(clippy::large_enum_variant)] // There is one in a process.
pub enum Display {
    /// A window of the desktop.
    Window(Window),
    /// The terminal.
    Terminal(TerminalScreen),
    /// Nothing is shown.
    None,
}

impl Display {
    /// Opens what was chosen, and traces which display that is and why. A window gets a canvas of `width` and `height`
    /// pixels; the terminal takes what fits. Call it on the main thread: macOS permits windows nowhere else.
    ///
    /// # Errors
    /// When a window or the terminal was asked for by name and cannot be had. `auto` always succeeds.
    pub fn open(
        choice: DisplayChoice,
        title: &str,
        (width, height): (usize, usize),
        console: &Console,
    ) -> Result<Self, DisplayError> {
        let window = || Window::open(title, width, height).map(Display::Window);
        let terminal = || TerminalScreen::open(console).map(Display::Terminal);
        let (display, because) = choose(choice, window, terminal)?;
        let because = because.map_or(String::new(), |because| format!(" ({because})"));
        let name = display.name();
        tracing::info!(peer = "app", "display: {name}{because}");
        Ok(display)
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Window(_) => "window",
            Self::Terminal(_) => "terminal",
            Self::None => "none",
        }
    }
}

/// The order of `auto`, and the reason when it was not the first.
fn choose(
    choice: DisplayChoice,
    window: impl FnOnce() -> Result<Display, DisplayError>,
    terminal: impl FnOnce() -> Result<Display, DisplayError>,
) -> Result<(Display, Option<String>), DisplayError> {
    match choice {
        DisplayChoice::Window => Ok((window()?, None)),
        DisplayChoice::Terminal => Ok((terminal()?, None)),
        DisplayChoice::None => Ok((Display::None, None)),
        DisplayChoice::Auto => Ok(match window() {
            Ok(window) => (window, None),
            Err(no_window) => match terminal() {
                Ok(terminal) => (terminal, Some(without_hint(&no_window))),
                Err(no_terminal) => {
                    let errors = [no_window, no_terminal].map(|error| without_hint(&error));
                    (Display::None, Some(errors.join("; ")))
                }
            },
        }),
    }
}

/// `auto` has found another display by itself.
fn without_hint(error: &DisplayError) -> String {
    let message = error.to_string();
    match message.rsplit_once(": ") {
        Some((message, _)) => message.to_owned(),
        None => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_window() -> Result<Display, DisplayError> {
        Err(DisplayError::NoWindow("no desktop".to_owned()))
    }

    fn no_terminal() -> Result<Display, DisplayError> {
        Err(DisplayError::NoTerminal("a pipe".to_owned()))
    }

    /// Stands for a display that opens.
    fn opens() -> Result<Display, DisplayError> {
        Ok(Display::None)
    }

    fn never() -> Result<Display, DisplayError> {
        panic!("this display should not be tried")
    }

    #[test]
    fn auto_stops_at_the_first_display_that_opens() {
        let (_, because) = choose(DisplayChoice::Auto, opens, never).expect("auto succeeds");
        assert_eq!(because, None);
    }

    #[test]
    fn auto_says_why_it_took_the_terminal() {
        let (_, because) = choose(DisplayChoice::Auto, no_window, opens).expect("auto succeeds");
        insta::assert_snapshot!(because.unwrap_or_default(), @"no window: no desktop");
    }

    #[test]
    fn auto_without_window_and_terminal_shows_nothing_and_says_why() {
        let chosen = choose(DisplayChoice::Auto, no_window, no_terminal);
        let (display, because) = chosen.expect("auto succeeds");
        assert!(matches!(display, Display::None));
        insta::assert_snapshot!(because.unwrap_or_default(), @"no window: no desktop; no terminal: a pipe");
    }

    #[test]
    fn what_was_asked_for_by_name_opens_or_fails() {
        let window = choose(DisplayChoice::Window, no_window, never).err();
        insta::assert_snapshot!(window.map_or_else(String::new, |e| e.to_string()), @"no window: no desktop: start it on a desktop, or use --display terminal or none");
        let terminal = choose(DisplayChoice::Terminal, never, no_terminal).err();
        insta::assert_snapshot!(terminal.map_or_else(String::new, |e| e.to_string()), @"no terminal: a pipe: start it in a terminal, or use --display window or none");
    }

    #[test]
    fn an_open_display_is_traced_by_its_name() {
        let (console, _, _) = Console::for_tests();
        let terminal = Display::Terminal(TerminalScreen::for_tests(&console));
        assert_eq!(terminal.name(), "terminal");
        assert_eq!(Display::None.name(), "none");
    }

    #[test]
    fn none_tries_nothing() {
        assert!(choose(DisplayChoice::None, never, never).is_ok());
    }
}
