//! The lines of one letter: version, origin, name, time, address, bandwidth.

use super::line_explanation::{LineExplanation, explained, from, malformed};
use super::section::Section;

pub(super) fn explain(kind: char, value: &str, section: &Section<'_>) -> Option<LineExplanation> {
    match kind {
        'v' => explained(
            format!("The version of SDP: {value}."),
            from::PEER,
            "The other side stops here if the number is not 0; there has never been another.",
            "RFC 8866 §5.1",
        ),
        'o' => origin(value),
        's' => explained(
            match value {
                "-" => "The session has no name; the line itself must be there.".to_owned(),
                name => format!("The name of the session: {name}."),
            },
            from::PEER,
            "The other side ignores it; SDP was first made to announce broadcasts.",
            "RFC 8866 §5.3, RFC 8829 §5.2.1",
        ),
        't' => explained(
            match value {
                "0 0" => "No begin and no end: the session is not bound to the clock.".to_owned(),
                times => format!("Begin and end of the session: {times}."),
            },
            from::PEER,
            "The other side ignores it: a call begins when it connects.",
            "RFC 8866 §5.9, RFC 8829 §5.2.1",
        ),
        'c' => connection(value),
        'b' => bandwidth(value, section),
        'i' => explained(
            format!("A title for people: {value}."),
            from::WRITER,
            "WebRTC ignores it.",
            "RFC 8866 §5.4",
        ),
        _ => None,
    }
}

fn origin(value: &str) -> Option<LineExplanation> {
    let words: Vec<&str> = value.split_ascii_whitespace().collect();
    let [user, id, version, _network, _family, address] = words[..] else {
        return malformed(
            "o=<user> <session id> <version> <network> <family> <address>",
            "RFC 8866 §5.2",
        );
    };
    let by = match user {
        "-" => String::new(),
        name => format!(" by {name}"),
    };
    explained(
        format!("Session {id}, version {version} of it, written{by} at {address}."),
        from::PEER,
        "The other side sees by the version that the description has changed. The address is \
         for show.",
        "RFC 8866 §5.2, RFC 8829 §5.2.1",
    )
}

fn connection(value: &str) -> Option<LineExplanation> {
    let Some(address) = value.split_ascii_whitespace().nth(2) else {
        return malformed("c=<network> <family> <address>", "RFC 8866 §5.7");
    };
    explained(
        match address {
            "0.0.0.0" | "::" => format!("No address yet: {address} keeps the place."),
            _ => format!("The address of the default candidate: {address}."),
        },
        from::ICE,
        "The other side does not send there because of this line: candidates and checks decide.",
        "RFC 8866 §5.7, RFC 8829 §5.2.1",
    )
}

fn bandwidth(value: &str, section: &Section<'_>) -> Option<LineExplanation> {
    let what = match section.kind {
        "" => "the whole session",
        kind => kind,
    };
    let says = match value.split_once(':') {
        Some(("AS", rate)) => format!("At most {rate} kbit/s for {what}, headers included."),
        Some(("TIAS", rate)) => format!("At most {rate} bit/s for {what}, headers not counted."),
        Some(("CT", rate)) => format!("At most {rate} kbit/s for all media together."),
        Some(("RS" | "RR", rate)) => format!("{rate} bit/s are set aside for RTCP reports."),
        Some((kind, rate)) => format!("A limit of kind {kind}: {rate}."),
        None => return malformed("b=<kind>:<rate>", "RFC 8866 §5.8"),
    };
    explained(
        says,
        from::PEER,
        "The other side keeps what it sends to this side below the limit.",
        "RFC 8866 §5.8, RFC 3890 §6.2",
    )
}
