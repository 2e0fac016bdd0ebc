//! The calls of offer and answer, and when each is permitted.

use std::fmt;

use step_02_peer::Peer;
use webrtc::peer_connection::{RTCSdpType, RTCSessionDescription};

use crate::signaling_state::SignalingState;

/// A call of the negotiation, as W3C spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NegotiationCall {
    /// 2-1.
    CreateOffer,
    /// 2-2.
    SetLocalOffer,
    /// 2-3.
    SetRemoteOffer,
    /// 2-4.
    CreateAnswer,
    /// 2-4.
    SetLocalAnswer,
    /// 2-5.
    SetRemoteAnswer,
    /// Takes an offer back.
    Rollback,
}

impl NegotiationCall {
    /// The method.
    pub fn method(self) -> &'static str {
        match self {
            Self::CreateOffer => "createOffer",
            Self::CreateAnswer => "createAnswer",
            Self::SetLocalOffer | Self::SetLocalAnswer | Self::Rollback => "setLocalDescription",
            Self::SetRemoteOffer | Self::SetRemoteAnswer => "setRemoteDescription",
        }
    }

    /// `setLocalDescription()` with this description.
    pub fn set_local(description: &RTCSessionDescription) -> Self {
        match description.sdp_type {
            RTCSdpType::Offer => Self::SetLocalOffer,
            RTCSdpType::Rollback => Self::Rollback,
            _ => Self::SetLocalAnswer,
        }
    }

    /// `setRemoteDescription()` with this description.
    pub fn set_remote(description: &RTCSessionDescription) -> Self {
        match description.sdp_type {
            RTCSdpType::Offer => Self::SetRemoteOffer,
            _ => Self::SetRemoteAnswer,
        }
    }

    /// Refuses the call if the state in which `peer` is now does not permit it.
    ///
    /// # Errors
    /// [`InvalidStateError`], which says what would have been right.
    pub async fn permit(self, peer: &Peer) -> Result<(), InvalidStateError> {
        self.check(peer.name(), SignalingState::of(peer).await)
    }

    /// The number in the note; rollback has none.
    pub fn number(self) -> &'static str {
        match self {
            Self::CreateOffer => "2-1",
            Self::SetLocalOffer => "2-2",
            Self::SetRemoteOffer => "2-3",
            Self::CreateAnswer | Self::SetLocalAnswer => "2-4",
            Self::SetRemoteAnswer => "2-5",
            Self::Rollback => "   ",
        }
    }

    /// Refuses a call that the state does not permit (RFC 8829 §3.2, the state machine of offer and answer).
    ///
    /// # Errors
    /// [`InvalidStateError`], which says what would have been right.
    pub fn check(self, peer: &str, state: SignalingState) -> Result<(), InvalidStateError> {
        use SignalingState::{HaveLocalOffer, HaveRemoteOffer, HaveRemotePranswer, Stable};
        let permitted = match self {
            // An offer may be made again while it waits for its answer, and may be set again to replace it.
            Self::CreateOffer | Self::SetLocalOffer => matches!(state, Stable | HaveLocalOffer),
            Self::SetRemoteOffer => matches!(state, Stable | HaveRemoteOffer),
            Self::CreateAnswer | Self::SetLocalAnswer => {
                matches!(state, HaveRemoteOffer | SignalingState::HaveLocalPranswer)
            }
            Self::SetRemoteAnswer => matches!(state, HaveLocalOffer | HaveRemotePranswer),
            Self::Rollback => matches!(state, HaveLocalOffer),
        };
        if permitted {
            return Ok(());
        }
        Err(InvalidStateError {
            peer: peer.to_owned(),
            call: self,
            state,
        })
    }
}

impl fmt::Display for NegotiationCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let argument = match self {
            Self::CreateOffer | Self::CreateAnswer => "",
            Self::SetLocalOffer | Self::SetRemoteOffer => "offer",
            Self::SetLocalAnswer | Self::SetRemoteAnswer => "answer",
            Self::Rollback => "rollback",
        };
        write!(f, "{}({argument})", self.method())
    }
}

/// A call came at the wrong time (W3C webrtc-pc §4.4.1.5, `InvalidStateError`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("InvalidStateError: {peer}.{call} in {state}: {}", .call.remedy(*.state))]
pub struct InvalidStateError {
    /// Whose call it was.
    pub peer: String,
    /// What was called.
    pub call: NegotiationCall,
    /// In which state.
    pub state: SignalingState,
}

impl NegotiationCall {
    /// What would have been right.
    fn remedy(self, state: SignalingState) -> &'static str {
        use SignalingState::{HaveLocalOffer, HaveLocalPranswer, HaveRemoteOffer, Stable};
        match (self, state) {
            (Self::CreateAnswer | Self::SetLocalAnswer, Stable) => {
                "there is no offer to answer: setRemoteDescription(offer) comes first"
            }
            (Self::CreateAnswer | Self::SetLocalAnswer, _) => {
                "this peer made the offer itself: wait for the other's answer, or roll the offer back"
            }
            (Self::SetRemoteAnswer, Stable) => {
                "nothing was offered: createOffer() and setLocalDescription(offer) come first"
            }
            (Self::SetRemoteAnswer, _) => {
                "this peer owes the answer itself: createAnswer() and setLocalDescription(answer) come next"
            }
            (Self::SetRemoteOffer, HaveLocalOffer) => {
                "both peers have made an offer (glare): one of them takes its own back with setLocalDescription(rollback), as browsers do by themselves"
            }
            (Self::Rollback, _) => {
                "no offer of this peer waits for an answer: there is nothing to take back"
            }
            (_, HaveRemoteOffer | HaveLocalPranswer) => {
                "the other peer's offer waits: createAnswer() and setLocalDescription(answer) come next"
            }
            _ => {
                "the answer to the last offer is not there yet: setRemoteDescription(answer) comes next"
            }
        }
    }
}
