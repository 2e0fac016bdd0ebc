//! What `explain` gives back, and how it is printed.

use std::collections::HashMap;
use std::fmt;

use super::line_explanation::{self, LineExplanation};
use super::wrap::{cut, wrap};
use crate::explain::session_description::Line;

/// A terminal of 100 columns, less the 2 by which a heading above sets everything in.
const WIDTH: usize = 98;
const NUMBER: usize = 4;
const INDENT: usize = 8;

/// One line of a description, explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedLine {
    /// The line's number in the description, from 1.
    pub number: usize,
    /// The line as it stands there; control characters are replaced.
    pub text: String,
    /// What the line says, with its values, in plain words.
    pub says: String,
    /// Who put it there.
    pub from: &'static str,
    /// What the other side does with it.
    pub effect: &'static str,
    /// The section of the standard that defines it.
    pub source: &'static str,
}

impl ExplainedLine {
    /// Whether the line is of a kind that is explained here.
    pub fn is_known(&self) -> bool {
        self.source != line_explanation::UNKNOWN
    }
}

/// A whole description, explained. Printed, it is meant for a terminal of 100 columns; what was told of an earlier
/// line is not told again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explanation {
    /// The lines in order.
    pub lines: Vec<ExplainedLine>,
    /// What does not fit together, and what follows from it.
    pub notes: Vec<String>,
    /// Headings, each with the index of the first line below it.
    headings: Vec<(usize, String)>,
}

impl Explanation {
    pub(super) fn begin(&mut self, heading: String) {
        self.headings.push((self.lines.len(), heading));
    }

    pub(super) fn add(&mut self, line: &Line<'_>, explained: LineExplanation) {
        self.lines.push(ExplainedLine {
            number: line.number,
            text: line.text.to_owned(),
            says: explained.says,
            from: explained.from,
            effect: explained.effect,
            source: explained.source,
        });
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first_lines = HashMap::new();
        let mut headings = self.headings.iter().peekable();
        for (index, line) in self.lines.iter().enumerate() {
            if let Some((_, heading)) = headings.next_if(|(first, _)| *first == index) {
                let gap = if index == 0 { "" } else { "\n" };
                writeln!(f, "{gap}{heading}")?;
            }
            let first: &ExplainedLine = first_lines.entry((line.from, line.effect)).or_insert(line);
            line.print(f, first)?;
        }
        if !self.notes.is_empty() {
            writeln!(f, "\nWhat does not fit together")?;
        }
        for note in &self.notes {
            print_hanging(f, "  ! ", note)?;
        }
        Ok(())
    }
}

impl ExplainedLine {
    /// `first` is the first line of which the same was told.
    fn print(&self, f: &mut fmt::Formatter<'_>, first: &Self) -> fmt::Result {
        let mut head = format!("{:>NUMBER$}  ", self.number);
        let margin = NUMBER + 2;
        for piece in cut(&self.text, WIDTH - margin) {
            writeln!(f, "{head:margin$}{}", piece.trim_end())?;
            head.clear();
        }
        if first.number == self.number {
            print_set_in(f, &self.says)?;
            return print_set_in(
                f,
                &format!("From {}. {} ({})", self.from, self.effect, self.source),
            );
        }
        let shared = first
            .source
            .split_inclusive(", ")
            .next()
            .unwrap_or_default();
        let source = match self.source.strip_prefix(shared) {
            _ if first.source == self.source => String::new(),
            Some(rest) => format!("; {rest}"),
            None => format!("; {}", self.source),
        };
        print_set_in(
            f,
            &format!("{} (As line {}{source}.)", self.says, first.number),
        )
    }
}

fn print_set_in(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    print_hanging(f, &" ".repeat(INDENT), text)
}

fn print_hanging(f: &mut fmt::Formatter<'_>, head: &str, text: &str) -> fmt::Result {
    let indent = head.chars().count();
    for (index, line) in wrap(text, WIDTH - indent).iter().enumerate() {
        let margin = if index == 0 { head } else { "" };
        writeln!(f, "{margin:indent$}{line}")?;
    }
    Ok(())
}
