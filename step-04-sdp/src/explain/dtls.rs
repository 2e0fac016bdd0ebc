//! DTLS: which certificate, and which peer starts the handshake.

use super::explained_line::{DTLS, ExplainedLine, line, malformed};

pub(super) fn fingerprint(value: &str) -> ExplainedLine {
    let Some((algorithm, digest)) = value.split_once(' ') else {
        return malformed("fingerprint:<hash> <hex pairs with colons>", "RFC 8122 §5");
    };
    let bytes = digest.split(':').count();
    let first: String = digest.chars().take(11).collect();
    line(
        format!("Hash of this peer's DTLS certificate ({algorithm}, {bytes} bytes, {first}...)."),
        DTLS,
        "The other peer accepts no other certificate in the handshake. Whoever can change this line \
         can intercept the media, so the signaling must be secure.",
        "RFC 8122 §5, RFC 8827 §6.5",
    )
}

pub(super) fn setup(value: &str) -> ExplainedLine {
    let (text, effect) = match value {
        "actpass" => (
            "This peer can be the client or the server of the DTLS handshake.",
            "The other peer chooses: it answers with active, as recommended, or passive.",
        ),
        "active" => (
            "This peer is the client of the DTLS handshake.",
            "The other peer is the server and waits for the ClientHello.",
        ),
        "passive" => (
            "This peer is the server of the DTLS handshake.",
            "The other peer is the client and sends the ClientHello as soon as ICE has a pair.",
        ),
        "holdconn" => (
            "No connection for now. WebRTC does not use this value.",
            "The other peer opens no connection.",
        ),
        _ => return malformed("setup:actpass, active or passive", "RFC 4145 §4"),
    };
    line(text, DTLS, effect, "RFC 4145 §4, RFC 5763 §5")
}
