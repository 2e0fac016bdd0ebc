//! A page, and what the checks want to know of it.

use std::collections::HashSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::marker::Marker;

/// A page of the book, read once.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// Where it is, from the root of the repository.
    pub(crate) path: PathBuf,
    /// The whole text.
    pub(crate) text: String,
    /// The headings, in order.
    pub(crate) headings: Vec<Heading>,
    /// Every anchor that a link can name.
    pub(crate) anchors: HashSet<String>,
    /// The links and images.
    pub(crate) links: Vec<Link>,
    /// The code blocks, and the places where one is still missing.
    pub(crate) blocks: Vec<Block>,
    /// The messages that the page quotes, with their lines.
    pub(crate) messages: Vec<(usize, String)>,
    /// The fingerprint of the English page that this page was made from, with its line.
    pub(crate) translated_from: Option<(usize, String)>,
    /// What is wrong with the page by itself.
    pub(crate) failures: Vec<Failure>,
}

/// A heading.
#[derive(Debug)]
pub(crate) struct Heading {
    /// Its line, from 1.
    pub(crate) line: usize,
    /// 1 to 6.
    pub(crate) level: usize,
    /// Its text without markup.
    pub(crate) text: String,
}

/// A link or an image.
#[derive(Debug)]
pub(crate) struct Link {
    /// Its line, from 1.
    pub(crate) line: usize,
    /// As it is written.
    pub(crate) target: String,
}

/// A code block with the comments before it.
#[derive(Debug)]
pub(crate) struct Block {
    /// What the comments say.
    pub(crate) marker: Marker,
    /// The line of the opening fence, or of the marker when there is no block yet.
    pub(crate) line: usize,
    /// The first word after the fence.
    pub(crate) language: String,
    /// What is inside, without indentation. `None`: the marker has no block yet.
    pub(crate) text: Option<String>,
    /// The bytes from the start of the fence's line to the end of the block; empty when there is none yet.
    pub(crate) range: Range<usize>,
}

impl Block {
    /// What stands in a line of its own in a block of commands, with its line; `Err` for what is no command.
    pub(crate) fn commands(&self) -> impl Iterator<Item = (usize, Result<&str, &str>)> {
        let console = self.language == "console";
        let is_shell = matches!(self.language.as_str(), "sh" | "bash" | "shell");
        let text = self.text.as_deref().filter(|_| console || is_shell);
        let lines = text.unwrap_or_default().lines().enumerate();
        let commands = lines.map(move |(number, line)| {
            let command = match line.trim().strip_prefix("$ ") {
                Some(command) => Ok(command),
                None if console => Err(line.trim()),
                None => Ok(line.trim()),
            };
            (self.line + 1 + number, command)
        });
        commands.filter(|(_, line)| !matches!(line, Ok(line) | Err(line) if line.is_empty() || line.starts_with('#')))
    }

    /// The commands that the check of this block needs.
    pub(crate) fn runs(&self) -> Vec<&str> {
        match self.marker.source() {
            Some(("output" | "trace", command)) => vec![command],
            None if self.marker.get("not run").is_none() => self
                .commands()
                .filter_map(|(_, command)| command.ok())
                .collect(),
            _ => Vec::new(),
        }
    }
}

impl Page {
    /// The line of a byte, from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        1 + self.text[..offset].matches('\n').count()
    }

    /// Notes something wrong in a line of this page.
    pub(crate) fn failure(&self, line: usize, what: impl Into<String>) -> Failure {
        Failure {
            page: self.path.clone(),
            line,
            what: what.into(),
        }
    }

    /// The folder of the page, from the root of the repository.
    pub(crate) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// The page's text with the blocks that are filled in taken out and spaces evened: what a translator works from.
    pub(crate) fn fingerprint(&self) -> String {
        let mut text = self.text.clone();
        for block in self.blocks.iter().rev() {
            if block.marker.source().is_some() {
                text.replace_range(block.range.clone(), "");
            }
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        format!("{:08x}", crc32fast::hash(words.join(" ").as_bytes()))
    }
}
