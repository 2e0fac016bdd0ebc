//! The lines of one letter that have parts: `o=`, `c=`, `b=`.

use super::explained_line::{ExplainedLine, ICE, PEER, line, malformed};
use super::section::Section;

pub(super) fn origin(value: &str) -> ExplainedLine {
    let words: Vec<&str> = value.split_ascii_whitespace().collect();
    let [user, id, version, _network, _family, address] = words[..] else {
        let form = "o=<user> <session id> <version> <network> <family> <address>";
        return malformed(form, "RFC 8866 §5.2");
    };
    let by = match user {
        "-" => String::new(),
        name => format!(" by {name}"),
    };
    line(
        format!("Session {id}, version {version}, written{by} at {address}."),
        PEER,
        "A new version shows the other peer that the description has changed. The address is not \
         used.",
        "RFC 8866 §5.2, RFC 9429 §5.2.1",
    )
}

pub(super) fn connection(value: &str) -> ExplainedLine {
    let Some(address) = value.split_ascii_whitespace().nth(2) else {
        return malformed("c=<network> <family> <address>", "RFC 8866 §5.7");
    };
    line(
        match address {
            "0.0.0.0" | "::" => format!("No address yet: {address} is a placeholder."),
            _ => format!("Address of the default candidate: {address}."),
        },
        ICE,
        "The other peer does not use this address: it uses the candidates whose checks succeed.",
        "RFC 8866 §5.7, RFC 9429 §5.2.1",
    )
}

pub(super) fn bandwidth(value: &str, section: &Section<'_>) -> ExplainedLine {
    let what = match section.kind {
        "" => "the whole session",
        kind => kind,
    };
    let text = match value.split_once(':') {
        Some(("AS", rate)) => format!("At most {rate} kbit/s for {what}, headers included."),
        Some(("TIAS", rate)) => format!("At most {rate} bit/s for {what}, headers not counted."),
        Some(("CT", rate)) => format!("At most {rate} kbit/s for all media together."),
        Some(("RS" | "RR", rate)) => format!("{rate} bit/s are reserved for RTCP reports."),
        Some((kind, rate)) => format!("Bandwidth limit of type {kind}: {rate}."),
        None => return malformed("b=<type>:<rate>", "RFC 8866 §5.8"),
    };
    let effect = "The other peer sends no more than that.";
    line(text, PEER, effect, "RFC 8866 §5.8, RFC 3890 §6.2")
}
