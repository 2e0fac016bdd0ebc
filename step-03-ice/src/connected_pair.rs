//! Two peers in one process that exchange descriptions and candidates.

use std::sync::Arc;
use std::time::Duration;

use step_02_peer::{Peer, PeerEvent, PeerPair};
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};
use tokio::time::timeout;
use webrtc::peer_connection::{RTCIceGatheringState, RTCPeerConnectionState};

use crate::negotiator::Negotiator;
use crate::session::{Observed, Role, Session, SessionError};
use crate::signaling::{SignalingChannel, signaling_channel};

/// Events of both peers that may wait for whoever reads them.
const CAPACITY: usize = 64;

/// ICE fails 30 s after the last answer. This is a little more.
const TIMEOUT: Duration = Duration::from_secs(35);

/// Two peers and the tasks of their sessions.
pub struct ConnectedPair {
    /// The peer that calls.
    pub local: Peer,
    /// The peer that is called.
    pub remote: Peer,
    observed: mpsc::Receiver<Observed>,
    sessions: JoinSet<Result<(), SessionError>>,
    ended: Result<(), SessionError>,
}

impl ConnectedPair {
    /// Lets the local peer call the remote one, over a signaling channel in memory. Must be called on a tokio runtime.
    pub fn connect(pair: PeerPair, negotiator: Arc<dyn Negotiator>) -> Self {
        Self::connect_over(pair, negotiator, signaling_channel())
    }

    /// The same, over a channel of the caller's: the first end is the local peer's.
    pub fn connect_over(
        pair: PeerPair,
        negotiator: Arc<dyn Negotiator>,
        (at_local, at_remote): (SignalingChannel, SignalingChannel),
    ) -> Self {
        let PeerPair {
            local,
            remote,
            local_events,
            remote_events,
        } = pair;
        let (observer, observed) = mpsc::channel(CAPACITY);
        let caller = Session::new(local.clone(), local_events, at_local, negotiator.clone());
        let callee = Session::new(remote.clone(), remote_events, at_remote, negotiator);
        let mut sessions = JoinSet::new();
        sessions.spawn(caller.run(Role::Offerer, observer.clone()));
        sessions.spawn(callee.run(Role::Answerer, observer));
        Self {
            local,
            remote,
            observed,
            sessions,
            ended: Ok(()),
        }
    }

    /// The next event of either peer; none when both sessions have ended.
    pub async fn next_event(&mut self) -> Option<Observed> {
        loop {
            tokio::select! {
                observed = self.observed.recv() => return observed,
                Some(session) = self.sessions.join_next() => self.record_end(session),
            }
        }
    }

    /// Passes the events of both peers to `observe` until each peer has gathered its candidates and is connected or has
    /// failed, at most 35 seconds.
    pub async fn until_connected_or_failed(&mut self, mut observe: impl FnMut(Observed)) {
        use RTCPeerConnectionState::{Connected, Failed};
        let events = async {
            let (mut gathered, mut settled) = (0, 0);
            while gathered < 2 || settled < 2 {
                let Some(observed) = self.next_event().await else {
                    return;
                };
                match observed.event {
                    PeerEvent::IceGatheringState(RTCIceGatheringState::Complete) => gathered += 1,
                    PeerEvent::ConnectionState(Connected | Failed) => settled += 1,
                    _ => {}
                }
                observe(observed);
            }
        };
        // The timeline shows what was not reached in time.
        let _ = timeout(TIMEOUT, events).await;
    }

    /// Closes both peers, and waits for the sessions to end.
    ///
    /// # Errors
    /// Why a session could not begin, or a peer could not be closed.
    pub async fn close(mut self) -> Result<(), SessionError> {
        // Nobody reads events any more: a session that has one to send must not wait.
        self.observed.close();
        let closed = self.local.close().await.and(self.remote.close().await);
        while let Some(session) = self.sessions.join_next().await {
            self.record_end(session);
        }
        closed.map_err(SessionError::from).and(self.ended)
    }

    fn record_end(&mut self, session: Result<Result<(), SessionError>, JoinError>) {
        match session.map_err(JoinError::try_into_panic) {
            Ok(ended) => self.ended = std::mem::replace(&mut self.ended, Ok(())).and(ended),
            // A session that panics is a defect: the owner of the pair must not wait for its peer.
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            // Nobody aborts a session.
            Err(Err(_)) => {}
        }
    }
}
