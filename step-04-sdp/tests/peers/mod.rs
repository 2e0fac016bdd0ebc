//! Two peers for the tests: loopback, a test pattern, and nothing left to chance.

#![allow(dead_code)] // Each test file uses a part of it.

#[path = "../../../step-02-peer/tests/redact/mod.rs"]
mod redact;

use redact::Redaction;
use step_01_capture::source::pattern::TestPattern;
use step_01_capture::{MediaStream, MediaStreamConstraints, Timeline, VideoTrack};
use step_02_peer::{OutgoingVideo, PeerConfig, PeerIdentity, PeerPair, SIGNALING, VideoCodec};
use webrtc::peer_connection::RTCSessionDescription;

/// The SSRC of every description in the tests.
pub(crate) const SSRC: u32 = 1;

pub(crate) struct Peers {
    pub(crate) pair: PeerPair,
    pub(crate) timeline: Timeline,
    pub(crate) redaction: Redaction,
    _stream: MediaStream,
}

impl Peers {
    /// A local peer with a video track, and a remote one without.
    pub(crate) async fn new() -> Self {
        Self::with(local(), remote()).await
    }

    pub(crate) async fn with(local: PeerConfig, remote: PeerConfig) -> Self {
        let stream = stream();
        let timeline = Timeline::new();
        let pair = PeerPair::new(local, remote, &timeline).await;
        let pair = pair.expect("1-1: two peers on loopback");
        let video = OutgoingVideo::new(&stream, VideoCodec::H264, SSRC);
        pair.local.add_track(&video).await.expect("1-2: addTrack()");
        Self {
            pair,
            timeline,
            redaction: Redaction::new(),
            _stream: stream,
        }
    }

    /// Closes both peers, and returns their signaling states from the first to the last.
    pub(crate) async fn signaling(self) -> String {
        self.pair
            .close()
            .await
            .expect("closing cannot fail on loopback");
        signaling_lines(&self.timeline)
    }
}

/// The lines of the timeline that are about signaling.
pub(crate) fn signaling_lines(timeline: &Timeline) -> String {
    let lines = timeline.to_string();
    let signaling = lines.lines().filter(|line| line.contains(SIGNALING.0));
    signaling.collect::<Vec<_>>().join("\n")
}

/// `{type: "rollback"}`
pub(crate) fn rollback() -> RTCSessionDescription {
    RTCSessionDescription::rollback(None).expect("a rollback has no SDP")
}

pub(crate) fn stream() -> MediaStream {
    let source = Box::new(TestPattern::new(&MediaStreamConstraints::default()));
    let track = VideoTrack::start("video0".to_owned(), source, Timeline::new());
    MediaStream::new("stream0".to_owned(), track)
}

pub(crate) fn local() -> PeerConfig {
    named("local")
}

pub(crate) fn remote() -> PeerConfig {
    named("remote")
}

fn named(name: &str) -> PeerConfig {
    let identity = PeerIdentity {
        ice_ufrag: format!("{name}-ufrag"),
        ice_pwd: format!("{name}-password-of-22-or-more"),
    };
    PeerConfig {
        identity: Some(identity),
        ..PeerConfig::loopback()
    }
}
