//! All pages together.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::command::Commands;
use crate::excerpt::Excerpt;
use crate::failure::Failure;
use crate::link;
use crate::message::Messages;
use crate::page::{Block, Page};
use crate::reader::read;
use crate::translation::{differences, other_language};

/// The pages of a repository: `README.md`, `docs/*.md`, `docs/en/*.md` and `docs/ko/*.md`.
pub struct Book {
    root: PathBuf,
    pages: Vec<Page>,
}

/// What a check found.
#[derive(Debug, Default)]
pub struct Report {
    /// Where a page is wrong.
    pub failures: Vec<Failure>,
    /// Commands that were not run, with the reasons that the pages give.
    pub skipped: Vec<Failure>,
}

impl Book {
    /// Reads every page.
    ///
    /// # Errors
    /// A page cannot be read.
    pub fn open(root: &Path) -> io::Result<Book> {
        let mut paths = vec![PathBuf::from("README.md")];
        for folder in ["docs", "docs/en", "docs/ko"] {
            let entries = fs::read_dir(root.join(folder))
                .into_iter()
                .flatten()
                .flatten();
            paths.extend(entries.map(|entry| Path::new(folder).join(entry.file_name())));
        }
        paths.retain(|path| {
            path.extension().is_some_and(|end| end == "md") && root.join(path).exists()
        });
        paths.sort();
        let open = |path: PathBuf| Ok(read(&path, fs::read_to_string(root.join(&path))?));
        Ok(Book {
            root: root.to_owned(),
            pages: paths.into_iter().map(open).collect::<io::Result<_>>()?,
        })
    }

    /// The pages with these ends of their paths, or all when there are none.
    fn selected<'a>(&'a self, only: &'a [PathBuf]) -> impl Iterator<Item = &'a Page> {
        let wanted =
            |page: &&Page| only.is_empty() || only.iter().any(|end| page.path.ends_with(end));
        self.pages.iter().filter(wanted)
    }

    /// Runs what the pages need, all together: most programs wait for most of their time.
    fn run(&self, only: &[PathBuf], commands: &mut Commands) {
        let blocks = self.selected(only).flat_map(|page| &page.blocks);
        commands.run(blocks.flat_map(Block::runs));
    }

    /// Writes every marked block that is missing or differs from its source; gives the pages that changed.
    ///
    /// # Errors
    /// A page cannot be written.
    pub fn fill(&self, only: &[PathBuf], commands: &mut Commands) -> io::Result<Vec<PathBuf>> {
        self.run(only, commands);
        let mut written = Vec::new();
        for page in self.selected(only) {
            let mut text = page.text.clone();
            for block in page.blocks.iter().rev() {
                // A source that cannot be read is the check's to report.
                let Ok(Some(excerpt)) = Excerpt::of(&block.marker, &self.root, commands) else {
                    continue;
                };
                if block
                    .text
                    .as_ref()
                    .is_none_or(|text| excerpt.difference(text).is_some())
                {
                    let block_text = excerpt.block(block, &page.text[block.range.clone()]);
                    text.replace_range(block.range.clone(), &block_text);
                }
            }
            if text != page.text {
                fs::write(self.root.join(&page.path), text)?;
                written.push(page.path.clone());
            }
        }
        Ok(written)
    }

    /// Notes in a Korean page which English page it was made from.
    ///
    /// # Errors
    /// A page cannot be written.
    pub fn stamp(&self, only: &[PathBuf]) -> io::Result<Vec<PathBuf>> {
        let mut written = Vec::new();
        for page in self.selected(only) {
            let Some(english) = self.page_in(page, "ko", "en") else {
                continue;
            };
            let stamp = format!("<!-- translated from: {} -->", english.fingerprint());
            let mut lines: Vec<&str> = page.text.lines().collect();
            match page.translated_from {
                Some((line, _)) => lines[line - 1] = &stamp,
                None => lines.splice(0..0, [stamp.as_str(), ""]).for_each(drop),
            }
            fs::write(self.root.join(&page.path), lines.join("\n") + "\n")?;
            written.push(page.path.clone());
        }
        Ok(written)
    }

    /// Compares the pages with the project.
    pub fn check(&self, only: &[PathBuf], commands: &mut Commands) -> Report {
        self.run(only, commands);
        let messages = Messages::read(&self.root);
        let by_path: HashMap<PathBuf, &Page> = self
            .pages
            .iter()
            .map(|page| (page.path.clone(), page))
            .collect();
        let mut report = Report::default();
        for page in self.selected(only) {
            let failures = &mut report.failures;
            failures.extend(page.failures.iter().cloned());
            failures.extend(link::dead_links(&self.root, &by_path, page));
            let not_found = page
                .messages
                .iter()
                .filter(|(_, message)| !messages.has(message));
            failures.extend(not_found.map(|(line, message)| {
                page.failure(
                    *line,
                    format!("no string in the code makes the message `{message}`"),
                )
            }));
            failures.extend(self.translation(page));
            failures.extend(self.unlisted(page));
            for block in &page.blocks {
                report.block(page, block, &self.root, commands);
            }
        }
        report.failures.sort();
        report
    }

    fn page_in(&self, page: &Page, from: &str, to: &str) -> Option<&Page> {
        let path = other_language(&page.path, from, to)?;
        self.pages.iter().find(|page| page.path == path)
    }

    fn translation(&self, page: &Page) -> Vec<Failure> {
        if let Some(english) = self.page_in(page, "ko", "en") {
            return differences(page, english);
        }
        let missing = |from, to| {
            let path = other_language(&page.path, from, to)?;
            let found = self.pages.iter().any(|page| page.path == path);
            (!found).then(|| page.failure(1, format!("there is no {}", path.display())))
        };
        missing("en", "ko")
            .or(missing("ko", "en"))
            .into_iter()
            .collect()
    }

    /// mdBook builds only what the summary lists.
    fn unlisted(&self, page: &Page) -> Option<Failure> {
        let summary = self
            .pages
            .iter()
            .find(|page| page.path.ends_with("docs/SUMMARY.md"))?;
        let path = page.path.strip_prefix(summary.folder()).ok()?;
        let listed: HashSet<&Path> = summary
            .links
            .iter()
            .map(|link| Path::new(&link.target))
            .collect();
        let is_chapter = path.starts_with("en") || path.starts_with("ko");
        let what = "SUMMARY.md does not list this page";
        (is_chapter && !listed.contains(path)).then(|| page.failure(1, what))
    }
}

impl Report {
    fn block(&mut self, page: &Page, block: &Block, root: &Path, commands: &Commands) {
        let checked = match Excerpt::of(&block.marker, root, commands) {
            Ok(Some(excerpt)) => compare(block, &excerpt),
            Ok(None) => self.unmarked(page, block, commands),
            Err(what) => Err((block.marker.line, what)),
        };
        if let Err((line, what)) = checked {
            self.failures.push(page.failure(line, what));
        }
    }

    /// A block that is in no source.
    fn unmarked(&mut self, page: &Page, block: &Block, commands: &Commands) -> Checked {
        let (language, marker) = (block.language.as_str(), &block.marker);
        let free = marker.get("sketch").or(marker.get("message")).is_some();
        if matches!(language, "rust" | "text") && !free {
            let what = format!("a {language} block needs a source, or `<!-- sketch: reason -->`");
            return Err((block.line, what));
        }
        for (line, command) in block.commands() {
            let Ok(command) = command else {
                let what = "output without a source: put it into a block of its own, after `<!-- output: … -->`";
                return Err((line, what.to_owned()));
            };
            match marker.get("not run") {
                Some("") => return Err((marker.line, "`not run` needs a reason".to_owned())),
                Some(reason) => {
                    let what = format!("SKIPPED `{command}`: {reason}");
                    self.skipped.push(page.failure(line, what));
                }
                None => commands
                    .outcome(command)
                    .and_then(|outcome| outcome.expect_exit(marker.get("exit")))
                    .map_err(|what| (line, format!("`{command}`: {what}")))?,
            }
        }
        Ok(())
    }
}

/// What is wrong with a block, and in which line.
type Checked = Result<(), (usize, String)>;

fn compare(block: &Block, excerpt: &Excerpt) -> Checked {
    let fill = "run `cargo run -p docs`";
    let Some(text) = &block.text else {
        let what = format!("no block follows this marker: {fill}");
        return Err((block.line, what));
    };
    let Some((at, stands, should)) = excerpt.difference(text) else {
        return Ok(());
    };
    let what = format!("differs from its source: `{stands}` should be `{should}`: {fill}");
    Err((block.line + at, what))
}
