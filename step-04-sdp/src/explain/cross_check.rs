//! Which lines of a description do not fit together, and what follows from it.

use std::collections::{HashMap, HashSet};

use crate::explain::session_description::{Line, MediaSection, SessionDescription};

/// The lines that ICE and DTLS need in a section or for the whole session: name, least length, and what happens without.
#[rustfmt::skip]
const TRANSPORT: [(&str, usize, &str); 4] = [
    ("ice-ufrag", 4, "no connectivity check can be sent, and ICE fails (RFC 8839 §5.4)"),
    ("ice-pwd", 22, "no connectivity check can be sent, and ICE fails (RFC 8839 §5.4)"),
    ("fingerprint", 0, "the certificate cannot be verified, and the call fails (RFC 8827 §6.5)"),
    ("setup", 0, "neither peer knows whether it is the DTLS client (RFC 8842 §5)"),
];

/// The notes on a whole description.
pub(super) fn notes(description: &SessionDescription<'_>) -> Vec<String> {
    let mut notes = missing_session_lines(description);
    let groups = values(&description.session, "group");
    let bundle = groups.iter().find_map(|group| group.strip_prefix("BUNDLE"));
    let bundle: Vec<&str> = bundle
        .unwrap_or_default()
        .split_ascii_whitespace()
        .collect();
    notes.extend(wrong_mids(description, &bundle));
    // In a bundle the first section's transport serves all (RFC 9143 §7.1.3).
    let bundled: HashSet<&str> = bundle.iter().skip(1).copied().collect();
    let session: HashMap<&str, &str> = attributes(&description.session).collect();
    for (index, media) in description.media.iter().enumerate() {
        let section = CheckedSection::new(index, media);
        if section.is_rejected() {
            continue;
        }
        notes.extend(section.wrong_payload_types());
        notes.extend(section.wrong_direction());
        let mid = values(&media.lines, "mid").first().copied();
        if !mid.is_some_and(|mid| bundled.contains(mid)) {
            notes.extend(section.missing_transport(&session));
        }
    }
    notes
}

fn attributes<'a>(lines: &[Line<'a>]) -> impl Iterator<Item = (&'a str, &'a str)> {
    lines.iter().filter_map(Line::attribute)
}

fn values<'a>(lines: &[Line<'a>], name: &str) -> Vec<&'a str> {
    let with_name = attributes(lines).filter(|(attribute, _)| *attribute == name);
    with_name.map(|(_, value)| value).collect()
}

fn missing_session_lines(description: &SessionDescription<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    for (kind, consequence) in [
        ('o', "a new version of the description cannot be recognized"),
        ('s', "a strict receiver rejects the description"),
        ('t', "a strict receiver rejects the description"),
    ] {
        if !description.session.iter().any(|line| line.kind() == kind) {
            notes.push(format!(
                "There is no {kind}= line: {consequence} (RFC 8866 §5)."
            ));
        }
    }
    if description.media.is_empty() {
        notes.push(
            "There is no m= section: no media can be sent, and ICE does not start.".to_owned(),
        );
    }
    notes
}

fn wrong_mids(description: &SessionDescription<'_>, bundle: &[&str]) -> Vec<String> {
    let mut notes = Vec::new();
    let mut mids = HashSet::new();
    for mid in description
        .media
        .iter()
        .flat_map(|media| values(&media.lines, "mid"))
    {
        if !mids.insert(mid) {
            notes.push(format!(
                "Two sections have the mid {mid}: it must be unique (RFC 5888 §4)."
            ));
        }
    }
    // Each missing section is noted once.
    for mid in bundle.iter().filter(|mid| mids.insert(mid)) {
        notes.push(format!(
            "BUNDLE names section {mid}, but no section has a=mid:{mid}: the description is rejected (RFC 9143 §7)."
        ));
    }
    notes
}

/// One section under the checks.
struct CheckedSection<'a> {
    name: String,
    /// The words of its `m=` line: media, port, protocol, formats.
    words: Vec<&'a str>,
    lines: &'a [Line<'a>],
}

impl<'a> CheckedSection<'a> {
    fn new(index: usize, media: &'a MediaSection<'a>) -> Self {
        let first = media.lines.first().map_or("", Line::value);
        let words: Vec<&str> = first.split_ascii_whitespace().collect();
        let name = format!("Section {index} ({})", words.first().unwrap_or(&"?"));
        let lines = &media.lines;
        Self { name, words, lines }
    }

    /// Port 0 rejects a section, unless it is there for the bundle's transport (RFC 9143 §6).
    fn is_rejected(&self) -> bool {
        self.words.get(1) == Some(&"0") && values(self.lines, "bundle-only").is_empty()
    }

    fn note(&self, text: impl std::fmt::Display) -> String {
        format!("{}: {text}", self.name)
    }

    fn wrong_payload_types(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if !self
            .words
            .get(2)
            .is_some_and(|protocol| protocol.contains("RTP"))
        {
            return notes;
        }
        let mut listed: Vec<&str> = self.words.iter().skip(3).copied().collect();
        for name in ["rtpmap", "fmtp", "rtcp-fb"] {
            let mut noted: HashSet<&str> = listed.iter().copied().chain(["*"]).collect();
            for payload_type in self.payload_types_of(name).filter(|it| noted.insert(it)) {
                notes.push(self.note(format_args!(
                    "a={name} names payload type {payload_type}, which is not in the m= line: ignored."
                )));
            }
        }
        listed.sort_unstable();
        listed.dedup();
        let mapped: HashSet<&str> = self.payload_types_of("rtpmap").collect();
        // The numbers up to 34 have a fixed meaning (RFC 3551 §6).
        let is_dynamic = |it: &&str| it.parse::<u16>().is_ok_and(|number| number > 34);
        for payload_type in listed.into_iter().filter(is_dynamic) {
            if !mapped.contains(payload_type) {
                notes.push(self.note(format_args!(
                    "payload type {payload_type} is in the m= line but has no a=rtpmap: its codec is unknown."
                )));
            }
        }
        notes
    }

    /// The first word of each value of an attribute.
    fn payload_types_of(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let values = values(self.lines, name).into_iter();
        values.filter_map(|value| value.split(' ').next())
    }

    fn wrong_direction(&self) -> Option<String> {
        let names = ["sendrecv", "sendonly", "recvonly", "inactive"];
        let count = attributes(self.lines)
            .filter(|(name, _)| names.contains(name))
            .count();
        (count > 1).then(|| {
            self.note(format_args!(
                "{count} directions, where only one is allowed."
            ))
        })
    }

    fn missing_transport(&self, session: &HashMap<&str, &str>) -> Vec<String> {
        let own: HashMap<&str, &str> = attributes(self.lines).collect();
        let note = |(name, least, consequence): &(&str, usize, &str)| match own
            .get(name)
            .or(session.get(name))
        {
            None => Some(self.note(format_args!("a={name} is missing: {consequence}."))),
            Some(value) if value.len() < *least => Some(self.note(format_args!(
                "a={name} is shorter than {least} characters (RFC 8839 §5.4)."
            ))),
            Some(_) => None,
        };
        TRANSPORT.iter().filter_map(note).collect()
    }
}
