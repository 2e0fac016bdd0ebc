//! 1-2: what the capture could add to a session description.
//!
//! A description has one section for each medium, which begins with its `m=` line (RFC 8866 §5.14). At this stage
//! there is no peer connection, so a part of that section is not known yet: the codecs with their payload types
//! (`a=rtpmap`), the direction that both peers agree on, ICE and DTLS. Steps 02 to 04 show where they come from. The
//! capture knows the rest: which track this is, its size and its rate.

use crate::media_stream::MediaStream;

/// The `m=video` section of the stream's track, as SDP lines that each end with a line feed.
///
/// - `m=video 9`: port 9 is "discard", because ICE finds the true one (RFC 9429 §5.2.1). `*` stands in for the payload
///   types of the codecs, which end the line in real descriptions.
/// - `a=msid`: the stream and the track, so that the other peer can group tracks in the same way (RFC 8830 §2)
/// - `a=sendonly`: the capture is sent, and receives nothing (RFC 8866 §6.7)
/// - `a=framerate`: frames a second at most (RFC 8866 §6.13)
/// - `a=imageattr`: the size that is sent, for every payload type (RFC 6236 §3.1.1)
pub fn media_section(stream: &MediaStream) -> String {
    let track = stream.video_track();
    let settings = track.settings();
    let (width, height) = (settings.resolution.width(), settings.resolution.height());
    format!(
        "m=video 9 UDP/TLS/RTP/SAVPF *\n\
         a=msid:{} {}\n\
         a=sendonly\n\
         a=framerate:{}\n\
         a=imageattr:* send [x={width},y={height}]\n",
        stream.id(),
        track.id(),
        settings.frame_rate,
    )
}
