//! A call between two processes, with signaling over TCP.

pub mod remote_call;
pub mod rendezvous;
pub mod tcp_signaling;
