//! What the lines of one section must know of each other.

use std::collections::HashMap;

use crate::explain::session_description::{Line, SessionDescription};

/// Offer or answer: told apart by `a=setup`, since an offer says actpass and an answer must not (RFC 8842 §5).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Side {
    Offer,
    Answer,
    #[default]
    Unknown,
}

/// The context of a line: empty for the session's lines.
#[derive(Default)]
pub(super) struct Section<'a> {
    /// `audio`, `video` or `application`.
    pub(super) kind: &'a str,
    pub(super) side: Side,
    /// Payload types and what `a=rtpmap` says of them.
    pub(super) codecs: HashMap<&'a str, &'a str>,
}

impl<'a> Section<'a> {
    fn new(lines: &[Line<'a>], session_setup: Option<&'a str>) -> Self {
        let first = lines.first().map_or("", Line::value);
        let attributes = || lines.iter().filter_map(Line::attribute);
        Self {
            kind: first.split(' ').next().unwrap_or_default(),
            side: match setup(lines).or(session_setup) {
                Some("actpass") => Side::Offer,
                Some("active" | "passive") => Side::Answer,
                _ => Side::Unknown,
            },
            codecs: attributes()
                .filter(|(name, _)| *name == "rtpmap")
                .filter_map(|(_, value)| value.split_once(' '))
                .collect(),
        }
    }

    /// The sections of a description.
    pub(super) fn all(description: &SessionDescription<'a>) -> Vec<Self> {
        let session_setup = setup(&description.session);
        let sections = description.media.iter();
        sections
            .map(|media| Self::new(&media.lines, session_setup))
            .collect()
    }

    /// The codec's name as `a=rtpmap` spells it; the static payload types need no such line (RFC 3551 §6).
    pub(super) fn codec(&self, payload_type: &str) -> &'a str {
        match (self.codecs.get(payload_type), payload_type) {
            (Some(encoding), _) => encoding.split('/').next().unwrap_or_default(),
            (None, "0") => "PCMU",
            (None, "8") => "PCMA",
            (None, "9") => "G722",
            (None, "13") => "CN",
            _ => "?",
        }
    }

    /// `102 (H264)`, or `every payload type` for `*`.
    pub(super) fn named(&self, payload_type: &str) -> String {
        match payload_type {
            "*" => "every payload type".to_owned(),
            _ => format!("{payload_type} ({})", self.codec(payload_type)),
        }
    }
}

fn setup<'a>(lines: &[Line<'a>]) -> Option<&'a str> {
    let mut attributes = lines.iter().filter_map(Line::attribute);
    attributes.find_map(|(name, value)| (name == "setup").then_some(value))
}
