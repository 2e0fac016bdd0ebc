//! Step 03: how two peers find a way to each other (ICE), and how they tell each other of it (signaling).
//!
//! `cargo run -p step-03-ice`

pub mod candidate_info;
pub mod candidate_pair;
pub mod envelope;
pub mod lesson;
pub mod negotiator;
pub mod peer_pair;
pub mod session;
pub mod signaling;
pub mod trickle;

pub use candidate_info::{CandidateInfo, CandidateType};
pub use candidate_pair::{CandidatePair, PairEnd};
pub use envelope::Envelope;
pub use negotiator::{Negotiator, NegotiatorError};
pub use peer_pair::{ConnectedPair, PeerPair};
pub use session::{Observed, Role, Session, SessionError};
pub use signaling::{SignalingChannel, SignalingError, SignalingMessage, signaling_channel};
pub use trickle::{Trickle, candidate_message};
