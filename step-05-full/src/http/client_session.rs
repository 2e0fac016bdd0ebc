//! `--publish` and `--watch`: a session with a server, from the offer to the `DELETE`.

use std::time::{Duration, Instant};

use rtc::peer_connection::configuration::RTCOfferOptions;
use step_02_peer::{PeerConfig, PeerError, PeerEvent};
use step_03_ice::{Negotiator, NegotiatorError};
use step_04_sdp::{
    NegotiationError, TracingNegotiator, set_local_description, set_remote_description,
};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep, sleep_until};
use url::Url;
use webrtc::peer_connection::{RTCPeerConnectionState, RTCSessionDescription};

use super::host_candidates::order_candidates;
use super::http_client::{Created, HttpClient, HttpClientError};
use super::peer_session::{CLOSE_CHECK_INTERVAL, PeerSession};
use super::session_media::{MediaError, SessionMedia};
use super::session_report::SessionReport;
use super::trickle_fragment::TrickleFragment;

/// Candidates that are found in this time are in the offer; later ones follow in a `PATCH`.
const GATHER_TIMEOUT: Duration = Duration::from_millis(500);

/// ICE has found a pair by then, or there is none.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// How often the server is asked whether it still has the session, while the connection is interrupted.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);

/// A network that works again carries HTTP as well as ICE, and ICE recovers within its next check. If the server answers
/// so often and ICE has not recovered, the old pair of candidates is of no use any more.
const PROBES_BEFORE_RESTART: u32 = 3;

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
    /// The server says so, over HTTP or by closing the DTLS connection.
    #[error("the server has ended the session: start again")]
    Ended,
    /// ICE failed, and the server does not restart it.
    #[error("the connection to the server is lost, and {0}: start again")]
    NoRestart(String),
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
    /// At most one request at a time that asks for the session.
    probes: JoinSet<Result<bool, HttpClientError>>,
    answered_probes: u32,
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
            probes: JoinSet::new(),
            answered_probes: 0,
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
        let mut close_check = interval(CLOSE_CHECK_INTERVAL);
        loop {
            let connected = self.session.connection == RTCPeerConnectionState::Connected;
            let was_connected = self.session.was_connected();
            if was_connected && !connected {
                self.probe();
            }
            // In this order: a probe that was answered counts only if no event says that the connection works again.
            tokio::select! {
                biased;
                _ = &mut stop => return Ok(()),
                event = self.session.events.recv() => match event {
                    Some(event) => self.handle(event).await?,
                    None => return Ok(()),
                },
                Some(Ok(probed)) = self.probes.join_next() => tokio::select! {
                    _ = &mut stop => return Ok(()),
                    recovered = self.recover(probed) => recovered?,
                },
                _ = close_check.tick() => if self.session.is_closed_by_peer().await {
                    return Err(self.ended());
                },
                () = sleep_until(deadline.into()), if !was_connected => {
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
        let complete = peer.connection().local_description().await.unwrap_or(offer);
        tracing::info!(peer = peer.name(), "1-4 POST: the offer");
        let created = self
            .client
            .offer(&order_candidates(&complete.sdp, None))
            .await?;
        tracing::info!(peer = peer.name(), "1-4 201: the answer");
        let answer = RTCSessionDescription::answer(created.answer.clone());
        self.created = Some(created);
        let answer = answer.map_err(|source| peer.failed("setRemoteDescription", source))?;
        let received = negotiator.receive(&peer, answer).await;
        received.map_err(ClientSessionError::Negotiation)?;
        Ok(())
    }

    async fn handle(&mut self, event: PeerEvent) -> Result<(), ClientSessionError> {
        use RTCPeerConnectionState::{Connected, Disconnected, Failed};
        let name = self.session.peer.name().to_owned();
        self.session
            .handle(&event)
            .await
            .map_err(ClientSessionError::Media)?;
        match event {
            PeerEvent::IceCandidate(_) => self.trickle().await,
            PeerEvent::ConnectionState(Connected) => {
                // Dropping a set ends its tasks.
                self.probes = JoinSet::new();
                self.answered_probes = 0;
            }
            PeerEvent::ConnectionState(Failed) if self.session_url().is_none() => {
                let reason = "the server gave no URL of the session";
                return Err(ClientSessionError::NoRestart(reason.to_owned()));
            }
            PeerEvent::ConnectionState(Disconnected | Failed) => {
                tracing::warn!(
                    peer = name,
                    "the connection is interrupted: waiting for the server"
                );
            }
            _ => {}
        }
        Ok(())
    }

    /// 1-4: a candidate was found after the offer. Sends all again, with the new one, to a server that takes them.
    async fn trickle(&mut self) {
        let Some(Created {
            session: Some(session),
            entity_tag: Some(tag),
            ..
        }) = &self.created
        else {
            return;
        };
        let peer = &self.session.peer;
        let Some(local) = peer.connection().local_description().await else {
            return;
        };
        let local = order_candidates(&local.sdp, None);
        let fragment = TrickleFragment::of_description(&local).to_string();
        if let Err(error) = self.client.patch(session, tag, &fragment).await {
            tracing::debug!(peer = peer.name(), "1-4 {error}");
        }
    }

    /// Asks the server for the session, in the background.
    fn probe(&mut self) {
        if let (true, Some(session)) = (self.probes.is_empty(), self.session_url()) {
            let client = self.client.clone();
            self.probes.spawn(async move {
                sleep(PROBE_INTERVAL).await;
                client.has_session(&session).await
            });
        }
    }

    /// Only the server can say that the session has ended. While it does not answer, ICE goes on; when it answers and
    /// ICE does not recover, ICE is restarted.
    async fn recover(
        &mut self,
        probed: Result<bool, HttpClientError>,
    ) -> Result<(), ClientSessionError> {
        match probed {
            Ok(true) => self.answered_probes += 1,
            Ok(false) => return Err(self.ended()),
            Err(error) => {
                tracing::debug!(peer = self.session.peer.name(), "{error}");
                self.answered_probes = 0;
                return Ok(());
            }
        }
        let failed = self.session.connection == RTCPeerConnectionState::Failed;
        match &self.created {
            // A server without entity tags may refuse: then there is nothing to lose only when ICE has failed.
            Some(Created {
                session: Some(session),
                entity_tag,
                answer,
            }) if failed
                || entity_tag.is_some() && self.answered_probes >= PROBES_BEFORE_RESTART =>
            {
                let (session, answer) = (session.clone(), answer.clone());
                self.answered_probes = 0;
                self.restart_ice(&session, &answer).await
            }
            _ => Ok(()),
        }
    }

    /// RFC 9725 §4.3.3: new credentials and candidates for both sides, without a new offer.
    async fn restart_ice(&mut self, session: &Url, answer: &str) -> Result<(), ClientSessionError> {
        let peer = self.session.peer.clone();
        tracing::info!(
            peer = peer.name(),
            "ICE restart: a new ice-ufrag and ice-pwd"
        );
        self.session.gathered = false;
        let options = Some(RTCOfferOptions { ice_restart: true });
        let offer = peer.connection().create_offer(options).await;
        let offer = offer.map_err(|source| peer.failed("createOffer", source))?;
        set_local_description(&peer, offer.clone())
            .await
            .map_err(negotiation)?;
        self.session.gather(GATHER_TIMEOUT).await;
        let complete = peer.connection().local_description().await.unwrap_or(offer);
        let complete = order_candidates(&complete.sdp, None);
        let fragment = TrickleFragment::of_description(&complete);
        let restarted = match self.client.patch(session, "*", &fragment.to_string()).await {
            Ok(restarted) => restarted,
            Err(error) => match error.status().map(|status| status.as_u16()) {
                Some(404 | 410) => return Err(self.ended()),
                Some(400..=499) => return Err(ClientSessionError::NoRestart(error.to_string())),
                _ => {
                    // The next restart replaces this one, whether the server has received it or not.
                    tracing::debug!(peer = peer.name(), "{error}");
                    return Ok(());
                }
            },
        };
        let fragment = restarted.body.parse::<TrickleFragment>();
        let fragment = fragment.map_err(|error| ClientSessionError::Negotiation(error.into()))?;
        let answer = fragment.replace_ice_of(answer);
        if let Some(created) = &mut self.created {
            created.answer.clone_from(&answer);
            created.entity_tag = restarted.entity_tag;
        }
        self.session.ice_restarts += 1;
        let answer = RTCSessionDescription::answer(answer);
        let answer = answer.map_err(|source| peer.failed("setRemoteDescription", source))?;
        set_remote_description(&peer, answer)
            .await
            .map_err(negotiation)
    }

    fn session_url(&self) -> Option<Url> {
        self.created.as_ref()?.session.clone()
    }

    /// There is no session to delete any more.
    fn ended(&mut self) -> ClientSessionError {
        self.created = None;
        self.session.stats.failure = Some(ClientSessionError::Ended.to_string());
        ClientSessionError::Ended
    }

    async fn delete(&mut self) {
        let Some(session) = self.session_url() else {
            return;
        };
        tracing::info!(peer = self.session.peer.name(), "DELETE: hang up");
        if let Err(error) = self.client.delete(&session).await {
            tracing::warn!(peer = self.session.peer.name(), "{error}");
        }
    }
}

fn negotiation(error: NegotiationError) -> ClientSessionError {
    ClientSessionError::Negotiation(error.into())
}
