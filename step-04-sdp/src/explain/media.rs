//! Sections and groups of sections: `m=`, `a=group`.

use super::explained_line::{ExplainedLine, PEER, if_both, line, malformed};
use super::section::Section;

/// A browser lists up to forty payload types; each has lines of its own below.
const LISTED_PAYLOAD_TYPES: usize = 8;

/// The `m=` line (RFC 8866 §5.14).
pub(super) fn media_line(value: &str, section: &Section<'_>) -> ExplainedLine {
    let words: Vec<&str> = value.split_ascii_whitespace().collect();
    let [kind, port, protocol, formats @ ..] = &words[..] else {
        return malformed("m=<media> <port> <protocol> <formats>", "RFC 8866 §5.14");
    };
    let protocol = match *protocol {
        "UDP/TLS/RTP/SAVPF" => "RTP over UDP, encrypted with keys from DTLS, with RTCP feedback",
        "UDP/DTLS/SCTP" | "DTLS/SCTP" => "SCTP inside DTLS over UDP",
        other => other,
    };
    let port = match *port {
        "9" => "Port 9 is a placeholder: ICE finds the ports.".to_owned(),
        "0" if section.is_bundle_only => {
            "Port 0 with a=bundle-only: the section uses the transport of its bundle.".to_owned()
        }
        "0" => "Port 0: the section is rejected or stopped.".to_owned(),
        port => format!("Port {port} belongs to the default candidate."),
    };
    line(
        format!(
            "{kind}: {protocol}. {port} {}",
            formats_text(formats, section)
        ),
        PEER,
        match section.is_answer {
            Some(true) => {
                "The other peer, the offerer, sends only what this list contains; the answerer \
                 prefers the first."
            }
            _ => {
                "The other peer answers with a section in the same position: with the payload types \
                 that it supports, or with port 0 to reject the section."
            }
        },
        "RFC 8866 §5.14, RFC 9429 §5.2.1 and §5.3.1",
    )
}

fn formats_text(formats: &[&str], section: &Section<'_>) -> String {
    if section.kind == "application" {
        return format!("Format: {}.", formats.join(" "));
    }
    let listed = formats.iter().take(LISTED_PAYLOAD_TYPES);
    let listed: Vec<String> = listed.map(|it| section.payload_type(it)).collect();
    let rest = match formats.len().saturating_sub(LISTED_PAYLOAD_TYPES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "Payload types in order of preference: {}{rest}.",
        listed.join(", ")
    )
}

pub(super) fn group(value: &str, section: &Section<'_>) -> ExplainedLine {
    let mut words = value.split_ascii_whitespace();
    let semantics = words.next().unwrap_or_default();
    let mids: Vec<&str> = words.collect();
    let listed = mids.join(", ");
    if semantics != "BUNDLE" {
        let text = format!("Sections {listed} are a group with the semantics {semantics}.");
        let effect = "The other peer ignores semantics that it does not know.";
        return line(text, PEER, effect, "RFC 5888 §5");
    }
    let text = match mids.len() {
        0 => "No section is bundled: each has a transport of its own.".to_owned(),
        1 => format!("The bundle contains only section {listed}."),
        _ => format!(
            "Sections {listed} share the transport of the first: one ICE, one DTLS, one port."
        ),
    };
    line(text, PEER, if_both(section), "RFC 9143 §5 and §7")
}
