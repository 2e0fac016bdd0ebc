//! RTCP feedback: what a receiver can request.

use super::explained_line::{CODECS, ExplainedLine, if_both, line, malformed};
use super::section::Section;

/// Message; what the receiver can do with it; what the sender does then; source.
#[rustfmt::skip]
const MESSAGES: [(&str, &str, &str, &str); 6] = [
    ("nack", "the receiver can request lost packets again (nack)",
        "The peer that sends repeats the packet, mostly with the payload type of rtx.", "RFC 4585 §4.2 and §6.2.1"),
    ("nack pli", "the receiver can report that it lost a frame (nack pli, picture loss indication)",
        "The peer that sends makes the next frame a key frame.", "RFC 4585 §4.2 and §6.3.1"),
    ("ccm fir", "a new receiver can request a key frame (ccm fir, full intra request)",
        "The peer that sends makes the next frame a key frame.", "RFC 5104 §4.3.1 and §7.1"),
    ("ccm tmmbr", "the receiver can request a lower bitrate (ccm tmmbr)",
        "The peer that sends lowers its bitrate.", "RFC 5104 §4.2.1 and §7.1"),
    ("goog-remb", "the receiver can report how many bits a second the network carries (goog-remb)",
        "The peer that sends keeps its bitrate below that.", "draft-alvestrand-rmcat-remb-03"),
    ("transport-cc", "the receiver reports when each packet arrived (transport-cc)",
        "The peer that sends computes from the times how much the network carries.",
        "draft-holmer-rmcat-transport-wide-cc-extensions-01"),
];

pub(super) fn feedback(value: &str, section: &Section<'_>) -> ExplainedLine {
    let Some((payload_type, message)) = value.split_once(' ') else {
        return malformed("rtcp-fb:<payload type> <message>", "RFC 4585 §4.2");
    };
    let payload_type = section.payload_type(payload_type);
    let known = MESSAGES.iter().find(|row| row.0 == message.trim());
    match known {
        Some((_, text, effect, source)) => line(
            format!("For {payload_type}: {text}."),
            CODECS,
            effect,
            *source,
        ),
        None => line(
            format!("For {payload_type}: feedback of the type {message}."),
            CODECS,
            if_both(section),
            "RFC 4585 §4.2",
        ),
    }
}
