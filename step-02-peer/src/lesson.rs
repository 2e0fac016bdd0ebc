//! What `cargo run -p step-02-peer` shows.

use std::fmt;
use std::time::Duration;

use step_01_capture::Timeline;
use step_01_capture::program::report::Section;
use step_01_capture::program::stop_signal::StopSignal;
use tokio::time::timeout;

use crate::outgoing_video::OutgoingVideo;
use crate::peer::PeerError;
use crate::peer_config::PeerConfig;
use crate::peer_event::PeerEvent;
use crate::program::local_video::stopped;
use crate::two_peers::TwoPeers;

/// `negotiationneeded` comes within milliseconds; a machine that is busy elsewhere may take longer.
const TIMEOUT: Duration = Duration::from_secs(2);

/// What a track changes in a peer that has none.
pub struct Lesson {
    /// What was seen of the local peer, as far as the lesson came.
    pub seen: OfferComparison,
    /// The states of both peers, from the constructor to `close()`.
    pub timeline: Timeline,
}

/// What was seen of the local peer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfferComparison {
    /// The offer that it would have made before the track was added.
    pub offer_before: String,
    /// The offer that it would make after.
    pub offer_after: String,
    /// Whether `negotiationneeded` was fired when the track was added.
    pub negotiation_needed: bool,
}

impl Lesson {
    /// Makes two peers, gives `video` to the local one, and closes both (1-1 and 1-2 of the note), earlier when `stop`
    /// is raised.
    ///
    /// # Errors
    /// [`PeerError`] when a peer cannot be made or used.
    pub async fn run(
        video: OutgoingVideo,
        config: PeerConfig,
        timeline: Timeline,
        stop: StopSignal,
    ) -> Result<Lesson, PeerError> {
        let mut pair = TwoPeers::new(config, &timeline).await?;
        let mut seen = OfferComparison::default();
        let told = tokio::select! {
            told = seen.add_track(&mut pair, &video) => told,
            () = stopped(&stop) => Ok(()),
        };
        told.and(pair.close().await)?;
        Ok(Lesson { seen, timeline })
    }

    /// The lines of the second offer that the first one has not.
    pub fn lines_of_the_track(&self) -> impl Iterator<Item = &str> {
        let before: Vec<&str> = self.seen.offer_before.lines().collect();
        // The origin line changes with every offer: it counts the versions of the session (RFC 8866 §5.2).
        self.seen
            .offer_after
            .lines()
            .filter(move |line| !line.starts_with("o=") && !before.contains(line))
    }
}

impl OfferComparison {
    /// 1-2: adds the track, and looks at the offer before and after it.
    async fn add_track(
        &mut self,
        pair: &mut TwoPeers,
        video: &OutgoingVideo,
    ) -> Result<(), PeerError> {
        self.offer_before = pair.local.create_offer().await?;
        tracing::info!(peer = "local", "1-2 addTrack()");
        pair.local.add_track(video).await?;
        // The constructor and `addTrack()` fire nothing else, so the first event is the one, or there is none.
        let first = timeout(TIMEOUT, pair.local_events.recv()).await;
        self.negotiation_needed = matches!(first, Ok(Some(PeerEvent::NegotiationNeeded)));
        self.offer_after = pair.local.create_offer().await?;
        Ok(())
    }
}

impl fmt::Display for Lesson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = self
            .seen
            .offer_before
            .lines()
            .collect::<Vec<_>>()
            .join("\n");
        let after: Vec<String> = self
            .lines_of_the_track()
            .map(|line| format!("+ {line}"))
            .collect();
        let fired = match self.seen.negotiation_needed {
            true => {
                "negotiationneeded was fired: what local wants is no longer what was negotiated"
            }
            false => "negotiationneeded was not fired",
        };
        writeln!(
            f,
            "{}",
            Section::new(
                "1-1  The offer of a peer that has nothing to send: no m= section",
                before
            )
        )?;
        let heading = "1-2  What addTrack() adds to it: one m=video section, and who it is";
        writeln!(
            f,
            "{}",
            Section::new(heading, format!("{}\n\n{fired}", after.join("\n")))
        )?;
        write!(
            f,
            "{}",
            Section::new("Timeline", &self.timeline)
                .to_string()
                .trim_end()
        )
    }
}
