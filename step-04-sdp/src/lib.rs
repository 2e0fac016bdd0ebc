//! Step 04: what two peers agree on (SDP), and in which order (offer and answer).
//!
//! `cargo run -p step-04-sdp`
//!
//! # Layout
//!
//! The lesson, in reading order:
//!
//! - [`offer_answer`]: the four calls of the negotiation (2-1 to 2-5 of the note).
//! - [`signaling_state`], [`negotiation_call`]: the state machine, which calls each state permits, and their errors.
//! - [`tracing_negotiator`]: the negotiation, one call after the other.
//! - [`lesson`]: what the program shows.
//!
//! The folders: [`explain`](mod@explain) explains a description line by line, [`labs`] makes one mistake on purpose.
//! `exercise` has a starter for each file that the feature `exercise` replaces.

#[cfg_attr(feature = "exercise", path = "exercise/offer_answer.rs")]
pub mod offer_answer;

pub mod signaling_state;

#[cfg_attr(feature = "exercise", path = "exercise/negotiation_call.rs")]
pub mod negotiation_call;

pub mod tracing_negotiator;

pub mod lesson;

pub mod explain;

pub mod labs;

pub use explain::session_description::{Line, MediaSection, ParseError, SessionDescription};
pub use explain::{ExplainedLine, Explanation, explain};
pub use labs::Lab;
pub use lesson::NegotiationReport;
pub use negotiation_call::{InvalidStateError, NegotiationCall, NegotiationError};
pub use offer_answer::{
    create_answer, create_offer, set_local_description, set_remote_description,
};
pub use signaling_state::SignalingState;
pub use tracing_negotiator::{NegotiationStep, TracingNegotiator};
