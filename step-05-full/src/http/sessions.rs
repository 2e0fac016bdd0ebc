//! The sessions of a server.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rtc::peer_connection::transport::RTCDtlsRole;
use step_01_capture::Timeline;
use step_02_peer::{Peer, PeerConfig, PeerError, PeerEvents};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::timeout;

use super::connections::RequestAddresses;
use super::endpoint::Endpoint;
use super::http_session::{Answered, Command, Ended, HttpSession, Patch};
use super::refusal::Refusal;
use super::session_media::SessionMedia;
use super::session_report::SessionReport;
use super::trickle_fragment::TrickleFragment;

/// How many sessions there may be at the same time, unless told otherwise.
pub const LIMIT: usize = 8;

/// Reports of sessions that are kept for the end of the program.
const REPORTS: usize = 256;

/// A session that is asked to end has this long.
const LAST_PATIENCE: Duration = Duration::from_secs(3);

/// Requests that may wait for a session.
const WAITING: usize = 4;

/// All sessions of one server. Clones share them.
#[derive(Clone)]
pub struct Sessions(Arc<Shared>);

struct Shared {
    config: PeerConfig,
    limit: usize,
    connect_patience: Duration,
    places: Arc<Semaphore>,
    numbers: AtomicU64,
    open: Mutex<HashMap<String, Entry>>,
    ended: Mutex<VecDeque<SessionReport>>,
}

struct Entry {
    endpoint: Endpoint,
    commands: mpsc::Sender<Command>,
}

/// Maps and lists are whole after every statement, so a panic elsewhere does not spoil them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes a session out of the list, however it ends.
struct Place {
    sessions: Sessions,
    id: String,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.sessions.0.open).remove(&self.id);
    }
}

impl Sessions {
    /// No session yet, and `limit` at most. Each gets a peer with this configuration and must connect in time.
    pub fn new(config: PeerConfig, limit: usize, connect_patience: Duration) -> Self {
        Self(Arc::new(Shared {
            config,
            limit,
            connect_patience,
            places: Arc::new(Semaphore::new(limit)),
            numbers: AtomicU64::new(1),
            open: Mutex::default(),
            ended: Mutex::default(),
        }))
    }

    /// Refuses early, before a body is read.
    ///
    /// # Errors
    /// 503.
    pub fn check_room(&self) -> Result<(), Refusal> {
        match self.0.places.available_permits() {
            0 => Err(Refusal::full(self.0.limit)),
            _ => Ok(()),
        }
    }

    /// Opens a session for an offer, and returns its identifier with the answer.
    ///
    /// # Errors
    /// 503 without a place, 422 for an offer that webrtc refuses, 500 if the offer breaks the session.
    pub async fn open(
        &self,
        endpoint: Endpoint,
        offer: String,
        media: Box<dyn SessionMedia>,
        addresses: RequestAddresses,
    ) -> Result<(String, Answered), Refusal> {
        let permit = Arc::clone(&self.0.places).try_acquire_owned();
        let permit = permit.map_err(|_| Refusal::full(self.0.limit))?;
        // Who does not know it cannot guess it: 128 random bits (RFC 9725 §5).
        let id = format!("{:032x}", rand::random::<u128>());
        let (commands, received) = mpsc::channel(WAITING);
        lock(&self.0.open).insert(id.clone(), Entry { endpoint, commands });
        let place = Place {
            sessions: self.clone(),
            id: id.clone(),
            _permit: permit,
        };
        let (reply, answered) = oneshot::channel();
        let number = self.0.numbers.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{number}", endpoint.name());
        // A task of its own: it goes on when the client's connection breaks, and a panic ends it alone.
        tokio::spawn(place.run(name, offer, media, addresses, received, reply));
        let answered = answered.await.map_err(|_| Refusal::broken_session())??;
        Ok((id, answered))
    }

    /// Passes a `PATCH` on.
    ///
    /// # Errors
    /// 404, and what the session refuses.
    pub async fn patch(
        &self,
        endpoint: Endpoint,
        id: &str,
        fragment: TrickleFragment,
        if_match: String,
    ) -> Result<Option<Answered>, Refusal> {
        let commands = self.commands(endpoint, id)?;
        let (reply, patched) = oneshot::channel();
        let patch = Patch {
            fragment,
            if_match,
            reply,
        };
        let sent = commands.send(Command::Patch(patch)).await;
        sent.map_err(|_| Refusal::not_found())?;
        patched.await.map_err(|_| Refusal::broken_session())?
    }

    /// Ends a session, and returns when it has ended.
    ///
    /// # Errors
    /// 404.
    pub async fn delete(&self, endpoint: Endpoint, id: &str) -> Result<(), Refusal> {
        let commands = self.commands(endpoint, id)?;
        // From now on it is not found any more; its place is free when it has really ended.
        lock(&self.0.open).remove(id);
        let _ = commands.send(Command::End("deleted by the client")).await;
        let _ = timeout(LAST_PATIENCE, commands.closed()).await;
        Ok(())
    }

    /// Whether there is such a session.
    ///
    /// # Errors
    /// 404.
    pub fn find(&self, endpoint: Endpoint, id: &str) -> Result<(), Refusal> {
        self.commands(endpoint, id).map(|_| ())
    }

    fn commands(&self, endpoint: Endpoint, id: &str) -> Result<mpsc::Sender<Command>, Refusal> {
        let open = lock(&self.0.open);
        let entry = open.get(id).filter(|entry| entry.endpoint == endpoint);
        entry
            .map(|entry| entry.commands.clone())
            .ok_or_else(Refusal::not_found)
    }

    /// Ends all sessions.
    pub async fn end_all(&self) {
        // Nobody comes in any more, and everybody who is inside holds a permit.
        let all: Vec<_> = lock(&self.0.open)
            .values()
            .map(|entry| entry.commands.clone())
            .collect();
        for commands in all {
            let _ = timeout(
                LAST_PATIENCE,
                commands.send(Command::End("the server was stopped")),
            )
            .await;
        }
        let everyone = u32::try_from(self.0.limit).unwrap_or(u32::MAX);
        let _ = timeout(2 * LAST_PATIENCE, self.0.places.acquire_many(everyone)).await;
    }

    /// How many sessions there are now.
    pub fn count(&self) -> usize {
        lock(&self.0.open).len()
    }

    /// The sessions that have ended; each is told once.
    pub fn take_reports(&self) -> Vec<SessionReport> {
        lock(&self.0.ended).drain(..).collect()
    }
}

impl Place {
    async fn run(
        self,
        name: String,
        offer: String,
        media: Box<dyn SessionMedia>,
        addresses: RequestAddresses,
        commands: mpsc::Receiver<Command>,
        reply: oneshot::Sender<Result<Answered, Refusal>>,
    ) {
        let timeline = Timeline::new();
        let mut config = self.sessions.0.config.clone();
        if !addresses.remote.is_loopback() {
            // Nobody reaches this machine's loopback from elsewhere.
            config
                .addresses
                .retain(|address| !address.ip().is_loopback());
        }
        config.answering_dtls_role = answering_dtls_role(&offer);
        let made = make_peer(&name, &config, &timeline).await;
        let (peer, events) = match made {
            Ok(made) => made,
            Err(error) => {
                tracing::error!(peer = name, "{error}");
                return;
            }
        };
        let session = HttpSession {
            peer: peer.clone(),
            events,
            media,
            offer,
            reached_at: addresses.local,
            commands,
            connect_patience: self.sessions.0.connect_patience,
        };
        // What a stranger sent is worked on in there, and webrtc may panic over it. The peer is closed either way.
        let ended = tokio::spawn(session.run(reply))
            .await
            .unwrap_or_else(|panic| Ended {
                reason: format!("broken: {panic}"),
                ice_restarts: 0,
                stats: Default::default(),
            });
        match timeout(LAST_PATIENCE, peer.close()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(peer = name, "{error}"),
            Err(_) => tracing::warn!(peer = name, "it did not close in time"),
        }
        tracing::info!(peer = name, "session ended: {}", ended.reason);
        let report = SessionReport::new(
            &name,
            ended.reason,
            ended.ice_restarts,
            &ended.stats,
            &timeline,
        );
        let mut reports = lock(&self.sessions.0.ended);
        if reports.len() == REPORTS {
            reports.pop_front();
        }
        reports.push_back(report);
    }
}

/// webrtc 0.21 does wait when the offer says that the client begins, and writes all the same that it begins itself.
fn answering_dtls_role(offer: &str) -> Option<RTCDtlsRole> {
    offer
        .lines()
        .any(|line| line.trim() == "a=setup:active")
        .then_some(RTCDtlsRole::Server)
}

/// A peer on every address of the configuration; on loopback alone if the machine has no other.
async fn make_peer(
    name: &str,
    config: &PeerConfig,
    timeline: &Timeline,
) -> Result<(Peer, PeerEvents), PeerError> {
    match Peer::new(name, config.clone(), timeline).await {
        Ok(made) => Ok(made),
        Err(error) => {
            tracing::warn!(peer = name, "{error}; this session is on loopback alone");
            let addresses = PeerConfig::loopback().addresses;
            let config = PeerConfig {
                addresses,
                ..config.clone()
            };
            Peer::new(name, config, timeline).await
        }
    }
}
