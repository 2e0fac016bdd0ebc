//! 2-1 to 2-5: offer and answer.

use step_02_peer::Peer;
use webrtc::peer_connection::RTCSessionDescription;
use webrtc::rtp_transceiver::RTCRtpTransceiverDirection;

use crate::negotiation_call::NegotiationCall;
use crate::negotiation_error::NegotiationError;
use crate::session_description::{MediaSection, SessionDescription};

/// 2-1: asks `peer` what it wants to send and receive (W3C webrtc-pc §4.4.2 `createOffer()`). Nothing changes yet.
///
/// # Errors
/// [`NegotiationError::InvalidState`] while an offer of the other peer waits for its answer.
pub async fn create_offer(peer: &Peer) -> Result<RTCSessionDescription, NegotiationError> {
    NegotiationCall::CreateOffer.permit(peer).await?;
    let offer = peer.connection().create_offer(None).await;
    Ok(offer.map_err(|source| peer.failed("createOffer", source))?)
}

/// 2-2, and the second half of 2-4: `peer` keeps to its own description from now on (W3C webrtc-pc §4.4.2
/// `setLocalDescription()`). ICE begins to look for candidates.
///
/// # Errors
/// [`NegotiationError::InvalidState`] for an answer without an offer, or an offer while the other one waits.
pub async fn set_local_description(
    peer: &Peer,
    description: RTCSessionDescription,
) -> Result<(), NegotiationError> {
    NegotiationCall::set_local(&description)
        .permit(peer)
        .await?;
    let set = peer.connection().set_local_description(description).await;
    Ok(set.map_err(|source| peer.failed("setLocalDescription", source))?)
}

/// 2-3 and 2-5: tells `peer` what the other one has described (W3C webrtc-pc §4.4.2 `setRemoteDescription()`).
///
/// # Errors
/// [`NegotiationError::InvalidState`] for an answer to nothing, or an offer while its own waits (glare).
pub async fn set_remote_description(
    peer: &Peer,
    description: RTCSessionDescription,
) -> Result<(), NegotiationError> {
    NegotiationCall::set_remote(&description)
        .permit(peer)
        .await?;
    let set = peer.connection().set_remote_description(description).await;
    Ok(set.map_err(|source| peer.failed("setRemoteDescription", source))?)
}

/// Answers every `m=audio` of `offer` with `a=inactive`.
///
/// A section that is refused has neither the credentials nor the candidates of the bundle (RFC 8843 §7.3.3), and many
/// peers put the transport of all sections into the first one; RFC 9725 §4.4.1 asks for one bundle. An inactive section
/// stays in it, and carries nothing.
///
/// # Errors
/// [`NegotiationError::Peer`] when the peer is closed.
pub async fn leave_audio_inactive(peer: &Peer, offer: &str) -> Result<(), NegotiationError> {
    let Ok(offer) = SessionDescription::parse(offer) else {
        return Ok(());
    };
    let is_audio = |section: &&MediaSection<'_>| section.lines[0].value().starts_with("audio ");
    let mids: Vec<&str> = offer
        .media
        .iter()
        .filter(is_audio)
        .flat_map(|section| &section.lines)
        .filter_map(|line| line.attribute())
        .filter_map(|(name, value)| (name == "mid").then_some(value))
        .collect();
    for transceiver in peer.connection().get_transceivers().await {
        let mid = transceiver.mid().await.ok().flatten().unwrap_or_default();
        if mids.contains(&mid.as_str()) {
            let set = transceiver
                .set_direction(RTCRtpTransceiverDirection::Inactive)
                .await;
            set.map_err(|source| peer.failed("direction", source))?;
        }
    }
    Ok(())
}

/// 2-4: asks `peer` what it accepts of the offer that it was told (W3C webrtc-pc §4.4.2 `createAnswer()`).
///
/// # Errors
/// [`NegotiationError::InvalidState`] when there is no offer to answer.
pub async fn create_answer(peer: &Peer) -> Result<RTCSessionDescription, NegotiationError> {
    NegotiationCall::CreateAnswer.permit(peer).await?;
    let answer = peer.connection().create_answer(None).await;
    Ok(answer.map_err(|source| peer.failed("createAnswer", source))?)
}
