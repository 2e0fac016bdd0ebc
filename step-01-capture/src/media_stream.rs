//! A `MediaStream`.

use crate::video_track::VideoTrack;

/// Tracks that belong together (W3C Media Capture §4.2). The codelab asks for video only, so there is one track.
pub struct MediaStream {
    id: String,
    video: VideoTrack,
}

impl MediaStream {
    /// Groups a track under a stream identifier.
    pub fn new(id: String, video: VideoTrack) -> Self {
        Self { id, video }
    }

    /// The stream's identifier, the first word of `a=msid` (RFC 8830).
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The video track (W3C `getVideoTracks()[0]`).
    pub fn video_track(&self) -> &VideoTrack {
        &self.video
    }

    /// The video track, to stop it.
    pub fn video_track_mut(&mut self) -> &mut VideoTrack {
        &mut self.video
    }
}
