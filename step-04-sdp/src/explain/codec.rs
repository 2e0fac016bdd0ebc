//! What the payload types stand for: `rtpmap`, `fmtp`.

use super::explained_line::{CODECS, ExplainedLine, line, malformed};
use super::h264;
use super::section::Section;

/// Name in `a=rtpmap`; name for people; source of its `rtpmap` and `fmtp`; effect of its `fmtp`.
#[rustfmt::skip]
const CODEC_NAMES: [(&str, &str, &str, &str); 15] = [
    ("h264", "H.264", "RFC 6184 §8.2.1",
        "Both peers must support this profile and packetization mode. The other peer sends no higher level than this."),
    ("h265", "H.265", "RFC 7798 §7.1", LIMITS),
    ("vp8", "VP8", "RFC 7741 §6.1", LIMITS),
    ("vp9", "VP9", "RFC 9628", LIMITS),
    ("av1", "AV1", "RTP Payload Format for AV1 §7", LIMITS),
    ("opus", "Opus", "RFC 7587 §6.1", LIMITS),
    ("pcmu", "G.711 mu-law", "RFC 3551 §4.5.14", LIMITS),
    ("pcma", "G.711 A-law", "RFC 3551 §4.5.14", LIMITS),
    ("g722", "G.722", "RFC 3551 §4.5.2", LIMITS),
    ("cn", "comfort noise (CN)", "RFC 3389 §4", LIMITS),
    ("telephone-event", "telephone keys, DTMF (telephone-event)", "RFC 4733 §2.4.1",
        "The other peer sends no other events."),
    ("rtx", "retransmitted packets (rtx)", "RFC 4588 §8",
        "The other peer sends the packets that this peer requests again (nack) with this payload type and another SSRC."),
    ("red", "packets that repeat older data (red)", "RFC 2198 §5",
        "The other peer takes lost data from a later packet."),
    ("ulpfec", "parity packets, from which lost packets are computed (ulpfec)", "RFC 5109 §14", LIMITS),
    ("flexfec-03", "parity packets with an SSRC of their own (flexfec-03)", "early drafts of RFC 8627", LIMITS),
];

const LIMITS: &str =
    "The other peer encodes within these limits. It ignores parameters that it does not know.";

/// The row of a codec, if it is known.
fn row(codec: &str) -> Option<&'static (&'static str, &'static str, &'static str, &'static str)> {
    CODEC_NAMES
        .iter()
        .find(|row| row.0.eq_ignore_ascii_case(codec))
}

fn source(section: &str, codec: &str) -> String {
    match row(codec) {
        Some((_, _, source, _)) => format!("{section}, {source}"),
        None => section.to_owned(),
    }
}

pub(super) fn rtpmap(value: &str, section: &Section<'_>) -> ExplainedLine {
    let parts = value.split_once(' ').and_then(|(payload_type, encoding)| {
        let mut parts = encoding.split('/');
        Some((payload_type, parts.next()?, parts.next()?, parts.next()))
    });
    let Some((payload_type, name, clock, channels)) = parts else {
        return malformed("rtpmap:<payload type> <name>/<clock rate>", "RFC 8866 §6.6");
    };
    let codec = row(name).map_or(name, |row| row.1);
    let quirk = match (name, clock) {
        ("opus", _) => " (always, for Opus)",
        ("G722", "8000") => " (it samples at 16000 Hz: an old error that was kept)",
        _ => "",
    };
    let channels = match channels {
        Some("1") | None => String::new(),
        Some(count) => format!(", {count} channels"),
    };
    line(
        format!("Payload type {payload_type}: {codec}, clock rate {clock} Hz{quirk}{channels}."),
        CODECS,
        match section.is_answer {
            Some(true) => "The other peer must send this codec with this payload type.",
            _ => {
                "The answer lists the codec if the other peer supports it, normally with the same payload \
                 type."
            }
        },
        format!("{}, RFC 3264 §5.1", source("RFC 8866 §6.6", name)),
    )
}

pub(super) fn fmtp(value: &str, section: &Section<'_>) -> ExplainedLine {
    let Some((payload_type, parameters)) = value.split_once(' ') else {
        return malformed("fmtp:<payload type> <parameters>", "RFC 8866 §6.15");
    };
    let codec = section.codec(payload_type).to_ascii_lowercase();
    let parameters_of = || {
        parameters
            .split(';')
            .map(str::trim)
            .filter(|it| !it.is_empty())
    };
    let mut clauses: Vec<String> = match codec.as_str() {
        "red" => vec![redundancy(parameters, section)],
        "telephone-event" if parameters == "0-15" => {
            vec!["events 0-15, the keys 0-9 * # A-D".to_owned()]
        }
        "telephone-event" => vec![format!("events {parameters}")],
        _ => parameters_of()
            .map(|it| clause(&codec, it, section))
            .collect(),
    };
    if codec == "h264" && !parameters_of().any(|it| it.starts_with("packetization-mode=")) {
        clauses.push(format!("without packetization-mode, {}", h264::MODE_0));
    }
    line(
        format!(
            "For {}: {}.",
            section.payload_type(payload_type),
            clauses.join("; ")
        ),
        CODECS,
        row(&codec).map_or(LIMITS, |row| row.3),
        source("RFC 8866 §6.15", &codec),
    )
}

/// One parameter in words, or as it is.
fn clause(codec: &str, parameter: &str, section: &Section<'_>) -> String {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    match (codec, name, value) {
        ("h264", ..) => h264::parameter(name, value).unwrap_or_else(|| parameter.to_owned()),
        ("rtx", "apt", _) => format!("retransmits packets of {}", section.payload_type(value)),
        ("rtx", "rtx-time", _) => format!("packets are kept for {value} ms"),
        ("vp8" | "vp9", "max-fs", _) => format!("frames of at most {value} macroblocks (16x16)"),
        ("vp8" | "vp9", "max-fr", _) => format!("at most {value} frames a second"),
        ("vp9", "profile-id", "0") => "profile 0 (8 bits, 4:2:0)".to_owned(),
        ("vp9", "profile-id", "2") => "profile 2 (10 or 12 bits, 4:2:0)".to_owned(),
        ("vp9", "profile-id", _) | ("av1", "profile", "1" | "2") => format!("profile {value}"),
        ("av1", "profile", "0") => "main profile".to_owned(),
        ("av1", "tier", "0") => "main tier".to_owned(),
        ("av1", "tier", _) => format!("tier {value}"),
        ("av1", "level-idx", _) => match value.parse::<u8>() {
            Ok(index) => format!("level {}.{}", 2 + index / 4, index % 4),
            Err(_) => parameter.to_owned(),
        },
        ("opus", "minptime", _) => format!("packets of at least {value} ms"),
        ("opus", "maxplaybackrate", _) => format!("playback at {value} Hz at most"),
        ("opus", "stereo", "1") => "stereo is preferred".to_owned(),
        ("opus", "useinbandfec", "1") => "in-band error correction is supported".to_owned(),
        ("opus", "usedtx", "1") => "silence need not be sent".to_owned(),
        _ => parameter.to_owned(),
    }
}

fn redundancy(parameters: &str, section: &Section<'_>) -> String {
    let inner = parameters.split('/').next().unwrap_or_default();
    let count = parameters.split('/').count().saturating_sub(1);
    format!(
        "contains {} and, in each packet, up to {count} older piece of it",
        section.payload_type(inner)
    )
}
