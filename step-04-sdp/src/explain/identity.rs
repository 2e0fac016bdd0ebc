//! Whose packets they are: streams, tracks, sources, simulcast.

use super::line_explanation::{LineExplanation, explained, from, malformed};

pub(super) fn explain(name: &str, value: &str) -> Option<LineExplanation> {
    match name {
        "msid" => msid(value),
        "msid-semantic" => explained(
            "Says that msid names WebRTC's media streams (WMS).",
            from::PEER,
            "The other side ignores it; it stays for old peers.",
            "early drafts of RFC 8830",
        ),
        "ssrc" => ssrc(value),
        "ssrc-group" => ssrc_group(value),
        "rid" => rid(value),
        "simulcast" => explained(
            format!("The same picture in several encodings: {value}."),
            from::SENDER,
            "An encoding flows only if both descriptions name it: send here, recv there.",
            "RFC 8853 §5.1",
        ),
        _ => None,
    }
}

fn msid(value: &str) -> Option<LineExplanation> {
    let (stream, track) = value.split_once(' ').unwrap_or((value, ""));
    let says = match (stream, track) {
        ("-", "") => "The track belongs to no MediaStream.".to_owned(),
        ("-", track) => format!("Track {track}, in no MediaStream."),
        (stream, "") => format!("The track belongs to MediaStream {stream}."),
        (stream, track) => format!("Track {track}, of MediaStream {stream}."),
    };
    explained(
        says,
        from::TRACK,
        match stream {
            "-" => "The other side's track event comes without a stream.",
            _ => {
                "The other side's track event has a stream of this id; its tracks are played in \
                 step."
            }
        },
        "RFC 8830 §2, RFC 8829 §5.10",
    )
}

fn ssrc(value: &str) -> Option<LineExplanation> {
    let Some((ssrc, attribute)) = value.split_once(' ') else {
        return malformed("ssrc:<number> <attribute>:<value>", "RFC 5576 §4.1");
    };
    let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
    match name {
        "cname" => explained(
            format!("Packets with SSRC {ssrc} come from {value} (cname)."),
            from::SENDER,
            "The other side can play sources with one cname in step: they share a clock.",
            "RFC 5576 §4.1 and §6.1",
        ),
        "msid" => explained(
            match value.split_once(' ') {
                Some(("-", track)) => format!("SSRC {ssrc} is of track {track}, in no stream."),
                Some((stream, track)) => {
                    format!("SSRC {ssrc} is of stream {stream}, track {track}.")
                }
                None => format!("SSRC {ssrc} is of stream {value}."),
            },
            from::SENDER,
            "The other side reads a=msid first; this is the older way to say it.",
            "early drafts of RFC 8830",
        ),
        "mslabel" => explained(
            format!("SSRC {ssrc} is of MediaStream {value}."),
            from::SENDER,
            "The other side ignores it today: msid says it.",
            "early drafts of RFC 8830",
        ),
        "label" => explained(
            format!("SSRC {ssrc} is of track {value}."),
            from::SENDER,
            "The other side ignores it today: msid says it.",
            "early drafts of RFC 8830",
        ),
        _ => explained(
            format!("Of SSRC {ssrc}: {attribute}."),
            from::SENDER,
            "The other side ignores what it does not know.",
            "RFC 5576 §4.1",
        ),
    }
}

fn ssrc_group(value: &str) -> Option<LineExplanation> {
    let mut words = value.split_ascii_whitespace();
    let semantics = words.next().unwrap_or_default();
    let sources: Vec<&str> = words.collect();
    let says = match (semantics, &sources[..]) {
        ("FID", [first, again]) => {
            format!("SSRC {again} sends the lost packets of {first} again (FID).")
        }
        ("FEC-FR", [first, repair]) => {
            format!("SSRC {repair} carries parity for {first} (FEC-FR).")
        }
        ("SIM", _) => format!(
            "SSRCs {}: one picture, several sizes (SIM).",
            sources.join(", ")
        ),
        (_, []) => return malformed("ssrc-group:<semantics> <number> ...", "RFC 5576 §4.2"),
        (other, _) => format!("SSRCs {} belong together ({other}).", sources.join(", ")),
    };
    explained(
        says,
        from::SENDER,
        "The other side puts the packets of these sources together again.",
        "RFC 5576 §4.2",
    )
}

fn rid(value: &str) -> Option<LineExplanation> {
    let words: Vec<&str> = value.split_ascii_whitespace().collect();
    let [id, direction @ ("send" | "recv"), limits @ ..] = &words[..] else {
        return malformed("rid:<id> send or recv", "RFC 8851 §4");
    };
    let verb = match *direction {
        "send" => "sent",
        _ => "received",
    };
    let limits = match limits.is_empty() {
        true => String::new(),
        false => format!(", within {}", limits.join(" ")),
    };
    explained(
        format!("An encoding with the name {id} can be {verb}{limits}."),
        from::SENDER,
        "An encoding flows only if both descriptions name it; packets bear the name in their \
         header.",
        "RFC 8851 §4, RFC 8853 §5.1",
    )
}
