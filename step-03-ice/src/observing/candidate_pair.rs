//! The pair of candidates that ICE selected, as webrtc knows it.

use std::fmt;
use std::sync::Arc;

use rtc::peer_connection::transport::RTCIceCandidatePair;
use step_02_peer::Peer;
use webrtc::peer_connection::RTCIceCandidate;
use webrtc::peer_connection::transport::DtlsTransport;
use webrtc::rtp_transceiver::RtpTransceiver;

/// A candidate of this peer with one of the other's, over which media is sent (W3C webrtc-pc §5.6.2
/// `RTCIceCandidatePair`).
#[derive(Debug, Clone)]
pub struct CandidatePair(pub RTCIceCandidatePair);

impl CandidatePair {
    /// The pair on which `peer` sends, once there is one (W3C webrtc-pc §5.6 `getSelectedCandidatePair()`).
    ///
    /// The statistics of webrtc 0.21 have it too, but not when the remote candidate is peer-reflexive: when the other
    /// peer's check came before its candidate (RFC 8445 §7.3.1.3).
    pub async fn selected(peer: &Peer) -> Option<CandidatePair> {
        for transceiver in peer.connection().get_transceivers().await {
            if let Some(transport) = transport(transceiver.as_ref()).await {
                return Self::on(transport.as_ref()).await;
            }
        }
        None
    }

    /// The pair that ICE selected for one transport.
    pub async fn on(transport: &dyn DtlsTransport) -> Option<CandidatePair> {
        let ice = transport.ice_transport();
        let pair = ice.get_selected_candidate_pair().await.ok()??;
        Some(CandidatePair(pair))
    }
}

/// All media of a call shares one transport (BUNDLE, RFC 9143 §7), so that of any sender or receiver will do.
async fn transport(transceiver: &dyn RtpTransceiver) -> Option<Arc<dyn DtlsTransport>> {
    if let Ok(Some(sender)) = transceiver.sender().await {
        return sender.transport().await.ok()?;
    }
    let receiver = transceiver.receiver().await.ok()??;
    receiver.transport().await.ok()?
}

impl fmt::Display for CandidatePair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = |c: &RTCIceCandidate| format!("{} {}:{}", c.typ, c.address, c.port);
        write!(f, "{} <-> {}", end(self.0.local()), end(self.0.remote()))
    }
}
