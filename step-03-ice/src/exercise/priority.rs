//! 1-3, 1-5: which candidate is preferred, and which pair, for you to write.
//!
//! `cargo test -p step-03-ice --features exercise` names what comes next. Compare with `src/priority.rs` when you are done.

#![allow(unused, reason = "the bodies are yours to write")]

use std::cmp::{max, min};

use crate::candidate::CandidateType;

/// 1-3: the priority of a candidate, `2^24 · type + 2^8 · local + (256 - component)` (RFC 8445 §5.1.2.1).
///
/// - `type` is 126 for a host candidate, 110 for a peer-reflexive one, 100 for a server-reflexive one, 0 for a relayed one
///   (RFC 8445 §5.1.2.2): the shortest way first.
/// - `local` orders the addresses of one machine: 65535 for the only one.
/// - The component is 1 for RTP and 2 for RTCP; 0 and 255 are calculated like any other.
pub fn candidate_priority(kind: CandidateType, local_preference: u16, component: u8) -> u32 {
    todo!(
        "1-3 2^24 · type + 2^8 · local + (256 - component); see step-03-ice/src/exercise/priority.rs"
    )
}

/// 1-5: the priority of a pair, `2^32 · min(G, D) + 2 · max(G, D) + (G > D ? 1 : 0)` with the priorities G of the
/// controlling and D of the controlled agent's candidate (RFC 8445 §6.1.2.3).
///
/// - Both agents give the pair the same priority, and a pair is as good as its worse end.
/// - Calculate with 64 bits. A stranger may send priorities up to 2^32 - 1 all the same: what does not fit is `u64::MAX`.
pub fn pair_priority(controlling: u32, controlled: u32) -> u64 {
    todo!(
        "1-5 2^32 · min(G, D) + 2 · max(G, D) + (G > D ? 1 : 0); see step-03-ice/src/exercise/priority.rs"
    )
}
