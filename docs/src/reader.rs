//! From Markdown to a [`Page`].

use std::ops::Range;
use std::path::Path;

use pulldown_cmark::{BrokenLink, CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use crate::link::anchor;
use crate::marker::Marker;
use crate::page::{Block, Heading, Link, Page};

/// Reads a page. What is wrong with it by itself is in [`Page::failures`].
pub(crate) fn read(path: &Path, text: String) -> Page {
    let mut undefined = Vec::new();
    let mut note = |link: BrokenLink<'_>| {
        // `[ufrag-1]` alone is a word in brackets; with a second pair of brackets it was meant as a link.
        if !matches!(link.link_type, LinkType::Shortcut) {
            undefined.push((link.span.start, link.reference.to_string()));
        }
        None
    };
    // What mdBook and code hosts both read; book.toml switches off what only mdBook does.
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES;
    let markdown = text.clone();
    let parser = Parser::new_with_broken_link_callback(&markdown, options, Some(&mut note));
    let mut reader = Reader::new(path, text);
    for (event, range) in parser.into_offset_iter() {
        reader.event(event, range);
    }
    reader.flush();
    let mut page = reader.page;
    for (offset, reference) in undefined {
        let what = format!("dead link: no `[{reference}]: …` in this page");
        page.failures.push(page.failure(page.line(offset), what));
    }
    page
}

#[derive(Default)]
struct Reader {
    page: Page,
    /// The comments that wait for their block, and where the last one ends.
    waiting: Marker,
    waiting_end: usize,
    depth: usize,
    block: Option<Block>,
    heading: Option<Heading>,
    /// The depth of the block whose inline code quotes messages.
    quoting: Option<usize>,
    /// Whether the next inline code is a message.
    quote_next: bool,
}

impl Reader {
    fn new(path: &Path, text: String) -> Reader {
        let page = Page {
            path: path.to_owned(),
            text,
            ..Page::default()
        };
        Reader {
            page,
            ..Reader::default()
        }
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            Event::Code(text) => {
                self.text(&text);
                if std::mem::take(&mut self.quote_next) {
                    let line = self.page.line(range.start);
                    self.page.messages.push((line, text.to_string()));
                }
            }
            Event::SoftBreak | Event::HardBreak => self.text(" "),
            Event::InlineHtml(html) => self.html(&html, range, true),
            Event::Rule => self.flush(),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: Range<usize>) {
        self.depth += 1;
        let line = self.page.line(range.start);
        match tag {
            Tag::HtmlBlock => {
                let html = self.page.text[range.clone()].to_owned();
                self.html(&html, range, false);
                return;
            }
            Tag::CodeBlock(kind) => {
                let range = self.whole_lines(range);
                // A block after an empty line is the writer's own and must not be overwritten.
                if self.waiting.source().is_some() && range.start > self.waiting_end {
                    self.flush();
                }
                self.block = Some(Block {
                    marker: std::mem::take(&mut self.waiting),
                    line,
                    language: language(&kind),
                    text: Some(String::new()),
                    range,
                });
                return;
            }
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                let target = dest_url.to_string();
                self.page.links.push(Link { line, target });
                return;
            }
            Tag::Heading { level, ref id, .. } => {
                let level = level as usize;
                self.page
                    .anchors
                    .extend(id.as_ref().map(ToString::to_string));
                let text = String::new();
                self.heading = Some(Heading { line, level, text });
            }
            _ => {}
        }
        if self.waiting.get("message").is_some() {
            self.waiting = Marker::default();
            self.quoting = Some(self.depth);
        }
        self.flush();
        let starts_a_line = matches!(tag, Tag::Item | Tag::TableRow)
            || self.quoting == Some(self.depth)
                && matches!(tag, Tag::Paragraph | Tag::Heading { .. });
        self.quote_next |= self.quoting.is_some() && starts_a_line;
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::CodeBlock => self.end_block(),
            TagEnd::Heading(_) => self.end_heading(),
            TagEnd::Item | TagEnd::BlockQuote(_) => self.flush(),
            _ => {}
        }
        if self.quoting == Some(self.depth) {
            self.quoting = None;
            self.quote_next = false;
        }
        self.depth -= 1;
    }

    fn end_block(&mut self) {
        let Some(block) = self.block.take() else {
            return;
        };
        if block.marker.get("message").is_some() {
            let lines = block.text.iter().flat_map(|text| text.lines());
            let numbered = lines
                .enumerate()
                .map(|(n, line)| (block.line + 1 + n, line.to_owned()));
            self.page.messages.extend(numbered);
        }
        self.page.blocks.push(block);
    }

    fn end_heading(&mut self) {
        let Some(heading) = self.heading.take() else {
            return;
        };
        let first = anchor(&heading.text);
        let mut id = first.clone();
        for count in 1.. {
            if self.page.anchors.insert(id.clone()) {
                break;
            }
            id = format!("{first}-{count}");
        }
        self.page.headings.push(heading);
    }

    fn text(&mut self, text: &str) {
        if let Some(block) = &mut self.block {
            block.text.get_or_insert_default().push_str(text);
        } else if let Some(heading) = &mut self.heading {
            heading.text.push_str(text);
        }
    }

    /// Comments with markers, and elements with an `id`.
    fn html(&mut self, html: &str, range: Range<usize>, inline: bool) {
        let first = self.page.line(range.start);
        self.page.anchors.extend(attribute(html, "id"));
        for target in attribute(html, "href").chain(attribute(html, "src")) {
            self.page.links.push(Link {
                line: first,
                target,
            });
        }
        let mut rest = 0;
        while let Some(start) = html[rest..].find("<!--").map(|at| rest + at) {
            let Some(end) = html[start..].find("-->").map(|at| start + at) else {
                break;
            };
            rest = end + 3;
            let line = first + html[..start].matches('\n').count();
            match Marker::parse(&html[start + 4..end], line) {
                Ok(Some(marker)) if inline => self.inline_marker(&marker),
                // CommonMark §4.6: a comment that begins a line makes the whole line HTML.
                Ok(Some(_))
                    if html[rest..]
                        .lines()
                        .next()
                        .is_some_and(|after| !after.trim().is_empty()) =>
                {
                    self.fail(line, "a marker that begins a line must be alone in it; inside a sentence, break the line elsewhere");
                }
                Ok(Some(marker)) => self.marker(marker, range.end),
                Ok(None) => {}
                Err(what) => self.fail(line, what),
            }
        }
    }

    fn inline_marker(&mut self, marker: &Marker) {
        match marker.get("message") {
            Some(_) => self.quote_next = true,
            None => self.fail(
                marker.line,
                "a marker for a block must stand in a line of its own",
            ),
        }
    }

    fn marker(&mut self, marker: Marker, end: usize) {
        if let Some(fingerprint) = marker.get("translated from") {
            self.page.translated_from = Some((marker.line, fingerprint.to_owned()));
            return;
        }
        if self.waiting.source().is_some() && marker.source().is_some() {
            self.flush();
        }
        self.waiting.extend(marker);
        self.waiting_end = end;
    }

    /// Something else came where a marked block should be.
    fn flush(&mut self) {
        let marker = std::mem::take(&mut self.waiting);
        if marker.source().is_some() {
            self.page.blocks.push(Block {
                line: marker.line,
                marker,
                language: String::new(),
                text: None,
                range: self.waiting_end..self.waiting_end,
            });
        } else if !marker.is_empty() {
            self.fail(marker.line, "no block follows this marker");
        }
    }

    /// From the start of the first line to the end of the last.
    fn whole_lines(&self, range: Range<usize>) -> Range<usize> {
        let text = &self.page.text;
        let start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
        let last = text[..range.end].trim_end_matches('\n').len();
        let end = text[last..]
            .find('\n')
            .map_or(text.len(), |at| last + at + 1);
        start..end
    }

    fn fail(&mut self, line: usize, what: impl Into<String>) {
        let failure = self.page.failure(line, what);
        self.page.failures.push(failure);
    }
}

/// The first word after a fence: `rust` of `rust,ignore`.
fn language(kind: &CodeBlockKind<'_>) -> String {
    match kind {
        CodeBlockKind::Fenced(info) => info.split([',', ' ']).next().unwrap_or_default().to_owned(),
        CodeBlockKind::Indented => String::new(),
    }
}

/// The values of an attribute in a piece of HTML.
fn attribute<'a>(html: &'a str, name: &str) -> impl Iterator<Item = String> + use<'a> {
    let parts: Vec<&str> = html.split(&format!(" {name}=\"")).skip(1).collect();
    parts
        .into_iter()
        .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
}
