//! One peer at work: it hears its own events and the other peer's messages.

use std::sync::Arc;

use step_02_peer::{Peer, PeerError, PeerEvent, PeerEvents};
use tokio::sync::mpsc;
use webrtc::peer_connection::{RTCIceCandidate, RTCSessionDescription};

use crate::negotiator::{Negotiator, NegotiatorError};
use crate::signaling::{SignalingChannel, SignalingError, SignalingMessage};
use crate::trickle::{Trickle, candidate_message};

/// Connects a peer with its signaling channel.
pub struct Session {
    peer: Peer,
    events: PeerEvents,
    signaling: SignalingChannel,
    negotiator: Arc<dyn Negotiator>,
    trickle: Trickle,
}

/// Which of the two makes the offer (RFC 3264 §4, RFC 3264 §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The one that calls.
    Offerer,
    /// The one that is called.
    Answerer,
}

/// What a peer experienced, for whoever watches its session.
pub struct Observed {
    /// The name of the peer.
    pub peer: String,
    /// What happened to it.
    pub event: PeerEvent,
}

/// Why a session could not begin or go on.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// A method of the peer failed.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// There is no description to go on with.
    #[error("{0}")]
    Negotiation(NegotiatorError),
    /// The other peer cannot be reached.
    #[error(transparent)]
    Signaling(#[from] SignalingError),
}

impl Session {
    /// A session that has said nothing yet.
    pub fn new(
        peer: Peer,
        events: PeerEvents,
        signaling: SignalingChannel,
        negotiator: Arc<dyn Negotiator>,
    ) -> Self {
        Self {
            peer,
            events,
            signaling,
            negotiator,
            trickle: Trickle::default(),
        }
    }

    /// Exchanges descriptions and candidates until the peer is closed, and passes every event on to `observer`.
    ///
    /// A message that cannot be used is traced and left out: what a stranger sends does not end the session.
    ///
    /// # Errors
    /// [`SessionError`] when the offer cannot be made or sent: then there is nothing to go on with.
    pub async fn run(
        mut self,
        role: Role,
        observer: mpsc::Sender<Observed>,
    ) -> Result<(), SessionError> {
        if role == Role::Offerer {
            let offer = self.negotiator.offer(&self.peer).await;
            let offer = offer.map_err(SessionError::Negotiation)?;
            self.signaling
                .send(&SignalingMessage::Description(offer))
                .await?;
        }
        let mut signaling_open = true;
        loop {
            tokio::select! {
                event = self.events.recv() => match event {
                    Some(event) => self.hear(event, &observer).await,
                    None => return Ok(()),
                },
                text = self.signaling.recv(), if signaling_open => match text {
                    Some(text) => self.receive(&text).await,
                    None => {
                        tracing::info!(peer = self.peer.name(), "the other peer has closed the signaling channel");
                        signaling_open = false;
                    }
                },
            }
        }
    }

    async fn hear(&self, event: PeerEvent, observer: &mpsc::Sender<Observed>) {
        if let PeerEvent::IceCandidate(candidate) = &event {
            self.send_candidate(candidate).await;
        }
        let peer = self.peer.name().to_owned();
        // Nobody may be interested in events any more; the candidates still are exchanged.
        let _ = observer.send(Observed { peer, event }).await;
    }

    /// 1-3, 1-4: the codelab's `handleConnection()`.
    async fn send_candidate(&self, candidate: &RTCIceCandidate) {
        let sent = match candidate_message(candidate) {
            Ok(message) => {
                tracing::info!(
                    peer = self.peer.name(),
                    "1-3 icecandidate, 1-4 sent: {}",
                    message.to_json()
                );
                self.signaling
                    .send(&message)
                    .await
                    .map_err(SessionError::from)
            }
            Err(source) => Err(self.peer.failed("toJSON", source).into()),
        };
        if let Err(error) = sent {
            tracing::warn!(peer = self.peer.name(), "1-4 candidate not sent: {error}");
        }
    }

    async fn receive(&mut self, text: &str) {
        let received = match SignalingMessage::from_json(text) {
            Ok(SignalingMessage::Candidate(candidate)) => self
                .trickle
                .receive(&self.peer, candidate)
                .await
                .map_err(SessionError::from),
            Ok(SignalingMessage::Description(description)) => self.describe(description).await,
            Err(error) => Err(error.into()),
        };
        if let Err(error) = received {
            tracing::warn!(peer = self.peer.name(), "message not used: {error}");
        }
    }

    async fn describe(&mut self, description: RTCSessionDescription) -> Result<(), SessionError> {
        let answer = self.negotiator.receive(&self.peer, description).await;
        let answer = answer.map_err(SessionError::Negotiation)?;
        if let Some(answer) = answer {
            self.signaling
                .send(&SignalingMessage::Description(answer))
                .await?;
        }
        Ok(self.trickle.remote_description_is_set(&self.peer).await?)
    }
}
