//! Step 04: what two peers agree on (SDP), and in which order (offer and answer).
//!
//! `cargo run -p step-04-sdp`

pub mod explain;
pub mod lesson;
pub mod offer_answer;
pub mod session_description;
pub mod signaling_state;
pub mod slow_motion;

pub use explain::{ExplainedLine, Explanation, explain};
pub use offer_answer::{
    NegotiationError, create_answer, create_offer, set_local_description, set_remote_description,
};
pub use session_description::{Line, MediaSection, ParseError, SessionDescription};
pub use signaling_state::{InvalidStateError, NegotiationCall, SignalingState};
pub use slow_motion::{NegotiationStep, SlowMotion};
