//! `--publish` and `--watch`: a session with a server, from the offer to the `DELETE`.

use std::time::{Duration, Instant};

use step_02_peer::{PeerConfig, PeerError, PeerEvent};
use step_03_ice::{Negotiator, NegotiatorError};
use step_04_sdp::TracingNegotiator;
use tokio::sync::oneshot;
use tokio::time::sleep_until;
use webrtc::peer_connection::{RTCPeerConnectionState, RTCSessionDescription};

use super::http_client::{Created, HttpClient, HttpClientError};
use super::peer_session::PeerSession;
use super::session_media::{MediaError, SessionMedia};
use super::session_report::SessionReport;
use super::trickle_fragment::TrickleFragment;

/// Candidates that are found in this time are in the offer; later ones follow in a `PATCH`.
const GATHER_TIMEOUT: Duration = Duration::from_millis(500);

/// ICE has found a pair by then, or there is none.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// Why a session with a server ended.
#[derive(Debug, thiserror::Error)]
pub enum ClientSessionError {
    /// A method of the peer failed.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// Offer or answer.
    #[error("no agreement with the server: {0}")]
    Negotiation(NegotiatorError),
    /// A request failed.
    #[error(transparent)]
    Http(#[from] HttpClientError),
    /// The video can be neither sent nor received.
    #[error("{0}")]
    Media(MediaError),
    /// ICE found no pair.
    #[error("the server answered, but no way to its peer was found within {} s: see --help for STUN and TURN", CONNECT_TIMEOUT.as_secs())]
    NoConnection,
    /// The connection is lost.
    #[error("the server has ended the session, or cannot be reached any more: start again")]
    Lost,
}

/// A session before its offer.
pub struct ClientSession {
    /// `publish` or `watch`, for the trace and the report.
    pub name: &'static str,
    /// Sends the requests.
    pub client: HttpClient,
    /// The video.
    pub media: Box<dyn SessionMedia>,
    /// The configuration of the peer.
    pub peer_config: PeerConfig,
}

struct RunningSession {
    session: PeerSession,
    client: HttpClient,
    created: Option<Created>,
    late: Vec<String>,
}

impl ClientSession {
    /// Sends the offer, then sends or receives video until `stop`, and ends the session.
    pub async fn run(
        self,
        stop: oneshot::Receiver<()>,
    ) -> (SessionReport, Result<(), ClientSessionError>) {
        let session = match PeerSession::new(self.name, self.peer_config, self.media).await {
            Ok(session) => session,
            Err(error) => {
                let report = SessionReport::broken(self.name, error.to_string());
                return (report, Err(ClientSessionError::Media(error)));
            }
        };
        let mut running = RunningSession {
            session,
            client: self.client,
            created: None,
            late: Vec::new(),
        };
        let ran = running.run(stop).await;
        let reason = match &ran {
            Ok(()) => "hung up".to_owned(),
            Err(error) => error.to_string(),
        };
        running.session.stop_media().await;
        running.delete().await;
        (running.session.end(reason).await, ran)
    }
}

impl RunningSession {
    async fn run(&mut self, mut stop: oneshot::Receiver<()>) -> Result<(), ClientSessionError> {
        let deadline = Instant::now() + CONNECT_TIMEOUT;
        self.negotiate().await?;
        loop {
            match self.session.connection {
                RTCPeerConnectionState::Failed | RTCPeerConnectionState::Closed => {
                    self.session.stats.failure = Some(ClientSessionError::Lost.to_string());
                    return Err(ClientSessionError::Lost);
                }
                _ => {}
            }
            let connected = self.session.was_connected();
            tokio::select! {
                event = self.session.events.recv() => match event {
                    Some(event) => self.handle(event).await?,
                    None => return Ok(()),
                },
                _ = &mut stop => return Ok(()),
                () = sleep_until(deadline.into()), if !connected => {
                    return Err(ClientSessionError::NoConnection);
                }
            }
        }
    }

    /// 2-1 to 2-5: the `POST` carries the offer, its response the answer.
    async fn negotiate(&mut self) -> Result<(), ClientSessionError> {
        let peer = self.session.peer.clone();
        let negotiator = TracingNegotiator::default();
        let offer = Negotiator::offer(&negotiator, &peer).await;
        let offer = offer.map_err(ClientSessionError::Negotiation)?;
        self.session.gather(GATHER_TIMEOUT).await;
        let complete = peer.connection().local_description().await;
        tracing::info!(peer = peer.name(), "1-4 POST: the offer");
        let created = self.client.offer(&complete.unwrap_or(offer).sdp).await?;
        tracing::info!(peer = peer.name(), "1-4 201: the answer");
        let answer = RTCSessionDescription::answer(created.answer.clone());
        self.created = Some(created);
        self.trickle().await;
        let answer = answer.map_err(|source| peer.failed("setRemoteDescription", source))?;
        let received = negotiator.receive(&peer, answer).await;
        received.map_err(ClientSessionError::Negotiation)?;
        Ok(())
    }

    async fn handle(&mut self, event: PeerEvent) -> Result<(), ClientSessionError> {
        let handled = self.session.handle(&event).await;
        if let PeerEvent::IceCandidate(candidate) = event
            && self.created.is_some()
            && let Ok(init) = candidate.to_json()
        {
            self.late.push(init.candidate);
            self.trickle().await;
        }
        // ICE waits half a minute for answers. A server that has ended the session will not send any.
        if self.session.connection == RTCPeerConnectionState::Disconnected
            && !self.server_has_session().await
        {
            return Err(ClientSessionError::Lost);
        }
        handled.map_err(ClientSessionError::Media)
    }

    /// 1-4: sends the candidates that were found after the offer, to a server that takes them.
    async fn trickle(&mut self) {
        let Some(Created {
            session: Some(session),
            entity_tag: Some(tag),
            ..
        }) = &self.created
        else {
            return;
        };
        if self.late.is_empty() {
            return;
        }
        let peer = &self.session.peer;
        let Some(local) = peer.connection().local_description().await else {
            return;
        };
        let mut fragment = TrickleFragment::of_description(&local.sdp);
        fragment.candidates = self.late.drain(..).collect();
        fragment.end_of_candidates = self.session.gathered;
        let fragment = fragment.to_string();
        if let Err(error) = self.client.trickle(session, tag, &fragment).await {
            tracing::debug!(peer = peer.name(), "1-4 {error}");
        }
    }

    async fn server_has_session(&mut self) -> bool {
        let session = self
            .created
            .as_ref()
            .and_then(|created| created.session.clone());
        let Some(session) = session else { return true };
        let there = self.client.has_session(&session).await.unwrap_or(false);
        if !there {
            // Nothing is left to delete.
            self.created = None;
        }
        there
    }

    async fn delete(&mut self) {
        let Some(session) = self.created.take().and_then(|created| created.session) else {
            return;
        };
        tracing::info!(peer = self.session.peer.name(), "DELETE: hang up");
        if let Err(error) = self.client.delete(&session).await {
            tracing::warn!(peer = self.session.peer.name(), "{error}");
        }
    }
}
