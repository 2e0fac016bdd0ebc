//! The text that a marked block should have.

use std::fs;
use std::path::Path;

use regex_lite::Regex;

use crate::command::Commands;
use crate::filter::Filter;
use crate::item::items;
use crate::marker::Marker;
use crate::page::Block;

/// What should stand in a block.
pub(crate) struct Excerpt {
    text: String,
    /// For output: how to compare. Code and snapshots are compared to the letter.
    filter: Option<Filter>,
}

impl Excerpt {
    /// The source of a marker; `None` when it has none.
    ///
    /// # Errors
    /// A sentence: the source is not there, the command failed, or the marker asks for what does not exist.
    pub(crate) fn of(
        marker: &Marker,
        root: &Path,
        commands: &Commands,
    ) -> Result<Option<Excerpt>, String> {
        let Some((kind, place)) = marker.source() else {
            return Ok(None);
        };
        let mut text = match kind {
            "from" => code(root, place)?,
            "snapshot" => snapshot(&file(root, place)?),
            _ => {
                let outcome = commands.outcome(place)?;
                outcome.expect_exit(marker.get("exit"))?;
                if kind == "trace" {
                    outcome.stderr
                } else {
                    outcome.stdout
                }
            }
        };
        if let Some(what) = marker.get("skip") {
            text = skip(&text, what)?;
        }
        if let Some(lines) = marker.get("lines") {
            text = part(&text, lines).map_err(|what| format!("{what} in {place}"))?;
        }
        if kind == "from" {
            text = margin(&text);
        }
        let filter = match kind {
            "output" | "trace" => Some(Filter::new(marker.get("ignore").unwrap_or_default())?),
            _ => None,
        };
        let text = text
            .lines()
            .map(str::trim_end)
            .collect::<Vec<_>>()
            .join("\n");
        let text = text.trim_matches('\n').to_owned();
        Ok(Some(Excerpt { text, filter }))
    }

    /// The first line that differs, counted from 1, with what stands there and what should.
    pub(crate) fn difference(&self, text: &str) -> Option<(usize, String, String)> {
        let (stands, should) = match &self.filter {
            Some(filter) => (filter.lines(text), filter.lines(&self.text)),
            None => (plain_lines(text), plain_lines(&self.text)),
        };
        let line =
            |lines: &[String], at: usize| lines.get(at).cloned().unwrap_or("(nothing)".to_owned());
        let longest = stands.len().max(should.len());
        let at = (0..longest).find(|&at| stands.get(at) != should.get(at))?;
        Some((at + 1, line(&stands, at), line(&should, at)))
    }

    /// The block as it should be written, fences included, indented like the block that stands there.
    pub(crate) fn block(&self, block: &Block, old: &str) -> String {
        let indent: String = old.chars().take_while(|c| *c == ' ').collect();
        let runs = self.text.split(|c| c != '`').map(str::len);
        let fence = "`".repeat(runs.max().unwrap_or(0).max(2) + 1);
        let language = match old.lines().next() {
            Some(opening) => opening.trim().trim_matches('`'),
            None => language(&block.marker),
        };
        let mut written = format!("{indent}{fence}{language}\n");
        for line in self.text.lines() {
            written += format!("{indent}{line}").trim_end();
            written.push('\n');
        }
        written + &format!("{indent}{fence}\n")
    }
}

/// For a block that is not there yet.
fn language(marker: &Marker) -> &'static str {
    match marker.source() {
        Some(("from", place)) if place.contains(".rs") => "rust",
        Some(("from", place)) if place.contains(".toml") => "toml",
        _ => "text",
    }
}

fn plain_lines(text: &str) -> Vec<String> {
    text.trim_end()
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

fn file(root: &Path, place: &str) -> Result<String, String> {
    fs::read_to_string(root.join(place)).map_err(|error| format!("cannot read {place}: {error}"))
}

/// `path/file.rs#item` or a whole file.
fn code(root: &Path, place: &str) -> Result<String, String> {
    match place.split_once('#') {
        Some((path, names)) => {
            items(&file(root, path)?, names).map_err(|what| format!("{path} {what}"))
        }
        None => file(root, place),
    }
}

/// insta writes a header between two `---` lines before the snapshot.
fn snapshot(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    match text
        .strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---\n"))
    {
        Some((_, content)) => content.to_owned(),
        None => text,
    }
}

fn skip(text: &str, what: &str) -> Result<String, String> {
    if what != "docs" {
        return Err(format!("cannot skip `{what}`; there is docs"));
    }
    let kept = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("///"));
    Ok(kept.collect::<Vec<_>>().join("\n"))
}

/// `"first" ..= "last"` or `"first" .. "after the last"`; either side may be missing. A line is named by a part of it.
fn part(text: &str, lines: &str) -> Result<String, String> {
    let form = Regex::new(r#"^(?:"(.*?)"\s*)?\.\.(=?)(?:\s*"(.*)")?$"#)
        .map_err(|error| error.to_string())?;
    let Some(parts) = form.captures(lines) else {
        return Err(format!(
            "`lines: {lines}` is not of the form \"first\" ..= \"last\""
        ));
    };
    let all: Vec<&str> = text.lines().collect();
    let find = |from: usize, part: &str| {
        let found = all[from..].iter().position(|line| line.contains(part));
        found
            .map(|at| from + at)
            .ok_or(format!("no line contains \"{part}\""))
    };
    let start = parts
        .get(1)
        .map_or(Ok(0), |first| find(0, first.as_str()))?;
    let inclusive = !parts[2].is_empty();
    let end = match parts.get(3) {
        // `"a" ..= "a"` is one line; `"a" .. "a"` goes on to the next such line.
        Some(last) if inclusive => find(start, last.as_str())? + 1,
        Some(last) => find((start + 1).min(all.len()), last.as_str())?,
        None => all.len(),
    };
    Ok(all[start..end].join("\n"))
}

/// Moves a part of a file to the left margin.
pub(crate) fn margin(text: &str) -> String {
    let filled = text.lines().filter(|line| !line.trim().is_empty());
    let indent = filled
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(0);
    let lines = text
        .lines()
        .map(|line| line.get(indent..).unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}
