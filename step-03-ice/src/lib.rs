//! Step 03: ICE.

pub mod candidate_info;
pub mod envelope;
pub mod session;
pub mod signaling;
pub mod trickle;

pub use candidate_info::{CandidateInfo, CandidateType};
pub use session::{Session, SessionError};
pub use signaling::{SignalingChannel, SignalingError, SignalingMessage, signaling_channel};
pub use trickle::{Trickle, candidate_message};
