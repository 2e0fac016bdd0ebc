//! Which lines of a description do not fit together, and what follows from it.

use std::collections::HashSet;

use crate::explain::session_description::{Line, MediaSection, SessionDescription, values};

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
    let bundle = values(&description.session, "group").find_map(|it| it.strip_prefix("BUNDLE"));
    let bundle: Vec<&str> = bundle
        .unwrap_or_default()
        .split_ascii_whitespace()
        .collect();
    notes.extend(wrong_mids(description, &bundle));
    // In a bundle the first section's transport serves all (RFC 9143 §7.1.3).
    let bundled: HashSet<&str> = bundle.iter().skip(1).copied().collect();
    let session = TRANSPORT.map(|(name, ..)| values(&description.session, name).next());
    for (index, media) in description.media.iter().enumerate() {
        let section = CheckedSection::new(index, media);
        if section.is_rejected() {
            continue;
        }
        notes.extend(section.wrong_payload_types());
        notes.extend(section.wrong_direction());
        if !values(&media.lines, "mid").any(|mid| bundled.contains(mid)) {
            notes.extend(section.missing_transport(session));
        }
    }
    notes
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
    let sections = description.media.iter();
    for mid in sections.flat_map(|media| values(&media.lines, "mid")) {
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
        self.words.get(1) == Some(&"0") && values(self.lines, "bundle-only").next().is_none()
    }

    fn note(&self, text: impl std::fmt::Display) -> String {
        format!("{}: {text}", self.name)
    }

    fn wrong_payload_types(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let is_rtp = |protocol: &&str| protocol.contains("RTP");
        if !self.words.get(2).is_some_and(is_rtp) {
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
        values(self.lines, name).filter_map(|value| value.split(' ').next())
    }

    fn wrong_direction(&self) -> Option<String> {
        let names = ["sendrecv", "sendonly", "recvonly", "inactive"];
        let count: usize = names
            .map(|name| values(self.lines, name).count())
            .iter()
            .sum();
        (count > 1).then(|| {
            self.note(format_args!(
                "{count} directions, where only one is allowed."
            ))
        })
    }

    /// `session` has the values for the whole session.
    fn missing_transport(&self, session: [Option<&str>; TRANSPORT.len()]) -> Vec<String> {
        let mut notes = Vec::new();
        for ((name, least, consequence), of_session) in TRANSPORT.into_iter().zip(session) {
            match values(self.lines, name).next().or(of_session) {
                None => notes.push(self.note(format_args!("a={name} is missing: {consequence}."))),
                Some(value) if value.len() < least => notes.push(self.note(format_args!(
                    "a={name} is shorter than {least} characters (RFC 8839 §5.4)."
                ))),
                Some(_) => {}
            }
        }
        notes
    }
}
