//! Header extensions: a few bytes in front of the payload (RFC 8285).

use super::line_explanation::{LineExplanation, explained, from, malformed};

/// The extensions that browsers offer: the URI, what the bytes hold, and where that is written.
const EXTENSIONS: [(&str, &str, &str); 15] = [
    (
        "urn:ietf:params:rtp-hdrext:sdes:mid",
        "the section (mid) that it belongs to",
        "RFC 8285 §5, RFC 9143 §15",
    ),
    (
        "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
        "which simulcast stream it is of (rid)",
        "RFC 8285 §5, RFC 8852 §3",
    ),
    (
        "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
        "which stream (rid) it repairs",
        "RFC 8285 §5, RFC 8852 §3",
    ),
    (
        "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        "how loud it is",
        "RFC 8285 §5, RFC 6464 §4",
    ),
    (
        "urn:ietf:params:rtp-hdrext:csrc-audio-level",
        "how loud each voice in a mix is",
        "RFC 8285 §5, RFC 6465 §4",
    ),
    (
        "urn:ietf:params:rtp-hdrext:toffset",
        "how long it waited before it was sent",
        "RFC 8285 §5, RFC 5450 §2",
    ),
    (
        "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
        "when it was sent (24 bits, wraps after 64 s)",
        "RFC 8285 §5, webrtc.org: abs-send-time",
    ),
    (
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
        "a number counted over all sections, for transport-cc",
        "RFC 8285 §5, draft-holmer-rmcat-transport-wide-cc-extensions-01",
    ),
    (
        "urn:3gpp:video-orientation",
        "how the camera was turned",
        "RFC 8285 §5, 3GPP TS 26.114 §7.4.5",
    ),
    (
        "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
        "the least and the longest wait before it is shown",
        "RFC 8285 §5, webrtc.org: playout-delay",
    ),
    (
        "http://www.webrtc.org/experiments/rtp-hdrext/video-content-type",
        "whether it is a camera's picture or a screen",
        "RFC 8285 §5, webrtc.org: video-content-type",
    ),
    (
        "http://www.webrtc.org/experiments/rtp-hdrext/video-timing",
        "when it was encoded, packed and sent",
        "RFC 8285 §5, webrtc.org: video-timing",
    ),
    (
        "http://www.webrtc.org/experiments/rtp-hdrext/color-space",
        "the colour space, also of HDR",
        "RFC 8285 §5, webrtc.org: color-space",
    ),
    (
        "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
        "when it was captured",
        "RFC 8285 §5, webrtc.org: abs-capture-time",
    ),
    (
        "urn:ietf:params:rtp-hdrext:framemarking",
        "where a frame begins and ends",
        "RFC 8285 §5, RFC 9626",
    ),
];

pub(super) fn explain(name: &str, value: &str) -> Option<LineExplanation> {
    match name {
        "extmap" => extension(value),
        "extmap-allow-mixed" => explained(
            "Header extensions with one-byte and with two-byte heads may be mixed.",
            from::RTP,
            "Done only if both descriptions say so.",
            "RFC 8285 §6",
        ),
        _ => None,
    }
}

fn extension(value: &str) -> Option<LineExplanation> {
    let Some((id, rest)) = value.split_once(' ') else {
        return malformed("extmap:<id> <URI>", "RFC 8285 §5");
    };
    let uri = rest.split(' ').next().unwrap_or_default();
    let (id, direction) = match id.split_once('/') {
        Some((id, "sendonly")) => (id, ", which this side only sends"),
        Some((id, "recvonly")) => (id, ", which this side only receives"),
        Some((id, "inactive")) => (id, ", not used for now"),
        Some((id, _)) => (id, ""),
        None => (id, ""),
    };
    let known = EXTENSIONS.iter().find(|(known, ..)| *known == uri);
    let (holds, source) = match known {
        Some((_, holds, source)) => (*holds, *source),
        None => ("what the URI defines, not explained here", "RFC 8285 §5"),
    };
    explained(
        format!("Extension {id} of a packet's header{direction}: {holds}."),
        from::RTP,
        "Used only if both descriptions name it.",
        source,
    )
}
