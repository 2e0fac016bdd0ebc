//! Sections and directions: `m=`, `mid`, `group`, `sendrecv`, data channels.

use super::line_explanation::{LineExplanation, explained, from, malformed};
use super::section::{Section, Side};

/// The `m=` line (RFC 8866 §5.14).
pub(super) fn media_line(value: &str, section: &Section<'_>) -> Option<LineExplanation> {
    let words: Vec<&str> = value.split_ascii_whitespace().collect();
    let [kind, port, protocol, formats @ ..] = &words[..] else {
        return malformed("m=<media> <port> <protocol> <formats>", "RFC 8866 §5.14");
    };
    let protocol = match *protocol {
        "UDP/TLS/RTP/SAVPF" => {
            "encrypted RTP over UDP, keys from DTLS, feedback by RTCP".to_owned()
        }
        "UDP/DTLS/SCTP" | "DTLS/SCTP" => "SCTP inside DTLS over UDP".to_owned(),
        other => other.to_owned(),
    };
    let port = match *port {
        "9" => "Port 9 (discard) keeps the place: ICE brings the real ones.".to_owned(),
        "0" => "Port 0: the section is refused, or stopped, or carried by its bundle.".to_owned(),
        port => format!("Port {port} is the default candidate's."),
    };
    let source = "RFC 8866 §5.14, RFC 8829 §5.2.1 and §5.3.1";
    explained(
        format!(
            "{kind}: {protocol}. {port} {}",
            formats_told(formats, section)
        ),
        from::PEER,
        match section.side {
            Side::Answer => {
                "The other side, the offerer, sends only what is left in this list; the order \
                 is the answerer's wish."
            }
            _ => {
                "The other side answers with a section in the same place: the list shorter if \
                 it speaks less, port 0 to refuse."
            }
        },
        source,
    )
}

fn formats_told(formats: &[&str], section: &Section<'_>) -> String {
    const SHOWN: usize = 8;
    if section.kind == "application" {
        return format!("The other side carries {}.", formats.join(" "));
    }
    let named: Vec<String> = formats
        .iter()
        .take(SHOWN)
        .map(|format| section.named(format))
        .collect();
    let rest = match formats.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "Payload types, the preferred first: {}{rest}.",
        named.join(", ")
    )
}

pub(super) fn explain(name: &str, value: &str, section: &Section<'_>) -> Option<LineExplanation> {
    match name {
        "mid" => explained(
            format!("The name of this section: {value}."),
            from::PEER,
            "The other side finds it again in BUNDLE, in candidates (sdpMid), and in RTP packets.",
            "RFC 5888 §4, RFC 8829 §5.2.1",
        ),
        "group" => group(value),
        "bundle-only" => explained(
            "This section wants no transport of its own.",
            from::PEER,
            "The other side refuses the section unless it can bundle.",
            "RFC 9143 §6",
        ),
        "sendrecv" | "sendonly" | "recvonly" | "inactive" => direction(name, section.side),
        "sctp-port" => explained(
            format!("SCTP port {value}, a number inside of DTLS and not one of UDP."),
            from::DATA,
            "Its SCTP association goes to this port.",
            "RFC 8841 §5",
        ),
        "max-message-size" => explained(
            match value {
                "0" => "Messages of any size can be received.".to_owned(),
                bytes => format!("Messages of at most {bytes} bytes can be received."),
            },
            from::DATA,
            "The other side sends no longer message: its send() fails.",
            "RFC 8841 §6",
        ),
        "framerate" => explained(
            format!("At most {value} {} frames a second.", section.kind),
            "the camera's capture",
            "The other side may prepare for that many.",
            "RFC 8866 §6.13",
        ),
        "imageattr" => explained(
            format!("Picture sizes that can be sent or shown: {value}."),
            "the camera's capture",
            "The other side sends no size that the recv list leaves out.",
            "RFC 6236 §3.1",
        ),
        _ => None,
    }
}

fn group(value: &str) -> Option<LineExplanation> {
    let mut words = value.split_ascii_whitespace();
    let semantics = words.next().unwrap_or_default();
    let mids: Vec<&str> = words.collect();
    let named = mids.join(", ");
    match (semantics, mids.len()) {
        ("BUNDLE", 0) => explained(
            "Nothing is bundled.",
            from::PEER,
            "The other side gives each section a transport of its own.",
            "RFC 9143 §5",
        ),
        ("BUNDLE", count) => explained(
            match count {
                1 => format!("Section {named} is the only one in the bundle: one transport."),
                _ => format!("Sections {named} share one transport: one ICE, one DTLS, one port."),
            },
            from::PEER,
            "If both descriptions bundle, the first section's transport serves all.",
            "RFC 9143 §5 and §7",
        ),
        ("LS", _) => explained(
            format!("Sections {named} are to be played in step (lip sync)."),
            from::PEER,
            "The other side plays them in step.",
            "RFC 5888 §7",
        ),
        (other, _) => explained(
            format!("Sections {named} belong together, in the sense of {other}."),
            from::PEER,
            "The other side ignores a sense that it does not know.",
            "RFC 5888 §5",
        ),
    }
}

fn direction(name: &str, side: Side) -> Option<LineExplanation> {
    explained(
        match name {
            "sendrecv" => "This side is ready to send and to receive.",
            "sendonly" => "This side sends and does not receive.",
            "recvonly" => "This side receives and does not send.",
            _ => "Nothing flows, in either direction; the section stays.",
        },
        "the application, by the transceiver's direction",
        match side {
            Side::Answer => "The other side keeps to it: it sends only where this side receives.",
            _ => {
                "The other side answers with its mirror or less: recvonly to sendonly; any of \
                 the four to sendrecv."
            }
        },
        "RFC 8866 §6.7, RFC 3264 §6.1",
    )
}
