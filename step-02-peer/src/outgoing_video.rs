//! 1-2: the local video, as a peer sends it.

use std::sync::Arc;

use rtc::media_stream::MediaStreamTrack;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind,
};
use step_01_capture::MediaStream;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;

use crate::video_codec::VideoCodec;

/// The identifiers under which a [`MediaStream`]'s video track is announced and sent.
#[derive(Clone)]
pub struct OutgoingVideo {
    track: Arc<TrackLocalStaticRTP>,
    ssrc: u32,
}

impl OutgoingVideo {
    /// Takes the identifiers from the stream. `ssrc` names the stream of RTP packets (RFC 3550 §8): random in a call,
    /// chosen in a test.
    pub fn new(stream: &MediaStream, codec: VideoCodec, ssrc: u32) -> Self {
        let video = stream.video_track();
        let encoding = RTCRtpEncodingParameters {
            rtp_coding_parameters: RTCRtpCodingParameters {
                ssrc: Some(ssrc),
                ..Default::default()
            },
            codec: codec.capability(),
            ..Default::default()
        };
        let track = MediaStreamTrack::new(
            stream.id().to_owned(),
            video.id().to_owned(),
            video.label().to_owned(),
            RtpCodecKind::Video,
            vec![encoding],
        );
        Self {
            track: Arc::new(TrackLocalStaticRTP::new(track)),
            ssrc,
        }
    }

    /// webrtc's track, to write packets to and to read RTCP feedback from.
    pub fn track(&self) -> &Arc<TrackLocalStaticRTP> {
        &self.track
    }

    /// The synchronization source that every packet of this video carries.
    pub fn ssrc(&self) -> u32 {
        self.ssrc
    }
}
