//! Which addresses a session offers to the other peer, and in which order.

use std::net::{IpAddr, SocketAddr};

use step_02_peer::PeerConfig;
use step_03_ice::Candidate;

/// Both ends of the TCP connection over which a request came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Connection {
    /// The address of the client.
    pub(super) remote: SocketAddr,
    /// The address of this server at which the client reached it.
    pub(super) local: SocketAddr,
}

impl Connection {
    /// Whether the client runs on this machine.
    pub(super) fn is_local(&self) -> bool {
        let remote = self.remote.ip().to_canonical();
        remote.is_loopback() || remote == self.local.ip().to_canonical()
    }

    /// The configuration of a peer for this client: a loopback address is of no use on another machine.
    pub(super) fn peer_config(&self, config: &PeerConfig) -> PeerConfig {
        match self.is_local() {
            true => config.clone(),
            false => without_loopback(config),
        }
    }
}

/// A configuration without loopback addresses, unless it has no others.
pub(super) fn without_loopback(config: &PeerConfig) -> PeerConfig {
    let mut config = config.clone();
    let addresses = config.addresses.iter().copied();
    let others: Vec<_> = addresses
        .filter(|address| !address.ip().is_loopback())
        .collect();
    if !others.is_empty() {
        config.addresses = others;
    }
    config
}

/// A description whose candidates another program can use: in the order of preference, with distinct priorities.
///
/// webrtc 0.21 gives all host candidates the same priority, although their local preferences must differ (RFC 8445
/// §5.1.2.1), and lists them in random order; some programs use the first one only. The address `first` comes first, and
/// loopback addresses come last. webrtc also lists each candidate for RTCP, which shares the port of RTP (RFC 9725 §4.4.1),
/// and `0.0.0.0` on a machine without a network. Both are removed.
///
/// The priorities in the description are those that the other peer uses. webrtc's own are equal, so they do not contradict.
pub(super) fn order_candidates(description: &str, first: Option<IpAddr>) -> String {
    let mut candidates: Vec<(&str, Candidate)> = description
        .lines()
        .filter(|line| line.starts_with("a=candidate:"))
        .filter_map(|line| Some((line, line.parse::<Candidate>().ok()?)))
        .filter(|(_, candidate)| {
            candidate.component == 1 && !has_address(candidate, |ip| ip.is_unspecified())
        })
        .collect();
    candidates.sort_by_key(|(_, candidate)| {
        let is_first = has_address(candidate, |ip| Some(ip) == first);
        let is_loopback = has_address(candidate, |ip| ip.is_loopback());
        (u32::MAX - candidate.priority, is_loopback, !is_first)
    });
    let mut ordered = String::with_capacity(description.len());
    let mut candidates = Some(candidates);
    for line in description.lines() {
        if !line.starts_with("a=candidate:") {
            ordered += line;
            ordered += "\r\n";
        } else if let Some(candidates) = candidates.take() {
            for (rank, (line, candidate)) in candidates.iter().enumerate() {
                ordered +=
                    &with_priority(line, candidate.priority.saturating_sub((rank as u32) << 8));
            }
        }
    }
    ordered
}

fn has_address(candidate: &Candidate, is: impl Fn(IpAddr) -> bool) -> bool {
    candidate.address.parse().is_ok_and(is)
}

/// The candidate line with another priority, its fourth word (RFC 8839 §5.1).
fn with_priority(line: &str, priority: u32) -> String {
    let mut words: Vec<&str> = line.split(' ').collect();
    let priority = priority.to_string();
    if let Some(word) = words.get_mut(3) {
        *word = &priority;
    }
    words.join(" ") + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What webrtc lists on a machine with two addresses.
    const DESCRIPTION: &str = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 102\r\na=mid:0\r\n\
        a=candidate:1 1 udp 2130706431 127.0.0.1 1000 typ host\r\n\
        a=candidate:1 2 udp 2130706431 127.0.0.1 1000 typ host\r\n\
        a=candidate:2 1 udp 2130706431 192.0.2.1 1001 typ host\r\n\
        a=candidate:2 2 udp 2130706431 192.0.2.1 1001 typ host\r\n\
        a=candidate:3 1 udp 1694498815 198.51.100.1 1002 typ srflx raddr 0.0.0.0 rport 1002\r\n\
        a=candidate:4 1 udp 2130706431 0.0.0.0 1003 typ host\r\n\
        a=candidate:5 1 udp 2130706431 192.0.2.2 1004 typ host\r\n\
        a=end-of-candidates\r\n";

    #[test]
    fn candidates_have_distinct_priorities_in_their_order() {
        let first = "192.0.2.2".parse().ok();
        insta::assert_snapshot!(order_candidates(DESCRIPTION, first).replace("\r\n", "\n"), @"
        v=0
        m=video 9 UDP/TLS/RTP/SAVPF 102
        a=mid:0
        a=candidate:5 1 udp 2130706431 192.0.2.2 1004 typ host
        a=candidate:2 1 udp 2130706175 192.0.2.1 1001 typ host
        a=candidate:1 1 udp 2130705919 127.0.0.1 1000 typ host
        a=candidate:3 1 udp 1694498047 198.51.100.1 1002 typ srflx raddr 0.0.0.0 rport 1002
        a=end-of-candidates
        ");
    }

    #[test]
    fn only_a_client_on_this_machine_gets_a_loopback_candidate() {
        let addresses = |remote: &str, local: &str| {
            let address = |text: &str| text.parse().expect("an address");
            let (remote, local) = (address(remote), address(local));
            let config = Connection { remote, local }.peer_config(&PeerConfig::every_interface());
            config
                .addresses
                .iter()
                .any(|address| address.ip().is_loopback())
        };
        assert!(addresses("127.0.0.1:50000", "127.0.0.1:8080"));
        assert!(
            addresses("192.0.2.1:50000", "192.0.2.1:8080"),
            "its own address"
        );
        assert!(addresses(
            "[::ffff:127.0.0.1]:50000",
            "[::ffff:127.0.0.1]:8080"
        ));
        assert!(!addresses("192.0.2.9:50000", "192.0.2.1:8080"));
        assert_eq!(
            without_loopback(&PeerConfig::loopback()).addresses,
            PeerConfig::loopback().addresses,
            "a peer needs an address"
        );
    }
}
