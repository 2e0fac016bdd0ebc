//! Taking an offer back.

use step_02_peer::Peer;
use webrtc::peer_connection::RTCSessionDescription;

use crate::negotiation_call::NegotiationCall;
use crate::negotiation_error::NegotiationError;

/// Takes back the offer that `peer` has made and that is not answered yet, as if it had not been made (RFC 8829 §4.1.10.2,
/// `setLocalDescription({type: "rollback"})`).
///
/// # Errors
/// [`NegotiationError::InvalidState`] when there is no such offer.
pub async fn roll_back(peer: &Peer) -> Result<(), NegotiationError> {
    NegotiationCall::Rollback.permit(peer).await?;
    let rollback = RTCSessionDescription::rollback(None);
    let rollback = rollback.map_err(|source| peer.failed("setLocalDescription", source))?;
    Ok(peer.set_local_description(rollback).await?)
}
