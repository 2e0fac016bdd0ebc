//! The audio of another program's offer: accepted, and not sent.

use webrtc::rtp_transceiver::RTCRtpTransceiverDirection;

use crate::peer::Peer;
use crate::peer_error::PeerError;

/// Has `peer` answer each `m=audio` section of the offer that it has just set with `a=inactive`.
///
/// A rejected section leaves the bundle (RFC 9143 §7.3.3). Many programs put the transport of all sections into the
/// first one, which is often audio, and a WHIP session must be one bundle (RFC 9725 §4.4.1). An inactive section stays
/// in the bundle, and no packets are sent for it.
///
/// # Errors
/// [`PeerError::Call`] when the peer is closed.
pub async fn leave_audio_inactive(peer: &Peer, offer: &str) -> Result<(), PeerError> {
    let audio: Vec<&str> = audio_mids(offer).collect();
    for transceiver in peer.connection().get_transceivers().await {
        if let Ok(Some(mid)) = transceiver.mid().await
            && audio.contains(&mid.as_str())
        {
            let inactive = RTCRtpTransceiverDirection::Inactive;
            let set = transceiver.set_direction(inactive).await;
            set.map_err(|source| peer.failed("setDirection", source))?;
        }
    }
    Ok(())
}

/// The identification tags of the `m=audio` sections (RFC 5888 §4).
fn audio_mids(description: &str) -> impl Iterator<Item = &str> {
    let mut in_audio = false;
    description.lines().filter_map(move |line| {
        if let Some(media) = line.strip_prefix("m=") {
            in_audio = media.starts_with("audio ");
        }
        line.strip_prefix("a=mid:").filter(|_| in_audio)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sections_of_audio_are_left_inactive() {
        let description = "v=0\r\nm=audio 9 X 111\r\na=mid:a\r\nm=video 9 X 102\r\na=mid:v\r\nm=audio 0 X 8\r\na=mid:b\r\n";
        let mids: Vec<&str> = audio_mids(description).collect();
        assert_eq!(
            mids,
            ["a", "b"],
            "see step-02-peer/src/webrtc_gaps/inactive_audio.rs"
        );
    }
}
