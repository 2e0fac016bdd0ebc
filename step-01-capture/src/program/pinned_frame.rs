//! A picture that stays at the bottom of the terminal.

use std::fmt::Write as _;

/// Hides what happens until [`END_UPDATE`], on terminals that know it ("synchronized output"); others ignore it.
const BEGIN_UPDATE: &str = "\x1b[?2026h";
const END_UPDATE: &str = "\x1b[?2026l";
const HIDE_CURSOR: &str = "\x1b[?25l";
const RELEASE: &str = "\r\x1b[K\x1b[?25h";
/// Clears from the cursor to the end of the line, and of the screen (ECMA-48 EL and ED).
const CLEAR_LINE: &str = "\x1b[K";
const CLEAR_BELOW: &str = "\x1b[J";

/// Knows where the picture is and what to send so that it is erased or drawn. It writes nothing itself.
///
/// The cursor always rests at the start of the line below the picture.
#[derive(Debug, Default)]
pub(crate) struct PinnedFrame {
    lines: Vec<String>,
    /// The terminal's width when the picture was drawn.
    columns: usize,
    /// The program shall end: no further picture may hide the cursor.
    released: bool,
}

impl PinnedFrame {
    pub(crate) fn is_shown(&self) -> bool {
        !self.lines.is_empty()
    }

    /// Draws `lines` in the place of the picture before. Nothing, once the picture was released.
    pub(crate) fn replace(&mut self, lines: Vec<String>, columns: usize) -> String {
        if self.released {
            return String::new();
        }
        let same_place = self.lines.len() == lines.len() && self.columns == columns;
        let back = match (self.is_shown(), same_place) {
            (false, _) => HIDE_CURSOR.to_owned(),
            // Writing over the old rows flickers less than erasing them.
            (true, true) => up(lines.len()),
            (true, false) => self.erase(Some(columns)),
        };
        (self.lines, self.columns) = (lines, columns);
        format!("{BEGIN_UPDATE}{back}{}{END_UPDATE}", self.draw())
    }

    /// Takes the picture off the screen. A terminal that became narrower than `self.columns` has wrapped each row.
    pub(crate) fn erase(&self, columns_now: Option<usize>) -> String {
        let now = columns_now.unwrap_or(self.columns).max(1);
        let rows = self.lines.len() * self.columns.div_ceil(now).max(1);
        format!("{}{CLEAR_BELOW}", up(rows))
    }

    /// Puts the picture where the cursor is.
    pub(crate) fn draw(&self) -> String {
        let mut text = String::new();
        for line in &self.lines {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{line}{CLEAR_LINE}");
        }
        text
    }

    /// Lets the picture become text, shows the cursor, and wipes the `^C` that the terminal may have written there.
    pub(crate) fn release(&mut self) -> &'static str {
        self.released = true;
        if self.is_shown() {
            self.lines.clear();
            return RELEASE;
        }
        ""
    }
}

/// To the start of the line `rows` above (ECMA-48 CPL).
fn up(rows: usize) -> String {
    format!("\x1b[{rows}F")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn the_first_picture_hides_the_cursor() {
        let drawing = PinnedFrame::default().replace(lines("ab cd"), 80);
        insta::assert_snapshot!(drawing.escape_debug(), @r"\u{1b}[?2026h\u{1b}[?25lab\u{1b}[K\ncd\u{1b}[K\n\u{1b}[?2026l");
    }

    #[test]
    fn the_next_picture_is_written_over_the_one_before() {
        let mut picture = PinnedFrame::default();
        picture.replace(lines("ab cd"), 80);
        let drawing = picture.replace(lines("ef gh"), 80);
        insta::assert_snapshot!(drawing.escape_debug(), @r"\u{1b}[?2026h\u{1b}[2Fef\u{1b}[K\ngh\u{1b}[K\n\u{1b}[?2026l");
    }

    #[test]
    fn a_picture_of_another_height_erases_the_one_before() {
        let mut picture = PinnedFrame::default();
        picture.replace(lines("ab cd"), 80);
        let drawing = picture.replace(lines("ef"), 80);
        insta::assert_snapshot!(drawing.escape_debug(), @r"\u{1b}[?2026h\u{1b}[2F\u{1b}[Jef\u{1b}[K\n\u{1b}[?2026l");
    }

    #[test]
    fn a_narrower_terminal_has_wrapped_the_rows_that_are_erased() {
        let mut picture = PinnedFrame::default();
        picture.replace(lines("ab cd"), 80);
        assert_eq!(
            picture.erase(Some(30)),
            "\x1b[6F\x1b[J",
            "two rows in three lines each"
        );
        assert_eq!(
            picture.erase(Some(100)),
            "\x1b[2F\x1b[J",
            "wider wraps nothing"
        );
    }

    #[test]
    fn nothing_is_drawn_after_the_release() {
        let mut picture = PinnedFrame::default();
        picture.replace(lines("ab cd"), 80);
        assert_eq!(picture.release(), RELEASE);
        assert_eq!(picture.replace(lines("ef gh"), 80), "");
        assert_eq!(picture.release(), "", "the cursor is visible already");
    }
}
