//! What the payload types mean: `rtpmap`, `fmtp`, `ptime`.

use super::h264;
use super::line_explanation::{LineExplanation, explained, from, malformed};
use super::section::Section;

pub(super) fn explain(name: &str, value: &str, section: &Section<'_>) -> Option<LineExplanation> {
    match name {
        "rtpmap" => rtpmap(value),
        "fmtp" => fmtp(value, section),
        "ptime" => explained(
            format!("{value} ms of sound in each packet, if possible."),
            from::CODECS,
            "The other side makes its packets that long, if it can.",
            "RFC 8866 §6.4",
        ),
        "maxptime" => explained(
            format!("At most {value} ms of sound in each packet."),
            from::CODECS,
            "The other side makes no longer packets.",
            "RFC 8866 §6.5",
        ),
        _ => None,
    }
}

fn rtpmap(value: &str) -> Option<LineExplanation> {
    let parts = value.split_once(' ').and_then(|(payload_type, encoding)| {
        let mut parts = encoding.split('/');
        Some((payload_type, parts.next()?, parts.next()?, parts.next()))
    });
    let Some((payload_type, name, clock, channels)) = parts else {
        return malformed("rtpmap:<payload type> <name>/<clock rate>", "RFC 8866 §6.6");
    };
    let (meaning, source) = meaning(name);
    let channels = match channels {
        Some("1") | None => String::new(),
        Some(count) => format!(", {count} channels"),
    };
    let quirk = match (name, clock) {
        ("opus", _) => " (Opus always says so)",
        ("G722", "8000") => ", though it samples at 16000: an old mistake, kept",
        _ => "",
    };
    explained(
        format!(
            "Payload type {payload_type} means {meaning}, with a clock of {clock} ticks a \
             second{quirk}{channels}."
        ),
        from::CODECS,
        "The other side, if it accepts the codec, reads and sends it under this number.",
        source,
    )
}

fn meaning(name: &str) -> (String, &'static str) {
    let (meaning, source) = match name.to_ascii_lowercase().as_str() {
        "h264" => ("H.264", "RFC 8866 §6.6, RFC 6184 §8.2.1"),
        "h265" => ("H.265", "RFC 8866 §6.6, RFC 7798 §7"),
        "vp8" => ("VP8", "RFC 8866 §6.6, RFC 7741 §6"),
        "vp9" => ("VP9", "RFC 8866 §6.6, RFC 9628"),
        "av1" => ("AV1", "RFC 8866 §6.6, RTP Payload Format for AV1 §7"),
        "opus" => ("Opus", "RFC 8866 §6.6, RFC 7587 §7"),
        "pcmu" => ("G.711 mu-law", "RFC 8866 §6.6, RFC 3551 §4.5.14"),
        "pcma" => ("G.711 A-law", "RFC 8866 §6.6, RFC 3551 §4.5.14"),
        "g722" => ("G.722", "RFC 8866 §6.6, RFC 3551 §4.5.2"),
        "cn" => ("comfort noise", "RFC 8866 §6.6, RFC 3389"),
        "telephone-event" => ("telephone keys, DTMF", "RFC 8866 §6.6, RFC 4733"),
        "rtx" => ("packets sent again", "RFC 8866 §6.6, RFC 4588 §8"),
        "red" => (
            "packets that carry older data once more",
            "RFC 8866 §6.6, RFC 2198 §5",
        ),
        "ulpfec" => (
            "parity packets, from which a lost one is computed",
            "RFC 8866 §6.6, RFC 5109 §14",
        ),
        "flexfec-03" => (
            "parity packets with an SSRC of their own",
            "RFC 8866 §6.6, early drafts of RFC 8627",
        ),
        _ => return (name.to_owned(), "RFC 8866 §6.6"),
    };
    match name.to_ascii_lowercase().as_str() {
        "rtx" | "red" | "ulpfec" | "flexfec-03" | "telephone-event" | "cn" => {
            (format!("{meaning} ({name})"), source)
        }
        _ => (meaning.to_owned(), source),
    }
}

fn fmtp(value: &str, section: &Section<'_>) -> Option<LineExplanation> {
    let Some((payload_type, parameters)) = value.split_once(' ') else {
        return malformed("fmtp:<payload type> <parameters>", "RFC 8866 §6.15");
    };
    let codec = section.codec(payload_type).to_ascii_lowercase();
    let keys = match parameters {
        "0-15" => ", the keys 0-9 * # A-D",
        _ => "",
    };
    let (clauses, source): (Vec<String>, _) = match codec.as_str() {
        "red" => (
            vec![redundancy(parameters, section)],
            "RFC 8866 §6.15, RFC 2198 §5",
        ),
        "telephone-event" => (
            vec![format!("events {parameters}{keys}")],
            "RFC 8866 §6.15, RFC 4733 §2.4.1",
        ),
        _ => (
            parameters
                .split(';')
                .map(str::trim)
                .filter(|parameter| !parameter.is_empty())
                .map(|parameter| clause(&codec, parameter, section))
                .collect(),
            source(&codec),
        ),
    };
    explained(
        format!(
            "For {}: {}.",
            section.named(payload_type),
            clauses.join("; ")
        ),
        from::CODECS,
        effect(&codec),
        source,
    )
}

fn clause(codec: &str, parameter: &str, section: &Section<'_>) -> String {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    let told = match (codec, name) {
        ("h264", _) => h264::parameter(name, value),
        ("rtx", "apt") => Some(format!(
            "repeats what was sent with {}",
            section.named(value)
        )),
        ("rtx", "rtx-time") => Some(format!("packets are kept for {value} ms")),
        ("vp8" | "vp9", "max-fs") => Some(format!("frames of at most {value} macroblocks (16x16)")),
        ("vp8" | "vp9", "max-fr") => Some(format!("at most {value} frames a second")),
        ("vp9", "profile-id") => Some(match value {
            "0" => "profile 0 (8 bits, 4:2:0)".to_owned(),
            "2" => "profile 2 (10 or 12 bits, 4:2:0)".to_owned(),
            other => format!("profile {other}"),
        }),
        ("av1", "profile") => Some(match value {
            "0" => "main profile".to_owned(),
            other => format!("profile {other}"),
        }),
        ("av1", "level-idx") => value
            .parse::<u8>()
            .ok()
            .map(|index| format!("level {}.{}", 2 + index / 4, index % 4)),
        ("av1", "tier") => Some(match value {
            "0" => "main tier".to_owned(),
            other => format!("tier {other}"),
        }),
        ("opus", "minptime") => Some(format!("packets of at least {value} ms")),
        ("opus", "maxplaybackrate") => Some(format!("sound is played at {value} Hz at most")),
        ("opus", "stereo") if value == "1" => Some("stereo is welcome".to_owned()),
        ("opus", "useinbandfec") if value == "1" => {
            Some("in-band error correction is welcome".to_owned())
        }
        ("opus", "usedtx") if value == "1" => Some("silence need not be sent".to_owned()),
        _ => None,
    };
    told.unwrap_or_else(|| parameter.to_owned())
}

fn redundancy(parameters: &str, section: &Section<'_>) -> String {
    let inner = parameters.split('/').next().unwrap_or_default();
    let count = parameters.split('/').count().saturating_sub(1);
    format!(
        "carries {}, and in each packet up to {count} older piece of it",
        section.named(inner)
    )
}

fn effect(codec: &str) -> &'static str {
    match codec {
        "h264" => {
            "The other side accepts it only if it speaks this profile and mode, and encodes no \
             higher level."
        }
        "rtx" => {
            "The other side gets what it asks for again (nack) under this number, with another \
             SSRC."
        }
        "red" => "The other side takes what it lost out of a later packet.",
        "telephone-event" => "The other side sends no other events.",
        _ => "The other side encodes within these limits; it ignores what it does not know.",
    }
}

fn source(codec: &str) -> &'static str {
    match codec {
        "h264" => "RFC 8866 §6.15, RFC 6184 §8.1 and §8.2.2",
        "rtx" => "RFC 8866 §6.15, RFC 4588 §8",
        "vp8" => "RFC 8866 §6.15, RFC 7741 §6",
        "vp9" => "RFC 8866 §6.15, RFC 9628",
        "av1" => "RFC 8866 §6.15, RTP Payload Format for AV1 §7",
        "opus" => "RFC 8866 §6.15, RFC 7587 §6.1",
        _ => "RFC 8866 §6.15",
    }
}
