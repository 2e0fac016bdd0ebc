//! What the capture adds to a session description.
//!
//! A description has one section for each medium, which begins with its `m=` line (RFC 8866 §5.14). At this stage
//! there is no peer connection, so a part of that section is not known yet and is left out: the codecs with their
//! payload types (`a=rtpmap`), the direction that was agreed on, ICE and DTLS. Steps 02 to 04 show where they come
//! from. What the capture does know is the rest: which track this is, its size and its rate.

use std::fmt;

use crate::user_media::media_section;
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

/// `m=video` with `a=msid`, `a=sendonly`, `a=framerate` and `a=imageattr`: which track, its direction, rate and size.
impl fmt::Display for MediaDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&media_section(
            &self.stream_id,
            &self.track_id,
            self.settings,
        ))
    }
}
