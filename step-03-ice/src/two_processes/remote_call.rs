//! A call between two processes, which may be on two hosts.

use std::fmt;
use std::sync::Arc;

use step_01_capture::Timeline;
use step_01_capture::program::report::Section;
use step_01_capture::program::stop_signal::StopSignal;
use step_02_peer::{OutgoingVideo, PeerConfig, PeerError, PeerEvent, stopped};
use tokio::sync::mpsc;
use tokio::task::JoinError;
use webrtc::peer_connection::{RTCIceGatheringState, RTCPeerConnectionState};

use crate::negotiator::SilentNegotiator;
use crate::observing::observed_peer::new_observed_peer;
use crate::report::IceReport;
use crate::session::{Observed, Role, Session, SessionError};
use crate::signaling::SignalingMessage;
use crate::two_processes::rendezvous::{Rendezvous, RendezvousError};
use crate::two_processes::tcp_signaling::TcpSignaling;

/// Events that may wait for the report.
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
    NoOtherPeer,
    /// This peer cannot be created or used.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// The peers could not exchange descriptions.
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl RemoteCall {
    /// Meets the other process and calls it, or answers its call: the one that connects is the caller, as `local` is in
    /// the codelab. `print` gets the report once.
    ///
    /// # Errors
    /// [`RemoteCallError`].
    pub async fn run(
        rendezvous: Rendezvous,
        video: OutgoingVideo,
        config: PeerConfig,
        timeline: Timeline,
        print: impl FnOnce(String),
        stop: StopSignal,
    ) -> Result<RemoteCall, RemoteCallError> {
        let role = match rendezvous {
            Rendezvous::Connect(_) => Role::Offerer,
            Rendezvous::Listen(_) => Role::Answerer,
        };
        let signaling = tokio::select! {
            signaling = rendezvous.meet() => signaling?,
            () = stopped(&stop) => return Err(RemoteCallError::NoOtherPeer),
        };
        Self::run_over((role, signaling), video, config, timeline, print, stop).await
    }

    /// The same, when the two have met.
    ///
    /// # Errors
    /// [`RemoteCallError::Peer`] and [`RemoteCallError::Session`].
    pub async fn run_over(
        (role, signaling): (Role, TcpSignaling),
        video: OutgoingVideo,
        mut config: PeerConfig,
        timeline: Timeline,
        print: impl FnOnce(String),
        stop: StopSignal,
    ) -> Result<RemoteCall, RemoteCallError> {
        if !signaling.same_host {
            // Another host cannot reach loopback, and a TURN server refuses to relay to it (403).
            let addresses = &mut config.addresses;
            addresses.retain(|address| !address.ip().is_loopback());
        }
        let names = match role {
            Role::Offerer => ("local", "remote"),
            Role::Answerer => ("remote", "local"),
        };
        let (peer, events, watch) = new_observed_peer(names.0, config, &timeline).await?;
        peer.add_track(&video).await?;
        let negotiator = Arc::new(SilentNegotiator);
        let session = Session::new(peer.clone(), events, signaling.channel, negotiator);
        let (observer, observed) = mpsc::channel(CAPACITY);
        let session = tokio::spawn(session.run(role, observer));
        let mut report = IceReport::new(timeline.clone());
        let print = |report: &mut IceReport| {
            report.add_checks(&watch.checks(), names, role);
            print(report.sections_of(names));
        };
        let lines = (names.1, signaling.received);
        let end = until_over(&mut report, observed, lines, print, &stop).await;
        let closed = peer.close().await;
        match session.await.map_err(JoinError::try_into_panic) {
            Ok(ended) => ended?,
            // A session that panics is a defect, and must not look like the end of a call.
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            // Nobody aborts a session.
            Err(Err(_)) => {}
        }
        closed?;
        Ok(RemoteCall { end, timeline })
    }
}

/// Collects the report until the call is over. Prints it when the peer has gathered its candidates and is connected, or
/// at the end.
async fn until_over(
    report: &mut IceReport,
    mut observed: mpsc::Receiver<Observed>,
    (other, mut lines): (&str, mpsc::Receiver<String>),
    print: impl FnOnce(&mut IceReport),
    stop: &StopSignal,
) -> CallEnd {
    use RTCPeerConnectionState::{Connected, Failed};
    let stopped = stopped(stop);
    tokio::pin!(stopped);
    let mut print = Some(print);
    let (mut gathered, mut connected) = (false, false);
    let end = loop {
        tokio::select! {
            observed = observed.recv() => {
                let Some(observed) = observed else {
                    break CallEnd::Failed;
                };
                match observed.event {
                    PeerEvent::IceGatheringState(RTCIceGatheringState::Complete) => gathered = true,
                    PeerEvent::ConnectionState(Connected) => connected = true,
                    PeerEvent::ConnectionState(Failed) => break CallEnd::Failed,
                    _ => {}
                }
                report.add_event(observed);
            }
            line = lines.recv() => {
                let Some(line) = line else {
                    break CallEnd::OtherLeft;
                };
                // The session traces a line that is no message.
                if let Ok(message) = SignalingMessage::from_json(&line) {
                    report.add_message(other, &message);
                }
            }
            () = &mut stopped => break CallEnd::Stopped,
        }
        if gathered
            && connected
            && let Some(print) = print.take()
        {
            print(report);
        }
    };
    if let Some(print) = print.take() {
        print(report);
    }
    end
}

impl fmt::Display for RemoteCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = match self.end {
            CallEnd::Stopped => "The call was ended here",
            CallEnd::OtherLeft => "The other peer has left",
            CallEnd::Failed => "ICE failed: no pair of candidates is answered",
        };
        let timeline = Section::new("Timeline", &self.timeline).to_string();
        write!(f, "{end}\n\n{}", timeline.trim_end())
    }
}
