//! Which packets of a peer are captured, and between which addresses.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use parking_lot::Mutex;
use step_01_capture::EventKind;
use step_02_peer::{MediaTap, PacketCapture};

use crate::observing::wire_packet::channel_data;

/// The packets of one peer: STUN and DTLS as they go over its sockets, RTP and RTCP before encryption or after decryption.
///
/// Media in the clear has no addresses: it is captured between those of the last datagram of DTLS or media. That is the pair
/// that ICE selected, and for a relayed one the socket and the relay.
pub(crate) struct CapturedPeer {
    capture: Arc<dyn PacketCapture>,
    route: Mutex<Option<(SocketAddr, SocketAddr)>>,
}

impl CapturedPeer {
    /// The packets go to `capture`.
    pub(crate) fn new(capture: Arc<dyn PacketCapture>) -> Self {
        let route = Mutex::default();
        Self { capture, route }
    }

    /// Notes that the peer has opened a socket.
    pub(crate) fn opened(&self, socket: SocketAddr) {
        self.capture.opened(socket);
    }

    /// Captures a datagram, unless it is encrypted media: that comes in the clear.
    pub(crate) fn record(
        &self,
        kind: EventKind,
        at: SystemTime,
        (socket, other): (SocketAddr, SocketAddr),
        datagram: &[u8],
    ) {
        let inner = channel_data(datagram).unwrap_or(datagram);
        // The first byte separates the protocols (RFC 7983 §7).
        let (is_dtls, is_media) = match inner.first() {
            Some(20..=63) => (true, false),
            Some(128..=191) => (false, true),
            _ => (false, false),
        };
        if is_dtls || is_media {
            *self.route.lock() = Some((socket, other));
        }
        match kind {
            _ if is_media => {}
            EventKind::Received => self.capture.received(at, other, socket, datagram),
            _ => self.capture.sent(at, socket, other, datagram),
        }
    }
}

impl MediaTap for CapturedPeer {
    fn sent(&self, packet: &[u8]) {
        let route = *self.route.lock();
        if let Some((socket, other)) = route {
            let now = SystemTime::now();
            self.capture.sent(now, socket, other, packet);
        }
    }

    fn received(&self, packet: &[u8]) {
        let route = *self.route.lock();
        if let Some((socket, other)) = route {
            let now = SystemTime::now();
            self.capture.received(now, other, socket, packet);
        }
    }
}
