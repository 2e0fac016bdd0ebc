//! The offer in a `POST`, looked over before webrtc sees it.

use axum::http::StatusCode;
use step_04_sdp::{MediaSection, SessionDescription};

use super::refusal::Refusal;

/// The media type of a description (RFC 8866 §8.2.1).
pub const MEDIA_TYPE: &str = "application/sdp";

/// More sections than any browser offers to one endpoint.
const MOST_SECTIONS: usize = 16;

/// Each candidate is an address to which checks go.
const MOST_CANDIDATES: usize = 64;

/// Which way the video shall go, seen from whoever makes the offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfferedDirection {
    /// WHIP: the client sends.
    Sends,
    /// WHEP: the client receives.
    Receives,
}

impl OfferedDirection {
    /// Whether one of the four directions does (RFC 8866 §6.7).
    fn includes(self, direction: &str) -> bool {
        match self {
            Self::Sends => matches!(direction, "sendonly" | "sendrecv"),
            Self::Receives => matches!(direction, "recvonly" | "sendrecv"),
        }
    }

    fn wanted(self) -> &'static str {
        match self {
            Self::Sends => "sendonly: this is a WHIP endpoint, it receives",
            Self::Receives => "recvonly: this is a WHEP endpoint, it sends",
        }
    }
}

/// Checks that a text is an offer that this server can answer, and returns it as it will be answered.
///
/// # Errors
/// 400 when it is no session description, 422 when it is one that does not fit here.
pub fn check(text: &str, direction: OfferedDirection) -> Result<String, Refusal> {
    let sdp = SessionDescription::parse(text)
        .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, format!("no offer: {error}")))?;
    fits(&sdp, direction).map_err(|reason| {
        Refusal::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("no answer to this offer: {reason}"),
        )
    })?;
    Ok(narrowed(text, direction))
}

fn fits(sdp: &SessionDescription<'_>, direction: OfferedDirection) -> Result<(), String> {
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
    let mut videos = sdp.media.iter().filter(is_video);
    let video = videos.next().ok_or("it has no m=video section")?;
    if videos.next().is_some() {
        return Err(
            "it has a second m=video section, and a session has one video (RFC 9725 §4.4.2)"
                .to_owned(),
        );
    }
    let attribute = |name: &str| {
        let lines = video.lines.iter().chain(&sdp.session);
        lines
            .filter_map(|line| line.attribute())
            .find(|(found, _)| *found == name)
    };
    for required in ["ice-ufrag", "ice-pwd", "fingerprint", "setup", "mid"] {
        if attribute(required).is_none_or(|(_, value)| value.is_empty()) {
            return Err(format!(
                "it has no a={required}, so it is none of WebRTC's (RFC 8829 §5.2.1)"
            ));
        }
    }
    let directions = ["sendonly", "recvonly", "sendrecv", "inactive"];
    let found = directions
        .into_iter()
        .find(|name| attribute(name).is_some());
    // No direction means both (RFC 8866 §6.7).
    if !direction.includes(found.unwrap_or("sendrecv")) {
        return Err(format!(
            "its m=video section should be a={}",
            direction.wanted()
        ));
    }
    let attributes = || video.lines.iter().filter_map(|line| line.attribute());
    let is_h264 = |(name, value): (&str, &str)| {
        name == "rtpmap" && value.to_ascii_uppercase().contains(" H264/90000")
    };
    let payload_type = |value: &str| value.split(' ').next().unwrap_or_default().to_owned();
    let h264: Vec<String> = attributes()
        .filter(|attribute| is_h264(*attribute))
        .map(|(_, value)| payload_type(value))
        .collect();
    // Without a word it would be mode 0 (RFC 6184 §8.1); but GStreamer leaves the word out and cuts NAL units all the same.
    let is_mode_0 = |payload: &String| {
        attributes().any(|(name, value)| {
            name == "fmtp"
                && payload_type(value) == *payload
                && value.contains("packetization-mode=0")
        })
    };
    match (h264.is_empty(), h264.iter().all(is_mode_0)) {
        (true, _) => Err("it has no H264, the one codec that this program speaks".to_owned()),
        (_, true) => {
            Err("its H264 has packetization-mode=0, and this program speaks mode 1".to_owned())
        }
        _ => Ok(()),
    }
}

/// The offer as this program takes it: its video goes one way, in one layer.
///
/// Whoever may go both ways is answered with one (RFC 9725 §4.2, draft-ietf-wish-whep §4.2). Of simulcast stays the first
/// layer, which the sender prefers (RFC 8853 §5.1). Not none: webrtc 0.21 must find the stream of a section by its
/// `a=rid` where there is no `a=ssrc`.
fn narrowed(text: &str, direction: OfferedDirection) -> String {
    let wanted = match direction {
        OfferedDirection::Sends => "a=sendonly",
        OfferedDirection::Receives => "a=recvonly",
    };
    let rid = |line: &str| Some(line.strip_prefix("a=rid:")?.split(' ').next()?.to_owned());
    let first = text.lines().find_map(rid);
    let mut lines: Vec<String> = Vec::new();
    let mut in_video = false;
    for line in text.lines().map(str::trim_end) {
        if line.starts_with("m=") {
            // An attribute comes after the lines of the section that are none (RFC 8866 §5).
            lines.extend(in_video.then(|| wanted.to_owned()));
            in_video = line.starts_with("m=video ");
        }
        let is_direction = matches!(line, "a=sendrecv" | "a=sendonly" | "a=recvonly");
        match (&first, line.starts_with("a=simulcast:")) {
            (Some(first), true) => lines.push(format!("a=simulcast:send {first}")),
            _ if in_video && is_direction => {}
            _ if rid(line).is_some_and(|rid| Some(rid) != first) => {}
            _ => lines.push(line.to_owned()),
        }
    }
    lines.extend(in_video.then(|| wanted.to_owned()));
    lines
        .iter()
        .flat_map(|line| [line.as_str(), "\r\n"])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 102\r\n\
        a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=fingerprint:sha-256 AA\r\na=setup:actpass\r\n\
        a=mid:0\r\na=recvonly\r\na=rtpmap:102 H264/90000\r\n\
        a=fmtp:102 packetization-mode=1\r\n";

    fn refusal(offer: &str) -> String {
        let refusal = check(offer, OfferedDirection::Receives).expect_err(offer);
        format!("{} {}", refusal.status().as_u16(), refusal.reason())
    }

    #[test]
    fn an_offer_that_fits_passes() {
        let checked = check(OFFER, OfferedDirection::Receives);
        assert!(checked.is_ok(), "{checked:?}");
        let sends = OFFER.replace("recvonly", "sendonly");
        let checked = check(&sends, OfferedDirection::Sends);
        assert!(checked.is_ok(), "{checked:?}");
        let both = OFFER.replace("recvonly", "sendrecv");
        let checked = check(&both, OfferedDirection::Receives).expect("it may receive");
        assert!(checked.ends_with("a=recvonly\r\n"), "{checked}");
    }

    #[test]
    fn a_refusal_says_what_would_have_been_right() {
        insta::assert_snapshot!(refusal("hello"), @"400 no offer: line 1: expected <type>=<value>, where <type> is one small letter, found \"hello\"");
        insta::assert_snapshot!(refusal("v=0\r\n"), @"422 no answer to this offer: it has no m=video section");
        insta::assert_snapshot!(refusal(&OFFER.replace("ice-pwd", "x-pwd")), @"422 no answer to this offer: it has no a=ice-pwd, so it is none of WebRTC's (RFC 8829 §5.2.1)");
        insta::assert_snapshot!(refusal(&OFFER.replace("recvonly", "sendonly")), @"422 no answer to this offer: its m=video section should be a=recvonly: this is a WHEP endpoint, it sends");
        let candidates = "a=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n".repeat(65);
        insta::assert_snapshot!(refusal(&(OFFER.to_owned() + &candidates)), @"422 no answer to this offer: it has more than 64 candidates");
        insta::assert_snapshot!(refusal(&OFFER.replace("mode=1", "mode=0")), @"422 no answer to this offer: its H264 has packetization-mode=0, and this program speaks mode 1");
        insta::assert_snapshot!(refusal(&(OFFER.to_owned() + "m=video 9 UDP/TLS/RTP/SAVPF 102\r\n")), @"422 no answer to this offer: it has a second m=video section, and a session has one video (RFC 9725 §4.4.2)");
        insta::assert_snapshot!(refusal(&OFFER.replace("H264", "VP8")), @"422 no answer to this offer: it has no H264, the one codec that this program speaks");
    }
}
