//! 1-3, 1-5: which candidate is preferred, and which pair.

use std::cmp::{max, min};

use crate::candidate::CandidateType;

/// 1-3: the priority of a candidate, `2^24 · type + 2^8 · local + (256 - component)` (RFC 8445 §5.1.2.1).
///
/// `local_preference` orders the addresses of one machine: 65535 for the only one. The type preferences are those that
/// RFC 8445 §5.1.2.2 recommends: a host candidate is the shortest way, a relay costs a server's bandwidth.
pub fn candidate_priority(kind: CandidateType, local_preference: u16, component: u8) -> u32 {
    let type_preference: u32 = match kind {
        CandidateType::Host => 126,
        CandidateType::PeerReflexive => 110,
        CandidateType::ServerReflexive => 100,
        CandidateType::Relay => 0,
    };
    (type_preference << 24) + (u32::from(local_preference) << 8) + (256 - u32::from(component))
}

/// 1-5: the priority of a pair, `2^32 · min(G, D) + 2 · max(G, D) + (G > D ? 1 : 0)` with the priorities G of the
/// controlling and D of the controlled agent's candidate (RFC 8445 §6.1.2.3).
///
/// Both agents give the pair the same priority, and a pair is as good as its worse end.
pub fn pair_priority(controlling: u32, controlled: u32) -> u64 {
    let (g, d) = (u64::from(controlling), u64::from(controlled));
    // RFC 8445 §5.1.2 keeps priorities below 2^31, but a stranger may not.
    (min(g, d) << 32).saturating_add(2 * max(g, d) + u64::from(g > d))
}
