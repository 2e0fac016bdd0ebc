//! Keys: whose certificate, and who begins the handshake.

use super::line_explanation::{LineExplanation, explained, from, malformed};

pub(super) fn explain(name: &str, value: &str) -> Option<LineExplanation> {
    match name {
        "fingerprint" => fingerprint(value),
        "setup" => setup(value),
        "tls-id" => explained(
            "A name for the DTLS association.",
            from::DTLS,
            "The other side makes a new association when the name is new.",
            "RFC 8842 §4",
        ),
        "identity" => explained(
            "An identity provider vouches for the fingerprints here.",
            "an identity provider",
            "The other side may ask that provider; hardly any browser does.",
            "RFC 8827 §5",
        ),
        _ => None,
    }
}

fn fingerprint(value: &str) -> Option<LineExplanation> {
    let Some((algorithm, digest)) = value.split_once(' ') else {
        return malformed("fingerprint:<hash> <hex pairs with colons>", "RFC 8122 §5");
    };
    let bytes = digest.split(':').count();
    let first: String = digest.chars().take(11).collect();
    explained(
        format!("The hash ({algorithm}, {bytes} bytes, {first}...) of this side's certificate."),
        "the DTLS certificate",
        "The other side refuses any other certificate in the handshake. Who can change this \
         line can listen in: signaling must be trusted.",
        "RFC 8122 §5, RFC 8827 §6.5",
    )
}

fn setup(value: &str) -> Option<LineExplanation> {
    let says = match value {
        "actpass" => {
            "This side can begin the DTLS handshake or wait: the answerer chooses. An offer."
        }
        "active" => "This side begins the DTLS handshake: it is the client. An answer.",
        "passive" => "This side waits for the DTLS handshake: it is the server. An answer.",
        "holdconn" => "No connection for now. WebRTC does not use it.",
        _ => return malformed("setup:actpass, active or passive", "RFC 4145 §4"),
    };
    explained(
        says,
        from::DTLS,
        match value {
            "actpass" => "The other side answers active, as is recommended, or passive.",
            "active" => "The other side waits for the ClientHello.",
            "passive" => "The other side sends the ClientHello as soon as ICE has a pair.",
            _ => "The other side makes no connection.",
        },
        "RFC 4145 §4, RFC 8842 §5",
    )
}
