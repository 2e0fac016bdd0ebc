//! The offer in a `POST`, checked before webrtc reads it.

use axum::http::StatusCode;
use step_04_sdp::{MediaSection, SessionDescription};

use super::endpoint::Endpoint;
use super::rejection::Rejection;

/// The media type of a description (RFC 8866 §8.1).
pub const MEDIA_TYPE: &str = "application/sdp";

/// More sections than any browser offers to one endpoint.
const MOST_SECTIONS: usize = 16;

/// Each candidate is an address to which checks go.
const MOST_CANDIDATES: usize = 64;

/// Checks that a text is an offer that this endpoint can answer.
///
/// # Errors
/// 400 when it is no session description, 422 when it is one that does not fit here.
pub fn check(text: &str, endpoint: Endpoint) -> Result<(), Rejection> {
    let sdp = SessionDescription::parse(text)
        .map_err(|error| Rejection::new(StatusCode::BAD_REQUEST, format!("no offer: {error}")))?;
    fits(&sdp, endpoint).map_err(|reason| {
        Rejection::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("no answer to this offer: {reason}"),
        )
    })
}

fn fits(sdp: &SessionDescription<'_>, endpoint: Endpoint) -> Result<(), String> {
    if sdp.media.len() > MOST_SECTIONS {
        return Err(format!("it has more than {MOST_SECTIONS} m= sections"));
    }
    let lines = sdp.media.iter().flat_map(|section| &section.lines);
    let candidates = lines
        .filter(|line| line.text.starts_with("a=candidate:"))
        .count();
    if candidates > MOST_CANDIDATES {
        return Err(format!("it has more than {MOST_CANDIDATES} candidates"));
    }
    let is_video = |section: &&MediaSection<'_>| section.lines[0].value().starts_with("video ");
    let video = sdp
        .media
        .iter()
        .find(is_video)
        .ok_or("it has no m=video section")?;
    let attribute = |name: &str| {
        let lines = video.lines.iter().chain(&sdp.session);
        lines
            .filter_map(|line| line.attribute())
            .find(|(found, _)| *found == name)
    };
    for required in ["ice-ufrag", "ice-pwd", "fingerprint", "setup", "mid"] {
        if attribute(required).is_none_or(|(_, value)| value.is_empty()) {
            return Err(format!(
                "it has no a={required}, which WebRTC requires (RFC 9429 §5.2.1)"
            ));
        }
    }
    let wanted = endpoint.offered_direction();
    let others = ["sendonly", "recvonly", "inactive"];
    // No direction means sendrecv (RFC 8866 §6.7), which each endpoint accepts (RFC 9725 §4.2).
    if others
        .iter()
        .any(|name| *name != wanted && attribute(name).is_some())
    {
        let name = endpoint.name();
        return Err(format!(
            "a client of /{name} offers a={wanted} in its m=video section"
        ));
    }
    let h264 = |(name, value): (&str, &str)| {
        name == "rtpmap" && value.to_ascii_uppercase().contains(" H264/90000")
    };
    match video
        .lines
        .iter()
        .filter_map(|line| line.attribute())
        .any(h264)
    {
        true => Ok(()),
        false => Err("it has no H264, the only codec of this program".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 102\r\n\
        a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=fingerprint:sha-256 AA\r\na=setup:actpass\r\n\
        a=mid:0\r\na=recvonly\r\na=rtpmap:102 H264/90000\r\n";

    fn refusal(offer: &str) -> String {
        let refusal = check(offer, Endpoint::Whep).expect_err(offer);
        format!("{} {}", refusal.status().as_u16(), refusal.reason())
    }

    #[test]
    fn an_offer_that_fits_passes() {
        assert_eq!(check(OFFER, Endpoint::Whep), Ok(()));
        let sends = OFFER.replace("recvonly", "sendonly");
        assert_eq!(check(&sends, Endpoint::Whip), Ok(()));
    }

    #[test]
    fn a_refusal_says_what_would_have_been_right() {
        insta::assert_snapshot!(refusal("hello"), @"400 no offer: line 1: expected <type>=<value>, where <type> is one small letter, found \"hello\"");
        insta::assert_snapshot!(refusal("v=0\r\n"), @"422 no answer to this offer: it has no m=video section");
        insta::assert_snapshot!(refusal(&OFFER.replace("ice-pwd", "x-pwd")), @"422 no answer to this offer: it has no a=ice-pwd, which WebRTC requires (RFC 9429 §5.2.1)");
        insta::assert_snapshot!(refusal(&OFFER.replace("recvonly", "sendonly")), @"422 no answer to this offer: a client of /whep offers a=recvonly in its m=video section");
        let candidates = "a=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n".repeat(65);
        insta::assert_snapshot!(refusal(&(OFFER.to_owned() + &candidates)), @"422 no answer to this offer: it has more than 64 candidates");
        insta::assert_snapshot!(refusal(&OFFER.replace("H264", "VP8")), @"422 no answer to this offer: it has no H264, the only codec of this program");
    }
}
