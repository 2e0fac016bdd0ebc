//! Requests for key frames, delivered to the application.

use std::collections::VecDeque;
use std::time::Instant;

use rtc::interceptor::{Attribute, Interceptor, Packet, Slot, StreamInfo, TaggedPacket};
use rtc::rtcp;
use rtc::rtcp::payload_feedbacks::full_intra_request::FullIntraRequest;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::sansio::Protocol;
use rtc::shared::error::Error;

/// Whether the other side requests a key frame: a picture loss indication (PLI, RFC 4585 §6.3.1) or a full intra request
/// (FIR, RFC 5104 §4.3.1).
pub fn asks_for_key_frame(packet: &dyn rtcp::Packet) -> bool {
    let packet = packet.as_any();
    packet.is::<PictureLossIndication>() || packet.is::<FullIntraRequest>()
}

/// Passes requests for key frames on to the encoder, and drops other RTCP.
///
/// webrtc's own interceptors answer a NACK and read the reports, so RTCP ends there. Only the encoder can answer a PLI.
/// A packet reaches the application when an interceptor marks it, as in webrtc's example `rtcp-processing`.
#[derive(Default)]
pub(crate) struct KeyFrameRequests {
    incoming: VecDeque<TaggedPacket>,
    outgoing: VecDeque<TaggedPacket>,
}

impl KeyFrameRequests {
    /// After all of webrtc's own interceptors, so that they have seen every packet.
    pub(crate) const SLOT: Slot = Slot::Custom(14_000);
}

impl Protocol<TaggedPacket, TaggedPacket, ()> for KeyFrameRequests {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;

    fn handle_read(&mut self, mut packet: TaggedPacket) -> Result<(), Error> {
        if let Packet::Rtcp(feedback) = &mut packet.message.packet
            // An empty one only carries attributes from one interceptor to the next.
            && !feedback.is_empty()
        {
            feedback.retain(|feedback| asks_for_key_frame(feedback.as_ref()));
            if feedback.is_empty() {
                return Ok(());
            }
            packet.message.add(Attribute::DeliverToApplication);
        }
        self.incoming.push_back(packet);
        Ok(())
    }

    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.incoming.pop_front()
    }

    fn handle_write(&mut self, packet: TaggedPacket) -> Result<(), Error> {
        self.outgoing.push_back(packet);
        Ok(())
    }

    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.outgoing.pop_front()
    }
}

impl Interceptor for KeyFrameRequests {
    fn bind_local_stream(&mut self, _: &StreamInfo) {}
    fn unbind_local_stream(&mut self, _: &StreamInfo) {}
    fn bind_remote_stream(&mut self, _: &StreamInfo) {}
    fn unbind_remote_stream(&mut self, _: &StreamInfo) {}
}

#[cfg(test)]
#[path = "key_frame_requests_tests.rs"]
mod tests;
