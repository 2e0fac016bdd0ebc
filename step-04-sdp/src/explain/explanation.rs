//! What `explain` returns, and how it is printed.

use std::collections::HashMap;
use std::fmt;

use super::explained_line::ExplainedLine;
use super::wrapped_text::wrap;
use crate::explain::session_description::Line;

/// A terminal of 100 columns, without the 2 by which a heading indents everything.
const WIDTH: usize = 98;
/// Where the lines of the description begin, after their numbers.
const LINE_INDENT: usize = 6;
const TEXT_INDENT: usize = 8;

/// A whole description, explained. It prints for a terminal of 100 columns, with `{:#}` in lines as long as they are, and
/// refers to an earlier line instead of repeating it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explanation {
    /// The lines in order.
    pub lines: Vec<ExplainedLine>,
    /// Which lines do not fit together, and what follows from it.
    pub notes: Vec<String>,
    /// Headings, each with the index of the first line below it.
    headings: Vec<(usize, String)>,
}

impl Explanation {
    pub(super) fn begin(&mut self, heading: String) {
        self.headings.push((self.lines.len(), heading));
    }

    pub(super) fn add(&mut self, line: &Line<'_>, explained: ExplainedLine) {
        self.lines.push(ExplainedLine {
            number: line.number,
            line: line.text.to_owned(),
            ..explained
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
            let number = format!("{:>4}  ", line.number);
            print(f, &number, LINE_INDENT, &line.line, &[' ', ':', ';', ','])?;
            let first: &ExplainedLine = first_lines
                .entry((line.written_by, line.effect))
                .or_insert(line);
            if first.number == line.number {
                print(f, "", TEXT_INDENT, &line.text, &[' '])?;
                print(f, "", TEXT_INDENT, &line.details(), &[' '])?;
            } else {
                let text = format!("{} (See {}.)", line.text, line.reference(first));
                print(f, "", TEXT_INDENT, &text, &[' '])?;
            }
        }
        if !self.notes.is_empty() {
            writeln!(f, "\nWhat does not fit together")?;
        }
        for note in &self.notes {
            print(f, "  ! ", 4, note, &[' '])?;
        }
        Ok(())
    }
}

impl ExplainedLine {
    fn details(&self) -> String {
        let writer = match self.written_by {
            "" => String::new(),
            writer => format!("Written by {writer}. "),
        };
        format!("{writer}{} ({})", self.effect, self.source)
    }

    /// The first line with the same writer and effect, and what its source leaves out.
    fn reference(&self, first: &Self) -> String {
        let mut reference = format!("line {}", first.number);
        for source in self
            .source
            .split(", ")
            .filter(|it| !first.source.contains(it))
        {
            reference += ", ";
            reference += source;
        }
        reference
    }
}

/// Prints `text` wrapped and indented; `margin` goes before its first line.
fn print(
    f: &mut fmt::Formatter<'_>,
    margin: &str,
    indent: usize,
    text: &str,
    separators: &[char],
) -> fmt::Result {
    let width = match f.alternate() {
        true => usize::MAX,
        false => WIDTH - indent,
    };
    for (index, line) in wrap(text, width, separators).iter().enumerate() {
        let margin = if index == 0 { margin } else { "" };
        writeln!(f, "{margin:indent$}{line}")?;
    }
    Ok(())
}
