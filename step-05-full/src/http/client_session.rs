//! `--publish` and `--watch`: a session with a server, from the offer to the `DELETE`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use step_01_capture::Timeline;
use step_02_peer::{Peer, PeerConfig, PeerError, PeerEvent, PeerEvents};
use step_03_ice::{CandidatePair, Negotiator, NegotiatorError};
use step_04_sdp::SlowMotion;
use tokio::sync::oneshot;
use tokio::time::{sleep_until, timeout};
use webrtc::peer_connection::{
    RTCIceGatheringState, RTCPeerConnectionState, RTCSessionDescription,
};

use super::candidate_lines::arrange_candidates;
use super::http_client::{Created, HttpClient, HttpClientError};
use super::session_media::{MediaError, SessionMedia};
use super::session_report::SessionReport;
use super::trickle_fragment::TrickleFragment;
use crate::call_stats::CallStats;

/// What is found by then travels in the offer, the rest behind it.
const GATHER_PATIENCE: Duration = Duration::from_millis(500);

/// ICE has found a way by then, or there is none.
const CONNECT_PATIENCE: Duration = Duration::from_secs(20);

/// Why a session with a server ended.
#[derive(Debug, thiserror::Error)]
pub enum ClientSessionError {
    /// A method of the peer failed.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// Offer or answer.
    #[error("no agreement with the server: {0}")]
    Negotiation(NegotiatorError),
    /// The server.
    #[error(transparent)]
    Http(#[from] HttpClientError),
    /// There is nothing to send or to show.
    #[error("{0}")]
    Media(MediaError),
    /// No way to the server's peer.
    #[error("the server answered, but no way to its peer was found within {} s: see --help for STUN and TURN", CONNECT_PATIENCE.as_secs())]
    NoConnection,
    /// The way is gone.
    #[error("the server has ended the session, or cannot be reached any more: start again")]
    Lost,
}

/// A session before its offer.
pub struct ClientSession {
    /// `publish` or `watch`, for the trace.
    pub name: &'static str,
    /// The server.
    pub client: HttpClient,
    /// The video.
    pub media: Box<dyn SessionMedia>,
    /// The peer.
    pub peer_config: PeerConfig,
}

struct Running {
    peer: Peer,
    events: PeerEvents,
    client: HttpClient,
    media: Box<dyn SessionMedia>,
    began: Instant,
    gathered: bool,
    late: Vec<String>,
    created: Option<Created>,
    stats: CallStats,
}

impl ClientSession {
    /// Offers, sends or receives until `stop`, hangs up, and tells what happened.
    pub async fn run(
        self,
        stop: oneshot::Receiver<()>,
    ) -> (SessionReport, Result<(), ClientSessionError>) {
        let timeline = Timeline::new();
        let mut stats = CallStats::default();
        let name = self.name;
        let ran = self.run_on(&timeline, stop, &mut stats).await;
        let ended = match &ran {
            Ok(()) => "hung up".to_owned(),
            Err(error) => error.to_string(),
        };
        (SessionReport::new(name, ended, 0, &stats, &timeline), ran)
    }

    async fn run_on(
        self,
        timeline: &Timeline,
        stop: oneshot::Receiver<()>,
        stats: &mut CallStats,
    ) -> Result<(), ClientSessionError> {
        let (peer, events) = Peer::new(self.name, self.peer_config, timeline).await?;
        let mut running = Running {
            peer: peer.clone(),
            events,
            client: self.client,
            media: self.media,
            began: Instant::now(),
            gathered: false,
            late: Vec::new(),
            created: None,
            stats: CallStats::default(),
        };
        let ran = running.run(stop).await;
        running.media.end(&mut running.stats).await;
        running.hang_up().await;
        *stats = running.stats;
        let closed = peer.close().await;
        ran.and(closed.map_err(ClientSessionError::from))
    }
}

impl Running {
    async fn run(&mut self, mut stop: oneshot::Receiver<()>) -> Result<(), ClientSessionError> {
        self.media
            .attach(&self.peer)
            .await
            .map_err(ClientSessionError::Media)?;
        let negotiator: Arc<dyn Negotiator> = Arc::new(SlowMotion::default());
        let offer = negotiator.offer(&self.peer).await;
        let offer = offer.map_err(ClientSessionError::Negotiation)?;
        let _ = timeout(GATHER_PATIENCE, self.gather()).await;
        let complete = self.peer.connection().local_description().await;
        tracing::info!(peer = self.peer.name(), "1-4 POST: the offer");
        let created = self
            .client
            .offer(arrange_candidates(&complete.unwrap_or(offer).sdp, None))
            .await?;
        tracing::info!(peer = self.peer.name(), "1-4 201: the answer");
        let answer = created.answer.clone();
        self.created = Some(created);
        self.trickle().await;
        let answer = RTCSessionDescription::answer(answer);
        let answer = answer.map_err(|source| self.peer.failed("setRemoteDescription", source))?;
        let received = negotiator.receive(&self.peer, answer).await;
        received.map_err(ClientSessionError::Negotiation)?;
        let deadline = self.began + CONNECT_PATIENCE;
        loop {
            let connected = self.stats.setup.is_some();
            tokio::select! {
                event = self.events.recv() => match event {
                    Some(event) => self.hear(event).await?,
                    None => return Ok(()),
                },
                _ = &mut stop => return Ok(()),
                () = sleep_until(deadline.into()), if !connected => {
                    return Err(ClientSessionError::NoConnection);
                }
            }
        }
    }

    async fn gather(&mut self) {
        while !self.gathered
            && let Some(event) = self.events.recv().await
        {
            let _ = self.hear(event).await;
        }
    }

    async fn hear(&mut self, event: PeerEvent) -> Result<(), ClientSessionError> {
        use RTCPeerConnectionState::{Closed, Connected, Disconnected, Failed};
        let heard = self.media.hear(&event).await;
        match event {
            PeerEvent::IceCandidate(candidate) if self.created.is_some() => {
                if let Ok(init) = candidate.to_json() {
                    self.late.push(init.candidate);
                    self.trickle().await;
                }
            }
            PeerEvent::IceGatheringState(RTCIceGatheringState::Complete) => self.gathered = true,
            PeerEvent::ConnectionState(Connected) if self.stats.setup.is_none() => {
                let setup = self.began.elapsed();
                tracing::info!(
                    peer = self.peer.name(),
                    "Setup time: {:.3} ms",
                    setup.as_secs_f64() * 1e3
                );
                self.stats.setup = Some(setup);
                self.note_selected_pair().await;
            }
            PeerEvent::Track(_) => self.note_selected_pair().await,
            // ICE waits half a minute for a way to come back. A server that has ended the session will not send one.
            PeerEvent::ConnectionState(Disconnected) if !self.session_is_there().await => {
                return Err(ClientSessionError::Lost);
            }
            PeerEvent::ConnectionState(Failed | Closed) => {
                self.stats.failure = Some(ClientSessionError::Lost.to_string());
                return Err(ClientSessionError::Lost);
            }
            _ => {}
        }
        heard.map_err(ClientSessionError::Media)
    }

    async fn note_selected_pair(&mut self) {
        let selected = CandidatePair::selected(&self.peer).await;
        self.stats.selected_pair = selected.map(|pair| pair.to_string());
    }

    /// Sends the candidates that came too late for the offer, to a server that takes them.
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
        let Some(local) = self.peer.connection().local_description().await else {
            return;
        };
        let mut fragment = TrickleFragment::of_description(&local.sdp);
        fragment.candidates = self.late.drain(..).collect();
        fragment.end_of_candidates = self.gathered;
        if let Err(error) = self
            .client
            .trickle(session, tag, fragment.to_string())
            .await
        {
            tracing::debug!(peer = self.peer.name(), "1-4 {error}");
        }
    }

    async fn session_is_there(&mut self) -> bool {
        let session = self
            .created
            .as_ref()
            .and_then(|created| created.session.clone());
        let Some(session) = session else { return true };
        let there = self.client.is_there(&session).await;
        if !there {
            // Nothing is left to hang up.
            self.created = None;
        }
        there
    }

    async fn hang_up(&mut self) {
        let Some(session) = self.created.take().and_then(|created| created.session) else {
            return;
        };
        tracing::info!(peer = self.peer.name(), "DELETE: hang up");
        if let Err(error) = self.client.delete(&session).await {
            tracing::warn!(peer = self.peer.name(), "{error}");
        }
    }
}
