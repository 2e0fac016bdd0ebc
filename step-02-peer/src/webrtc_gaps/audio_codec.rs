//! The codec that other programs name for their audio.

use rtc::rtp_transceiver::rtp_sender::{RTCRtpCodec, RTCRtpCodecParameters};

/// The audio codec that every WebRTC endpoint has (RFC 7874 §3, with the clock rate and the channels of RFC 7587 §7).
/// Without a codec in common, webrtc 0.21 rejects the section. No peer of this tutorial offers audio.
pub(crate) fn opus() -> RTCRtpCodecParameters {
    RTCRtpCodecParameters {
        rtp_codec: RTCRtpCodec {
            mime_type: "audio/opus".to_owned(),
            clock_rate: 48_000,
            channels: 2,
            ..Default::default()
        },
        payload_type: 111,
    }
}
