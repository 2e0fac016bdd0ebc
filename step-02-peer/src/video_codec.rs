//! The codecs that a peer can name in its descriptions.

use rtc::rtp_transceiver::rtp_sender::{RTCPFeedback, RTCRtpCodec, RTCRtpCodecParameters};

/// A video codec that can stand in an `m=video` section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VideoCodec {
    /// H.264, constrained baseline, level 3.1, packetization-mode 1. Every browser has the profile (RFC 7742 §6.2, which
    /// asks for level 1.2 only).
    H264,
    /// VP8. This tutorial cannot encode it; it is here for a peer that has no codec in common with ours.
    Vp8,
}

impl VideoCodec {
    /// What `a=rtpmap` and `a=fmtp` say about it, without the payload type.
    pub fn capability(self) -> RTCRtpCodec {
        let (mime_type, fmtp) = match self {
            // 42e01f: baseline profile (42) with the constraints of "constrained baseline" (e0), level 3.1 (1f),
            // RFC 6184 §8.1. Mode 1 permits a frame to be cut into fragments (FU-A, RFC 6184 §5.8).
            Self::H264 => (
                "video/H264",
                "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
            ),
            Self::Vp8 => ("video/VP8", ""),
        };
        RTCRtpCodec {
            mime_type: mime_type.to_owned(),
            clock_rate: 90_000,
            channels: 0,
            sdp_fmtp_line: fmtp.to_owned(),
            rtcp_feedback: Self::feedback(),
        }
    }

    /// What the receiver of video may request (RFC 4585 §4.2): a lost packet again (`nack`), or, when that is too late, a
    /// key frame (`nack pli`).
    fn feedback() -> Vec<RTCPFeedback> {
        ["", "pli"]
            .map(|parameter| RTCPFeedback {
                typ: "nack".to_owned(),
                parameter: parameter.to_owned(),
            })
            .to_vec()
    }

    pub(crate) fn parameters(self) -> RTCRtpCodecParameters {
        RTCRtpCodecParameters {
            rtp_codec: self.capability(),
            payload_type: match self {
                // From the dynamic range, 96 to 127 (RFC 3551 §6). The offer says what the number means.
                Self::H264 => 102,
                Self::Vp8 => 96,
            },
        }
    }
}
