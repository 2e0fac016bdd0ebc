//! Why a negotiation stopped.

use step_02_peer::PeerError;

use crate::negotiation_call::InvalidStateError;

/// Why one of the calls of offer and answer failed.
#[derive(Debug, thiserror::Error)]
pub enum NegotiationError {
    /// The call came at the wrong time.
    #[error(transparent)]
    InvalidState(#[from] InvalidStateError),
    /// webrtc refused.
    #[error(transparent)]
    Peer(#[from] PeerError),
}
