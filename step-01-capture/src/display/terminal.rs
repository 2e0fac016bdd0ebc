//! The video in the terminal.

use std::time::{Duration, Instant};

use terminal_size::{Height, Width};

use super::display_error::DisplayError;
use super::half_blocks::{ColourDepth, fit, render};
use crate::display::canvas::{Area, Canvas};
use crate::program::console::Console;
use crate::video_frame::VideoFrame;

/// At most 15 frames a second: a terminal is slow, and a remote one slower. A little less than 1/15 s, so that every
/// second frame of 30 comes in time.
const PAUSE: Duration = Duration::from_millis(60);

/// How to end, before the caption: a narrow terminal cuts the end of the line.
const HOW_TO_END: &str = if cfg!(unix) {
    "Q: quit   "
} else {
    "Ctrl-C: quit   "
};

/// Rows that stay free for text above the video.
const ROWS_FOR_TEXT: usize = 6;

/// Shows video below the text of a [`Console`].
pub struct TerminalScreen {
    console: Console,
    depth: ColourDepth,
    shown_at: Option<Instant>,
}

impl TerminalScreen {
    /// Takes the terminal of standard output.
    ///
    /// # Errors
    /// [`DisplayError::NoTerminal`] when standard output is a file or a pipe, or the terminal has no colours.
    pub fn open(console: &Console) -> Result<Self, DisplayError> {
        let variable = |name: &str| std::env::var(name).unwrap_or_default();
        let depth = match console.is_terminal() {
            true => colour_depth(&variable),
            false => Err("standard output is no terminal".to_owned()),
        };
        Ok(Self {
            console: console.clone(),
            depth: depth.map_err(DisplayError::NoTerminal)?,
            shown_at: None,
        })
    }

    /// Shows a frame with a caption below it, unless the last one was shown a moment ago. True if it was shown.
    pub fn show(&mut self, frame: &VideoFrame, caption: &str) -> bool {
        if self.shown_at.is_some_and(|at| at.elapsed() < PAUSE) {
            return false;
        }
        self.shown_at = Some(Instant::now());
        let (columns, rows) = columns_and_rows(terminal_size::terminal_size());
        let lines = self.lines(frame, caption, columns, rows);
        self.console.show_frame(lines, columns);
        true
    }

    fn lines(&self, frame: &VideoFrame, caption: &str, columns: usize, rows: usize) -> Vec<String> {
        let resolution = frame.resolution();
        let whole = Area::new(0, 0, resolution.width(), resolution.height());
        let mut canvas = Canvas::new(whole.width, whole.height, 0);
        canvas.draw_frame(frame, whole, 0);
        // One row for the caption and one for the cursor.
        let rows = rows.saturating_sub(ROWS_FOR_TEXT + 2).max(1);
        // The last column stays free: writing there wraps the line on some terminals.
        let (across, down) = fit(resolution, columns.saturating_sub(1).max(1), rows);
        let mut lines = render(&canvas, across, down, self.depth);
        let caption = HOW_TO_END.chars().chain(caption.chars());
        lines.push(caption.take(columns.saturating_sub(1)).collect());
        lines
    }
}

impl Drop for TerminalScreen {
    fn drop(&mut self) {
        self.console.release_frame();
    }
}

/// A terminal that does not know its size reports 0, or nothing: 80x24 is what most begin with.
fn columns_and_rows(size: Option<(Width, Height)>) -> (usize, usize) {
    let size = size.filter(|(width, height)| width.0 > 0 && height.0 > 0);
    size.map_or((80, 24), |(width, height)| {
        (width.0.into(), height.0.into())
    })
}

/// There is no query that every terminal answers, so the usual variables are read.
fn colour_depth(variable: &dyn Fn(&str) -> String) -> Result<ColourDepth, String> {
    let term = variable("TERM");
    if term == "dumb" {
        return Err("TERM is dumb: it has no colours".to_owned());
    }
    let colorterm = variable("COLORTERM");
    let is_true = matches!(colorterm.as_str(), "truecolor" | "24bit")
        || term.ends_with("-direct")
        // Windows Terminal has them; tmux takes them and turns them into what its own terminal has.
        || ["WT_SESSION", "TMUX"].iter().any(|name| !variable(name).is_empty());
    Ok(match is_true {
        true => ColourDepth::True,
        false => ColourDepth::Indexed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Resolution;

    fn depth_of(settings: &[(&str, &str)]) -> Result<ColourDepth, String> {
        let find = |name: &str| settings.iter().find(|(n, _)| *n == name);
        colour_depth(&|name| find(name).map_or_else(String::new, |(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_variables_say_how_many_colours_the_terminal_has() {
        let xterm = ("TERM", "xterm-256color");
        assert_eq!(depth_of(&[xterm]), Ok(ColourDepth::Indexed));
        assert_eq!(
            depth_of(&[xterm, ("COLORTERM", "truecolor")]),
            Ok(ColourDepth::True)
        );
        assert_eq!(
            depth_of(&[("TERM", "screen"), ("TMUX", "/tmp/tmux")]),
            Ok(ColourDepth::True)
        );
        assert_eq!(depth_of(&[("TERM", "xterm-direct")]), Ok(ColourDepth::True));
        assert_eq!(
            depth_of(&[xterm, ("WT_SESSION", "1")]),
            Ok(ColourDepth::True),
            "Windows Terminal"
        );
        assert!(depth_of(&[("TERM", "dumb")]).is_err());
    }

    impl TerminalScreen {
        /// A screen with 256 colours on whatever the console writes to.
        pub(crate) fn for_tests(console: &Console) -> TerminalScreen {
            TerminalScreen {
                console: console.clone(),
                depth: ColourDepth::Indexed,
                shown_at: None,
            }
        }
    }

    #[test]
    fn a_terminal_that_does_not_know_its_size_is_taken_for_80x24() {
        let size = |columns, rows| columns_and_rows(Some((Width(columns), Height(rows))));
        assert_eq!(size(120, 50), (120, 50));
        assert_eq!(size(1, 1), (1, 1));
        assert_eq!(size(0, 50), (80, 24));
        assert_eq!(size(120, 0), (80, 24));
        assert_eq!(columns_and_rows(None), (80, 24));
    }

    #[test]
    fn a_frame_that_follows_too_soon_is_left_out() {
        let (console, output, _) = Console::for_tests();
        let mut screen = TerminalScreen::for_tests(&console);
        let frame = VideoFrame::black(Resolution::VGA);
        assert!(screen.show(&frame, "first"), "nothing was shown before");
        screen.shown_at = Some(Instant::now() + PAUSE);
        assert!(!screen.show(&frame, "too soon"));
        screen.shown_at = Instant::now().checked_sub(PAUSE);
        assert!(screen.show(&frame, "in time"));
        let text = output.text();
        assert!(text.contains("first") && text.contains("in time"), "{text}");
        assert!(!text.contains("too soon"), "{text}");
    }

    #[test]
    fn a_screen_that_is_closed_shows_the_cursor_again() {
        let (console, output, _) = Console::for_tests();
        let mut screen = TerminalScreen::for_tests(&console);
        screen.show(&VideoFrame::black(Resolution::VGA), "caption");
        drop(screen);
        assert!(output.text().ends_with("\x1b[?25h"), "the cursor is hidden");
    }

    #[test]
    fn the_frame_has_its_own_colours_and_fills_the_columns_but_the_last() {
        let (console, _, _) = Console::for_tests();
        let screen = TerminalScreen::for_tests(&console);
        let mut frame = VideoFrame::black(Resolution::VGA);
        frame.planes_mut().y[..640 * 240].fill(235);
        let lines = screen.lines(&frame, "", 9, 24);
        let rows: Vec<String> = lines[..lines.len() - 1]
            .iter()
            .map(|line| line.escape_debug().to_string())
            .collect();
        insta::assert_snapshot!(rows.join("\n"), @r"
        \u{1b}[38;5;231;48;5;231m▀▀▀▀▀▀▀▀\u{1b}[0m
        \u{1b}[38;5;231;48;5;16m▀▀▀▀▀▀▀▀\u{1b}[0m
        \u{1b}[38;5;16;48;5;16m▀▀▀▀▀▀▀▀\u{1b}[0m
        ");
        let lines = screen.lines(&frame, "", 200, 24);
        assert_eq!(
            lines.len(),
            24 - ROWS_FOR_TEXT - 1,
            "the height is the limit"
        );
    }

    #[test]
    fn the_frame_leaves_room_for_text_and_its_caption_is_cut_at_the_edge() {
        let (console, _, _) = Console::for_tests();
        let screen = TerminalScreen::for_tests(&console);
        let frame = VideoFrame::black(Resolution::VGA);
        let lines = screen.lines(&frame, "a long caption", 10, 24);
        assert!(
            lines.len() <= 24 - ROWS_FOR_TEXT,
            "{} lines of 24",
            lines.len()
        );
        let ends = format!("{HOW_TO_END}a long caption");
        assert_eq!(lines.last().map(String::as_str), ends.get(..9));
    }
}
