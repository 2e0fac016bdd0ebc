//! `--publish` and `--watch`: a session with a server, from the offer to the `DELETE`.

use std::time::{Duration, Instant};

use rtc::peer_connection::configuration::RTCOfferOptions;
use step_01_capture::EventKind;
use step_02_peer::{PeerConfig, PeerEvent};
use step_03_ice::Negotiator;
use step_04_sdp::{TracingNegotiator, set_local_description, set_remote_description};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep, sleep_until};
use ureq::http::StatusCode;
use webrtc::peer_connection::{RTCPeerConnectionState, RTCSessionDescription};

use super::http_client::{Created, HttpClient, HttpClientError};
use super::peer_session::{CLOSE_CHECK_INTERVAL, PeerSession};
use super::session_media::{SessionError, SessionMedia};
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
    /// The peer or the video failed.
    #[error("{0}")]
    Peer(#[from] SessionError),
    /// The answer does not fit the offer.
    #[error("no agreement with the server: {0}")]
    Negotiation(SessionError),
    /// A request failed.
    #[error(transparent)]
    Http(#[from] HttpClientError),
    /// ICE found no pair.
    #[error("the server answered, but no way to its peer was found within {} s: see --help for STUN and TURN", CONNECT_TIMEOUT.as_secs())]
    NoConnection,
    /// ICE found a pair, but the DTLS handshake did not end.
    #[error("the server's peer was reached, but the keys were not agreed on within {} s (DTLS): start again", CONNECT_TIMEOUT.as_secs())]
    NoKeys,
    /// The server says so, over HTTP or by closing the DTLS connection.
    #[error("the server has ended the session: start again")]
    Ended,
    /// ICE does not recover, and the server does not restart it.
    #[error("the connection is lost, and the server refused to restart ICE: {0}: {1}: start again")]
    NoRestart(StatusCode, String),
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

impl ClientSession {
    /// Sends the offer, then sends or receives video until `stop`, and ends the session.
    pub async fn run(
        self,
        stop: oneshot::Receiver<()>,
    ) -> (SessionReport, Result<(), ClientSessionError>) {
        let mut session = match PeerSession::new(self.name, self.peer_config, self.media).await {
            Ok(session) => session,
            Err(error) => {
                let report = SessionReport::broken(self.name, error.to_string());
                return (report, Err(error.into()));
            }
        };
        let ran = call(&mut session, &self.client, stop).await;
        let reason = match &ran {
            Ok(()) => "hung up".to_owned(),
            Err(error) => error.to_string(),
        };
        if matches!(ran, Err(ClientSessionError::Ended)) {
            session.stats.failure = Some(reason.clone());
        }
        (session.end(reason).await, ran)
    }
}

/// 2-1 to 2-5: the `POST` carries the offer, its response the answer.
async fn call(
    session: &mut PeerSession,
    client: &HttpClient,
    stop: oneshot::Receiver<()>,
) -> Result<(), ClientSessionError> {
    let negotiator = TracingNegotiator::default();
    Negotiator::offer(&negotiator, &session.peer).await?;
    session.gather(GATHER_TIMEOUT).await;
    let peer = session.peer.clone();
    tracing::info!(peer = peer.name(), "1-4 POST: the offer");
    let offer = session.local_description(None).await;
    session.record_message(EventKind::Sent, "offer", &offer);
    let created = client.offer(&offer).await?;
    session.record_message(EventKind::Received, "answer", &created.answer);
    tracing::info!(peer = peer.name(), "1-4 201: the answer");
    let mut running = RunningSession {
        session,
        client,
        created,
        probes: JoinSet::new(),
        answered_probes: 0,
    };
    let ran = running.run(&negotiator, stop).await;
    running.session.stop_media().await;
    if !matches!(ran, Err(ClientSessionError::Ended)) {
        tracing::info!(peer = peer.name(), "DELETE: hang up");
        if let Err(error) = client.delete(&running.created.session).await {
            tracing::warn!(peer = peer.name(), "{error}");
        }
    }
    ran
}

/// A session that the server has accepted.
struct RunningSession<'a> {
    session: &'a mut PeerSession,
    client: &'a HttpClient,
    created: Created,
    /// At most one request at a time that asks for the session.
    probes: JoinSet<Result<bool, HttpClientError>>,
    answered_probes: u32,
}

impl RunningSession<'_> {
    async fn run(
        &mut self,
        negotiator: &TracingNegotiator,
        mut stop: oneshot::Receiver<()>,
    ) -> Result<(), ClientSessionError> {
        let answer = RTCSessionDescription::answer(self.created.answer.clone());
        let answer = answer.map_err(|error| ClientSessionError::Negotiation(error.into()))?;
        let received = negotiator.receive(&self.session.peer, answer).await;
        received.map_err(ClientSessionError::Negotiation)?;
        let deadline = Instant::now() + CONNECT_TIMEOUT;
        let mut close_check = interval(CLOSE_CHECK_INTERVAL);
        loop {
            let connected = self.session.connection == RTCPeerConnectionState::Connected;
            let was_connected = self.session.was_connected();
            if was_connected && !connected && self.probes.is_empty() {
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
                _ = close_check.tick() => {
                    self.session.check_media()?;
                    if self.session.is_closed_by_peer().await {
                        return Err(ClientSessionError::Ended);
                    }
                }
                () = sleep_until(deadline.into()), if !was_connected => {
                    return Err(match self.session.was_reached {
                        true => ClientSessionError::NoKeys,
                        false => ClientSessionError::NoConnection,
                    });
                }
            }
        }
    }

    async fn handle(&mut self, event: PeerEvent) -> Result<(), ClientSessionError> {
        use RTCPeerConnectionState::{Connected, Disconnected, Failed};
        self.session.handle(&event).await?;
        let peer = self.session.peer.name();
        match event {
            PeerEvent::IceCandidate(_) => self.trickle().await,
            PeerEvent::ConnectionState(Connected) => {
                // Dropping a set ends its tasks.
                self.probes = JoinSet::new();
                self.answered_probes = 0;
            }
            PeerEvent::ConnectionState(Disconnected | Failed) => {
                tracing::warn!(
                    peer,
                    "the connection is interrupted: waiting for the server"
                );
            }
            _ => {}
        }
        Ok(())
    }

    /// 1-4: a candidate was found after the offer. Sends all again, with the new one, to a server that takes them.
    async fn trickle(&mut self) {
        let Some(tag) = &self.created.entity_tag else {
            return;
        };
        let local = self.session.local_description(None).await;
        let fragment = TrickleFragment::of_description(&local).to_string();
        let (own, session) = (&self.session, &self.created.session);
        own.record_message(EventKind::Sent, "PATCH", &fragment);
        if let Err(error) = self.client.patch(session, tag, &fragment).await {
            tracing::debug!(peer = self.session.peer.name(), "1-4 {error}");
        }
    }

    /// Asks the server for the session, in the background.
    fn probe(&mut self) {
        let (client, session) = (self.client.clone(), self.created.session.clone());
        self.probes.spawn(async move {
            sleep(PROBE_INTERVAL).await;
            client.has_session(&session).await
        });
    }

    /// Only the server can say that the session has ended. While it does not answer, ICE goes on; when it answers and
    /// ICE does not recover, ICE is restarted.
    async fn recover(
        &mut self,
        probed: Result<bool, HttpClientError>,
    ) -> Result<(), ClientSessionError> {
        match probed {
            Ok(true) => self.answered_probes += 1,
            Ok(false) => return Err(ClientSessionError::Ended),
            Err(error) => {
                tracing::debug!(peer = self.session.peer.name(), "{error}");
                self.answered_probes = 0;
            }
        }
        // A server without entity tags does not restart ICE: there is nothing to lose only when ICE has failed.
        let needed = match self.session.connection {
            RTCPeerConnectionState::Failed => 1,
            _ if self.created.entity_tag.is_none() => u32::MAX,
            _ => PROBES_BEFORE_RESTART,
        };
        if self.answered_probes < needed {
            return Ok(());
        }
        self.answered_probes = 0;
        self.restart_ice().await
    }

    /// RFC 9725 §4.3.3: new credentials and candidates for both sides, without a new offer.
    async fn restart_ice(&mut self) -> Result<(), ClientSessionError> {
        let peer = self.session.peer.clone();
        tracing::info!(
            peer = peer.name(),
            "ICE restart: a new ice-ufrag and ice-pwd"
        );
        self.session.gathered = false;
        let options = Some(RTCOfferOptions { ice_restart: true });
        let offer = peer.connection().create_offer(options).await;
        let offer = offer.map_err(SessionError::from)?;
        let set = set_local_description(&peer, offer).await;
        set.map_err(SessionError::from)?;
        self.session.gather(GATHER_TIMEOUT).await;
        let fragment = TrickleFragment::of_description(&self.session.local_description(None).await);
        let (session, fragment) = (&self.created.session, fragment.to_string());
        let patched = self.client.patch(session, "*", &fragment).await;
        let (entity_tag, fragment) = match patched {
            Ok(patched) => patched,
            Err(HttpClientError::Refused(_, _, status, reason)) if status.is_client_error() => {
                return Err(match status.as_u16() {
                    404 | 410 => ClientSessionError::Ended,
                    _ => ClientSessionError::NoRestart(status, reason),
                });
            }
            // The next restart replaces this one, whether the server has received it or not.
            Err(error) => {
                tracing::debug!(peer = peer.name(), "{error}");
                return Ok(());
            }
        };
        let fragment: TrickleFragment = fragment.parse().map_err(SessionError::from)?;
        self.created.answer = fragment.replace_ice_of(&self.created.answer);
        self.created.entity_tag = entity_tag;
        self.session.ice_restarts += 1;
        let answer = RTCSessionDescription::answer(self.created.answer.clone());
        let answer = answer.map_err(SessionError::from)?;
        let set = set_remote_description(&peer, answer).await;
        Ok(set.map_err(SessionError::from)?)
    }
}
