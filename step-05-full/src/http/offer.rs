//! The offer in a `POST`: what this server can answer, and what of it webrtc gets to read.

use axum::http::StatusCode;
use step_04_sdp::{MediaSection, SessionDescription};

use super::endpoint::Endpoint;
use super::rejection::Rejection;
use super::trickle_fragment::TrickleFragment;

/// The media type of a description (RFC 8866 §8.1).
pub const MEDIA_TYPE: &str = "application/sdp";

/// More sections than any browser offers to one endpoint.
const MOST_SECTIONS: usize = 16;

/// The four directions of a media section (RFC 8866 §6.7).
const DIRECTIONS: [&str; 4] = ["sendonly", "recvonly", "sendrecv", "inactive"];

/// An offer that this server can answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The description without candidates, with one direction and at most one layer of video.
    pub sdp: String,
    /// The ICE credentials and candidates of the client.
    pub ice: TrickleFragment,
}

impl Offer {
    /// Reads an offer to an endpoint.
    ///
    /// # Errors
    /// 400 if the text is no session description, 422 if this server cannot answer it.
    pub fn parse(text: &str, endpoint: Endpoint) -> Result<Self, Rejection> {
        let sdp = SessionDescription::parse(text).map_err(|error| {
            Rejection::new(StatusCode::BAD_REQUEST, format!("no offer: {error}"))
        })?;
        let video = check(&sdp, endpoint).map_err(|reason| {
            let reason = format!("no answer to this offer: {reason}");
            Rejection::new(StatusCode::UNPROCESSABLE_ENTITY, reason)
        })?;
        Ok(Self {
            sdp: rewrite(&sdp, video, endpoint),
            ice: TrickleFragment::of_description(text),
        })
    }
}

/// Checks that the offer has one video that this server can send or receive, and returns the index of its section.
fn check(sdp: &SessionDescription<'_>, endpoint: Endpoint) -> Result<usize, String> {
    if sdp.media.len() > MOST_SECTIONS {
        return Err(format!("it has more than {MOST_SECTIONS} m= sections"));
    }
    let mut videos = (0..sdp.media.len()).filter(|index| is_video(&sdp.media[*index]));
    let index = videos.next().ok_or("it has no m=video section")?;
    if videos.next().is_some() {
        return Err(
            "it has more than one m=video section: a session has one video (RFC 9725 §4.4.2)"
                .to_owned(),
        );
    }
    let video = &sdp.media[index];
    let attribute = |name: &str| {
        let lines = video.lines.iter().chain(&sdp.session);
        let mut attributes = lines.filter_map(|line| line.attribute());
        attributes.find(|(found, _)| *found == name)
    };
    for required in ["ice-ufrag", "ice-pwd", "fingerprint", "setup", "mid"] {
        if attribute(required).is_none_or(|(_, value)| value.is_empty()) {
            return Err(format!(
                "it has no a={required}, which WebRTC requires (RFC 9429 §5.2.1)"
            ));
        }
    }
    let direction = DIRECTIONS
        .into_iter()
        .find(|name| attribute(name).is_some());
    let wanted = endpoint.offered_direction();
    // No direction means sendrecv (RFC 8866 §6.7).
    if direction.is_some_and(|direction| direction != wanted && direction != "sendrecv") {
        let name = endpoint.name();
        return Err(format!(
            "a client of /{name} offers a={wanted} in its m=video section"
        ));
    }
    let payload_types = values(video, "rtpmap").filter_map(|rtpmap| {
        let (payload_type, codec) = rtpmap.split_once(' ')?;
        codec
            .to_ascii_uppercase()
            .starts_with("H264/90000")
            .then_some(payload_type)
    });
    let mut h264: Vec<&str> = payload_types.collect();
    if h264.is_empty() {
        return Err("it has no H264, the only codec of this program".to_owned());
    }
    // Single NAL unit mode, in which a packet holds no part of a NAL unit (RFC 6184 §6.2). It is also what an offer means
    // that names no mode; but GStreamer means mode 1 then.
    let modes = values(video, "fmtp").filter_map(|fmtp| fmtp.split_once(' '));
    for (payload_type, parameters) in modes {
        if parameters.contains("packetization-mode=0") {
            h264.retain(|h264| *h264 != payload_type);
        }
    }
    match h264.is_empty() {
        true => Err(
            "it has H264 with packetization-mode=0 only: this program needs 1 (RFC 6184 §8.1)"
                .to_owned(),
        ),
        false => Ok(index),
    }
}

/// Whether a section is for video, and not rejected: port 0 without `bundle-only` (RFC 9143 §6).
fn is_video(section: &MediaSection<'_>) -> bool {
    let rejected = section.lines[0].value().starts_with("video 0 ");
    section.lines[0].value().starts_with("video ")
        && (!rejected || values(section, "bundle-only").next().is_some())
}

fn values<'a>(section: &'a MediaSection<'a>, name: &'a str) -> impl Iterator<Item = &'a str> {
    let attributes = section.lines.iter().filter_map(|line| line.attribute());
    attributes
        .filter(move |(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// The description for webrtc. It answers `sendrecv` with `sendrecv`, where an endpoint must answer with one direction
/// (RFC 9725 §4.2), and it puts the packets of several layers (RFC 8853) into one track, where nothing distinguishes them.
/// It prints an error for each audio packet, unless it does not know to which section the packet belongs. Candidates are
/// added later, and not all of them.
fn rewrite(sdp: &SessionDescription<'_>, video: usize, endpoint: Endpoint) -> String {
    let mut lines: Vec<String> = sdp
        .session
        .iter()
        .map(|line| line.text.to_owned())
        .collect();
    for (index, section) in sdp.media.iter().enumerate() {
        let layer = first_layer(section);
        for line in &section.lines {
            match line.attribute() {
                Some(("candidate" | "end-of-candidates", _)) => {}
                Some(("rid", rid)) if rid.split(' ').next() != layer => {}
                Some(("simulcast", _)) => {
                    lines.extend(layer.map(|layer| format!("a=simulcast:send {layer}")));
                }
                Some(("ssrc" | "ssrc-group" | "msid", _)) if index != video => {}
                Some((name, _)) if index == video && DIRECTIONS.contains(&name) => {}
                Some(("mid", _)) if index == video => {
                    lines.push(line.text.to_owned());
                    lines.push(format!("a={}", endpoint.offered_direction()));
                }
                _ => lines.push(line.text.to_owned()),
            }
        }
    }
    lines.join("\r\n") + "\r\n"
}

/// The layer that the client prefers: the first of `a=simulcast:send`, without alternatives (RFC 8853 §5.1).
fn first_layer<'a>(section: &'a MediaSection<'a>) -> Option<&'a str> {
    let simulcast = values(section, "simulcast").next()?;
    let layers = simulcast.strip_prefix("send ")?.split(' ').next()?;
    let layer = layers.split([';', ',']).next()?;
    Some(layer.trim_start_matches('~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 102\r\n\
        a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=fingerprint:sha-256 AA\r\na=setup:actpass\r\n\
        a=mid:0\r\na=recvonly\r\na=rtpmap:102 H264/90000\r\na=fmtp:102 packetization-mode=1\r\n";

    fn rejection(offer: &str) -> String {
        let rejection = Offer::parse(offer, Endpoint::Whep).expect_err(offer);
        format!("{} {}", rejection.status().as_u16(), rejection.reason())
    }

    #[test]
    fn an_offer_that_can_be_answered_stays_as_it_is() {
        let offer = Offer::parse(OFFER, Endpoint::Whep).expect("it can be answered");
        assert_eq!(offer.sdp, OFFER);
        assert_eq!(offer.ice.ufrag, "abcd");
    }

    #[test]
    fn a_rejection_says_what_would_have_been_right() {
        insta::assert_snapshot!(rejection("hello"), @"400 no offer: line 1: expected <type>=<value>, where <type> is one small letter, found \"hello\"");
        insta::assert_snapshot!(rejection("v=0\r\n"), @"422 no answer to this offer: it has no m=video section");
        insta::assert_snapshot!(rejection(&OFFER.replace("ice-pwd", "x-pwd")), @"422 no answer to this offer: it has no a=ice-pwd, which WebRTC requires (RFC 9429 §5.2.1)");
        insta::assert_snapshot!(rejection(&OFFER.replace("recvonly", "sendonly")), @"422 no answer to this offer: a client of /whep offers a=recvonly in its m=video section");
        insta::assert_snapshot!(rejection(&OFFER.replace("H264", "VP8")), @"422 no answer to this offer: it has no H264, the only codec of this program");
        insta::assert_snapshot!(rejection(&OFFER.replace("mode=1", "mode=0")), @"422 no answer to this offer: it has H264 with packetization-mode=0 only: this program needs 1 (RFC 6184 §8.1)");
        let second = "m=video 9 UDP/TLS/RTP/SAVPF 102\r\na=mid:1\r\n";
        insta::assert_snapshot!(rejection(&(OFFER.to_owned() + second)), @"422 no answer to this offer: it has more than one m=video section: a session has one video (RFC 9725 §4.4.2)");
    }

    #[test]
    fn an_offer_without_a_packetization_mode_is_accepted() {
        let silent = OFFER.replace("a=fmtp:102 packetization-mode=1\r\n", "");
        assert!(
            Offer::parse(&silent, Endpoint::Whep).is_ok(),
            "GStreamer offers this"
        );
    }

    #[test]
    fn a_rejected_video_section_does_not_count() {
        let second = "m=video 0 UDP/TLS/RTP/SAVPF 102\r\na=mid:1\r\n";
        assert!(Offer::parse(&(OFFER.to_owned() + second), Endpoint::Whep).is_ok());
        let bundled = second.to_owned() + "a=bundle-only\r\n";
        assert!(Offer::parse(&(OFFER.to_owned() + &bundled), Endpoint::Whep).is_err());
    }

    #[test]
    fn webrtc_reads_one_direction_one_layer_and_no_candidate() {
        let both = OFFER.replace("a=recvonly\r\n", "a=sendrecv\r\n");
        for offer in [both.clone(), both.replace("a=sendrecv\r\n", "")] {
            let offer = Offer::parse(&offer, Endpoint::Whep).expect("it can be answered");
            assert_eq!(offer.sdp, OFFER);
        }
        let audio = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\n";
        let packets = "a=msid:- a\r\na=ssrc:7 cname:x\r\n";
        let offer = Offer::parse(&(both.clone() + audio + packets), Endpoint::Whep);
        assert_eq!(
            offer.expect("it can be answered").sdp,
            OFFER.to_owned() + audio
        );
        let layers = "a=rid:h send\r\na=rid:m send\r\na=rid:l send\r\na=simulcast:send ~h,m;l\r\n\
            a=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\na=end-of-candidates\r\n";
        let offer = Offer::parse(&(both + layers), Endpoint::Whep).expect("it can be answered");
        assert_eq!(
            offer.sdp,
            OFFER.to_owned() + "a=rid:h send\r\na=simulcast:send h\r\n"
        );
        assert_eq!(
            offer.ice.candidates,
            ["candidate:1 1 udp 1 192.0.2.1 1 typ host"]
        );
    }
}
