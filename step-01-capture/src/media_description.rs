//! What the capture adds to a session description.
//!
//! A description has one section for each medium, which begins with its `m=` line (RFC 8866 §5.14). At this stage
//! there is no peer connection, so a part of that section is not known yet and is left out: the codecs with their
//! payload types (`a=rtpmap`), the direction that was agreed on, ICE and DTLS. Steps 02 to 04 show where they come
//! from. What the capture does know is the rest: which track this is, its size and its rate.

use std::fmt;

use crate::{MediaStream, MediaTrackSettings};

/// The share of a captured track in the session description. Prints as SDP lines, each ended by a line feed.
///
/// The number 9 on the `m=` line is the port "discard": ICE finds the true one (RFC 9429 §5.2.1). Real descriptions
/// end the `m=` line with the payload types of the codecs offered. Here `*` stands in for them.
#[derive(Debug, Clone, PartialEq)]
pub struct MediaDescription {
    stream_id: String,
    track_id: String,
    settings: MediaTrackSettings,
}

impl MediaDescription {
    /// Describes the video track of a stream.
    pub fn of(stream: &MediaStream) -> Self {
        Self {
            stream_id: stream.id().to_owned(),
            track_id: stream.video_track().id().to_owned(),
            settings: stream.video_track().settings(),
        }
    }
}

/// - `a=msid`: the stream and the track, so that the other peer can group tracks as they were (RFC 8830 §2)
/// - `a=sendonly`: the capture is sent, and receives nothing (RFC 8866 §6.7)
/// - `a=framerate`: frames a second at most (RFC 8866 §6.13)
/// - `a=imageattr`: the size that is sent, for every payload type (RFC 6236 §3.1.1)
impl fmt::Display for MediaDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let resolution = self.settings.resolution;
        writeln!(f, "m=video 9 UDP/TLS/RTP/SAVPF *")?;
        writeln!(f, "a=msid:{} {}", self.stream_id, self.track_id)?;
        writeln!(f, "a=sendonly")?;
        writeln!(f, "a=framerate:{}", self.settings.frame_rate)?;
        writeln!(
            f,
            "a=imageattr:* send [x={},y={}]",
            resolution.width(),
            resolution.height()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MediaStreamConstraints, SourceChoice, Timeline, get_user_media};

    #[test]
    fn a_capture_names_its_track_its_rate_and_its_size() {
        let constraints = MediaStreamConstraints {
            source: SourceChoice::Pattern,
            resolution: Some("320x240".parse().expect("320x240 is a size")),
            frame_rate: Some(15),
        };
        let stream = get_user_media(&constraints, &Timeline::default()).expect("a pattern opens");
        insta::assert_snapshot!(MediaDescription::of(&stream), @r"
        m=video 9 UDP/TLS/RTP/SAVPF *
        a=msid:stream0 video0
        a=sendonly
        a=framerate:15
        a=imageattr:* send [x=320,y=240]
        ");
    }
}
