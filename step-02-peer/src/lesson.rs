//! What `cargo run -p step-02-peer` shows.

use std::time::Duration;

use step_01_capture::{MediaStream, Timeline};

use crate::outgoing_video::OutgoingVideo;
use crate::peer::{Peer, PeerError};
use crate::peer_config::PeerConfig;
use crate::peer_event::{PeerEvent, PeerEvents};
use crate::video_codec::VideoCodec;

/// The event comes within milliseconds; a machine that is busy elsewhere may take longer.
const PATIENCE: Duration = Duration::from_secs(5);

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
    /// Makes two peers, gives the local one the video of `stream`, and closes both (1-1 and 1-2 of the note).
    ///
    /// # Errors
    /// [`PeerError`] when a peer cannot be made or used.
    pub async fn run(
        stream: &MediaStream,
        config: PeerConfig,
        ssrc: u32,
        timeline: Timeline,
    ) -> Result<Lesson, PeerError> {
        let (local, mut local_events) = Peer::new("local", config.clone(), &timeline).await?;
        let (remote, _remote_events) = Peer::new("remote", config, &timeline).await?;

        let offer_before = local.create_offer().await?;
        let video = OutgoingVideo::new(stream, VideoCodec::H264, ssrc);
        local.add_track(&video).await?;
        let offer_after = local.create_offer().await?;

        let negotiation_needed = negotiation_needed(&mut local_events).await;

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
    let first = tokio::time::timeout(PATIENCE, events.recv()).await;
    matches!(first, Ok(Some(PeerEvent::NegotiationNeeded)))
}
