//! Messages that a page quotes, and the string literals of the code that make them.

use std::collections::{HashMap, HashSet};
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
            // A zero byte stands for the placeholder, so that no part reaches over it.
            let holds = |pieces: &Vec<String>| holds_in_order(&pieces.join("\0"), parts.iter());
            return letters(&quote) >= FEWEST_LETTERS && self.0.iter().any(holds);
        }
        self.is_said(&quote)
    }

    fn is_said(&self, text: &str) -> bool {
        Search::of(&self.0, text).fixed(text) * 2 >= text.len()
    }
}

/// The search for the strings that make one quote.
struct Search<'a> {
    /// The strings that can be in it: each of their pieces is. Of many hundreds a handful is left.
    frames: Vec<&'a [String]>,
    /// How much of a part of the quote stands in literals, for every part that was looked at.
    parts: HashMap<&'a str, usize>,
    /// The same for a part that the last pieces of a frame must make; they are told by their address.
    tails: HashMap<(*const String, &'a str), Option<usize>>,
}

impl<'a> Search<'a> {
    fn of(literals: &'a HashSet<Vec<String>>, quote: &str) -> Search<'a> {
        let can_be_in = |pieces: &&Vec<String>| holds_in_order(quote, pieces.iter());
        Search {
            frames: literals
                .iter()
                .filter(can_be_in)
                .map(Vec::as_slice)
                .collect(),
            parts: HashMap::new(),
            tails: HashMap::new(),
        }
    }

    /// How much of the text stands in literals, at best: one gives the frame, others what is in its placeholders.
    fn fixed(&mut self, text: &'a str) -> usize {
        if let Some(fixed) = self.parts.get(text) {
            return *fixed;
        }
        let mut best = 0;
        for at in 0..self.frames.len() {
            if let Some((first, others)) = self.frames[at].split_first()
                && let Some(rest) = text.strip_prefix(first.as_str())
                && let Some(fixed) = self.fixed_after(others, rest)
            {
                best = best.max(first.len() + fixed);
            }
        }
        self.parts.insert(text, best);
        best
    }

    /// The same for what follows a piece: a placeholder and the next piece, as often as there are pieces.
    fn fixed_after(&mut self, pieces: &'a [String], text: &'a str) -> Option<usize> {
        let Some((piece, others)) = pieces.split_first() else {
            return text.is_empty().then_some(0);
        };
        // Only the last piece ends the text, and an empty one stands at the very end.
        if others.is_empty() {
            let placeholder = text.strip_suffix(piece.as_str())?;
            return Some(self.fixed_in_placeholder(placeholder)? + piece.len());
        }
        let key = (pieces.as_ptr(), text);
        if let Some(fixed) = self.tails.get(&key) {
            return *fixed;
        }
        let mut best = None;
        for (at, _) in text.match_indices(piece.as_str()) {
            let rest = &text[at + piece.len()..];
            if let Some(after) = self.fixed_after(others, rest)
                && let Some(placeholder) = self.fixed_in_placeholder(&text[..at])
            {
                best = best.max(Some(placeholder + piece.len() + after));
            }
        }
        self.tails.insert(key, best);
        best
    }

    fn fixed_in_placeholder(&mut self, text: &'a str) -> Option<usize> {
        let fixed = self.fixed(text);
        let proven = fixed * 2 >= text.len();
        (proven || text.split(' ').count() <= FEW_WORDS).then_some(fixed)
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

    use super::{Messages, Search};

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

    #[test]
    fn a_long_quote_is_answered_without_a_long_search() {
        let noise: String = (0..500)
            .map(|n| format!("\"sentence {n} of {{a}}\";"))
            .collect();
        let messages = read(&format!(
            r#"{noise} "{{a}}, {{b}} {{c}} {{d}} {{e}} {{f}} {{g}} answered"; "{{a}} {{b}} {{c}} before {{d}} {{e}} {{f}}""#
        ));
        let quote = "one two three before four, ".repeat(10) + "what nobody answered";
        let mut search = Search::of(&messages.0, &quote);
        search.fixed(&quote);
        assert_eq!(search.frames.len(), 2, "the other strings cannot be in it");
        // 53 places where a part may begin or end, in two frames of at most seven pieces each.
        let looked_at = search.parts.len() + search.tails.len();
        assert!(looked_at < 53 * 53 * 14, "{looked_at} parts were looked at");
    }
}
