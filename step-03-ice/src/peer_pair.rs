//! Two peers in one process.

use std::sync::Arc;

use step_01_capture::Timeline;
use step_02_peer::{Peer, PeerConfig, PeerError, PeerEvents};
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};

use crate::negotiator::Negotiator;
use crate::observing::ice_watch::IceWatch;
use crate::session::{Observed, Role, Session, SessionError};
use crate::signaling::{SignalingChannel, signaling_channel};

/// Events of both peers that may wait for whoever watches the call.
const CAPACITY: usize = 64;

/// `local` and `remote`, as the codelab has them on one page.
pub struct PeerPair {
    /// The peer that calls.
    pub local: Peer,
    /// The peer that is called.
    pub remote: Peer,
    events: (PeerEvents, PeerEvents),
    watch: IceWatch,
}

impl PeerPair {
    /// Makes both peers (1-1).
    ///
    /// # Errors
    /// [`PeerError::Create`].
    pub async fn new(
        local: PeerConfig,
        remote: PeerConfig,
        timeline: &Timeline,
    ) -> Result<Self, PeerError> {
        tracing::info!(peer = "local", "1-1 new RTCPeerConnection()");
        let (local, local_events, watch) = IceWatch::new_peer("local", local, timeline).await?;
        tracing::info!(peer = "remote", "1-1 new RTCPeerConnection()");
        let (remote, remote_events, _) = IceWatch::new_peer("remote", remote, timeline).await?;
        Ok(Self {
            local,
            remote,
            events: (local_events, remote_events),
            watch,
        })
    }

    /// Lets the local peer call the remote one, over a signaling channel in memory. Must be called on a tokio runtime.
    pub fn connect(self, negotiator: Arc<dyn Negotiator>) -> ConnectedPair {
        self.connect_over(negotiator, signaling_channel())
    }

    /// The same, over a channel of the caller's: the first end is the local peer's.
    pub fn connect_over(
        self,
        negotiator: Arc<dyn Negotiator>,
        (at_local, at_remote): (SignalingChannel, SignalingChannel),
    ) -> ConnectedPair {
        let (observer, observed) = mpsc::channel(CAPACITY);
        let (local_events, remote_events) = self.events;
        let caller = Session::new(
            self.local.clone(),
            local_events,
            at_local,
            negotiator.clone(),
        );
        let called = Session::new(self.remote.clone(), remote_events, at_remote, negotiator);
        let mut sessions = JoinSet::new();
        sessions.spawn(caller.run(Role::Offerer, observer.clone()));
        sessions.spawn(called.run(Role::Answerer, observer));
        ConnectedPair {
            local: self.local,
            remote: self.remote,
            watch: self.watch,
            observed,
            sessions,
            ended: Ok(()),
        }
    }

    /// Closes both peers.
    ///
    /// # Errors
    /// The first [`PeerError`]; both are closed all the same.
    pub async fn close(self) -> Result<(), PeerError> {
        let local = self.local.close().await;
        local.and(self.remote.close().await)
    }
}

/// Two peers that exchange descriptions and candidates, and the owner of the tasks that do it.
pub struct ConnectedPair {
    /// The peer that calls.
    pub local: Peer,
    /// The peer that is called.
    pub remote: Peer,
    /// The checks of the peer that calls.
    pub watch: IceWatch,
    observed: mpsc::Receiver<Observed>,
    sessions: JoinSet<Result<(), SessionError>>,
    ended: Result<(), SessionError>,
}

impl ConnectedPair {
    /// The next event of either peer; none when both sessions have ended.
    pub async fn next_event(&mut self) -> Option<Observed> {
        loop {
            tokio::select! {
                observed = self.observed.recv() => return observed,
                Some(session) = self.sessions.join_next() => self.note_end(session),
            }
        }
    }

    /// Closes both peers, and waits for the sessions to end.
    ///
    /// # Errors
    /// Why a session could not begin, or a peer not be closed.
    pub async fn close(mut self) -> Result<(), SessionError> {
        // A session that still has an event to tell must not wait for a listener that does not listen.
        self.observed.close();
        let closed = self.local.close().await.and(self.remote.close().await);
        while let Some(session) = self.sessions.join_next().await {
            self.note_end(session);
        }
        closed.map_err(SessionError::from).and(self.ended)
    }

    fn note_end(&mut self, session: Result<Result<(), SessionError>, JoinError>) {
        match session.map_err(JoinError::try_into_panic) {
            Ok(ended) => self.ended = std::mem::replace(&mut self.ended, Ok(())).and(ended),
            // A session that panics is a defect of this program: whoever watches the call must not wait for its peer.
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            // Nobody aborts a session.
            Err(Err(_)) => {}
        }
    }
}
