//! Where the video is shown.

pub mod canvas;
mod display_server;
pub mod frame_counts;
pub mod frame_rate;
mod half_blocks;
pub mod playback;
pub mod rgb;
pub mod snapshot;
pub mod terminal;
pub mod video_element;
pub mod window;

use std::fmt;
use std::str::FromStr;

use crate::program::console::Console;
use terminal::TerminalScreen;
use window::Window;

/// `--display`: where to show the video.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// The text is none of the displays.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no display: write auto, window, terminal or none")]
pub struct DisplayChoiceError(String);

impl FromStr for DisplayChoice {
    type Err = DisplayChoiceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            "window" => Ok(Self::Window),
            "terminal" => Ok(Self::Terminal),
            "none" => Ok(Self::None),
            _ => Err(DisplayChoiceError(text.to_owned())),
        }
    }
}

impl fmt::Display for DisplayChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Auto => "auto",
            Self::Window => "window",
            Self::Terminal => "terminal",
            Self::None => "none",
        })
    }
}

/// Why nothing can be shown, or no longer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DisplayError {
    /// The system gives no window.
    #[error("no window: {cause}: start it on a desktop, or use --display terminal or none")]
    NoWindow {
        /// What the system said.
        cause: String,
    },
    /// There is no terminal to draw on.
    #[error("no terminal: {cause}: start it in a terminal, or use --display window or none")]
    NoTerminal {
        /// What is missing.
        cause: String,
    },
    /// The desktop ended while its window was open.
    #[error(
        "the display went away: {server} ended: start it again, or use --display terminal or none"
    )]
    WentAway {
        /// Which display server, as in `X display :0`.
        server: String,
    },
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
    /// Opens what was chosen, and traces what that became and why. A window gets a canvas of `width` and `height`
    /// pixels; the terminal takes what fits. Call it on the main thread: macOS demands that of windows.
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
        let opened = &display;
        tracing::info!("display: {opened}{because}");
        Ok(display)
    }
}

impl fmt::Display for Display {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Window(_) => f.write_str("window"),
            Self::Terminal(_) => f.write_str("terminal"),
            Self::None => f.write_str("none"),
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
                Ok(terminal) => (terminal, Some(no_window.brief())),
                Err(no_terminal) => {
                    let because = format!("{}; {}", no_window.brief(), no_terminal.brief());
                    (Display::None, Some(because))
                }
            },
        }),
    }
}

impl DisplayError {
    /// The cause without the way out, which `auto` found by itself.
    fn brief(&self) -> String {
        match self {
            Self::NoWindow { cause } => format!("no window: {cause}"),
            Self::NoTerminal { cause } => format!("no terminal: {cause}"),
            Self::WentAway { server } => format!("{server} ended"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_window() -> Result<Display, DisplayError> {
        Err(DisplayError::NoWindow {
            cause: "no desktop".to_owned(),
        })
    }

    fn no_terminal() -> Result<Display, DisplayError> {
        Err(DisplayError::NoTerminal {
            cause: "a pipe".to_owned(),
        })
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
    fn every_display_has_a_word_and_prints_as_it() {
        for word in ["auto", "window", "terminal", "none"] {
            let choice: DisplayChoice = word.parse().expect(word);
            assert_eq!(choice.to_string(), word);
            assert_eq!(format!("{choice:>9}"), format!("{word:>9}"), "in a column");
        }
        assert_eq!("none".parse(), Ok(DisplayChoice::None));
        let screen: Result<DisplayChoice, _> = "screen".parse();
        insta::assert_snapshot!(screen.expect_err("no such display"), @r#""screen" is no display: write auto, window, terminal or none"#);
    }

    #[test]
    fn an_open_display_prints_as_what_it_is() {
        let (console, _, _) = Console::for_tests();
        let terminal = Display::Terminal(TerminalScreen::for_tests(&console));
        assert_eq!(terminal.to_string(), "terminal");
        assert_eq!(Display::None.to_string(), "none");
    }

    #[test]
    fn a_display_that_went_away_is_told_in_brief() {
        let error = DisplayError::WentAway {
            server: "X display :0".to_owned(),
        };
        assert_eq!(error.brief(), "X display :0 ended");
    }

    #[test]
    fn none_tries_nothing() {
        assert!(choose(DisplayChoice::None, never, never).is_ok());
    }
}
