//! The negotiation, one call after the other.

use std::future::Future;

use parking_lot::Mutex;
use step_02_peer::{Peer, leave_audio_inactive};
use step_03_ice::{Negotiator, NegotiatorError};
use webrtc::peer_connection::{RTCSdpType, RTCSessionDescription};

use crate::negotiation_call::{NegotiationCall, NegotiationError};
use crate::offer_answer::{
    create_answer, create_offer, set_local_description, set_remote_description,
};
use crate::signaling_state::SignalingState;

/// Traces each call before it is made, and records the state after it.
#[derive(Debug, Default)]
pub struct TracingNegotiator {
    recorded: Mutex<Recorded>,
}

#[derive(Debug, Default)]
struct Recorded {
    steps: Vec<NegotiationStep>,
    offer: Option<String>,
    answer: Option<String>,
}

/// One call, and the state after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NegotiationStep {
    /// The name of the peer.
    pub peer: String,
    /// What was called.
    pub call: NegotiationCall,
    /// The signaling state of that peer afterwards. The other peer's does not change.
    pub state: SignalingState,
    /// The error of the call, if it failed, and what else is to be printed below it.
    pub notes: Vec<String>,
}

impl TracingNegotiator {
    /// The calls so far.
    pub fn steps(&self) -> Vec<NegotiationStep> {
        self.recorded.lock().steps.clone()
    }

    /// The SDP of the last offer.
    pub fn offer(&self) -> Option<String> {
        self.recorded.lock().offer.clone()
    }

    /// The SDP of the last answer.
    pub fn answer(&self) -> Option<String> {
        self.recorded.lock().answer.clone()
    }

    /// Traces and makes one call of `peer`, and records the state after it.
    async fn call<T>(
        &self,
        peer: &Peer,
        call: NegotiationCall,
        future: impl Future<Output = Result<T, NegotiationError>>,
    ) -> Result<T, NegotiationError> {
        tracing::info!(peer = peer.name(), "{} {call}", call.number());
        let result = future.await;
        let error = result.as_ref().err();
        let step = NegotiationStep {
            peer: peer.name().to_owned(),
            call,
            state: SignalingState::of(peer).await,
            notes: error.map(ToString::to_string).into_iter().collect(),
        };
        self.recorded.lock().steps.push(step);
        result
    }

    /// Adds a note to the last call.
    pub(crate) fn note(&self, text: String) {
        if let Some(step) = self.recorded.lock().steps.last_mut() {
            step.notes.push(text);
        }
    }

    /// 2-1 and 2-2.
    pub(crate) async fn make_offer(
        &self,
        peer: &Peer,
    ) -> Result<RTCSessionDescription, NegotiationError> {
        let offer = create_offer(peer);
        let offer = self.call(peer, NegotiationCall::CreateOffer, offer).await?;
        self.recorded.lock().offer = Some(offer.sdp.clone());
        self.set_local(peer, offer.clone()).await?;
        Ok(offer)
    }

    /// The first half of 2-4.
    pub(crate) async fn create_answer(
        &self,
        peer: &Peer,
    ) -> Result<RTCSessionDescription, NegotiationError> {
        let answer = create_answer(peer);
        let answer = self
            .call(peer, NegotiationCall::CreateAnswer, answer)
            .await?;
        self.recorded.lock().answer = Some(answer.sdp.clone());
        Ok(answer)
    }

    /// 2-2, and the second half of 2-4.
    pub(crate) async fn set_local(
        &self,
        peer: &Peer,
        description: RTCSessionDescription,
    ) -> Result<(), NegotiationError> {
        let call = NegotiationCall::set_local(&description);
        self.call(peer, call, set_local_description(peer, description))
            .await
    }

    /// 2-3 and 2-5.
    pub(crate) async fn set_remote(
        &self,
        peer: &Peer,
        description: RTCSessionDescription,
    ) -> Result<(), NegotiationError> {
        let call = NegotiationCall::set_remote(&description);
        self.call(peer, call, set_remote_description(peer, description))
            .await
    }
}

#[async_trait::async_trait]
impl Negotiator for TracingNegotiator {
    async fn offer(&self, peer: &Peer) -> Result<RTCSessionDescription, NegotiatorError> {
        Ok(self.make_offer(peer).await?)
    }

    async fn receive(
        &self,
        peer: &Peer,
        description: RTCSessionDescription,
    ) -> Result<Option<RTCSessionDescription>, NegotiatorError> {
        let is_offer = description.sdp_type == RTCSdpType::Offer;
        let sdp = description.sdp.clone();
        self.set_remote(peer, description).await?;
        if !is_offer {
            return Ok(None);
        }
        leave_audio_inactive(peer, &sdp).await?;
        let answer = self.create_answer(peer).await?;
        self.set_local(peer, answer.clone()).await?;
        Ok(Some(answer))
    }
}
