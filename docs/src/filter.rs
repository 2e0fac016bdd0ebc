//! What changes from run to run, taken out of both sides before they are compared.

use regex_lite::Regex;

/// Left out of every output: values that chance or the clock gives.
const ALWAYS: [(&str, &str); 8] = [
    (r"(?m)^(\s*)\d+\.\d{3}\b", "${1}[clock]"),
    (
        r"\b(?:[0-9A-Fa-f]{2}:){19,}[0-9A-Fa-f]{2}\b",
        "[fingerprint]",
    ),
    (r"\b(ice-ufrag:|ice-pwd:|ufrag )\S+", "${1}[credential]"),
    (r"\bo=(\S+) \d+ \d+ ", "o=$1 [session] "),
    (r"\bssrc:\d+", "ssrc:[ssrc]"),
    (r"\bssrc-group:(\w+)( \d+)+", "ssrc-group:$1 [ssrc]"),
    (r"\bcandidate:\S+", "candidate:[foundation]"),
    (r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", "[uuid]"),
];

/// Left out where a marker says `ignore: name, name`.
const NAMED: [(&str, &str, &str); 6] = [
    (
        "address",
        r"\b(?:\d{1,3}\.){3}\d{1,3}\b|(?:[0-9a-f]{0,4}:){2,}[0-9a-f]{0,4}\b",
        "[address]",
    ),
    ("port", r"(\S:)\d{2,5}\b", "${1}[port]"),
    (
        "port",
        r"((?:\d{1,3}\.){3}\d{1,3}|\[address\]|rport) \d{1,5}\b",
        "${1} [port]",
    ),
    (
        "duration",
        r"\d+(?:\.\d+)? ?(?:ns|µs|us|ms|s|min)\b",
        "[duration]",
    ),
    ("number", r"\d+(?:\.\d+)?", "[number]"),
    ("spaces", r"[ \t]+|[-─═]{2,}", " "),
];

/// A way to compare two outputs.
pub(crate) struct Filter {
    patterns: Vec<(Regex, &'static str)>,
    any_order: bool,
}

impl Filter {
    /// The filter of a marker's `ignore:` list, which may be empty.
    ///
    /// # Errors
    /// A name that does not exist.
    pub(crate) fn new(names: &str) -> Result<Filter, String> {
        let names: Vec<&str> = names
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect();
        let known = |name: &str| name == "order" || NAMED.iter().any(|(known, ..)| *known == name);
        if let Some(name) = names.iter().find(|name| !known(name)) {
            return Err(format!(
                "nothing to ignore is called `{name}`; there are address, port, duration, number, spaces, order"
            ));
        }
        let named = NAMED.iter().filter(|(name, ..)| names.contains(name));
        let all = ALWAYS
            .into_iter()
            .chain(named.map(|(_, pattern, label)| (*pattern, *label)));
        let mut patterns = Vec::new();
        for (pattern, label) in all {
            patterns.push((
                Regex::new(pattern).map_err(|error| error.to_string())?,
                label,
            ));
        }
        let any_order = names.contains(&"order");
        Ok(Filter {
            patterns,
            any_order,
        })
    }

    /// The lines that are compared.
    pub(crate) fn lines(&self, text: &str) -> Vec<String> {
        let mut text = text.trim_end().to_owned();
        for (pattern, label) in &self.patterns {
            text = pattern.replace_all(&text, *label).into_owned();
        }
        let mut lines: Vec<String> = text
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect();
        if self.any_order {
            lines.sort();
        }
        lines
    }
}
