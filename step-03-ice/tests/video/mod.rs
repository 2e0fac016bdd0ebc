//! The test pattern, as a peer sends it.

#![allow(dead_code)] // Each test file uses a part of it.

use step_01_capture::program::stop_signal::StopSignal;
use step_01_capture::{
    MediaStream, MediaStreamConstraints, SourceChoice, Timeline, get_user_media,
};
use step_02_peer::{OutgoingVideo, VideoCodec};

/// What every call needs. The stream must live as long as the call.
pub(crate) struct Video {
    pub(crate) outgoing: OutgoingVideo,
    pub(crate) timeline: Timeline,
    #[allow(dead_code)] // Not every test stops its call.
    pub(crate) stop: StopSignal,
    pub(crate) _stream: MediaStream,
}

pub(crate) fn video() -> Video {
    let constraints = MediaStreamConstraints {
        source: SourceChoice::Pattern,
        ..Default::default()
    };
    // The track's own states belong to step 01.
    let stream = get_user_media(&constraints, &Timeline::new());
    let stream = stream.expect("every machine has the test pattern");
    Video {
        outgoing: OutgoingVideo::new(&stream, VideoCodec::H264, 1),
        timeline: Timeline::new(),
        stop: StopSignal::new(),
        _stream: stream,
    }
}
