//! `RTCPeerConnection.signalingState`, and which call it permits.

use std::fmt;

use step_02_peer::Peer;
use webrtc::peer_connection::{PeerConnection, RTCSdpType};

/// How far a negotiation has come, from one peer's point of view (W3C webrtc-pc §4.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignalingState {
    /// No exchange of offer and answer is going on.
    Stable,
    /// This peer has made an offer and waits for the answer.
    HaveLocalOffer,
    /// This peer has got an offer and owes an answer.
    HaveRemoteOffer,
    /// This peer has given a provisional answer.
    HaveLocalPranswer,
    /// This peer has got a provisional answer.
    HaveRemotePranswer,
}

impl SignalingState {
    /// The state of `peer` now, told from its pending descriptions (W3C webrtc-pc §4.7.1): the event that announces it
    /// may still be on its way.
    pub async fn of(peer: &Peer) -> Self {
        Self::of_connection(peer.connection().as_ref()).await
    }

    async fn of_connection(connection: &dyn PeerConnection) -> Self {
        let local = connection
            .pending_local_description()
            .await
            .map(|d| d.sdp_type);
        let remote = connection
            .pending_remote_description()
            .await
            .map(|d| d.sdp_type);
        match (local, remote) {
            (Some(RTCSdpType::Pranswer), _) => Self::HaveLocalPranswer,
            (_, Some(RTCSdpType::Pranswer)) => Self::HaveRemotePranswer,
            (Some(_), _) => Self::HaveLocalOffer,
            (_, Some(_)) => Self::HaveRemoteOffer,
            (None, None) => Self::Stable,
        }
    }
}

impl fmt::Display for SignalingState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Stable => "stable",
            Self::HaveLocalOffer => "have-local-offer",
            Self::HaveRemoteOffer => "have-remote-offer",
            Self::HaveLocalPranswer => "have-local-pranswer",
            Self::HaveRemotePranswer => "have-remote-pranswer",
        })
    }
}

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
}

impl NegotiationCall {
    /// The method.
    pub fn method(self) -> &'static str {
        match self {
            Self::CreateOffer => "createOffer",
            Self::CreateAnswer => "createAnswer",
            Self::SetLocalOffer | Self::SetLocalAnswer => "setLocalDescription",
            Self::SetRemoteOffer | Self::SetRemoteAnswer => "setRemoteDescription",
        }
    }

    /// The number in the note.
    pub fn number(self) -> &'static str {
        match self {
            Self::CreateOffer => "2-1",
            Self::SetLocalOffer => "2-2",
            Self::SetRemoteOffer => "2-3",
            Self::CreateAnswer | Self::SetLocalAnswer => "2-4",
            Self::SetRemoteAnswer => "2-5",
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
                "both peers have made an offer (glare): one of them rolls its own back with setLocalDescription(rollback)"
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
