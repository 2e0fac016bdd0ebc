//! What changes from run to run, taken out of both sides before they are compared.

use regex_lite::Regex;

/// Left out of every output: values that chance or the clock gives.
const ALWAYS: [(&str, &str); 8] = [
    (r"(?m)^(\s*)\d+\.\d{3} ", "${1}[clock] "),
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
const NAMED: [(&str, &str, &str); 5] = [
    ("port", r"(\S:)\d{2,5}\b", "${1}[port]"),
    (
        "port",
        r"((?:\d{1,3}\.){3}\d{1,3}|rport) \d{1,5}\b",
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
                "nothing to ignore is called `{name}`; there are port, duration, number, spaces, order"
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

#[cfg(test)]
mod tests {
    use super::Filter;

    fn lines(names: &str, text: &str) -> Result<Vec<String>, String> {
        Ok(Filter::new(names)?.lines(text))
    }

    #[test]
    fn what_chance_and_the_clock_give_is_never_compared() {
        for (one, other) in [
            ("  0.004 local  ice: new", "  1.250 local  ice: new"),
            (
                "o=- 8877614848841026855 478452666 IN IP4 0.0.0.0",
                "o=- 12 3 IN IP4 0.0.0.0",
            ),
            ("a=ice-ufrag:vDfghRFuiqrusngY", "a=ice-ufrag:x+/y"),
            ("a=ssrc:4110517438 cname:stream0", "a=ssrc:7 cname:stream0"),
            ("a=candidate:1966762133 1 udp", "a=candidate:2 1 udp"),
        ] {
            assert_eq!(
                lines("", one),
                lines("", other),
                "they differ by chance only"
            );
        }
    }

    #[test]
    fn what_carries_meaning_is_compared() {
        for (one, other) in [
            ("  0.004 local  ice: new", "  0.004 local  ice: closed"),
            ("a=ssrc:1 cname:stream0", "a=ssrc:1 cname:stream1"),
            ("127.0.0.1 40001 typ host", "127.0.0.1 40002 typ host"),
        ] {
            assert_ne!(
                lines("", one),
                lines("", other),
                "they mean different things"
            );
        }
    }

    #[test]
    fn a_named_filter_leaves_its_kind_out() {
        for (name, one, other) in [
            ("port", "127.0.0.1 40001 typ host", "127.0.0.1 52 typ host"),
            ("port", "127.0.0.1:40001", "127.0.0.1:41"),
            ("duration", "finished in 0.01s", "finished in 1.20s"),
            ("number", "90 frames", "89 frames"),
            ("spaces, number", "| 9    |", "| 1000 |"),
            ("order", "a\nb", "b\na"),
        ] {
            assert_eq!(lines(name, one), lines(name, other), "ignore: {name}");
            assert_ne!(lines("", one), lines("", other), "nothing is ignored");
        }
    }
}
