//! `icecandidateerror`, which webrtc 0.21 does not fire.

use webrtc::peer_connection::RTCPeerConnectionIceErrorEvent;

use crate::peer_event::{EventSender, PeerEvent};

/// Fires `icecandidateerror` on a peer (W3C webrtc-pc §4.8.3). webrtc 0.21 has the event and never fires it, so the code
/// that notices a failed server does. A reporter does not keep its peer open.
pub struct IceErrorReporter {
    peer: String,
    events: EventSender,
}

impl IceErrorReporter {
    pub(crate) fn new(peer: &str, events: EventSender) -> Self {
        let peer = peer.to_owned();
        Self { peer, events }
    }

    /// Traces the error and adds it to the peer's events, or drops it if their stream is full or has ended.
    pub fn report(&self, error: RTCPeerConnectionIceErrorEvent) {
        let (code, url, text) = (error.error_code, &error.url, &error.error_text);
        tracing::info!(peer = self.peer, "icecandidateerror: {code} {url}: {text}");
        if let Some(events) = self.events.sender() {
            let _ = events.try_send(PeerEvent::IceCandidateError(error));
        }
    }
}
