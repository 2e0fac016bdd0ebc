//! A call between two processes, which may be on two hosts.

use std::fmt;
use std::sync::Arc;

use step_01_capture::Timeline;
use step_01_capture::program::stop_signal::StopSignal;
use step_02_peer::{OutgoingVideo, PeerConfig, PeerError, stopped};
use tokio::sync::mpsc;
use tokio::task::JoinError;

use crate::check_list::CheckList;
use crate::observing::ice_watch::IceWatch;
use crate::report;
use crate::report::observations::Observations;
use crate::session::{Observed, Role, Session, SessionError};
use crate::signaling::SignalingMessage;
use crate::silent_negotiator::SilentNegotiator;
use crate::two_processes::tcp_signaling::{Rendezvous, RendezvousError, TcpSignaling};

/// Events that may wait for the lesson.
const CAPACITY: usize = 64;

/// How the call ended.
pub struct RemoteCall {
    /// Why.
    pub end: CallEnd,
    /// The states of this process's peer.
    pub timeline: Timeline,
}

/// Why a call is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallEnd {
    /// Ctrl-C, or the time is up.
    Stopped,
    /// The other peer closed the signaling channel.
    OtherLeft,
    /// No pair is answered any more, or none ever was.
    Failed,
}

/// Why there was no call.
#[derive(Debug, thiserror::Error)]
pub enum RemoteCallError {
    /// The two did not meet.
    #[error(transparent)]
    Rendezvous(#[from] RendezvousError),
    /// Stopped while waiting for the other peer.
    #[error(
        "the other peer did not come: start it with --connect, or wait longer with --seconds N"
    )]
    Nobody,
    /// This peer cannot be made or used.
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl From<PeerError> for RemoteCallError {
    fn from(error: PeerError) -> Self {
        Self::Session(error.into())
    }
}

/// One process's side of the call.
struct LocalSide {
    seen: Observations,
    role: Role,
    name: &'static str,
    other: &'static str,
    watch: IceWatch,
    timeline: Timeline,
    told: bool,
}

impl RemoteCall {
    /// Meets the other process and calls it, or answers its call: the one that connects is the caller, as `local` is in
    /// the codelab.
    ///
    /// # Errors
    /// [`RemoteCallError`].
    pub async fn run(
        meeting: Rendezvous,
        video: OutgoingVideo,
        config: PeerConfig,
        timeline: Timeline,
        (tell, stop): (impl Fn(String), StopSignal),
    ) -> Result<RemoteCall, RemoteCallError> {
        let role = match meeting {
            Rendezvous::Connect(_) => Role::Offerer,
            Rendezvous::Listen(_) => Role::Answerer,
        };
        let signaling = tokio::select! {
            signaling = meeting.meet() => signaling?,
            () = stopped(&stop) => return Err(RemoteCallError::Nobody),
        };
        Self::over((role, signaling), video, config, timeline, (tell, stop)).await
    }

    /// Connects, tells how once it is known, and goes on until somebody ends the call.
    ///
    /// # Errors
    /// [`RemoteCallError::Session`].
    pub async fn over(
        (role, signaling): (Role, TcpSignaling),
        video: OutgoingVideo,
        mut config: PeerConfig,
        timeline: Timeline,
        (tell, stop): (impl Fn(String), StopSignal),
    ) -> Result<RemoteCall, RemoteCallError> {
        let (name, other) = match role {
            Role::Offerer => ("local", "remote"),
            Role::Answerer => ("remote", "local"),
        };
        if !signaling.same_host {
            // Loopback leads nowhere from there, and a TURN server that is asked for a way to it says no (403).
            config
                .addresses
                .retain(|address| !address.ip().is_loopback());
        }
        tracing::info!(peer = name, "1-1 new RTCPeerConnection()");
        let (peer, events, watch) = IceWatch::new_peer(name, config, &timeline).await?;
        peer.add_track(&video).await?;
        let TcpSignaling { channel, heard, .. } = signaling;
        let session = Session::new(peer.clone(), events, channel, Arc::new(SilentNegotiator));
        let (observer, observed) = mpsc::channel(CAPACITY);
        let session = tokio::spawn(session.run(role, observer));
        let mut side = LocalSide {
            seen: Observations::default(),
            role,
            name,
            other,
            watch,
            timeline: timeline.clone(),
            told: false,
        };
        let end = side.until_over((observed, heard), &tell, &stop).await;
        let closed = peer.close().await;
        match session.await.map_err(JoinError::try_into_panic) {
            Ok(ended) => ended?,
            // A session that panics is a defect of this program, and must not look like the end of a call.
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            // Nobody aborts a session.
            Err(Err(_)) => {}
        }
        closed?;
        Ok(RemoteCall { end, timeline })
    }
}

impl LocalSide {
    async fn until_over(
        &mut self,
        (mut observed, mut heard): (mpsc::Receiver<Observed>, mpsc::Receiver<String>),
        tell: &impl Fn(String),
        stop: &StopSignal,
    ) -> CallEnd {
        let stopped = stopped(stop);
        tokio::pin!(stopped);
        let end = loop {
            tokio::select! {
                event = observed.recv() => match event {
                    Some(event) => self.seen.note(event),
                    None => break CallEnd::Failed,
                },
                line = heard.recv() => match line.as_deref().map(SignalingMessage::from_json) {
                    Some(Ok(message)) => self.seen.note_candidate(self.other.to_owned(), &message),
                    // The session says what is wrong with it.
                    Some(Err(_)) => {}
                    None => break CallEnd::OtherLeft,
                },
                () = &mut stopped => break CallEnd::Stopped,
            }
            if self.seen.are_settled(1) {
                self.tell(tell);
            }
            if self.seen.failed > 0 {
                break CallEnd::Failed;
            }
        };
        self.tell(tell);
        end
    }

    /// Says once what was found.
    fn tell(&mut self, tell: &impl Fn(String)) {
        if !self.told {
            self.told = true;
            tell(self.report());
        }
    }

    fn report(&self) -> String {
        let seen = &self.seen;
        let (own, others) = (
            seen.candidates_of(self.name),
            seen.candidates_of(self.other),
        );
        let checks = CheckList::new(&self.watch.checks(), &own, &others, self.role);
        [
            report::candidates(seen, self.name) + "\n",
            report::candidates(seen, self.other) + "\n",
            report::failed_servers(seen),
            report::checks(self.name, &checks, &self.timeline),
        ]
        .concat()
    }
}

impl fmt::Display for RemoteCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = match self.end {
            CallEnd::Stopped => "The call was ended here",
            CallEnd::OtherLeft => "The other peer has gone away",
            CallEnd::Failed => "ICE failed: no pair of candidates is answered",
        };
        writeln!(f, "{end}\n")?;
        write!(f, "{}", report::timeline(&self.timeline).trim_end())
    }
}
