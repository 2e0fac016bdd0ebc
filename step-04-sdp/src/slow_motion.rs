//! The negotiation, one call at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use step_02_peer::Peer;
use step_03_ice::{Negotiator, NegotiatorError};
use webrtc::peer_connection::{RTCSdpType, RTCSessionDescription};

use crate::negotiation_call::NegotiationCall;
use crate::negotiation_error::NegotiationError;
use crate::offer_answer::{
    create_answer, create_offer, leave_audio_inactive, set_local_description,
    set_remote_description,
};
use crate::signaling_state::SignalingState;

/// One call, and the state in which it left its peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NegotiationStep {
    /// Whose call it was.
    pub peer: String,
    /// What was called.
    pub call: NegotiationCall,
    /// The state of that peer afterwards. The other peer's does not change.
    pub state: SignalingState,
}

/// Opens the envelope of step 03: names each call before it is made, and keeps what it did to the state.
#[derive(Debug, Default)]
pub struct SlowMotion {
    told: Mutex<Told>,
}

#[derive(Debug, Default)]
struct Told {
    steps: Vec<NegotiationStep>,
    offer: Option<String>,
    answer: Option<String>,
}

impl SlowMotion {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The calls so far.
    pub fn steps(&self) -> Vec<NegotiationStep> {
        self.told().steps.clone()
    }

    /// The last offer that was made.
    pub fn offer(&self) -> Option<String> {
        self.told().offer.clone()
    }

    /// The last answer that was made.
    pub fn answer(&self) -> Option<String> {
        self.told().answer.clone()
    }

    fn announce(&self, peer: &Peer, call: NegotiationCall) {
        tracing::info!(peer = peer.name(), "{} {call}", call.number());
    }

    async fn made(&self, peer: &Peer, call: NegotiationCall) {
        let state = SignalingState::of(peer).await;
        let peer = peer.name().to_owned();
        self.told()
            .steps
            .push(NegotiationStep { peer, call, state });
    }

    async fn make_offer(&self, peer: &Peer) -> Result<RTCSessionDescription, NegotiationError> {
        self.announce(peer, NegotiationCall::CreateOffer);
        let offer = create_offer(peer).await?;
        self.made(peer, NegotiationCall::CreateOffer).await;
        self.told().offer = Some(offer.sdp.clone());

        self.announce(peer, NegotiationCall::SetLocalOffer);
        set_local_description(peer, offer.clone()).await?;
        self.made(peer, NegotiationCall::SetLocalOffer).await;
        Ok(offer)
    }

    async fn make_answer(&self, peer: &Peer) -> Result<RTCSessionDescription, NegotiationError> {
        self.announce(peer, NegotiationCall::CreateAnswer);
        let answer = create_answer(peer).await?;
        self.made(peer, NegotiationCall::CreateAnswer).await;
        self.told().answer = Some(answer.sdp.clone());

        self.announce(peer, NegotiationCall::SetLocalAnswer);
        set_local_description(peer, answer.clone()).await?;
        self.made(peer, NegotiationCall::SetLocalAnswer).await;
        Ok(answer)
    }

    async fn take(
        &self,
        peer: &Peer,
        description: RTCSessionDescription,
    ) -> Result<Option<RTCSessionDescription>, NegotiationError> {
        let is_offer = description.sdp_type == RTCSdpType::Offer;
        let call = NegotiationCall::set_remote(&description);
        self.announce(peer, call);
        let offer = is_offer.then(|| description.sdp.clone());
        set_remote_description(peer, description).await?;
        if let Some(offer) = offer {
            leave_audio_inactive(peer, &offer).await?;
        }
        self.made(peer, call).await;
        match is_offer {
            true => self.make_answer(peer).await.map(Some),
            false => Ok(None),
        }
    }
}

#[async_trait::async_trait]
impl Negotiator for SlowMotion {
    async fn offer(&self, peer: &Peer) -> Result<RTCSessionDescription, NegotiatorError> {
        Ok(self.make_offer(peer).await?)
    }

    async fn receive(
        &self,
        peer: &Peer,
        description: RTCSessionDescription,
    ) -> Result<Option<RTCSessionDescription>, NegotiatorError> {
        Ok(self.take(peer, description).await?)
    }
}
