//! The test pattern, as a peer sends it.

#![allow(dead_code)] // Each test file uses a part of it.

use std::future::Future;
use std::time::Duration;

use step_01_capture::program::stop_signal::StopSignal;
use step_01_capture::{
    MediaStream, MediaStreamConstraints, SourceChoice, Timeline, get_user_media,
};
use step_02_peer::{OutgoingVideo, VideoCodec};

/// ICE fails after 30 s. A call that connects takes less than a second, one through a relay five.
const CONNECTS_WITHIN: Duration = Duration::from_secs(12);

/// The result of a call that connects or fails, at the latest after a time in which it must have connected.
pub(crate) async fn in_time<T>(call: impl Future<Output = T>) -> T {
    let trickle = match cfg!(feature = "exercise") {
        true => "step-03-ice/src/exercise/trickle.rs",
        false => "step-03-ice/src/trickle.rs",
    };
    let in_time = tokio::time::timeout(CONNECTS_WITHIN, call).await;
    in_time.unwrap_or_else(|_| {
        panic!("1-5: the peers did not connect within {CONNECTS_WITHIN:?}; see {trickle}")
    })
}

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
