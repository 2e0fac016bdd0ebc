//! What `cargo run -p step-03-ice` shows.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use step_01_capture::Timeline;
use step_01_capture::program::stop_signal::StopSignal;
use step_02_peer::{OutgoingVideo, PeerConfig, stopped};
use tokio::time::timeout;

use crate::check_list::CheckList;
use crate::peer_pair::{ConnectedPair, PeerPair};
use crate::report;
use crate::report::observations::Observations;
use crate::session::{Role, SessionError};
use crate::silent_negotiator::SilentNegotiator;

/// ICE gives up by itself 30 s after the last answer; a peer that says nothing at all is given a little more.
const TIMEOUT: Duration = Duration::from_secs(35);

/// How two peers found a way to each other.
pub struct Lesson {
    /// What happened to them.
    pub seen: Observations,
    /// The pairs that the local peer checked.
    pub checks: CheckList,
    /// The states of both peers.
    pub timeline: Timeline,
}

impl Lesson {
    /// Connects two peers (1-1 to 1-5 of the note) and closes them again.
    ///
    /// # Errors
    /// [`SessionError`] when a peer cannot be made or used. Peers that find no way to each other are no error: the
    /// lesson tells of it.
    pub async fn run(
        video: OutgoingVideo,
        config: PeerConfig,
        timeline: Timeline,
        stop: StopSignal,
    ) -> Result<Lesson, SessionError> {
        let pair = PeerPair::new(config.clone(), config, &timeline).await?;
        pair.local.add_track(&video).await?;
        let mut pair = pair.connect(Arc::new(SilentNegotiator));
        let mut seen = Observations::default();
        tokio::select! {
            () = seen.until_settled(&mut pair) => {}
            () = stopped(&stop) => {}
        }
        Self::close(pair, seen, timeline).await
    }

    /// A lesson that was stopped before anything was seen.
    pub(crate) fn empty(timeline: &Timeline) -> Lesson {
        Lesson {
            seen: Observations::default(),
            checks: CheckList::new(&[], &[], &[], Role::Offerer),
            timeline: timeline.clone(),
        }
    }

    /// Closes both peers, and keeps what there is to tell of them.
    pub(crate) async fn close(
        pair: ConnectedPair,
        seen: Observations,
        timeline: Timeline,
    ) -> Result<Lesson, SessionError> {
        let (local, remote) = (seen.candidates_of("local"), seen.candidates_of("remote"));
        let checks = CheckList::new(&pair.watch.checks(), &local, &remote, Role::Offerer);
        pair.close().await?;
        Ok(Lesson {
            seen,
            checks,
            timeline,
        })
    }
}

impl Observations {
    /// Reads the events of both peers until each has gathered all of its candidates and is connected, or has failed.
    pub(crate) async fn until_settled(&mut self, pair: &mut ConnectedPair) {
        let settled = async {
            while !self.are_settled(2) {
                match pair.next_event().await {
                    Some(observed) => self.note(observed),
                    None => return,
                }
            }
        };
        // Who does not settle in time shows it in the timeline.
        let _ = timeout(TIMEOUT, settled).await;
    }
}

impl fmt::Display for Lesson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", report::candidates(&self.seen, "local"))?;
        writeln!(f, "{}", report::candidates(&self.seen, "remote"))?;
        write!(f, "{}", report::failed_servers(&self.seen))?;
        writeln!(f, "{}", report::messages(&self.seen))?;
        writeln!(
            f,
            "{}",
            report::checks("local", &self.checks, &self.timeline)
        )?;
        write!(f, "{}", report::timeline(&self.timeline).trim_end())
    }
}
