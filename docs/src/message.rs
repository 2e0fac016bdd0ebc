//! Messages that a page quotes, and the string literals of the code that make them.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Fewer letters than this could stand anywhere.
const FEWEST_LETTERS: usize = 5;
/// What a placeholder may hold that no literal says: a path, a number, the name of a device.
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

    /// Macros hide their strings from a syntax tree, so this reads tokens; comments and tests print nothing.
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
            // A zero byte stands for the placeholder, so that no part reaches over it.
            let holds = |pieces: &Vec<String>| holds_in_order(&pieces.join("\0"), parts.iter());
            return letters(&quote) >= FEWEST_LETTERS && self.0.iter().any(holds);
        }
        self.make(&quote)
    }

    /// Whether literals make the text, but for placeholders: a few words each, and no name of an error.
    fn make(&self, text: &str) -> bool {
        // A zero byte for each byte that is in a literal.
        let mut rest = text.as_bytes().to_vec();
        for pieces in &self.0 {
            if !holds_in_order(text, pieces.iter()) {
                continue;
            }
            let long = pieces.iter().filter(|it| letters(it) >= FEWEST_LETTERS);
            for (at, piece) in long.flat_map(|piece| text.match_indices(piece.as_str())) {
                rest[at..at + piece.len()].fill(0);
            }
        }
        let in_literals = rest.iter().filter(|byte| **byte == 0).count();
        let rest = String::from_utf8_lossy(&rest);
        let is_placeholder =
            |gap: &str| gap.split_whitespace().count() <= FEW_WORDS && !gap.contains("Error");
        in_literals * 2 >= text.len() && rest.split('\0').all(is_placeholder)
    }
}

/// Whether the text has all parts, one after the other.
fn holds_in_order(text: &str, mut parts: impl Iterator<Item = impl AsRef<str>>) -> bool {
    let mut rest = text;
    parts.all(|part| match rest.split_once(part.as_ref()) {
        Some((_, after)) => {
            rest = after;
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
        // Two placeholders side by side are as good as one.
        if pieces.is_empty() || !before.is_empty() {
            pieces.push(before.to_owned());
        }
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Messages;

    fn messages() -> Messages {
        read(
            r#"
            #[error("NotReadableError: {what}: {hint}")]
            struct Error;
            fn f() { format!("camera {index} ({name}): it was left {how}"); let hint = "reset it with `tool`"; }
            "#,
        )
    }

    fn read(source: &str) -> Messages {
        let mut messages = Messages(HashSet::new());
        messages.read_tokens(source.parse().unwrap_or_default());
        messages
    }

    #[test]
    fn a_message_may_be_put_together_from_several_strings() {
        let whole = "NotReadableError: camera 0 (Cam): it was left open: reset it with `tool`";
        assert!(messages().has(whole), "each part is a string of the source");
        assert!(
            !messages().has(&whole.replace("left", "found")),
            "no string says `found`"
        );
        assert!(
            !messages().has(&whole.replace("reset", "throw")),
            "no string says `throw`"
        );
    }

    #[test]
    fn an_ellipsis_leaves_out_what_is_not_quoted() {
        assert!(
            messages().has("camera … it was left …"),
            "both parts are in one string, in this order"
        );
        assert!(
            !messages().has("it was left … camera …"),
            "the order is another"
        );
        assert!(
            !messages().has("NotReadableError: … it was left …"),
            "the parts are in two strings"
        );
    }
}
