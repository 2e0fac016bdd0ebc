//! Header extensions: a few bytes between the RTP header and the payload (RFC 8285).

use super::explained_line::{ExplainedLine, RTP, if_both, line, malformed};
use super::section::Section;

/// How the URIs begin that are cut off below.
const PREFIXES: [&str; 3] = [
    "urn:ietf:params:rtp-hdrext:",
    "http://www.webrtc.org/experiments/rtp-hdrext/",
    "http://www.ietf.org/id/",
];

/// The extensions that browsers offer: the end of the URI, what the bytes contain, and the source.
#[rustfmt::skip]
const EXTENSIONS: [(&str, &str, &str); 15] = [
    ("sdes:mid", "the section (mid) of the packet", "RFC 9143 §15"),
    ("sdes:rtp-stream-id", "the simulcast encoding (rid) of the packet", "RFC 8852 §3"),
    ("sdes:repaired-rtp-stream-id", "the encoding (rid) that the packet repairs", "RFC 8852 §3"),
    ("ssrc-audio-level", "the audio level", "RFC 6464 §3"),
    ("csrc-audio-level", "the audio level of each voice in a mix", "RFC 6465 §3"),
    ("toffset", "how long the packet waited before it was sent", "RFC 5450 §3"),
    ("abs-send-time", "when the packet was sent (24 bits, wraps after 64 s)", "webrtc.org: abs-send-time"),
    ("draft-holmer-rmcat-transport-wide-cc-extensions-01", "a number counted over all sections, for transport-cc",
        "draft-holmer-rmcat-transport-wide-cc-extensions-01"),
    ("urn:3gpp:video-orientation", "how the camera was rotated", "3GPP TS 26.114 §7.4.5"),
    ("playout-delay", "the minimum and maximum delay until the frame is shown", "webrtc.org: playout-delay"),
    ("video-content-type", "whether the video is from a camera or a screen", "webrtc.org: video-content-type"),
    ("video-timing", "when the frame was encoded, packetized and sent", "webrtc.org: video-timing"),
    ("color-space", "the colour space and the metadata of HDR", "webrtc.org: color-space"),
    ("abs-capture-time", "when the frame was captured", "webrtc.org: abs-capture-time"),
    ("framemarking", "where a frame begins and ends", "RFC 9626"),
];

pub(super) fn extension(value: &str, section: &Section<'_>) -> ExplainedLine {
    let Some((id, rest)) = value.split_once(' ') else {
        return malformed("extmap:<id> <URI>", "RFC 8285 §5");
    };
    let (id, direction) = match id.split_once('/') {
        Some((id, "sendonly")) => (id, ", which this peer only sends"),
        Some((id, "recvonly")) => (id, ", which this peer only receives"),
        Some((id, "inactive")) => (id, ", not used for now"),
        Some((id, _)) => (id, ""),
        None => (id, ""),
    };
    let uri = rest.split(' ').next().unwrap_or_default();
    let name = PREFIXES.iter().find_map(|prefix| uri.strip_prefix(prefix));
    let known = EXTENSIONS.iter().find(|row| row.0 == name.unwrap_or(uri));
    let (contents, source) = match known {
        Some((_, contents, source)) => (*contents, format!("RFC 8285 §5, {source}")),
        None => (
            "defined by the URI, not explained here",
            "RFC 8285 §5".to_owned(),
        ),
    };
    line(
        format!("RTP header extension {id}{direction}: {contents}."),
        RTP,
        if_both(section),
        source,
    )
}
