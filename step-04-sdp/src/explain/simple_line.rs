//! Lines that need no more explanation than a sentence with their value.

use super::explained_line::{
    APPLICATION, CAPTURE, CODECS, DTLS, ExplainedLine, ICE, PEER, RTP, SCTP, SENDER, if_both, line,
};
use super::section::Section;

/// Name of the attribute, or letter with `=`; explanation, with `{}` for the value; who writes the line; what the other peer does with it; source.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    Effect,
    &'static str,
);
type Effect = fn(&Section<'_>) -> &'static str;

#[rustfmt::skip]
const LINES: [Row; 32] = [
    ("v=", "Version of SDP: {}.", PEER,
        |_| "The other peer rejects any number but 0, the only version there is.", "RFC 8866 §5.1"),
    ("s=", "Name of the session (a hyphen for none): {}.", PEER,
        |_| "The other peer ignores it: SDP was made to announce broadcasts, and the line is required.",
        "RFC 8866 §5.3, RFC 9429 §5.2.1"),
    ("t=", "Start and end time of the session (zeros for none): {}.", PEER,
        |_| "The other peer ignores them: a call starts when it connects.", "RFC 8866 §5.9, RFC 9429 §5.2.1"),
    ("i=", "Title for people: {}.", APPLICATION,
        |_| "The other peer ignores it.", "RFC 8866 §5.4"),

    ("mid", "Identification tag of this section: {}.", PEER,
        |_| "BUNDLE, candidates (sdpMid) and RTP packets refer to the section by this tag.",
        "RFC 5888 §4, RFC 9429 §5.2.1"),
    ("bundle-only", "This section has no transport of its own.", PEER,
        |_| "The other peer rejects the section if it does not bundle.", "RFC 9143 §6"),
    ("sctp-port", "SCTP port {}: a number inside DTLS, not a UDP port.", SCTP,
        |_| "The other peer sends its SCTP packets to this port.", "RFC 8841 §5"),
    ("max-message-size", "Size of the largest message that this peer receives, in bytes (0 for any size): {}.", SCTP,
        |_| "The send() method of the other peer fails for a longer message.", "RFC 8841 §6"),
    ("framerate", "At most {} frames a second.", CAPTURE,
        |_| "The other peer can prepare for this rate.", "RFC 8866 §6.13"),
    ("imageattr", "Frame sizes that can be sent or received: {}.", CAPTURE,
        |_| "The other peer sends only sizes from the recv list.", "RFC 6236 §3.1"),
    ("sendrecv", "This peer is ready to send and to receive.", APPLICATION, direction, DIRECTION),
    ("sendonly", "This peer sends and does not receive.", APPLICATION, direction, DIRECTION),
    ("recvonly", "This peer receives and does not send.", APPLICATION, direction, DIRECTION),
    ("inactive", "No media is sent in either direction; the section stays.", APPLICATION, direction, DIRECTION),

    ("ice-ufrag", "User name fragment of this peer for ICE: {}.", ICE,
        |_| "The user name in the other peer's connectivity checks is this fragment, a colon and its own fragment.",
        "RFC 8839 §5.4, RFC 8445 §7.2.2"),
    ("ice-pwd", "Password of this peer for ICE: {}.", ICE,
        |_| "The other peer signs the connectivity checks that it sends to this peer with the password. \
             A new ice-ufrag and ice-pwd start an ICE restart.", "RFC 8839 §5.4"),
    ("ice-lite", "This peer answers connectivity checks and sends none (ICE lite), like a server with a public address.", ICE,
        |_| "The other peer sends the checks and takes the controlling role.", "RFC 8839 §5.3, RFC 8445 §6.1.1"),
    ("ice-pacing", "This peer wants at least {} ms between two connectivity checks.", ICE,
        |_| "Both peers use the larger of their two values.", "RFC 8839 §5.5"),
    ("remote-candidates", "Selected candidates of the other peer: {}.", ICE,
        |_| "The other peer compares them with the pair that it has nominated.", "RFC 8839 §5.2"),
    ("end-of-candidates", "This peer sends no more candidates.", ICE,
        |_| "The other peer can let ICE fail as soon as all pairs have failed, instead of waiting for more candidates.",
        "RFC 8840 §8.2, RFC 8838 §14"),

    ("tls-id", "Identifier of the DTLS association.", DTLS,
        |_| "The other peer starts a new association when the identifier changes.", "RFC 8842 §4"),
    ("identity", "An identity provider asserts that the fingerprints belong to a user.", APPLICATION,
        |_| "The other peer can verify that with the provider; browsers hardly do.", "RFC 8827 §5"),

    ("ptime", "Preferred duration of the audio in a packet: {} ms.", CODECS,
        |_| "The other peer makes its packets this long if it can.", "RFC 8866 §6.4"),
    ("maxptime", "Maximum duration of the audio in a packet: {} ms.", CODECS,
        |_| "The other peer makes no longer packets.", "RFC 8866 §6.5"),
    ("extmap-allow-mixed", "One RTP stream can mix header extensions with one-byte and with two-byte headers.", RTP,
        if_both, "RFC 8285 §6"),
    ("rtcp", "Port and address for RTCP: {}. Port 9 is a placeholder.", RTP,
        |_| "The other peer ignores the line if RTCP uses the port of RTP (rtcp-mux).",
        "RFC 3605 §2.1, RFC 9429 §5.2.1"),
    ("rtcp-mux", "RTCP packets use the same port as RTP packets.", RTP,
        if_both, "RFC 5761 §5.1.1, RFC 9429 §5.2.1"),
    ("rtcp-mux-only", "RTCP packets can use no other port than that of the RTP packets.", RTP,
        |_| "The other peer rejects the section if it does not support rtcp-mux.", "RFC 8858 §3"),
    ("rtcp-rsize", "RTCP feedback can be sent in a short packet of its own, without a full report.", RTP,
        if_both, "RFC 5506 §5"),
    ("rtcp-xr", "Extended RTCP reports: {}. With rcvr-rtt, a peer that only receives measures the round-trip time.", RTP,
        |_| "The other peer can send these reports.", "RFC 3611 §5.1"),
    ("msid-semantic", "a=msid names the MediaStreams of WebRTC (WMS).", PEER,
        |_| "The other peer ignores the line, which old drafts required.", "early drafts of RFC 8830"),
    ("simulcast", "The same video in several encodings: {}.", SENDER,
        if_both, "RFC 8853 §5.1"),
];

const DIRECTION: &str = "RFC 8866 §6.7, RFC 3264 §6.1";

fn direction(section: &Section<'_>) -> &'static str {
    match section.is_answer {
        Some(true) => "The other peer sends only if this peer receives.",
        _ => {
            "The other peer answers with the reverse direction or less: sendonly with recvonly or \
             inactive, sendrecv with any."
        }
    }
}

pub(super) fn explain(name: &str, value: &str, section: &Section<'_>) -> Option<ExplainedLine> {
    let (_, text, written_by, effect, source) = LINES.iter().find(|row| row.0 == name)?;
    let text = text.replace("{}", value);
    Some(line(text, written_by, effect(section), *source))
}
