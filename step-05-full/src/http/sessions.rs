//! The sessions of a server.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use step_01_capture::Timeline;
use step_02_peer::PeerConfig;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::timeout;

use super::endpoint::Endpoint;
use super::host_candidates::Connection;
use super::http_session::{Answer, Command, HttpSession};
use super::offer::Offer;
use super::peer_session::PeerSession;
use super::rejection::Rejection;
use super::session_media::{SessionError, SessionMedia};
use super::session_report::SessionReport;
use super::trickle_fragment::TrickleFragment;

/// How many sessions there may be at the same time, by default.
pub(super) const DEFAULT_LIMIT: usize = 8;

/// How many reports of ended sessions are kept.
const MOST_REPORTS: usize = 256;

/// Of how many of them everything is kept that was recorded, a few megabytes at most.
const MOST_LADDERS: usize = 8;

/// How long a session may take to end.
const END_TIMEOUT: Duration = Duration::from_secs(3);

/// How many requests may wait for a session.
const WAITING_COMMANDS: usize = 4;

/// All sessions of one server.
pub(super) struct Sessions {
    peer_config: PeerConfig,
    limit: usize,
    connect_timeout: Duration,
    places: Arc<Semaphore>,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    opened: u64,
    open: HashMap<String, OpenSession>,
    reports: VecDeque<SessionReport>,
}

/// A session that a request can find.
#[derive(Clone)]
pub(super) struct OpenSession {
    endpoint: Endpoint,
    commands: mpsc::Sender<Command>,
    /// Closes when the session has ended and left its report.
    ended: mpsc::Sender<()>,
}

impl Sessions {
    /// No session yet, and at most `limit`. Each session gets a peer with this configuration and must be connected
    /// within `connect_timeout`.
    pub(super) fn new(peer_config: PeerConfig, limit: usize, connect_timeout: Duration) -> Self {
        Self {
            peer_config,
            limit,
            connect_timeout,
            places: Arc::new(Semaphore::new(limit)),
            table: Mutex::default(),
        }
    }

    /// Refuses a request with 503 before its body is read.
    pub(super) fn check_room(&self) -> Result<(), Rejection> {
        match self.places.available_permits() {
            0 => Err(Rejection::full(self.limit)),
            _ => Ok(()),
        }
    }

    /// Opens a session for an offer, and returns its identifier with the answer. 503 without a place, 422 for an offer that
    /// webrtc refuses, 500 if it panics.
    pub(super) async fn open(
        self: &Arc<Self>,
        endpoint: Endpoint,
        client: Connection,
        offer: Offer,
        media: Box<dyn SessionMedia>,
    ) -> Result<(String, Answer), Rejection> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| Rejection::full(self.limit))?;
        // 128 random bits: nobody can guess the URL of another client's session (RFC 9725 §5).
        let id = format!("{:032x}", rand::random::<u128>());
        let (commands, received) = mpsc::channel(WAITING_COMMANDS);
        let (ended, running) = mpsc::channel(1);
        let name = self.table.lock().insert(
            id.clone(),
            OpenSession {
                endpoint,
                commands,
                ended,
            },
        );
        let (reply, answer) = oneshot::channel();
        let config = client.peer_config(&self.peer_config);
        let deadline = Instant::now() + self.connect_timeout;
        // A task of its own: webrtc may panic over what a client sent, and this must end nothing else.
        let session = tokio::spawn({
            let name = name.clone();
            async move {
                let session = PeerSession::new(&name, config, media).await?;
                let session = HttpSession::new(session, client, offer, deadline);
                let (session, reason) = session.run(reply, received).await;
                Ok::<_, SessionError>(session.end(reason).await)
            }
        });
        let (sessions, key) = (Arc::clone(self), id.clone());
        // The session goes on when the connection of its client breaks.
        tokio::spawn(async move {
            let report = match session.await {
                Ok(Ok(report)) => report,
                Ok(Err(error)) => SessionReport::broken(&name, error.to_string()),
                Err(panic) => SessionReport::broken(&name, panic.to_string()),
            };
            sessions.table.lock().remove(&key, report);
            drop((place, running));
        });
        let answer = answer.await.map_err(|_| Rejection::broken_session())??;
        Ok((id, answer))
    }

    /// Passes a `PATCH` to its session.
    pub(super) async fn patch(
        &self,
        endpoint: Endpoint,
        id: &str,
        fragment: TrickleFragment,
        if_match: String,
    ) -> Result<Option<Answer>, Rejection> {
        let session = self.find(endpoint, id)?;
        let (reply, patched) = oneshot::channel();
        let patch = Command::Patch {
            fragment,
            if_match,
            reply,
        };
        let sent = session.commands.send(patch).await;
        sent.map_err(|_| Rejection::not_found())?;
        patched.await.map_err(|_| Rejection::broken_session())?
    }

    /// Ends a session, and returns when it has ended.
    pub(super) async fn delete(&self, endpoint: Endpoint, id: &str) -> Result<(), Rejection> {
        let session = self.find(endpoint, id)?;
        // From now on nobody finds it; its place is free when it has ended.
        self.table.lock().open.remove(id);
        session.end("deleted by the client").await;
        Ok(())
    }

    /// The session with this identifier, or 404.
    pub(super) fn find(&self, endpoint: Endpoint, id: &str) -> Result<OpenSession, Rejection> {
        let table = self.table.lock();
        let session = table.open.get(id);
        let session = session.filter(|session| session.endpoint == endpoint);
        session.cloned().ok_or_else(Rejection::not_found)
    }

    /// Ends all sessions, and returns when they have ended.
    pub(super) async fn end_all(&self) {
        let open: Vec<_> = self.table.lock().open.values().cloned().collect();
        for session in open {
            tokio::spawn(async move { session.end("the server was stopped").await });
        }
        // Each session holds a place until it has left its report. From now on no new one gets a place.
        let all = u32::try_from(self.limit).unwrap_or(u32::MAX);
        let _ = timeout(2 * END_TIMEOUT, self.places.acquire_many(all)).await;
    }

    /// How many sessions there are now.
    pub(super) fn count(&self) -> usize {
        self.table.lock().open.len()
    }

    /// The reports of the sessions that have ended since the last call, in the order of their ends.
    pub(super) fn take_reports(&self) -> Vec<SessionReport> {
        self.table.lock().reports.drain(..).collect()
    }
}

impl Table {
    /// Adds a session, and returns its name: `whep-1`, `whip-2`, and so on.
    fn insert(&mut self, id: String, session: OpenSession) -> String {
        self.opened += 1;
        let name = format!("{}-{}", session.endpoint.name(), self.opened);
        self.open.insert(id, session);
        name
    }

    fn remove(&mut self, id: &str, report: SessionReport) {
        self.open.remove(id);
        if self.reports.len() == MOST_REPORTS {
            self.reports.pop_front();
        }
        self.reports.push_back(report);
        if let Some(older) = self.reports.iter_mut().rev().nth(MOST_LADDERS) {
            older.timeline = Timeline::new();
        }
    }
}

impl OpenSession {
    async fn end(&self, reason: &'static str) {
        let _ = timeout(END_TIMEOUT, async {
            let _ = self.commands.send(Command::End(reason)).await;
            self.ended.closed().await;
        })
        .await;
    }
}
