//! The candidates of a description that leaves this machine: which ones, and in which order.

use std::net::IpAddr;

use step_03_ice::CandidateInfo;
use step_03_ice::candidate_info::CandidateType;

/// Type preference of a host candidate (RFC 8445 §5.1.2.2).
const HOST: u32 = 126;

/// Sorts the candidates of each section, best first, and gives each host candidate a local preference of its own.
///
/// webrtc 0.21 keeps its sockets in a hash map, so it names them in another order each time, and all with the same priority;
/// RFC 8445 §5.1.2.1 wants them distinct. Some peers try the first candidate and no other. `reached_at` is the address at
/// which the other side has reached this machine already: it goes first, loopback last.
///
/// Left out are candidates of a second component, which there is not under `a=rtcp-mux` (RFC 8839 §5.1, RFC 5761
/// §5.1.1), and `0.0.0.0`, which is the address of nobody.
pub fn arrange_candidates(sdp: &str, reached_at: Option<IpAddr>) -> String {
    let mut arranged = String::with_capacity(sdp.len());
    let mut candidates = Vec::new();
    // One empty line more, so that the candidates at the end have something to stand before.
    for line in sdp.lines().chain([""]) {
        match line.strip_prefix("a=candidate:") {
            Some(_) => candidates.extend(Candidate::read(line, reached_at)),
            None => {
                write_sorted(&mut arranged, &mut candidates);
                if !line.is_empty() {
                    arranged += line;
                    arranged += "\r\n";
                }
            }
        }
    }
    arranged
}

struct Candidate<'a> {
    line: &'a str,
    is_host: bool,
    rank: (u8, u8),
}

impl<'a> Candidate<'a> {
    fn read(line: &'a str, reached_at: Option<IpAddr>) -> Option<Self> {
        let info: CandidateInfo = line.strip_prefix("a=")?.parse().ok()?;
        let address: Option<IpAddr> = info.address.parse().ok();
        if info.component != 1 || address.is_some_and(|address| address.is_unspecified()) {
            return None;
        }
        let is_host = info.kind == CandidateType::Host;
        let nearness = match address {
            Some(address) if address.is_loopback() => 3,
            address if address.is_some() && address == reached_at => 0,
            Some(IpAddr::V6(_)) => 2,
            _ => 1,
        };
        let rank = (u8::from(!is_host), nearness);
        Some(Self {
            line,
            is_host,
            rank,
        })
    }
}

fn write_sorted(text: &mut String, candidates: &mut Vec<Candidate<'_>>) {
    candidates.sort_by_key(|candidate| candidate.rank);
    for (candidate, preference) in candidates.drain(..).zip((0..=0xffff_u32).rev()) {
        // candidate:foundation component transport priority …
        for (index, word) in candidate.line.split(' ').enumerate() {
            if index > 0 {
                *text += " ";
            }
            if index == 3 && candidate.is_host {
                *text += &((HOST << 24) + (preference << 8) + 255).to_string();
            } else {
                *text += word;
            }
        }
        *text += "\r\n";
    }
}
