//! The packets of media on the wire, counted.

use step_03_ice::observing::wire_packet::WirePacket;

/// Packets of media that were sent, lost or not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WireCounts {
    /// RTP: pieces of access units.
    pub rtp: u64,
    /// RTP packets among them that had been sent before.
    pub sent_again: u64,
    /// RTP packets that were lost.
    pub rtp_lost: u64,
    /// RTCP: reports and requests.
    pub rtcp: u64,
    /// RTCP packets that were lost.
    pub rtcp_lost: u64,
    /// Requests to send packets again (generic NACK, RFC 4585 §6.2.1).
    pub nacks: u64,
    /// Requests for a key frame (PLI, RFC 4585 §6.3.1).
    pub plis: u64,
}

impl WireCounts {
    /// Counts one packet.
    pub(crate) fn count(&mut self, packet: WirePacket, again: bool, lost: bool) {
        match packet {
            WirePacket::Rtp { .. } => {
                self.rtp += 1;
                self.sent_again += u64::from(again);
                self.rtp_lost += u64::from(lost);
                return;
            }
            WirePacket::Nack => self.nacks += 1,
            WirePacket::Pli => self.plis += 1,
            WirePacket::OtherRtcp => {}
        }
        self.rtcp += 1;
        self.rtcp_lost += u64::from(lost);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_packet_is_counted_by_its_kind_and_whether_it_was_lost() {
        let mut counts = WireCounts::default();
        let rtp = WirePacket::Rtp { ssrc: 5, number: 7 };
        // Each kind twice, lost and not lost: a count that starts anew with every packet would be one.
        for (packet, again, lost) in [
            (rtp, false, true),
            (rtp, true, true),
            (rtp, true, false),
            (WirePacket::Nack, false, true),
            (WirePacket::Nack, false, false),
            (WirePacket::Pli, false, true),
            (WirePacket::Pli, false, false),
            (WirePacket::OtherRtcp, false, false),
        ] {
            counts.count(packet, again, lost);
        }
        let expected = WireCounts {
            rtp: 3,
            sent_again: 2,
            rtp_lost: 2,
            rtcp: 5,
            rtcp_lost: 2,
            nacks: 2,
            plis: 2,
        };
        assert_eq!(counts, expected, "a NACK and a PLI are RTCP too");
    }
}
