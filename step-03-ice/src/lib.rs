//! Step 03: how two peers find a path to each other (ICE), and how they exchange what they found (signaling).
//!
//! `cargo run -p step-03-ice`
//!
//! # Layout
//!
//! The lesson, in reading order:
//!
//! - [`ice_servers`]: the STUN and TURN servers of a peer (1-1 of the note).
//! - [`candidate`]: a candidate line and its parts (1-3).
//! - [`priority`]: which candidate is preferred, and which pair (1-3, 1-5).
//! - [`signaling`]: the messages between the peers (1-4).
//! - [`trickle`]: candidates on their way to the other peer (1-3 to 1-5).
//! - [`session`], [`negotiator`]: one peer handles its events and the other peer's messages.
//! - [`connected_pair`]: two peers in one process.
//! - [`check_list`]: which pairs ICE checked, and which one was nominated.
//! - [`lesson`]: what the program shows.
//!
//! The folders: [`servers`] has the options that name servers and a server in this process, [`observing`] reads a peer's
//! STUN packets, [`report`] prints the result, [`capture`] writes packets for Wireshark, [`two_processes`] connects two
//! programs over TCP, [`labs`] makes one mistake on purpose. `exercise` has a starter for each file that the feature
//! `exercise` replaces.

#![cfg_attr(
    feature = "exercise",
    allow(dead_code, reason = "the bodies are yours to write")
)]

pub mod ice_servers;

pub mod candidate;

#[cfg_attr(feature = "exercise", path = "exercise/priority.rs")]
pub mod priority;

pub mod signaling;

#[cfg_attr(feature = "exercise", path = "exercise/trickle.rs")]
pub mod trickle;

pub mod negotiator;
pub mod session;

pub mod connected_pair;

pub mod check_list;

pub mod lesson;

pub mod servers;

pub mod observing;

pub mod report;

pub mod capture;

pub mod two_processes;

pub mod labs;

pub use candidate::{Candidate, CandidateType};
pub use check_list::{CheckList, CheckedPair};
pub use connected_pair::ConnectedPair;
pub use ice_servers::{IcePolicy, IceServers, parse_stun_server, parse_turn_server};
pub use labs::Lab;
pub use labs::faulty_signaling::FaultySignaling;
pub use labs::lab_report::LabReport;
pub use negotiator::{Negotiator, NegotiatorError, SilentNegotiator};
pub use observing::candidate_pair::CandidatePair;
pub use observing::check_log::Check;
pub use observing::ice_watch::IceWatch;
pub use observing::observed_peer::{new_observed_pair, new_observed_peer};
pub use priority::{candidate_priority, pair_priority};
pub use report::{FailedServer, IceReport, SentCandidate};
pub use servers::ice_arguments::{IceArguments, IceServersError};
pub use servers::ice_server_url::{IceScheme, IceServerUrl};
pub use servers::local_servers::LocalServers;
pub use session::{Observed, Role, Session, SessionError};
pub use signaling::{SignalingChannel, SignalingError, SignalingMessage, signaling_channel};
pub use trickle::{Trickle, candidate_message};
pub use two_processes::remote_call::{CallEnd, RemoteCall};
pub use two_processes::rendezvous::{Rendezvous, RendezvousArguments};
pub use two_processes::tcp_signaling::TcpSignaling;
