//! What is told of one line.

/// The parts of an explanation; all but the first are the same for every line of the kind.
pub(super) struct LineExplanation {
    pub(super) says: String,
    pub(super) from: &'static str,
    pub(super) effect: &'static str,
    pub(super) source: &'static str,
}

/// Who puts lines into a description.
pub(super) mod from {
    pub(in super::super) const PEER: &str = "the peer connection";
    pub(in super::super) const ICE: &str = "the ICE agent";
    pub(in super::super) const DTLS: &str = "the DTLS transport";
    pub(in super::super) const CODECS: &str = "the registered codecs";
    pub(in super::super) const RTP: &str = "the RTP stack";
    pub(in super::super) const TRACK: &str = "the application, by addTrack()";
    pub(in super::super) const SENDER: &str = "the RTP sender";
    pub(in super::super) const DATA: &str = "the data channels (SCTP)";
    pub(in super::super) const WRITER: &str = "whoever wrote the line";
}

pub(super) fn explained(
    says: impl Into<String>,
    from: &'static str,
    effect: &'static str,
    source: &'static str,
) -> Option<LineExplanation> {
    let says = says.into();
    Some(LineExplanation {
        says,
        from,
        effect,
        source,
    })
}

/// A line of a kind that is known, with a value that is not.
pub(super) fn malformed(expected: &str, source: &'static str) -> Option<LineExplanation> {
    explained(
        format!("Not understood: expected {expected}."),
        from::WRITER,
        "A strict receiver refuses the whole description because of it.",
        source,
    )
}

/// The source that is given for a line that nothing here explains.
pub(super) const UNKNOWN: &str = "RFC 8866 §5";

pub(super) fn unknown() -> LineExplanation {
    LineExplanation {
        says: "Not explained here.".to_owned(),
        from: from::WRITER,
        effect: "The other side ignores an attribute that it does not know.",
        source: UNKNOWN,
    }
}
