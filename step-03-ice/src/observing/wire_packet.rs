//! What can be read of encrypted media on the wire.

use rtc::rtcp::header::{FORMAT_PLI, FORMAT_TLN, PacketType};
use rtc::shared::marshal::Unmarshal;
use rtc::{rtcp, rtp};

/// What a packet of media is. SRTP encrypts the payload of RTP and leaves its header as it is (RFC 3711 §3.1); of RTCP it
/// leaves the first header (RFC 3711 §3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WirePacket {
    /// A piece of an access unit.
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
    /// None for what is not media: STUN and DTLS use the same socket (RFC 7983 §7).
    pub fn read(mut datagram: &[u8]) -> Option<Self> {
        let [128..=191, kind, ..] = datagram else {
            return None;
        };
        // RTP and RTCP use the same port (RFC 5761 §4).
        if !(192..=223).contains(kind) {
            let header = rtp::Header::unmarshal(&mut datagram).ok()?;
            return Some(Self::Rtp {
                ssrc: header.ssrc,
                number: header.sequence_number,
            });
        }
        let header = rtcp::header::Header::unmarshal(&mut datagram).ok()?;
        // What is a count in a report is the format in feedback (RFC 4585 §6.1).
        Some(match (header.packet_type, header.count) {
            (PacketType::TransportSpecificFeedback, FORMAT_TLN) => Self::Nack,
            (PacketType::PayloadSpecificFeedback, FORMAT_PLI) => Self::Pli,
            _ => Self::OtherRtcp,
        })
    }
}

/// What a TURN server relays in a channel: it stands behind the number of the channel and its length (RFC 8656 §12.4).
pub(crate) fn channel_data(datagram: &[u8]) -> Option<&[u8]> {
    match datagram {
        [0x40..=0x4f, _, high, low, rest @ ..] => {
            rest.get(..usize::from(u16::from_be_bytes([*high, *low])))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_differs_from_stun_and_dtls() {
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
    fn requests_differ_from_reports() {
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
}
