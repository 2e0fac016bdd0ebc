//! A datagram with the headers of IP and UDP before it, as a network card would see it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

const UDP: u8 = 17;
const UDP_HEADER: usize = 8;
/// How many routers may pass it on: what systems send.
const TIME_TO_LIVE: u8 = 64;

/// The packet that carries `contents` from one address to the other. A length that is too large for its header is cut: no
/// socket sends such a datagram.
pub(super) fn ip_packet(from: SocketAddr, to: SocketAddr, contents: &[u8]) -> Vec<u8> {
    let length = u16::try_from(UDP_HEADER + contents.len()).unwrap_or(u16::MAX);
    let mut udp = Vec::with_capacity(usize::from(length));
    for field in [from.port(), to.port(), length, 0] {
        udp.extend(field.to_be_bytes());
    }
    udp.extend(contents);
    match (from.ip(), to.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => ipv4(from, to, udp),
        (from, to) => ipv6(mapped(from), mapped(to), udp),
    }
}

fn mapped(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}

fn ipv4(from: Ipv4Addr, to: Ipv4Addr, udp: Vec<u8>) -> Vec<u8> {
    const HEADER: usize = 20;
    let length = u16::try_from(HEADER + udp.len()).unwrap_or(u16::MAX);
    let mut header = vec![0x45, 0];
    header.extend(length.to_be_bytes());
    header.extend([0, 0, 0x40, 0, TIME_TO_LIVE, UDP, 0, 0]);
    header.extend(from.octets());
    header.extend(to.octets());
    let sum = checksum(&[&header]);
    header[10..12].copy_from_slice(&sum.to_be_bytes());
    let addresses = [from.octets(), to.octets()].concat();
    [header, with_checksum(&addresses, udp)].concat()
}

fn ipv6(from: Ipv6Addr, to: Ipv6Addr, udp: Vec<u8>) -> Vec<u8> {
    let length = u16::try_from(udp.len()).unwrap_or(u16::MAX);
    let mut header = vec![0x60, 0, 0, 0];
    header.extend(length.to_be_bytes());
    header.extend([UDP, TIME_TO_LIVE]);
    let addresses = [from.octets(), to.octets()].concat();
    header.extend(&addresses);
    [header, with_checksum(&addresses, udp)].concat()
}

/// The checksum of UDP covers the addresses as well (RFC 768).
fn with_checksum(addresses: &[u8], mut udp: Vec<u8>) -> Vec<u8> {
    let length = u16::try_from(udp.len()).unwrap_or(u16::MAX).to_be_bytes();
    let sum = checksum(&[addresses, &[0, UDP], &length, &udp]);
    // 0 would say that there is none.
    let sum = if sum == 0 { u16::MAX } else { sum };
    udp[6..8].copy_from_slice(&sum.to_be_bytes());
    udp
}

/// The sum of all pairs of bytes, with the carry added to it, inverted. Two pairs at a time give the same sum (RFC 1071). All
/// parts but the last have an even length.
fn checksum(parts: &[&[u8]]) -> u16 {
    let mut sum = 0_u64;
    for part in parts {
        let (words, rest) = part.as_chunks::<4>();
        let mut last = [0; 4];
        last[..rest.len()].copy_from_slice(rest);
        for word in words.iter().chain([&last]) {
            sum += u64::from(u32::from_be_bytes(*word));
        }
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: &str = "see step-03-ice/src/capture/ip_packet.rs";

    #[test]
    fn a_packet_whose_checksum_is_right_sums_up_to_nothing() {
        let packet = ip_packet(
            ([127, 0, 0, 1], 4000).into(),
            ([192, 0, 2, 7], 5000).into(),
            b"odd",
        );
        assert_eq!(packet.len(), 20 + 8 + 3, "{LOOK}");
        assert_eq!(checksum(&[&packet[..20]]), 0, "the header of IP; {LOOK}");
        let pseudo = [&packet[12..20], &[0, UDP, 0, 11]].concat();
        assert_eq!(checksum(&[&pseudo, &packet[20..]]), 0, "UDP; {LOOK}");
    }

    #[test]
    fn ipv6_has_its_own_header() {
        let local = (Ipv6Addr::LOCALHOST, 4000).into();
        let packet = ip_packet(local, local, b"even");
        assert_eq!((packet[0] >> 4, packet.len()), (6, 40 + 8 + 4), "{LOOK}");
        let pseudo = [&packet[8..40], &[0, UDP, 0, 12]].concat();
        assert_eq!(checksum(&[&pseudo, &packet[40..]]), 0, "UDP; {LOOK}");
    }
}
