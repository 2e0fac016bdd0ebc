//! RTP and RTCP: where reports go, and what a receiver may ask for.

use super::line_explanation::{LineExplanation, explained, from, malformed};
use super::section::Section;

pub(super) fn explain(name: &str, value: &str, section: &Section<'_>) -> Option<LineExplanation> {
    match name {
        "rtcp" => explained(
            match value.split(' ').next().unwrap_or_default() {
                "9" => "RTCP would go to port 9 (discard): a place kept, nothing more.".to_owned(),
                port => format!("RTCP would go to port {port}."),
            },
            from::RTP,
            "The other side ignores it when RTCP shares the port of RTP (rtcp-mux).",
            "RFC 3605 §2.1, RFC 8829 §5.2.1",
        ),
        "rtcp-mux" => explained(
            "RTCP shares the port with RTP.",
            from::RTP,
            "If both descriptions say so, RTCP needs no candidates of its own.",
            "RFC 5761 §5.1.1, RFC 8829 §5.2.1",
        ),
        "rtcp-mux-only" => explained(
            "RTCP has no other way than RTP's port.",
            from::RTP,
            "The other side refuses the section if it cannot share the port.",
            "RFC 8858 §3",
        ),
        "rtcp-rsize" => explained(
            "RTCP packets may be short: a request without the full report.",
            from::RTP,
            "If both descriptions say so, a key frame is asked for in few bytes, at once.",
            "RFC 5506 §5",
        ),
        "rtcp-xr" => explained(
            match value {
                "rcvr-rtt=all" => {
                    "Extended reports: who only receives can measure the round trip, too."
                        .to_owned()
                }
                other => format!("Extended reports: {other}."),
            },
            from::RTP,
            "The other side may send the blocks that are named.",
            "RFC 3611 §5.1",
        ),
        "rtcp-fb" => feedback(value, section),
        _ => None,
    }
}

/// One message, its meaning for the sender of the picture, and its source.
fn message(parameters: &str) -> Option<(&'static str, &'static str, &'static str)> {
    Some(match parameters {
        "nack" => (
            "a receiver may ask for a lost packet again (nack)",
            "The other side sends the packet again when asked, and asks when it misses one.",
            "RFC 4585 §4.2 and §6.2.1",
        ),
        "nack pli" => (
            "a receiver may say that it has lost the picture (nack pli)",
            "The other side sends a key frame when asked, and asks when it cannot decode.",
            "RFC 4585 §4.2 and §6.3.1",
        ),
        "ccm fir" => (
            "a new receiver may demand a key frame (ccm fir)",
            "The other side sends a key frame when asked.",
            "RFC 5104 §4.3.1 and §7.1",
        ),
        "ccm tmmbr" => (
            "a receiver may ask for a lower bitrate (ccm tmmbr)",
            "The other side lowers its bitrate when asked.",
            "RFC 5104 §4.2.1 and §7.1",
        ),
        "goog-remb" => (
            "a receiver may say how many bits a second it takes (goog-remb)",
            "The other side keeps its bitrate below what it is told.",
            "draft-alvestrand-rmcat-remb-03",
        ),
        "transport-cc" => (
            "the arrival time of every packet is reported (transport-cc)",
            "The other side finds from the times how much the network carries, and sends that \
             much.",
            "draft-holmer-rmcat-transport-wide-cc-extensions-01",
        ),
        _ => return None,
    })
}

fn feedback(value: &str, section: &Section<'_>) -> Option<LineExplanation> {
    let Some((payload_type, parameters)) = value.split_once(' ') else {
        return malformed("rtcp-fb:<payload type> <message>", "RFC 4585 §4.2");
    };
    let payload_type = section.named(payload_type);
    match message(parameters.trim()) {
        Some((meaning, effect, source)) => explained(
            format!("For {payload_type}: {meaning}."),
            from::CODECS,
            effect,
            source,
        ),
        None => explained(
            format!("For {payload_type}: feedback of the kind {parameters}."),
            from::CODECS,
            "Used only if both descriptions name it.",
            "RFC 4585 §4.2",
        ),
    }
}
