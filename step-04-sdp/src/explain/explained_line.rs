//! The explanation of one line, and who writes lines.

use super::section::Section;

/// One line of a description, explained.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExplainedLine {
    /// The line's number in the description, from 1.
    pub number: usize,
    /// The line itself; control characters are replaced.
    pub line: String,
    /// What the line says, with its values, in plain words.
    pub text: String,
    /// Who wrote it; empty when that is unknown.
    pub written_by: &'static str,
    /// What the other peer does with it.
    pub effect: &'static str,
    /// The section of the standard that defines it.
    pub source: String,
}

impl ExplainedLine {
    /// Whether the line is of a kind that is explained here.
    pub fn is_known(&self) -> bool {
        self.source != UNKNOWN
    }
}

pub(super) const PEER: &str = "the peer connection";
pub(super) const ICE: &str = "the ICE agent";
pub(super) const DTLS: &str = "the DTLS transport";
pub(super) const CODECS: &str = "the registered codecs";
pub(super) const RTP: &str = "the RTP stack";
pub(super) const CAPTURE: &str = "the capture";
pub(super) const SENDER: &str = "the RTP sender";
pub(super) const SCTP: &str = "the SCTP transport";
pub(super) const APPLICATION: &str = "the application";

pub(super) fn line(
    text: impl Into<String>,
    written_by: &'static str,
    effect: &'static str,
    source: impl Into<String>,
) -> ExplainedLine {
    ExplainedLine {
        text: text.into(),
        written_by,
        effect,
        source: source.into(),
        ..ExplainedLine::default()
    }
}

/// The effect of what both descriptions must contain. An answer contains it only if the offer does (RFC 3264 §6).
pub(super) fn if_both(section: &Section<'_>) -> &'static str {
    match section.is_answer {
        Some(false) => "It is used if the answer contains it too.",
        Some(true) => "It is used: an answer contains only what the offer contains.",
        None => "It is used if both descriptions contain it.",
    }
}

/// A line of a known kind that does not have the form which the standard demands.
pub(super) fn malformed(expected: &str, source: &str) -> ExplainedLine {
    let text = format!("Malformed: expected {expected}.");
    line(
        text,
        "",
        "A strict receiver rejects the whole description.",
        source,
    )
}

/// A line that nothing here explains.
pub(super) fn unknown() -> ExplainedLine {
    let effect = "The other peer ignores an attribute that it does not know.";
    line("Not explained here.", "", effect, UNKNOWN)
}

/// Defines that unknown attributes are ignored: the source of no other explanation.
pub(super) const UNKNOWN: &str = "RFC 8866 §5.13";
