//! Step 03: how two peers find a way to each other (ICE), and how they exchange what they found (signaling).
//!
//! `cargo run -p step-03-ice`
//!
//! # Layout
//!
//! The lesson, in reading order:
//!
//! - [`candidate`]: what a candidate line says (1-3 of the note).
//! - [`signaling`]: the messages between the peers (1-4).
//! - [`trickle`], [`remote_candidate`]: candidates on their way to the other peer (1-3 to 1-5).
//! - [`session`], [`negotiator`], [`silent_negotiator`]: one peer reads its events and the other peer's messages.
//! - [`peer_pair`]: two peers in one process.
//! - [`check_list`], [`candidate_pair`]: which pairs ICE checked, and which one it selected.
//! - [`lesson`]: what the program shows.
//!
//! The rooms: [`servers`] configures STUN and TURN, [`observing`] reads a peer's STUN packets, [`report`] prints the
//! result, [`two_processes`] connects two programs over TCP, [`labs`] breaks one thing on purpose.

pub mod candidate;

pub mod signaling;

pub mod remote_candidate;
#[cfg_attr(feature = "exercise", path = "exercise.rs")]
pub mod trickle;

pub mod negotiator;
pub mod session;
pub mod silent_negotiator;

pub mod peer_pair;

pub mod candidate_pair;
pub mod check_list;

pub mod lesson;

pub mod servers;

pub mod observing;

pub mod report;

pub mod two_processes;

pub mod labs;

pub use candidate::{Candidate, CandidateType};
pub use candidate_pair::{CandidatePair, PairEnd};
pub use check_list::{CheckList, CheckedEnd, CheckedPair};
pub use labs::faulty_signaling::FaultySignaling;
pub use labs::lab_report::LabReport;
pub use labs::{Lab, LabChoice};
pub use negotiator::{Negotiator, NegotiatorError};
pub use observing::check_log::Check;
pub use observing::ice_watch::IceWatch;
pub use peer_pair::{ConnectedPair, PeerPair};
pub use report::observations::{FailedServer, Observations, SentCandidate};
pub use servers::ice_arguments::{
    IceArguments, IcePolicy, IceServers, IceServersError, StunServer, TurnServer,
};
pub use servers::ice_server_url::{IceScheme, IceServerUrl};
pub use servers::local_servers::LocalServers;
pub use session::{Observed, Role, Session, SessionError};
pub use signaling::{SignalingChannel, SignalingError, SignalingMessage, signaling_channel};
pub use silent_negotiator::SilentNegotiator;
pub use trickle::{Trickle, candidate_message};
pub use two_processes::remote_call::{CallEnd, RemoteCall};
pub use two_processes::tcp_signaling::{Rendezvous, TcpSignaling};
