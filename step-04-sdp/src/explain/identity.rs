//! Which packets belong to which track: streams, SSRCs, encodings.

use super::explained_line::{APPLICATION, ExplainedLine, SENDER, if_both, line, malformed};
use super::section::Section;

pub(super) fn msid(value: &str) -> ExplainedLine {
    let (stream, track) = value.split_once(' ').unwrap_or((value, ""));
    let text = match (stream, track) {
        ("-", "") => "The track is in no MediaStream.".to_owned(),
        ("-", track) => format!("Track {track}, in no MediaStream."),
        (stream, "") => format!("The track is in MediaStream {stream}."),
        (stream, track) => format!("Track {track} in MediaStream {stream}."),
    };
    let effect = match stream {
        "-" => "The track event of the other peer has no stream.",
        _ => {
            "The track event of the other peer has a stream with this id; the tracks of one stream are \
             played in sync."
        }
    };
    line(text, APPLICATION, effect, "RFC 8830 §2, RFC 9429 §5.10")
}

pub(super) fn ssrc(value: &str) -> ExplainedLine {
    let Some((ssrc, attribute)) = value.split_once(' ') else {
        return malformed("ssrc:<number> <attribute>:<value>", "RFC 5576 §4.1");
    };
    let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
    if name == "cname" {
        return line(
            format!("The RTP stream with SSRC {ssrc} belongs to the source {value} (cname)."),
            SENDER,
            "Streams with the same cname use the same clock: the other peer can play them in sync.",
            "RFC 5576 §4.1 and §6.1",
        );
    }
    let effect = match name {
        "msid" => "The other peer uses the line a=msid, which replaced this one.",
        _ => "The other peer ignores an attribute that it does not know.",
    };
    let text = format!("Attribute of SSRC {ssrc}: {attribute}.");
    line(text, SENDER, effect, "RFC 5576 §4.1")
}

pub(super) fn ssrc_group(value: &str) -> ExplainedLine {
    let mut words = value.split_ascii_whitespace();
    let semantics = words.next().unwrap_or_default();
    let ssrcs: Vec<&str> = words.collect();
    let text = match (semantics, &ssrcs[..]) {
        ("FID", [first, again]) => {
            format!("SSRC {again} carries the retransmissions of SSRC {first} (FID).")
        }
        ("FEC-FR", [first, repair]) => {
            format!("SSRC {repair} carries the error correction of SSRC {first} (FEC-FR).")
        }
        ("SIM", _) => format!(
            "SSRCs {}: the same video in several sizes (SIM).",
            ssrcs.join(", ")
        ),
        (_, []) => return malformed("ssrc-group:<semantics> <number> ...", "RFC 5576 §4.2"),
        (other, _) => format!(
            "SSRCs {} are a group with the semantics {other}.",
            ssrcs.join(", ")
        ),
    };
    let effect = "The other peer treats these RTP streams as one source.";
    line(text, SENDER, effect, "RFC 5576 §4.2")
}

pub(super) fn rid(value: &str, section: &Section<'_>) -> ExplainedLine {
    let words: Vec<&str> = value.split_ascii_whitespace().collect();
    let [id, direction @ ("send" | "recv"), limits @ ..] = &words[..] else {
        return malformed("rid:<id> send or recv", "RFC 8851 §4");
    };
    let verb = match *direction {
        "send" => "send",
        _ => "receive",
    };
    let limits = match limits.is_empty() {
        true => String::new(),
        false => format!(", within {}", limits.join(" ")),
    };
    let text = format!("This peer can {verb} an encoding named {id}{limits}.");
    line(text, SENDER, if_both(section), "RFC 8851 §4, RFC 8853 §5.1")
}
