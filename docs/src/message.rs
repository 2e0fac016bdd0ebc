//! Messages that a page quotes, and the string literals of the code that make them.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Fewer letters than this could stand anywhere.
const FEWEST_LETTERS: usize = 5;
/// What a placeholder holds without further proof: a name, a path, a number.
const FEW_WORDS: usize = 3;

/// The string literals of all libraries and programs, split where a placeholder stands.
pub(crate) struct Messages(HashSet<Vec<String>>);

impl Messages {
    /// Reads `*/src/**/*.rs`, without the docs crate and without tests.
    pub(crate) fn read(root: &Path) -> Messages {
        let mut messages = Messages(HashSet::new());
        for folder in entries(root) {
            if !folder.ends_with("docs") {
                messages.read_folder(&folder.join("src"));
            }
        }
        messages
    }

    fn read_folder(&mut self, folder: &Path) {
        for path in entries(folder) {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if path.is_dir() {
                self.read_folder(&path);
            } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
                let source = fs::read_to_string(&path).unwrap_or_default();
                self.read_tokens(source.parse().unwrap_or_default());
            }
        }
    }

    /// Macros hide their strings from a syntax tree, so this reads tokens; comments and tests do not speak to readers.
    fn read_tokens(&mut self, tokens: TokenStream) {
        let mut in_test = false;
        let mut is_doc = false;
        for token in tokens {
            match token {
                TokenTree::Group(group) => {
                    let attribute = group.delimiter() == Delimiter::Bracket;
                    in_test |=
                        attribute && group.stream().to_string().replace(' ', "") == "cfg(test)";
                    if !in_test {
                        self.read_tokens(group.stream());
                    }
                    in_test &= group.delimiter() != Delimiter::Brace;
                }
                TokenTree::Ident(ident) => is_doc = ident == "doc",
                TokenTree::Literal(literal) => {
                    if let (false, syn::Lit::Str(text)) = (is_doc, syn::Lit::new(literal)) {
                        self.add(&text.value());
                    }
                }
                TokenTree::Punct(mark) if mark.as_char() == ';' => in_test = false,
                TokenTree::Punct(_) => {}
            }
        }
    }

    fn add(&mut self, literal: &str) {
        let pieces = pieces(&even(literal));
        if letters(&pieces.concat()) >= FEWEST_LETTERS {
            self.0.insert(pieces);
        }
    }

    /// Whether the code can say this: a whole message, or, with `…`, parts of one string in their order.
    pub(crate) fn has(&self, quote: &str) -> bool {
        let quote = even(quote);
        if quote.contains('…') {
            let parts: Vec<&str> = quote.split('…').map(str::trim).collect();
            return letters(&quote) >= FEWEST_LETTERS
                && self.0.iter().any(|pieces| holds_in_order(pieces, &parts));
        }
        self.is_said(&quote)
    }

    fn is_said(&self, text: &str) -> bool {
        self.0.iter().any(|pieces| {
            let Some(gaps) = gaps(pieces, text) else {
                return false;
            };
            let fixed: usize = pieces.iter().map(String::len).sum();
            let is_small = |gap: &str| gap.split(' ').count() <= FEW_WORDS;
            let mostly_fixed = fixed * 2 >= text.len() && gaps.iter().all(|gap| is_small(gap));
            // `NotReadableError: {0}` needs another literal that says what is in the place of `{0}`.
            mostly_fixed
                || gaps
                    .iter()
                    .all(|gap| gap.len() < text.len() && self.is_said(gap))
        })
    }
}

/// What stands where the placeholders are, when the text has this form.
fn gaps<'a>(pieces: &[String], text: &'a str) -> Option<Vec<&'a str>> {
    let mut rest = text.strip_prefix(pieces.first()?.as_str())?;
    let mut gaps = Vec::new();
    for (index, piece) in pieces.iter().enumerate().skip(1) {
        let at = if index + 1 == pieces.len() {
            rest.ends_with(piece.as_str())
                .then(|| rest.len() - piece.len())?
        } else {
            rest.find(piece.as_str())?
        };
        gaps.push(&rest[..at]);
        rest = &rest[at + piece.len()..];
    }
    rest.is_empty().then_some(gaps)
}

fn holds_in_order(pieces: &[String], parts: &[&str]) -> bool {
    // A zero byte stands for the placeholder, so that no part reaches over it.
    let text = pieces.join("\0");
    let mut rest = text.as_str();
    parts.iter().all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

/// `a {b} {{c}}` is `a `, ` {c}`.
fn pieces(literal: &str) -> Vec<String> {
    let literal = literal.replace("{{", "\u{1}").replace("}}", "\u{2}");
    let mut pieces = Vec::new();
    let mut rest = literal.as_str();
    while let Some((before, (_, after))) = rest
        .split_once('{')
        .and_then(|(before, inside)| Some((before, inside.split_once('}')?)))
    {
        pieces.push(before.to_owned());
        rest = after;
    }
    pieces.push(rest.to_owned());
    let unescape = |piece: String| piece.replace('\u{1}', "{").replace('\u{2}', "}");
    pieces.into_iter().map(unescape).collect()
}

/// One space where a page or a literal breaks a line.
fn even(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (start, end) = (
        text.starts_with(char::is_whitespace),
        text.ends_with(char::is_whitespace),
    );
    format!(
        "{}{words}{}",
        if start { " " } else { "" },
        if end { " " } else { "" }
    )
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphabetic()).count()
}

fn entries(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}
