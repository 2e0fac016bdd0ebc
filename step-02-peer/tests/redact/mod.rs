//! Descriptions without their random values, for snapshots. The later steps use this file too.

#![allow(dead_code)] // Each test file uses a part of it.

use std::collections::HashMap;

/// Gives every random value a label that stays the same wherever the value comes back: `[ufrag-1]`.
///
/// What carries meaning stays as it is: codecs, directions, mid, setup, groups, candidate types and priorities.
/// Use one redaction for all the texts of one test, so that equal labels mean equal values.
#[derive(Debug, Default)]
pub(crate) struct Redaction {
    labels: HashMap<(&'static str, String), usize>,
    counts: HashMap<&'static str, usize>,
}

impl Redaction {
    /// A redaction without labels yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// The same description with labels, with LF in the place of CRLF, and with its `a=extmap` lines in order of
    /// their numbers: webrtc 0.21 writes them in any order, and their order says nothing (RFC 8285 §6).
    pub(crate) fn sdp(&mut self, sdp: &str) -> String {
        let mut lines: Vec<String> = sdp.lines().map(|line| self.line(line)).collect();
        for run in lines.chunk_by_mut(|a, b| is_extmap(a) && is_extmap(b)) {
            run.sort();
        }
        lines.join("\n")
    }

    /// The same for one `candidate:…` attribute, with or without its `a=`.
    pub(crate) fn candidate(&mut self, candidate: &str) -> String {
        let mut words: Vec<String> = candidate.split(' ').map(str::to_owned).collect();
        if let Some((name, foundation)) = words[0].clone().split_once(':') {
            words[0] = format!("{name}:{}", self.label("foundation", foundation));
        }
        for index in 0..words.len() {
            let value = words[index].clone();
            let before = index
                .checked_sub(1)
                .map(|i| words[i].clone())
                .unwrap_or_default();
            words[index] = match (index, before.as_str()) {
                (4, _) | (_, "raddr") => self.address(&value),
                (5, _) | (_, "rport") => self.port(&value),
                (_, "ufrag") => self.label("ufrag", &value),
                _ => value,
            };
        }
        words.join(" ")
    }

    /// The label of one value of one kind.
    pub(crate) fn label(&mut self, kind: &'static str, value: &str) -> String {
        let count = self.counts.entry(kind).or_default();
        let number = self
            .labels
            .entry((kind, value.to_owned()))
            .or_insert_with(|| {
                *count += 1;
                *count
            });
        format!("[{kind}-{number}]")
    }

    fn line(&mut self, line: &str) -> String {
        if line.starts_with("a=candidate:") {
            return self.candidate(line);
        }
        if let Some(origin) = line.strip_prefix("o=") {
            return self.origin(origin);
        }
        for (attribute, kind) in [
            ("a=ice-ufrag:", "ufrag"),
            ("a=ice-pwd:", "pwd"),
            ("a=fingerprint:sha-256 ", "fingerprint"),
        ] {
            if let Some(value) = line.strip_prefix(attribute) {
                return format!("{attribute}{}", self.label(kind, value));
            }
        }
        line.to_owned()
    }

    /// `o=<username> <sess-id> <sess-version> <nettype> <addrtype> <address>` (RFC 8866 §5.2).
    fn origin(&mut self, origin: &str) -> String {
        match origin.splitn(4, ' ').collect::<Vec<_>>()[..] {
            [user, id, version, rest] => {
                let (id, version) = (self.label("session", id), self.label("version", version));
                format!("o={user} {id} {version} {rest}")
            }
            _ => format!("o={origin}"),
        }
    }

    /// Loopback and the unspecified address are the same on every machine.
    fn address(&mut self, address: &str) -> String {
        match address {
            "127.0.0.1" | "0.0.0.0" | "::1" => address.to_owned(),
            _ => self.label("address", address),
        }
    }

    /// 9 stands for "no port yet" (RFC 8840 §4.1.1), 0 for "none".
    fn port(&mut self, port: &str) -> String {
        match port {
            "0" | "9" => port.to_owned(),
            _ => self.label("port", port),
        }
    }
}

fn is_extmap(line: &str) -> bool {
    line.starts_with("a=extmap:")
}
