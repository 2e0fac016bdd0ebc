//! What `cargo run -p step-02-peer` shows.

use std::fmt;
use std::time::Duration;

use step_01_capture::Timeline;
use step_01_capture::report::Section;
use tokio::time::timeout;

use crate::outgoing_video::OutgoingVideo;
use crate::peer::{Peer, PeerError};
use crate::peer_config::PeerConfig;
use crate::peer_event::{PeerEvent, PeerEvents};

/// `negotiationneeded` comes within milliseconds; a machine that is busy elsewhere may take longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a track changes in a peer that has none.
pub struct Lesson {
    /// The offer that `local` would have made before the track was added.
    pub offer_before: String,
    /// The offer that it would make after.
    pub offer_after: String,
    /// Whether `negotiationneeded` was fired when the track was added.
    pub negotiation_needed: bool,
    /// The states of both peers, from the constructor to `close()`.
    pub timeline: Timeline,
}

impl Lesson {
    /// Makes two peers, gives `video` to the local one, and closes both (1-1 and 1-2 of the note).
    ///
    /// # Errors
    /// [`PeerError`] when a peer cannot be made or used.
    pub async fn run(
        video: OutgoingVideo,
        config: PeerConfig,
        timeline: Timeline,
    ) -> Result<Lesson, PeerError> {
        tracing::info!(peer = "local", "1-1 new RTCPeerConnection()");
        let (local, mut local_events) = Peer::new("local", config.clone(), &timeline).await?;
        tracing::info!(peer = "remote", "1-1 new RTCPeerConnection()");
        let (remote, _remote_events) = Peer::new("remote", config, &timeline).await?;

        let offer_before = local.create_offer().await?;
        tracing::info!(peer = "local", "1-2 addTrack()");
        local.add_track(&video).await?;
        let negotiation_needed = negotiation_needed(&mut local_events).await;
        let offer_after = local.create_offer().await?;

        local.close().await?;
        remote.close().await?;
        Ok(Lesson {
            offer_before,
            offer_after,
            negotiation_needed,
            timeline,
        })
    }

    /// The lines of the second offer that the first one has not.
    pub fn lines_of_the_track(&self) -> impl Iterator<Item = &str> {
        let before: Vec<&str> = self.offer_before.lines().collect();
        // The origin line changes with every offer: it counts the versions of the session (RFC 8866 §5.2).
        self.offer_after
            .lines()
            .filter(move |line| !line.starts_with("o=") && !before.contains(line))
    }
}

/// The constructor and `addTrack()` fire nothing else, so the first event is the one, or there is none.
async fn negotiation_needed(events: &mut PeerEvents) -> bool {
    let first = timeout(PATIENCE, events.recv()).await;
    matches!(first, Ok(Some(PeerEvent::NegotiationNeeded)))
}

impl fmt::Display for Lesson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = self.offer_before.lines().collect::<Vec<_>>().join("\n");
        let after: Vec<String> = self
            .lines_of_the_track()
            .map(|line| format!("+ {line}"))
            .collect();
        let fired = match self.negotiation_needed {
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
