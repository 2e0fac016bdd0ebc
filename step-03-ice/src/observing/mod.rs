//! What a peer's sockets show: connectivity checks, and servers that do not answer.

pub mod candidate_pair;
mod captured_peer;
pub mod check_log;
pub(crate) mod datagram_log;
pub mod ice_watch;
pub mod observed_peer;
pub mod round_trip;
mod server_log;
mod stun_packet;
mod watched_runtime;
pub mod wire_packet;
