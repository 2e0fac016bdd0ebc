//! What does not fit together, and what follows from it.

use std::collections::{HashMap, HashSet};

use crate::explain::session_description::{Line, MediaSection, SessionDescription};

/// The notes on a whole description.
pub(super) fn notes(description: &SessionDescription<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    session(description, &mut notes);
    let bundle = values(&description.session, "group")
        .into_iter()
        .find_map(|group| group.strip_prefix("BUNDLE"))
        .map(|mids| mids.split_ascii_whitespace().collect::<Vec<_>>());
    let tagged = bundle.as_ref().and_then(|mids| mids.first().copied());
    let members: HashSet<&str> = bundle.iter().flatten().copied().collect();
    names(
        description,
        bundle.as_deref().unwrap_or_default(),
        &mut notes,
    );
    let transport = Transport::of(&description.session);
    for (index, media) in description.media.iter().enumerate() {
        let mid = values(&media.lines, "mid").first().copied();
        // In a bundle the first section's transport serves all (RFC 9143 §7.1.3).
        let bundled = mid.is_some_and(|mid| members.contains(mid) && tagged != Some(mid));
        let section = Checked::new(index, media);
        if !section.refused() {
            section.payload_types(&mut notes);
            section.direction(&mut notes);
            if !bundled {
                section.transport(&transport, &mut notes);
            }
        }
    }
    notes
}

fn values<'a>(lines: &[Line<'a>], name: &str) -> Vec<&'a str> {
    let attributes = lines.iter().filter_map(Line::attribute);
    attributes
        .filter(|(attribute, _)| *attribute == name)
        .map(|(_, value)| value)
        .collect()
}

fn session(description: &SessionDescription<'_>, notes: &mut Vec<String>) {
    for (kind, consequence) in [
        ('o', "nobody can tell a new version from an old one"),
        ('s', "a strict receiver refuses the description"),
        ('t', "a strict receiver refuses the description"),
    ] {
        if !description.session.iter().any(|line| line.kind() == kind) {
            notes.push(format!(
                "There is no {kind}= line: {consequence} (RFC 8866 §5)."
            ));
        }
    }
    if description.media.is_empty() {
        notes.push(
            "There is no m= section: nothing can be sent, and ICE has nothing to do.".to_owned(),
        );
    }
}

fn names(description: &SessionDescription<'_>, bundle: &[&str], notes: &mut Vec<String>) {
    let mut mids = HashSet::new();
    for media in &description.media {
        for mid in values(&media.lines, "mid") {
            if !mids.insert(mid) {
                notes.push(format!(
                    "Two sections have the name {mid} (mid): it must be unique (RFC 5888 §4)."
                ));
            }
        }
    }
    // Each missing name is told once.
    for name in bundle.iter().filter(|name| mids.insert(name)) {
        notes.push(format!(
            "BUNDLE names section {name}, but no section has a=mid:{name}: the description is \
             refused (RFC 9143 §7)."
        ));
    }
}

/// One section under the checks.
struct Checked<'a> {
    name: String,
    words: Vec<&'a str>,
    lines: &'a [Line<'a>],
}

impl<'a> Checked<'a> {
    fn new(index: usize, media: &'a MediaSection<'a>) -> Self {
        let first = media.lines.first().map_or("", Line::value);
        let words: Vec<&str> = first.split_ascii_whitespace().collect();
        Self {
            name: format!("Section {index} ({})", words.first().unwrap_or(&"?")),
            words,
            lines: &media.lines,
        }
    }

    fn refused(&self) -> bool {
        self.words.get(1) == Some(&"0")
    }

    fn payload_types(&self, notes: &mut Vec<String>) {
        if !self
            .words
            .get(2)
            .is_some_and(|protocol| protocol.contains("RTP"))
        {
            return;
        }
        let listed: HashSet<&str> = self.words.iter().skip(3).copied().collect();
        let mapped: HashSet<&str> = self.heads("rtpmap").collect();
        for name in ["rtpmap", "fmtp", "rtcp-fb"] {
            let mut told = HashSet::new();
            for stranger in self
                .heads(name)
                .filter(|head| *head != "*" && !listed.contains(head))
            {
                if told.insert(stranger) {
                    notes.push(format!(
                        "{}: a={name} speaks of payload type {stranger}, which is not in the m= \
                         line: ignored.",
                        self.name
                    ));
                }
            }
        }
        let mut listed: Vec<&str> = listed.into_iter().collect();
        listed.sort_unstable();
        // The numbers up to 34 have a fixed meaning (RFC 3551 §6).
        let dynamic = |word: &&str| word.parse::<u16>().is_ok_and(|number| number > 34);
        for nameless in listed
            .into_iter()
            .filter(dynamic)
            .filter(|word| !mapped.contains(word))
        {
            notes.push(format!(
                "{}: payload type {nameless} is in the m= line but has no a=rtpmap: nobody \
                 knows what it means.",
                self.name
            ));
        }
    }

    /// The first word of each value of an attribute.
    fn heads(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let values = values(self.lines, name).into_iter();
        values.filter_map(|value| value.split(' ').next())
    }

    fn direction(&self, notes: &mut Vec<String>) {
        let names = ["sendrecv", "sendonly", "recvonly", "inactive"];
        let count = self
            .lines
            .iter()
            .filter_map(Line::attribute)
            .filter(|(name, _)| names.contains(name))
            .count();
        if count > 1 {
            notes.push(format!(
                "{}: {count} directions, where there can be one.",
                self.name
            ));
        }
    }

    fn transport(&self, session: &Transport<'_>, notes: &mut Vec<String>) {
        let own = Transport::of(self.lines);
        for (name, least, consequence) in Transport::NEEDED {
            match own.get(name).or(session.get(name)) {
                None => notes.push(format!(
                    "{}: a={name} is missing: {consequence}.",
                    self.name
                )),
                Some(value) if value.len() < least => notes.push(format!(
                    "{}: a={name} is shorter than {least} characters (RFC 8839 §5.4).",
                    self.name
                )),
                Some(_) => {}
            }
        }
    }
}

/// What ICE and DTLS need to be told; it may stand in the session's lines for all sections.
struct Transport<'a>(HashMap<&'a str, &'a str>);

impl<'a> Transport<'a> {
    /// Name, least length, and what happens without it.
    const NEEDED: [(&'static str, usize, &'static str); 4] = [
        (
            "ice-ufrag",
            4,
            "no check can be sent here, and ICE fails (RFC 8839 §5.4)",
        ),
        (
            "ice-pwd",
            22,
            "no check can be sent here, and ICE fails (RFC 8839 §5.4)",
        ),
        (
            "fingerprint",
            0,
            "the certificate cannot be verified, and WebRTC refuses (RFC 8827 §6.5)",
        ),
        (
            "setup",
            0,
            "nobody knows who begins the DTLS handshake (RFC 8842 §5)",
        ),
    ];

    fn of(lines: &[Line<'a>]) -> Self {
        Self(lines.iter().filter_map(Line::attribute).collect())
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).copied()
    }
}
