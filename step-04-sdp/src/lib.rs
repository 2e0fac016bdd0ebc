//! Step 04: what two peers agree on (SDP), and in which order (offer and answer).
//!
//! `cargo run -p step-04-sdp`

pub mod explain;
pub mod lab;
pub mod lesson;
pub mod negotiation_call;
pub mod negotiation_error;
#[cfg_attr(feature = "exercise", path = "exercise.rs")]
pub mod offer_answer;
pub mod rollback;
pub mod session_description;
pub mod signaling_state;
pub mod slow_motion;

pub use explain::{ExplainedLine, Explanation, explain};
pub use lab::{Lab, LabReport};
pub use negotiation_call::{InvalidStateError, NegotiationCall};
pub use negotiation_error::NegotiationError;
pub use offer_answer::{
    create_answer, create_offer, set_local_description, set_remote_description,
};
pub use rollback::roll_back;
pub use session_description::{Line, MediaSection, ParseError, SessionDescription};
pub use signaling_state::SignalingState;
pub use slow_motion::{NegotiationStep, SlowMotion};
