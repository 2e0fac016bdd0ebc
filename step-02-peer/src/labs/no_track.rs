//! `--lab no-track`: the call of `addTrack()` is missing.

use std::fmt;
use std::time::Duration;

use step_01_capture::Timeline;
use step_01_capture::program::report::Section;
use step_01_capture::program::stop_signal::StopSignal;
use tokio::time::timeout;

use crate::peer_config::PeerConfig;
use crate::peer_error::PeerError;
use crate::peer_event::{PeerEvent, PeerEvents};
use crate::peer_pair::PeerPair;
use crate::program::local_video::stopped;

/// Two peers in one machine find each other within milliseconds. What has not begun by then does not begin.
const TIMEOUT: Duration = Duration::from_millis(500);

/// A negotiation without a track.
#[derive(Default)]
pub struct NoTrack {
    /// The offer of `local`, which `setLocalDescription()` accepted.
    pub offer: String,
    /// How many candidates `local` found then.
    pub candidates: usize,
    /// Why `setRemoteDescription()` of `remote` rejected the offer; none when it accepted it.
    pub rejection: Option<String>,
    /// The states of both peers.
    pub timeline: Timeline,
}

impl NoTrack {
    /// Makes an offer without a track, and waits for events that do not come.
    ///
    /// # Errors
    /// [`PeerError`] when a peer cannot be created or used.
    pub async fn run(
        config: PeerConfig,
        timeline: Timeline,
        stop: StopSignal,
    ) -> Result<NoTrack, PeerError> {
        let mut pair = PeerPair::new(config.clone(), config, &timeline).await?;
        let mut lab = NoTrack {
            timeline,
            ..NoTrack::default()
        };
        let negotiated = tokio::select! {
            negotiated = lab.negotiate(&mut pair) => negotiated,
            () = stopped(&stop) => Ok(()),
        };
        negotiated.and(pair.close().await)?;
        Ok(lab)
    }

    async fn negotiate(&mut self, pair: &mut PeerPair) -> Result<(), PeerError> {
        let offer = pair.local.create_offer().await?;
        self.offer.clone_from(&offer.sdp);
        pair.local.set_local_description(offer.clone()).await?;
        let set = pair.remote.set_remote_description(offer).await;
        self.rejection = set.err().map(|error| error.to_string());
        // No event says that nothing will happen, so the lab waits for a while.
        let _ = timeout(TIMEOUT, self.count_candidates(&mut pair.local_events)).await;
        Ok(())
    }

    async fn count_candidates(&mut self, events: &mut PeerEvents) {
        while let Some(event) = events.recv().await {
            self.candidates += usize::from(matches!(event, PeerEvent::IceCandidate(_)));
        }
    }
}

impl fmt::Display for NoTrack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heading = "1-2 is missing: the offer of a peer without a track, no m= section";
        writeln!(f, "{}", Section::new(heading, &self.offer))?;
        let accepted = "remote.setRemoteDescription(): accepted";
        let outcome = format!(
            "{}\ncandidates that local found, for no m= section: {}",
            self.rejection.as_deref().unwrap_or(accepted),
            self.candidates
        );
        writeln!(f, "{}", Section::new("What became of it", outcome))?;
        writeln!(f, "{}", Section::new("Timeline", &self.timeline))?;
        write!(f, "{}", Section::new("Why", WHY).to_string().trim_end())
    }
}

/// What the lab teaches.
const WHY: &str = "\
Every candidate is for one m= section (RFC 9429 §3.5.2.1), and the offer of a peer without a track has none. So there is
nothing to connect: ice and connection stay new, on both sides, and no error is fired on this one. A browser accepts
such an offer and gathers nothing. webrtc 0.21 gathers candidates that nobody can use, and rejects the offer on the other
side, because the ICE credentials stand in the m= section that is missing. To avoid it: addTrack() before createOffer().";
