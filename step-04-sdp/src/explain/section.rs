//! What the lines of one section must know of each other.

use std::collections::HashMap;

use crate::explain::session_description::{Line, SessionDescription, values};

/// The context of a line.
#[derive(Default)]
pub(super) struct Section<'a> {
    /// `audio`, `video` or `application`; empty for the lines of the session.
    pub(super) kind: &'a str,
    /// Whether the description is an answer, as far as that is known.
    pub(super) is_answer: Option<bool>,
    /// The section has `a=bundle-only`.
    pub(super) is_bundle_only: bool,
    /// What `a=rtpmap` says of each payload type.
    encodings: HashMap<&'a str, &'a str>,
}

impl<'a> Section<'a> {
    /// The context of the session's lines, then that of each section.
    pub(super) fn all(description: &SessionDescription<'a>, is_answer: Option<bool>) -> Vec<Self> {
        let media = description.media.iter().map(|media| &media.lines);
        let all = || [&description.session].into_iter().chain(media.clone());
        let is_answer = is_answer.or_else(|| all().find_map(|lines| answers(lines)));
        let section = |lines: &Vec<Line<'a>>| {
            let first = lines.first().filter(|line| line.kind() == 'm');
            Self {
                kind: first.map_or("", |line| {
                    line.value().split(' ').next().unwrap_or_default()
                }),
                is_answer,
                is_bundle_only: values(lines, "bundle-only").next().is_some(),
                encodings: values(lines, "rtpmap")
                    .filter_map(|it| it.split_once(' '))
                    .collect(),
            }
        };
        all().map(section).collect()
    }

    /// The codec's name as `a=rtpmap` spells it; the static payload types need no such line (RFC 3551 §6).
    pub(super) fn codec(&self, payload_type: &str) -> &'a str {
        match (self.encodings.get(payload_type), payload_type) {
            (Some(encoding), _) => encoding.split('/').next().unwrap_or_default(),
            (None, "0") => "PCMU",
            (None, "8") => "PCMA",
            (None, "9") => "G722",
            (None, "13") => "CN",
            _ => "?",
        }
    }

    /// `102 (H264)`, or `every payload type` for `*`.
    pub(super) fn payload_type(&self, payload_type: &str) -> String {
        match payload_type {
            "*" => "every payload type".to_owned(),
            _ => format!("{payload_type} ({})", self.codec(payload_type)),
        }
    }
}

/// An offer says `a=setup:actpass`, an answer must not (RFC 8842 §5.2, §5.3).
fn answers(lines: &[Line<'_>]) -> Option<bool> {
    values(lines, "setup").find_map(|value| match value {
        "actpass" => Some(false),
        "active" | "passive" => Some(true),
        _ => None,
    })
}
