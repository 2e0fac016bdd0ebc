//! The datagrams of one peer, as they go over its sockets, for the report.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use parking_lot::Mutex;
use step_01_capture::{CallLog, EventKind};

use crate::observing::captured_peer::CapturedPeer;
use crate::observing::wire_packet::{WirePacket, channel_data};

/// Streams of RTP whose newest number is known. A call has one in each direction, a stranger may name many.
const MOST_STREAMS: usize = 64;

/// Writes each datagram of one peer into a [`CallLog`], and where one is wanted into a capture. A packet of media costs less
/// than a microsecond: it is counted, and only the first one is kept.
pub(crate) struct DatagramLog {
    peer: String,
    log: CallLog,
    capture: Option<Arc<CapturedPeer>>,
    /// The newest sequence number of each direction and synchronization source.
    newest: Mutex<BTreeMap<(EventKind, u32), u16>>,
}

impl DatagramLog {
    /// A log of the peer with this name.
    pub(crate) fn new(peer: &str, log: &CallLog, capture: Option<Arc<CapturedPeer>>) -> Self {
        Self {
            peer: peer.to_owned(),
            log: log.clone(),
            capture,
            newest: Mutex::default(),
        }
    }

    /// Notes that the peer has opened a socket.
    pub(crate) fn opened(&self, socket: SocketAddr) {
        if let Some(capture) = &self.capture {
            capture.opened(socket);
        }
    }

    /// Records a datagram between a socket of this peer and another address.
    pub(crate) fn record(
        &self,
        kind: EventKind,
        at: SystemTime,
        route: (SocketAddr, SocketAddr),
        datagram: &[u8],
    ) {
        if let Some(capture) = &self.capture {
            capture.record(kind, at, route, datagram);
        }
        let (relayed, inner) = match channel_data(datagram) {
            Some(inner) => (true, inner),
            None => (false, datagram),
        };
        let (direct_name, relayed_name, keep) = self.name(kind, inner);
        let name = if relayed { relayed_name } else { direct_name };
        self.log
            .datagram(&self.peer, kind, name, route, datagram, keep);
    }

    /// The name of a datagram, its name when a TURN server relays it in a channel, and how many are kept with their contents.
    fn name(&self, kind: EventKind, datagram: &[u8]) -> (&'static str, &'static str, u64) {
        match datagram.first() {
            // The first byte separates the protocols (RFC 7983 §7).
            Some(0..=3) => return ("STUN", "STUN, relayed", 150),
            Some(20..=63) => return ("DTLS", "DTLS, relayed", 50),
            _ => {}
        }
        match WirePacket::read(datagram) {
            Some(WirePacket::Rtp { ssrc, number }) if self.is_new(kind, ssrc, number) => {
                ("RTP", "RTP, relayed", 1)
            }
            Some(WirePacket::Rtp { .. }) => ("RTP again", "RTP again, relayed", 100),
            Some(WirePacket::Nack) => ("NACK", "NACK, relayed", 100),
            Some(WirePacket::Pli) => ("PLI", "PLI, relayed", 100),
            Some(WirePacket::OtherRtcp) => ("RTCP", "RTCP, relayed", 1),
            None => ("other", "other, relayed", 1),
        }
    }

    /// Whether a packet is newer than all before it. If not, it was sent again, or overtaken.
    fn is_new(&self, kind: EventKind, ssrc: u32, number: u16) -> bool {
        let mut newest = self.newest.lock();
        if newest.len() == MOST_STREAMS && !newest.contains_key(&(kind, ssrc)) {
            return true;
        }
        let newest = newest.entry((kind, ssrc)).or_insert(number.wrapping_sub(1));
        let is_new = number.wrapping_sub(*newest) as i16 > 0;
        if is_new {
            *newest = number;
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    const LOOK: &str = "see step-03-ice/src/observing/datagram_log.rs";

    fn rtp(number: u16) -> Vec<u8> {
        let [high, low] = number.to_be_bytes();
        vec![0x80, 102, high, low, 0, 0, 0, 9, 0, 0, 0, 5]
    }

    /// The names of what was recorded, with their numbers.
    fn recorded(datagrams: &[Vec<u8>]) -> Vec<(&'static str, u64)> {
        let log = CallLog::new(Instant::now());
        let route = (([127, 0, 0, 1], 1).into(), ([127, 0, 0, 1], 2).into());
        let datagrams_log = DatagramLog::new("local", &log, None);
        for datagram in datagrams {
            datagrams_log.record(EventKind::Sent, SystemTime::now(), route, datagram);
        }
        let counts = log.counts().into_iter();
        counts.map(|count| (count.name, count.total)).collect()
    }

    #[test]
    fn a_packet_with_an_old_number_was_sent_again() {
        let sent = [rtp(65535), rtp(0), rtp(1), rtp(0)];
        assert_eq!(recorded(&sent), [("RTP", 3), ("RTP again", 1)], "{LOOK}");
    }

    #[test]
    fn the_protocols_on_one_port_are_told_apart_also_in_a_channel_of_a_relay() {
        let dtls = vec![22, 254, 253, 0];
        let relayed = [&[0x40, 0, 0, 4], &dtls[..]].concat();
        let expected = [("DTLS", 1), ("DTLS, relayed", 1)];
        assert_eq!(recorded(&[dtls, relayed]), expected, "RFC 7983 §7; {LOOK}");
    }

    #[test]
    fn a_channel_shorter_than_it_says_is_no_channel() {
        let cut = vec![0x40, 0, 0, 9, 22];
        assert_eq!(recorded(&[cut]), [("other", 1)], "{LOOK}");
    }
}
