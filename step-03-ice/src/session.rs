//! One peer at work: it hears its own events and the other peer's messages.

use step_02_peer::{Peer, PeerError, PeerEvent, PeerEvents};
use tokio::sync::mpsc;

use crate::envelope;
use crate::signaling::{SignalingChannel, SignalingError, SignalingMessage};
use crate::trickle::{Trickle, candidate_message};

/// Connects a peer with its signaling channel.
pub struct Session {
    peer: Peer,
    events: PeerEvents,
    signaling: SignalingChannel,
    trickle: Trickle,
}

/// Why a session could not begin or go on.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// A method of the peer failed.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// The other peer cannot be reached.
    #[error(transparent)]
    Signaling(#[from] SignalingError),
}

impl Session {
    /// A session that has said nothing yet.
    pub fn new(peer: Peer, events: PeerEvents, signaling: SignalingChannel) -> Self {
        Self {
            peer,
            events,
            signaling,
            trickle: Trickle::default(),
        }
    }

    /// Sends an offer: this peer is the one that calls.
    ///
    /// # Errors
    /// [`SessionError`] when the offer cannot be made or sent.
    pub async fn call(&self) -> Result<(), SessionError> {
        let offer = envelope::seal(&self.peer).await?;
        Ok(self.signaling.send(&offer).await?)
    }

    /// Exchanges candidates and descriptions until the peer is closed, and passes every event on to `observer`.
    ///
    /// A message that cannot be used is traced and left out: what a stranger sends does not end the session.
    pub async fn run(mut self, observer: mpsc::Sender<(Peer, PeerEvent)>) {
        let mut signaling_open = true;
        loop {
            tokio::select! {
                event = self.events.recv() => match event {
                    Some(event) => {
                        self.send_candidate(&event).await;
                        // Nobody may be interested in events any more; the candidates still are exchanged.
                        let _ = observer.send((self.peer.clone(), event)).await;
                    }
                    None => return,
                },
                text = self.signaling.recv(), if signaling_open => match text {
                    Some(text) => self.receive(&text).await,
                    None => signaling_open = false,
                },
            }
        }
    }

    /// 1-3, 1-4: the codelab's `handleConnection()`.
    async fn send_candidate(&self, event: &PeerEvent) {
        let PeerEvent::IceCandidate(candidate) = event else {
            return;
        };
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

    async fn describe(
        &mut self,
        description: webrtc::peer_connection::RTCSessionDescription,
    ) -> Result<(), SessionError> {
        let answer = envelope::open(&self.peer, description).await?;
        if let Some(answer) = answer {
            self.signaling.send(&answer).await?;
        }
        Ok(self.trickle.remote_description_is_set(&self.peer).await?)
    }
}
