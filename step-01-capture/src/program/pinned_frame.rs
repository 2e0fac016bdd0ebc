//! A frame that stays at the bottom of the terminal.

/// Until [`END_UPDATE`], a terminal with "synchronized output" shows nothing of what it draws; others ignore it.
const BEGIN_UPDATE: &str = "\x1b[?2026h";
const END_UPDATE: &str = "\x1b[?2026l";
const HIDE_CURSOR: &str = "\x1b[?25l";
const RELEASE: &str = "\r\x1b[K\x1b[?25h";
/// Clears from the cursor to the end of the line, and of the screen (ECMA-48 EL and ED).
const CLEAR_LINE: &str = "\x1b[K";
const CLEAR_BELOW: &str = "\x1b[J";

/// Returns the text that draws or erases the frame. It writes nothing itself.
///
/// The cursor always stays at the start of the line below the frame.
#[derive(Debug, Default)]
pub(super) struct PinnedFrame {
    lines: Vec<String>,
    /// The terminal's width when the frame was drawn.
    columns: usize,
    /// The program shall end: no further frame may hide the cursor.
    released: bool,
}

impl PinnedFrame {
    pub(super) fn is_shown(&self) -> bool {
        !self.lines.is_empty()
    }

    /// Draws `lines` over the frame before, which flickers less than erasing it. Nothing, once it was released.
    pub(super) fn replace(&mut self, lines: Vec<String>, columns: usize) -> String {
        if self.released {
            return String::new();
        }
        let start = match self.is_shown() {
            true => self.to_first_row(columns),
            false => HIDE_CURSOR.to_owned(),
        };
        (self.lines, self.columns) = (lines, columns);
        let frame = self.draw();
        format!("{BEGIN_UPDATE}{start}{frame}{CLEAR_BELOW}{END_UPDATE}")
    }

    /// Removes the frame from a terminal that has so many columns now.
    pub(super) fn erase(&self, columns: usize) -> String {
        self.to_first_row(columns) + CLEAR_BELOW
    }

    /// Draws the frame where the cursor is.
    pub(super) fn draw(&self) -> String {
        let lines = self.lines.iter();
        lines.map(|line| format!("{line}{CLEAR_LINE}\n")).collect()
    }

    /// Leaves the frame as text, shows the cursor, and clears the `^C` that the terminal may have written there.
    pub(super) fn release(&mut self) -> &'static str {
        self.released = true;
        match std::mem::take(&mut self.lines).is_empty() {
            true => "",
            false => RELEASE,
        }
    }

    /// Moves the cursor up (ECMA-48 CPL). A terminal that became narrower has wrapped each row.
    fn to_first_row(&self, columns: usize) -> String {
        let rows = self.lines.len() * self.columns.div_ceil(columns.max(1));
        format!("\x1b[{rows}F")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn the_first_frame_hides_the_cursor() {
        let drawing = PinnedFrame::default().replace(lines("ab cd"), 80);
        insta::assert_snapshot!(drawing.escape_debug(), @r"\u{1b}[?2026h\u{1b}[?25lab\u{1b}[K\ncd\u{1b}[K\n\u{1b}[J\u{1b}[?2026l");
    }

    #[test]
    fn the_next_frame_is_written_over_the_one_before() {
        let mut frame = PinnedFrame::default();
        frame.replace(lines("ab cd"), 80);
        let drawing = frame.replace(lines("ef gh"), 80);
        insta::assert_snapshot!(drawing.escape_debug(), @r"\u{1b}[?2026h\u{1b}[2Fef\u{1b}[K\ngh\u{1b}[K\n\u{1b}[J\u{1b}[?2026l");
    }

    #[test]
    fn a_frame_of_another_height_erases_the_one_before() {
        let mut frame = PinnedFrame::default();
        frame.replace(lines("ab cd"), 80);
        let drawing = frame.replace(lines("ef"), 80);
        insta::assert_snapshot!(drawing.escape_debug(), @r"\u{1b}[?2026h\u{1b}[2Fef\u{1b}[K\n\u{1b}[J\u{1b}[?2026l");
    }

    #[test]
    fn a_narrower_terminal_has_wrapped_the_rows_that_are_erased() {
        let mut frame = PinnedFrame::default();
        frame.replace(lines("ab cd"), 80);
        assert_eq!(
            frame.erase(30),
            "\x1b[6F\x1b[J",
            "two rows in three lines each"
        );
        assert_eq!(frame.erase(100), "\x1b[2F\x1b[J", "wider wraps nothing");
    }

    #[test]
    fn nothing_is_drawn_after_the_release() {
        let mut frame = PinnedFrame::default();
        frame.replace(lines("ab cd"), 80);
        assert_eq!(frame.release(), RELEASE);
        assert_eq!(frame.replace(lines("ef gh"), 80), "");
        assert_eq!(frame.release(), "", "the cursor is visible already");
    }
}
