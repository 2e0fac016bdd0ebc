//! The comments that say where a block comes from: invisible when rendered, `key: value` lines when read.

/// Every key, and what it asks for. The cheat sheet is in `docs/README.md`.
const KEYS: [&str; 12] = [
    "from",
    "snapshot",
    "output",
    "trace",
    "lines",
    "ignore",
    "skip",
    "exit",
    "not run",
    "sketch",
    "message",
    "translated from",
];

/// The sources of a block that is filled in.
const SOURCES: [&str; 4] = ["from", "snapshot", "output", "trace"];

/// What the comments before a block say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Marker {
    /// The line of the first comment, from 1.
    pub(crate) line: usize,
    keys: Vec<(String, String)>,
}

impl Marker {
    /// Reads the inside of one comment. A comment that has no `key:` at its start is only a comment: `None`.
    ///
    /// # Errors
    /// A key that does not exist, so that a typing error is not taken for a comment.
    pub(crate) fn parse(comment: &str, line: usize) -> Result<Option<Marker>, String> {
        let comment = comment.trim();
        if matches!(comment, "message" | "messages") {
            let keys = vec![("message".to_owned(), String::new())];
            return Ok(Some(Marker { line, keys }));
        }
        let mut marker = Marker {
            line,
            keys: Vec::new(),
        };
        for text in comment.lines() {
            let Some((key, value)) = text.split_once(':').filter(|(key, _)| is_key(key)) else {
                if marker.keys.is_empty() {
                    return Ok(None);
                }
                return Err(format!(
                    "expected `key: value` in the marker, found `{}`",
                    text.trim()
                ));
            };
            let key = key.trim();
            if !KEYS.contains(&key) {
                return Err(format!(
                    "no marker is called `{key}`; there are {}",
                    KEYS.join(", ")
                ));
            }
            marker.keys.push((key.to_owned(), value.trim().to_owned()));
        }
        Ok(Some(marker))
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        let found = self.keys.iter().find(|(name, _)| name == key)?;
        Some(&found.1)
    }

    /// The kind and the place of the source, for a block that is filled in.
    pub(crate) fn source(&self) -> Option<(&str, &str)> {
        SOURCES
            .iter()
            .find_map(|kind| self.get(kind).map(|place| (*kind, place)))
    }

    /// Adds the keys of a further comment before the same block.
    pub(crate) fn extend(&mut self, other: Marker) {
        if self.keys.is_empty() {
            self.line = other.line;
        }
        self.keys.extend(other.keys);
    }

    /// Whether there was no comment.
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys that an English page and its translation share: a reason is translated, a source is not.
    pub(crate) fn shared_keys(&self) -> Vec<(String, String)> {
        let is_reason = |key: &str| matches!(key, "not run" | "sketch");
        let mut keys = self.keys.clone();
        for (_, reason) in keys.iter_mut().filter(|(key, _)| is_reason(key)) {
            reason.clear();
        }
        keys
    }
}

/// One or two lower-case words.
fn is_key(key: &str) -> bool {
    let key = key.trim();
    !key.is_empty()
        && key.split(' ').count() <= 2
        && key.chars().all(|c| c.is_ascii_lowercase() || c == ' ')
}
