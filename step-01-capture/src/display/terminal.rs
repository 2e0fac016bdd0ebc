//! The video in the terminal.

use std::time::{Duration, Instant};

use super::DisplayError;
use super::half_blocks::{ColourDepth, fit, render};
use crate::canvas::{Area, Canvas};
use crate::console::Console;
use crate::video_frame::VideoFrame;

/// At most 15 pictures a second: a terminal is slow, and a far one slower. A little less than 1/15 s, so that every
/// second frame of 30 comes in time.
const PAUSE: Duration = Duration::from_millis(60);

/// Rows that stay free for text above the picture.
const ROWS_FOR_TEXT: usize = 6;

/// Draws video below the text of a [`Console`].
pub struct TerminalScreen {
    console: Console,
    depth: ColourDepth,
    full_size: Canvas,
    shown_at: Option<Instant>,
}

impl TerminalScreen {
    /// Takes the terminal of standard output.
    ///
    /// # Errors
    /// [`DisplayError::NoTerminal`] when standard output is a file or a pipe, or the terminal has no colours.
    pub fn open(console: &Console) -> Result<Self, DisplayError> {
        let variable = |name: &str| std::env::var(name).unwrap_or_default();
        let depth = if console.is_terminal() {
            colour_depth(&variable)
        } else {
            Err("standard output is no terminal".to_owned())
        };
        Ok(Self {
            console: console.clone(),
            depth: depth.map_err(|cause| DisplayError::NoTerminal { cause })?,
            full_size: Canvas::new(0, 0, 0),
            shown_at: None,
        })
    }

    /// Shows a frame with a caption below it, unless the one before is too young. True if it was shown.
    pub fn show(&mut self, frame: &VideoFrame, caption: &str) -> bool {
        if self
            .shown_at
            .is_some_and(|shown_at| shown_at.elapsed() < PAUSE)
        {
            return false;
        }
        self.shown_at = Some(Instant::now());
        let (columns, rows) = match terminal_size::terminal_size() {
            Some((width, height)) if width.0 > 0 && height.0 > 0 => {
                (width.0.into(), height.0.into())
            }
            _ => (80, 24),
        };
        let lines = self.lines(frame, caption, columns, rows);
        self.console.show_picture(lines, columns);
        true
    }

    fn lines(
        &mut self,
        frame: &VideoFrame,
        caption: &str,
        columns: usize,
        rows: usize,
    ) -> Vec<String> {
        let resolution = frame.resolution();
        let (width, height) = (resolution.width(), resolution.height());
        if (self.full_size.width(), self.full_size.height()) != (width, height) {
            self.full_size = Canvas::new(width, height, 0);
        }
        let whole = Area {
            x: 0,
            y: 0,
            width,
            height,
        };
        self.full_size.picture(frame, whole, 0);
        // One row for the caption and one for the cursor.
        let rows = rows.saturating_sub(ROWS_FOR_TEXT + 2).max(1);
        // The last column stays free: writing there wraps the line on some terminals.
        let (across, down) = fit(resolution, columns.saturating_sub(1).max(1), rows);
        let mut lines = render(&self.full_size, across, down, self.depth);
        lines.push(caption.chars().take(columns.saturating_sub(1)).collect());
        lines
    }
}

impl Drop for TerminalScreen {
    fn drop(&mut self) {
        self.console.keep_picture();
    }
}

/// There is no way to ask a terminal that all terminals answer, so the usual variables are read.
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
    Ok(if is_true {
        ColourDepth::True
    } else {
        ColourDepth::Indexed
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
    fn the_terminal_tells_how_many_colours_it_has() {
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
        assert!(depth_of(&[("TERM", "dumb")]).is_err());
    }

    #[test]
    fn the_picture_leaves_room_for_text_and_its_caption_is_cut_at_the_edge() {
        let (console, _, _) = Console::for_tests();
        let mut screen = TerminalScreen {
            console,
            depth: ColourDepth::Indexed,
            full_size: Canvas::new(0, 0, 0),
            shown_at: None,
        };
        let frame = VideoFrame::black(Resolution::VGA);
        let lines = screen.lines(&frame, "a long caption", 10, 24);
        assert!(
            lines.len() <= 24 - ROWS_FOR_TEXT,
            "{} lines of 24",
            lines.len()
        );
        assert_eq!(lines.last().map(String::as_str), Some("a long ca"));
    }
}
