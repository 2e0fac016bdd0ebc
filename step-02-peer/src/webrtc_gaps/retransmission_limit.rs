//! Packets that are sent again, but not more than the line carries.

use std::collections::VecDeque;
use std::time::Instant;

use rtc::interceptor::{Attribute, Interceptor, Packet, Slot, StreamInfo, TaggedPacket};
use rtc::sansio::Protocol;
use rtc::shared::error::Error;

use crate::webrtc_gaps::bandwidth::Bandwidth;

/// The share of the bandwidth for what is sent again. Of 100 packets 20 can be lost, in each direction, without a limit.
const SHARE: f64 = 0.5;

/// So many bits may be sent again at once: ten packets.
const BURST: f64 = 10.0 * 1200.0 * 8.0;

/// Drops packets that are sent again when there are too many.
///
/// A queue that overflows loses packets, the receiver asks for them again and again, and webrtc 0.21 sends them each time.
/// That keeps the queue full, and nothing gets through. The receiver asks once more for what is dropped here.
pub(crate) struct RetransmissionLimit {
    bandwidth: Bandwidth,
    /// Bits that may be sent again now.
    allowance: f64,
    refilled: Option<Instant>,
    incoming: VecDeque<TaggedPacket>,
    outgoing: VecDeque<TaggedPacket>,
}

impl RetransmissionLimit {
    /// Before the packets are numbered, and after webrtc's interceptor that answers a NACK.
    pub(crate) const SLOT: Slot = Slot::Custom(3_500);

    pub(crate) fn new(bandwidth: Bandwidth) -> Self {
        Self {
            bandwidth,
            allowance: BURST,
            refilled: None,
            incoming: VecDeque::new(),
            outgoing: VecDeque::new(),
        }
    }

    fn permits(&mut self, packet: &TaggedPacket) -> bool {
        let Packet::Rtp(rtp) = &packet.message.packet else {
            return true;
        };
        if packet.message.get(&Attribute::Retransmission).is_none() {
            return true;
        }
        let Some(bits_per_second) = self.bandwidth.bits_per_second() else {
            return true;
        };
        let last = self.refilled.replace(packet.now).unwrap_or(packet.now);
        let elapsed = packet.now.saturating_duration_since(last).as_secs_f64();
        self.allowance = (self.allowance + SHARE * bits_per_second * elapsed).min(BURST);
        let bits = rtp.payload.len() as f64 * 8.0;
        let permitted = bits <= self.allowance;
        if permitted {
            self.allowance -= bits;
        }
        permitted
    }
}

impl Protocol<TaggedPacket, TaggedPacket, ()> for RetransmissionLimit {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;

    fn handle_read(&mut self, packet: TaggedPacket) -> Result<(), Error> {
        self.incoming.push_back(packet);
        Ok(())
    }

    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.incoming.pop_front()
    }

    fn handle_write(&mut self, packet: TaggedPacket) -> Result<(), Error> {
        if self.permits(&packet) {
            self.outgoing.push_back(packet);
        }
        Ok(())
    }

    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.outgoing.pop_front()
    }
}

impl Interceptor for RetransmissionLimit {
    fn bind_local_stream(&mut self, _: &StreamInfo) {}
    fn unbind_local_stream(&mut self, _: &StreamInfo) {}
    fn bind_remote_stream(&mut self, _: &StreamInfo) {}
    fn unbind_remote_stream(&mut self, _: &StreamInfo) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use rtc::interceptor::{AttributedPacket, BandwidthEstimator, ConstantBitrate, PacketReport};
    use rtc::rtcp::transport_feedbacks::cc_feedback_report::Ecn;

    const LOOK: &str = "see step-02-peer/src/webrtc_gaps/retransmission_limit.rs";

    fn report(now: Instant) -> PacketReport {
        PacketReport {
            ssrc: 1,
            id: 0,
            rtp_sequence_number: 0,
            is_twcc: true,
            twcc_sequence_number: 0,
            size: 1000,
            arrived: true,
            departure: now,
            arrival: None,
            ecn: Ecn::NotEct,
        }
    }

    /// How many of so many packets of 1000 bytes pass.
    fn passed(limit: &mut RetransmissionLimit, count: usize, again: bool, now: Instant) -> usize {
        let rtp = rtc::rtp::Packet {
            payload: vec![0; 1000].into(),
            ..Default::default()
        };
        for _ in 0..count {
            let message = AttributedPacket::new(Packet::Rtp(rtp.clone()));
            let message = match again {
                true => message.with(Attribute::Retransmission),
                false => message,
            };
            let transport = Default::default();
            let packet = TaggedPacket {
                now,
                transport,
                message,
            };
            limit.handle_write(packet).expect("it takes every packet");
        }
        std::iter::from_fn(|| limit.poll_write()).count()
    }

    #[test]
    fn half_of_the_bandwidth_is_for_what_is_sent_again() {
        let now = Instant::now();
        let mut bandwidth = Bandwidth::new(Box::new(ConstantBitrate::new(160_000.0)));
        let mut limit = RetransmissionLimit::new(bandwidth.clone());
        assert_eq!(
            passed(&mut limit, 100, true, now),
            100,
            "nothing is known of the line; {LOOK}"
        );
        bandwidth.on_reports(now, &[report(now)]);
        assert_eq!(passed(&mut limit, 100, true, now), 12, "at once; {LOOK}");
        let later = now + Duration::from_secs(1);
        assert_eq!(
            passed(&mut limit, 100, true, later),
            10,
            "a second later half of 160 kbit; {LOOK}"
        );
        assert_eq!(
            passed(&mut limit, 100, false, later),
            100,
            "the others; {LOOK}"
        );
    }
}
