//! What can be read of media on the wire, encrypted as it is.

/// Packets of media that were sent, lost or not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WireCounts {
    /// RTP: pieces of pictures.
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

/// What a packet of media is. SRTP encrypts the payload of RTP and leaves its header as it is (RFC 3711 §3.1); of RTCP it
/// leaves the first header (RFC 3711 §3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WirePacket {
    /// A piece of a picture.
    Rtp {
        /// Synchronization source.
        ssrc: u32,
        /// Sequence number.
        number: u16,
    },
    /// A request to send packets again.
    Nack,
    /// A request for a key frame.
    Pli,
    /// Reports, and what else there is.
    OtherRtcp,
}

impl WirePacket {
    /// None for what is not media: STUN and DTLS come over the same socket (RFC 7983 §7).
    pub(crate) fn read(datagram: &[u8]) -> Option<Self> {
        /// Feedback message types of RFC 4585 §6.1.
        const RTPFB: u8 = 205;
        const PSFB: u8 = 206;
        let [first @ 128..=191, kind, number @ ..] = datagram.get(..12)? else {
            return None;
        };
        // The five bits that are a count in a report are the format in feedback.
        let format = first & 0x1f;
        Some(match kind {
            // Both protocols share the port (RFC 5761 §4).
            192..=223 => match (*kind, format) {
                (RTPFB, 1) => Self::Nack,
                (PSFB, 1) => Self::Pli,
                _ => Self::OtherRtcp,
            },
            _ => {
                let [high, low, _, _, _, _, ssrc @ ..] = number else {
                    return None;
                };
                Self::Rtp {
                    ssrc: u32::from_be_bytes(ssrc.try_into().ok()?),
                    number: u16::from_be_bytes([*high, *low]),
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_is_told_from_stun_and_dtls() {
        let mut datagram = [0_u8; 20];
        assert_eq!(WirePacket::read(&datagram), None, "STUN begins with 0 to 3");
        datagram[0] = 22;
        assert_eq!(
            WirePacket::read(&datagram),
            None,
            "DTLS begins with 20 to 63"
        );
        assert_eq!(
            WirePacket::read(&[0x80, 102, 0, 7]),
            None,
            "too short for RTP"
        );
    }

    #[test]
    fn the_header_of_rtp_is_in_the_clear() {
        let datagram = [0x80, 0x80 | 102, 1, 2, 9, 9, 9, 9, 0, 0, 0, 5, 0xff];
        let read = WirePacket::read(&datagram);
        let (ssrc, number) = (5, 0x0102);
        assert_eq!(read, Some(WirePacket::Rtp { ssrc, number }));
    }

    #[test]
    fn requests_are_told_from_reports() {
        let rtcp = |first, kind| {
            let mut datagram = [0; 12];
            (datagram[0], datagram[1]) = (first, kind);
            WirePacket::read(&datagram)
        };
        assert_eq!(rtcp(0x81, 205), Some(WirePacket::Nack));
        assert_eq!(rtcp(0x81, 206), Some(WirePacket::Pli));
        assert_eq!(rtcp(0x81, 200), Some(WirePacket::OtherRtcp));
        assert_eq!(rtcp(0x8f, 206), Some(WirePacket::OtherRtcp), "REMB");
    }

    #[test]
    fn each_packet_is_counted_by_its_kind_and_its_fate() {
        let mut counts = WireCounts::default();
        let rtp = WirePacket::Rtp { ssrc: 5, number: 7 };
        // Each kind twice, and each fate: a count that starts anew with every packet would be one.
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
