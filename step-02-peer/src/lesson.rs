//! What `cargo run -p step-02-peer` shows.

use std::fmt;
use std::time::Duration;

use step_01_capture::Timeline;
use step_01_capture::program::report::Section;
use step_01_capture::program::stop_signal::StopSignal;
use tokio::time::timeout;

use crate::outgoing_video::OutgoingVideo;
use crate::peer_config::PeerConfig;
use crate::peer_error::PeerError;
use crate::peer_event::PeerEvent;
use crate::peer_pair::PeerPair;
use crate::program::local_video::stopped;

/// `negotiationneeded` comes within milliseconds; on a busy machine it may take longer.
const TIMEOUT: Duration = Duration::from_secs(2);

/// What a track changes in the offer of a peer that had none.
#[derive(Default)]
pub struct Lesson {
    /// The offer before the track was added.
    pub offer_before: String,
    /// The offer after; empty when the lesson was stopped earlier.
    pub offer_after: String,
    /// Whether `negotiationneeded` was fired when the track was added.
    pub negotiation_needed: bool,
    /// The states of both peers, from the constructor to `close()`.
    pub timeline: Timeline,
}

impl Lesson {
    /// Creates two peers, adds `video` to the local one, and closes both (1-1 and 1-2 of the note), earlier when `stop`
    /// is raised.
    ///
    /// # Errors
    /// [`PeerError`] when a peer cannot be created or used.
    pub async fn run(
        video: OutgoingVideo,
        config: PeerConfig,
        timeline: Timeline,
        stop: StopSignal,
    ) -> Result<Lesson, PeerError> {
        let mut pair = PeerPair::new(config.clone(), config, &timeline).await?;
        let mut lesson = Lesson {
            timeline,
            ..Lesson::default()
        };
        let added = tokio::select! {
            added = lesson.add_track(&mut pair, &video) => added,
            () = stopped(&stop) => Ok(()),
        };
        added.and(pair.close().await)?;
        Ok(lesson)
    }

    /// 1-2: adds the track, and creates an offer before and after it.
    async fn add_track(
        &mut self,
        pair: &mut PeerPair,
        video: &OutgoingVideo,
    ) -> Result<(), PeerError> {
        self.offer_before = pair.local.create_offer().await?.sdp;
        tracing::info!(peer = "local", "1-2 addTrack()");
        pair.local.add_track(video).await?;
        // The constructor and `addTrack()` fire no other event, so the first one is `negotiationneeded`.
        let first = timeout(TIMEOUT, pair.local_events.recv()).await;
        self.negotiation_needed = matches!(first, Ok(Some(PeerEvent::NegotiationNeeded)));
        self.offer_after = pair.local.create_offer().await?.sdp;
        Ok(())
    }

    /// The lines of the second offer that the first one does not have.
    pub fn added_lines(&self) -> impl Iterator<Item = &str> {
        let before: Vec<&str> = self.offer_before.lines().collect();
        // The origin line changes with every offer: it counts the versions of the session (RFC 8866 §5.2).
        self.offer_after
            .lines()
            .filter(move |line| !line.starts_with("o=") && !before.contains(line))
    }
}

impl fmt::Display for Lesson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heading = "1-1  The offer of a peer that has nothing to send: no m= section";
        writeln!(f, "{}", Section::new(heading, &self.offer_before))?;
        let heading = "1-2  What addTrack() adds to it: one m=video section, and who it is";
        let mut added: String = self
            .added_lines()
            .map(|line| format!("+ {line}\n"))
            .collect();
        added += match self.negotiation_needed {
            true => {
                "\nnegotiationneeded was fired: what local wants is no longer what was negotiated"
            }
            false => "\nnegotiationneeded was not fired",
        };
        writeln!(f, "{}", Section::new(heading, added))?;
        let timeline = Section::new("Timeline", &self.timeline).to_string();
        write!(f, "{}", timeline.trim_end())
    }
}
