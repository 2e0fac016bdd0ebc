//! The labs at work: an offer with one mistake, and what became of it.

use std::fmt;
use std::time::Duration;

use step_01_capture::Timeline;
use step_01_capture::program::report::Section;
use step_01_capture::program::stop_signal::StopSignal;
use tokio::time::timeout;

use crate::labs::Lab;
use crate::labs::mystery::Fault;
use crate::outgoing_video::OutgoingVideo;
use crate::peer_config::PeerConfig;
use crate::peer_error::PeerError;
use crate::peer_event::{PeerEvent, PeerEvents};
use crate::peer_pair::PeerPair;
use crate::program::local_video::stopped;

/// Two peers in one machine find each other within milliseconds. What has not begun by then does not begin.
const TIMEOUT: Duration = Duration::from_millis(500);

/// A negotiation with one mistake.
pub struct LabReport {
    /// Which one; none as long as the reader is to find out.
    pub lab: Option<Lab>,
    /// The offer of `local`.
    pub offer: String,
    /// Whether `local` fired `negotiationneeded`.
    pub negotiation_needed: bool,
    /// How many candidates `local` found.
    pub candidates: usize,
    /// Why `setRemoteDescription()` of `remote` rejected the offer; none when it accepted it.
    pub rejection: Option<String>,
    /// The states of both peers.
    pub timeline: Timeline,
}

impl LabReport {
    /// Makes an offer with the mistake of `lab`, and waits for the events that come.
    ///
    /// # Errors
    /// [`PeerError`] when a peer cannot be created or used.
    pub async fn run(
        lab: Lab,
        video: OutgoingVideo,
        config: PeerConfig,
        timeline: Timeline,
        stop: StopSignal,
    ) -> Result<LabReport, PeerError> {
        let mut pair = PeerPair::new(config.clone(), config, &timeline).await?;
        let mut report = LabReport {
            lab: Some(lab),
            offer: String::new(),
            negotiation_needed: false,
            candidates: 0,
            rejection: None,
            timeline,
        };
        let negotiated = tokio::select! {
            negotiated = report.negotiate(lab, &video, &mut pair) => negotiated,
            () = stopped(&stop) => Ok(()),
        };
        negotiated.and(pair.close().await)?;
        Ok(report)
    }

    async fn negotiate(
        &mut self,
        lab: Lab,
        video: &OutgoingVideo,
        pair: &mut PeerPair,
    ) -> Result<(), PeerError> {
        if lab == Lab::NoLocalDescription {
            pair.local.add_track(video).await?;
        }
        let offer = pair.local.create_offer().await?;
        self.offer.clone_from(&offer.sdp);
        if lab == Lab::LateTrack {
            pair.local.add_track(video).await?;
        }
        if lab != Lab::NoLocalDescription {
            pair.local.set_local_description(offer.clone()).await?;
        }
        let set = pair.remote.set_remote_description(offer).await;
        self.rejection = set.err().map(|error| error.to_string());
        // No event says that nothing more will happen, so the lab waits for a while.
        let _ = timeout(TIMEOUT, self.count_events(&mut pair.local_events)).await;
        Ok(())
    }

    async fn count_events(&mut self, events: &mut PeerEvents) {
        while let Some(event) = events.recv().await {
            self.candidates += usize::from(matches!(event, PeerEvent::IceCandidate(_)));
            self.negotiation_needed |= matches!(event, PeerEvent::NegotiationNeeded);
        }
    }
}

impl fmt::Display for LabReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", Section::new("The offer", &self.offer))?;
        let outcome = format!(
            "negotiationneeded was {}fired, and the offer has {} m= section\n{}\ncandidates that local found: {}",
            if self.negotiation_needed { "" } else { "not " },
            if self.offer.contains("m=") {
                "an"
            } else {
                "no"
            },
            self.rejection
                .as_deref()
                .unwrap_or("remote.setRemoteDescription(): accepted"),
            self.candidates
        );
        writeln!(f, "{}", Section::new("What became of it", outcome))?;
        write!(f, "{}", Section::new("Timeline", &self.timeline))?;
        if let Some(lab) = self.lab {
            write!(f, "\n{}", Section::new("Why", lab.explanation()))?;
        }
        Ok(())
    }
}
