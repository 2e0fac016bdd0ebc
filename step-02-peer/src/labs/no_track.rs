//! `--lab no-track`: the line `addTrack()` is missing.

use std::fmt;
use std::time::Duration;

use step_01_capture::Timeline;
use step_01_capture::program::report::Section;
use step_01_capture::program::stop_signal::StopSignal;
use tokio::time::timeout;

use crate::peer::PeerError;
use crate::peer_config::PeerConfig;
use crate::peer_event::{PeerEvent, PeerEvents};
use crate::program::local_video::stopped;
use crate::two_peers::TwoPeers;

/// Two peers in one machine find each other within milliseconds. What has not begun by then does not begin.
const TIMEOUT: Duration = Duration::from_millis(500);

/// A negotiation that has nothing to negotiate.
pub struct NoTrack {
    /// The offer of `local`, which `setLocalDescription()` accepted.
    pub offer: String,
    /// How many candidates `local` found then.
    pub candidates: usize,
    /// What `setRemoteDescription()` of `remote` said to the offer; none when it accepted it.
    pub refusal: Option<String>,
    /// The states of both peers.
    pub timeline: Timeline,
}

impl NoTrack {
    /// Offers without a track, and waits for what does not come.
    ///
    /// # Errors
    /// [`PeerError`] when a peer cannot be made or used.
    pub async fn run(
        config: PeerConfig,
        timeline: Timeline,
        stop: StopSignal,
    ) -> Result<NoTrack, PeerError> {
        let mut pair = TwoPeers::new(config, &timeline).await?;
        let mut lab = NoTrack {
            offer: String::new(),
            candidates: 0,
            refusal: None,
            timeline,
        };
        let told = tokio::select! {
            told = lab.negotiate(&mut pair) => told,
            () = stopped(&stop) => Ok(()),
        };
        told.and(pair.close().await)?;
        Ok(lab)
    }

    async fn negotiate(&mut self, pair: &mut TwoPeers) -> Result<(), PeerError> {
        let (local, remote) = (&pair.local, &pair.remote);
        let offer = local.connection().create_offer(None).await;
        let offer = offer.map_err(|source| local.failed("createOffer", source))?;
        self.offer.clone_from(&offer.sdp);
        let set = local.connection().set_local_description(offer.clone());
        set.await
            .map_err(|source| local.failed("setLocalDescription", source))?;
        let set = remote.connection().set_remote_description(offer).await;
        self.refusal = set
            .err()
            .map(|source| remote.failed("setRemoteDescription", source).to_string());
        let count = self.count_candidates(&mut pair.local_events);
        // There is no event for what does not happen: only patience tells it.
        let _ = timeout(TIMEOUT, count).await;
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
        let offer = self.offer.lines().collect::<Vec<_>>().join("\n");
        let heading = "1-2 is missing: the offer of a peer without a track, no m= section";
        writeln!(f, "{}", Section::new(heading, offer))?;
        let said = self
            .refusal
            .as_deref()
            .unwrap_or("remote.setRemoteDescription(): accepted");
        let seen = format!(
            "{said}\ncandidates that local found, for no m= section: {}",
            self.candidates
        );
        writeln!(f, "{}", Section::new("What became of it", seen))?;
        writeln!(f, "{}", Section::new("Timeline", &self.timeline))?;
        write!(f, "{}", Section::new("Why", WHY).to_string().trim_end())
    }
}

/// What the lab teaches.
const WHY: &str = "\
Every candidate is for one m= section (RFC 9429 §3.5.2.1), and the offer of a peer without a track has none. So there is
nothing to connect: ice and connection stay new, on both sides, and nobody is told of an error on this one. A browser
accepts such an offer without a word and gathers nothing; webrtc 0.21 gathers in vain and misses the ICE credentials
that stand in an m= section. The way out: addTrack() before createOffer().";
