//! Step 03: how two peers find a way to each other (ICE), and how they tell each other of it (signaling).
//!
//! `cargo run -p step-03-ice`

pub mod candidate_info;
pub mod candidate_pair;
pub mod check_list;
pub mod check_log;
pub mod courier;
pub mod envelope;
pub mod ice_arguments;
pub mod ice_server_url;
pub mod ice_watch;
pub mod lab;
pub mod lab_report;
pub mod lesson;
pub mod local_servers;
pub mod negotiator;
pub mod observations;
pub mod peer_pair;
pub mod remote_call;
pub mod remote_candidate;
pub mod report;
mod server_log;
pub mod session;
pub mod signaling;
mod stun_packet;
pub mod tcp_signaling;
#[cfg_attr(feature = "exercise", path = "exercise.rs")]
pub mod trickle;
mod watched_runtime;

pub use candidate_info::{CandidateInfo, CandidateType};
pub use candidate_pair::{CandidatePair, PairEnd};
pub use check_list::{CheckList, CheckedEnd, CheckedPair};
pub use check_log::Check;
pub use courier::Courier;
pub use envelope::Envelope;
pub use ice_arguments::{
    IceArguments, IcePolicy, IceServers, IceServersError, StunServer, TurnServer,
};
pub use ice_server_url::{IceScheme, IceServerUrl};
pub use ice_watch::IceWatch;
pub use lab::{Lab, LabChoice};
pub use lab_report::LabReport;
pub use local_servers::LocalServers;
pub use negotiator::{Negotiator, NegotiatorError};
pub use observations::{FailedServer, Observations, SentCandidate};
pub use peer_pair::{ConnectedPair, PeerPair};
pub use remote_call::{CallEnd, RemoteCall};
pub use session::{Observed, Role, Session, SessionError};
pub use signaling::{SignalingChannel, SignalingError, SignalingMessage, signaling_channel};
pub use tcp_signaling::{Meeting, TcpSignaling};
pub use trickle::{Trickle, candidate_message};
