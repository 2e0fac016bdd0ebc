//! 1-3 to 1-5: one peer handles its own events and the other peer's messages.

use std::sync::Arc;

use step_01_capture::EventKind;
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

/// Which of the two makes the offer (RFC 3264 §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The one that calls.
    Offerer,
    /// The one that is called.
    Answerer,
}

/// An event of a peer in a session.
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
    /// A session that has sent no message yet.
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
    /// A message that cannot be used is traced and ignored: a stranger must not be able to end the session.
    ///
    /// # Errors
    /// [`SessionError`] when the offer cannot be created or sent.
    pub async fn run(
        mut self,
        role: Role,
        observer: mpsc::Sender<Observed>,
    ) -> Result<(), SessionError> {
        if role == Role::Offerer {
            let offer = self.negotiator.offer(&self.peer).await;
            let offer = offer.map_err(SessionError::Negotiation)?;
            self.send(&SignalingMessage::Description(offer)).await?;
        }
        let mut signaling_open = true;
        loop {
            tokio::select! {
                event = self.events.recv() => match event {
                    Some(event) => self.handle_event(event, &observer).await,
                    None => return Ok(()),
                },
                text = self.signaling.recv(), if signaling_open => match text {
                    Some(text) => self.handle_message(&text).await,
                    None => {
                        tracing::info!(peer = self.peer.name(), "the other peer has closed the signaling channel");
                        signaling_open = false;
                    }
                },
            }
        }
    }

    async fn handle_event(&self, event: PeerEvent, observer: &mpsc::Sender<Observed>) {
        if let PeerEvent::IceCandidate(candidate) = &event
            && let Err(error) = self.send_candidate(candidate).await
        {
            tracing::warn!(peer = self.peer.name(), "1-4 candidate not sent: {error}");
        }
        let peer = self.peer.name().to_owned();
        // The observer may have gone; the candidates are exchanged all the same.
        let _ = observer.send(Observed { peer, event }).await;
    }

    /// 1-4: the first half of the codelab's `handleConnection()`.
    async fn send_candidate(&self, candidate: &RTCIceCandidate) -> Result<(), SessionError> {
        let message = candidate_message(candidate);
        let message = message.map_err(|source| self.peer.failed("toJSON", source))?;
        let (peer, json) = (self.peer.name(), message.to_json());
        tracing::info!(peer, "1-4 sent: {json}");
        self.send(&message).await
    }

    async fn send(&self, message: &SignalingMessage) -> Result<(), SessionError> {
        self.record_message(message.name(), EventKind::Sent, &message.to_json());
        Ok(self.signaling.send(message).await?)
    }

    /// Records a message that was sent or received, for the report.
    fn record_message(&self, name: &'static str, kind: EventKind, text: &str) {
        let log = self.peer.timeline().call_log();
        log.message(self.peer.name(), kind, name, text);
    }

    async fn handle_message(&mut self, text: &str) {
        let message = SignalingMessage::from_json(text);
        let name = message.as_ref().map(SignalingMessage::name);
        self.record_message(name.unwrap_or("no message"), EventKind::Received, text);
        let handled = match message {
            Ok(SignalingMessage::Candidate(candidate)) => {
                let received = self.trickle.receive(&self.peer, candidate).await;
                received.map_err(SessionError::from)
            }
            Ok(SignalingMessage::Description(description)) => {
                self.handle_description(description).await
            }
            Err(error) => Err(error.into()),
        };
        if let Err(error) = handled {
            tracing::warn!(peer = self.peer.name(), "message not used: {error}");
        }
    }

    async fn handle_description(
        &mut self,
        description: RTCSessionDescription,
    ) -> Result<(), SessionError> {
        let answer = self.negotiator.receive(&self.peer, description).await;
        if let Some(answer) = answer.map_err(SessionError::Negotiation)? {
            self.send(&SignalingMessage::Description(answer)).await?;
        }
        Ok(self.trickle.remote_description_is_set(&self.peer).await?)
    }
}
