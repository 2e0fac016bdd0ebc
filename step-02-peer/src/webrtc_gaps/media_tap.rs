//! Media in the clear, for a file of captured packets.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use rtc::interceptor::{Interceptor, Packet, Slot, StreamInfo, TaggedPacket};
use rtc::sansio::Protocol;
use rtc::shared::error::Error;
use rtc::shared::marshal::Marshal;

/// Receives a copy of each RTP and RTCP packet as it is before encryption, or after decryption. It must not block.
pub trait MediaTap: Send + Sync + 'static {
    /// A packet that is sent.
    fn sent(&self, packet: &[u8]);
    /// A packet that was received.
    fn received(&self, packet: &[u8]);
}

/// Passes all packets on, and shows them to a tap.
pub(crate) struct TappedMedia {
    tap: Arc<dyn MediaTap>,
    incoming: VecDeque<TaggedPacket>,
    outgoing: VecDeque<TaggedPacket>,
}

impl TappedMedia {
    /// Before all other interceptors on the side of the network, so that it sees what they generate and resend.
    pub(crate) const SLOT: Slot = Slot::Custom(500);

    pub(crate) fn new(tap: Arc<dyn MediaTap>) -> Self {
        Self {
            tap,
            incoming: VecDeque::new(),
            outgoing: VecDeque::new(),
        }
    }
}

/// The bytes of a packet; none for one that only carries attributes from one interceptor to the next.
fn bytes(packet: &Packet) -> Option<Vec<u8>> {
    let parts = match packet {
        Packet::Rtp(packet) => vec![packet.marshal().ok()?],
        Packet::Rtcp(packets) => {
            let parts = packets.iter().map(|packet| packet.marshal().ok());
            parts.collect::<Option<Vec<_>>>()?
        }
        _ => return None,
    };
    let bytes = parts.concat();
    (!bytes.is_empty()).then_some(bytes)
}

impl Protocol<TaggedPacket, TaggedPacket, ()> for TappedMedia {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;

    fn handle_read(&mut self, packet: TaggedPacket) -> Result<(), Error> {
        if let Some(bytes) = bytes(&packet.message.packet) {
            self.tap.received(&bytes);
        }
        self.incoming.push_back(packet);
        Ok(())
    }

    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.incoming.pop_front()
    }

    fn handle_write(&mut self, packet: TaggedPacket) -> Result<(), Error> {
        if let Some(bytes) = bytes(&packet.message.packet) {
            self.tap.sent(&bytes);
        }
        self.outgoing.push_back(packet);
        Ok(())
    }

    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.outgoing.pop_front()
    }
}

impl Interceptor for TappedMedia {
    fn bind_local_stream(&mut self, _: &StreamInfo) {}
    fn unbind_local_stream(&mut self, _: &StreamInfo) {}
    fn bind_remote_stream(&mut self, _: &StreamInfo) {}
    fn unbind_remote_stream(&mut self, _: &StreamInfo) {}
}
