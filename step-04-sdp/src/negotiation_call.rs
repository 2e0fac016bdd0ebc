//! The calls of offer and answer, and the states that permit each.

use std::fmt;

use step_02_peer::{Peer, PeerError};
use webrtc::peer_connection::{RTCSdpType, RTCSessionDescription};

use crate::signaling_state::SignalingState;

/// A call of the negotiation.
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
    /// Withdraws an offer of this peer (RFC 9429 §4.1.10.2).
    SetLocalRollback,
    /// Discards an offer of the other peer (RFC 9429 §4.1.10.2).
    SetRemoteRollback,
}

/// Why a call of the negotiation failed.
#[derive(Debug, thiserror::Error)]
pub enum NegotiationError {
    /// The state does not permit the call.
    #[error(transparent)]
    InvalidState(#[from] InvalidStateError),
    /// webrtc rejected the call.
    #[error(transparent)]
    Peer(#[from] PeerError),
}

/// The state does not permit the call (`InvalidStateError`, W3C webrtc-pc §4.4.1.4 and §4.4.2).
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("InvalidStateError: {peer}.{call} in {state}: {}", .call.hint(*.state))]
pub struct InvalidStateError {
    /// The name of the peer.
    pub peer: String,
    /// What was called.
    pub call: NegotiationCall,
    /// In which state.
    pub state: SignalingState,
}

/// As it is displayed: `expect()` and `unwrap()` print this, and the hint is what a reader needs then.
impl fmt::Debug for InvalidStateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl NegotiationCall {
    /// `setLocalDescription()` with this description.
    pub fn set_local(description: &RTCSessionDescription) -> Self {
        match description.sdp_type {
            RTCSdpType::Offer => Self::SetLocalOffer,
            RTCSdpType::Rollback => Self::SetLocalRollback,
            _ => Self::SetLocalAnswer,
        }
    }

    /// `setRemoteDescription()` with this description.
    pub fn set_remote(description: &RTCSessionDescription) -> Self {
        match description.sdp_type {
            RTCSdpType::Offer => Self::SetRemoteOffer,
            RTCSdpType::Rollback => Self::SetRemoteRollback,
            _ => Self::SetRemoteAnswer,
        }
    }

    /// Checks that the present state of `peer` permits the call.
    ///
    /// # Errors
    /// [`InvalidStateError`] with a hint.
    pub async fn permit(self, peer: &Peer) -> Result<(), InvalidStateError> {
        self.check(peer.name(), SignalingState::of(peer).await)
    }

    /// The state after the call when `state` permits it, none when it does not: the state machine of offer and answer
    /// (RFC 9429 §3.2, W3C webrtc-pc §4.3.1).
    ///
    /// To create a description changes no state. An answer is final here, not provisional.
    pub fn next_state(self, state: SignalingState) -> Option<SignalingState> {
        use SignalingState::{
            HaveLocalOffer, HaveLocalPranswer, HaveRemoteOffer, HaveRemotePranswer, Stable,
        };
        match (self, state) {
            // A new offer may replace one that is not answered yet.
            (Self::CreateOffer, Stable | HaveLocalOffer) => Some(state),
            (Self::SetLocalOffer, Stable | HaveLocalOffer) => Some(HaveLocalOffer),
            (Self::SetRemoteOffer, Stable | HaveRemoteOffer) => Some(HaveRemoteOffer),
            (Self::CreateAnswer, HaveRemoteOffer | HaveLocalPranswer) => Some(state),
            (Self::SetLocalAnswer, HaveRemoteOffer | HaveLocalPranswer) => Some(Stable),
            (Self::SetRemoteAnswer, HaveLocalOffer | HaveRemotePranswer) => Some(Stable),
            // W3C permits both in both states (webrtc-pc §4.4.1.4). webrtc 0.21 permits each for its own side's offer.
            (Self::SetLocalRollback, HaveLocalOffer) => Some(Stable),
            (Self::SetRemoteRollback, HaveRemoteOffer) => Some(Stable),
            _ => None,
        }
    }

    /// Checks that a state permits the call.
    ///
    /// # Errors
    /// [`InvalidStateError`] with a hint.
    pub fn check(self, peer: &str, state: SignalingState) -> Result<(), InvalidStateError> {
        match self.next_state(state) {
            Some(_) => Ok(()),
            None => Err(InvalidStateError {
                peer: peer.to_owned(),
                call: self,
                state,
            }),
        }
    }

    /// What to call instead, or before.
    fn hint(self, state: SignalingState) -> &'static str {
        use SignalingState::{HaveLocalOffer, HaveLocalPranswer, HaveRemoteOffer, Stable};
        match (self, state) {
            (Self::SetLocalRollback, _) => "this peer has no offer to roll back",
            (Self::SetRemoteRollback, _) => "there is no offer of the other peer to roll back",
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
                "this peer must answer itself: createAnswer() and setLocalDescription(answer) come next"
            }
            (Self::SetRemoteOffer, HaveLocalOffer) => {
                "both peers have made an offer: one of them rolls its own back with \
                 setLocalDescription(rollback), as browsers do by themselves"
            }
            (_, HaveRemoteOffer | HaveLocalPranswer) => {
                "the other peer's offer is not answered: createAnswer() and setLocalDescription(answer) come next"
            }
            _ => "the last offer is not answered: setRemoteDescription(answer) comes next",
        }
    }

    /// The number in the note; a rollback has none.
    pub fn number(self) -> &'static str {
        match self {
            Self::CreateOffer => "2-1",
            Self::SetLocalOffer => "2-2",
            Self::SetRemoteOffer => "2-3",
            Self::CreateAnswer | Self::SetLocalAnswer => "2-4",
            Self::SetRemoteAnswer => "2-5",
            Self::SetLocalRollback | Self::SetRemoteRollback => "   ",
        }
    }
}

impl fmt::Display for NegotiationCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::CreateOffer => "createOffer()",
            Self::CreateAnswer => "createAnswer()",
            Self::SetLocalOffer => "setLocalDescription(offer)",
            Self::SetLocalAnswer => "setLocalDescription(answer)",
            Self::SetLocalRollback => "setLocalDescription(rollback)",
            Self::SetRemoteOffer => "setRemoteDescription(offer)",
            Self::SetRemoteAnswer => "setRemoteDescription(answer)",
            Self::SetRemoteRollback => "setRemoteDescription(rollback)",
        })
    }
}
