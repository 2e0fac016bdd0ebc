//! A peer, its video and its figures: what the server's and the client's side of a session share.

use std::time::{Duration, Instant};

use step_01_capture::Timeline;
use step_02_peer::{Peer, PeerConfig, PeerEvent, PeerEvents};
use step_03_ice::CandidatePair;
use tokio::time::timeout;
use webrtc::peer_connection::{RTCIceGatheringState, RTCPeerConnectionState};

use super::session_media::{MediaError, SessionMedia};
use super::session_report::SessionReport;
use crate::figures::call_stats::CallStats;

/// `close()` of a peer takes milliseconds; with a TURN server, a round trip.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(3);

/// A session between two programs, seen from one of them.
pub struct PeerSession {
    /// The peer of this program.
    pub peer: Peer,
    /// What happens to the peer. Pass each event to [`handle`](Self::handle).
    pub events: PeerEvents,
    /// The figures so far.
    pub stats: CallStats,
    /// How often ICE was restarted.
    pub ice_restarts: u32,
    /// The state of the connection (W3C webrtc-pc §4.3.3).
    pub connection: RTCPeerConnectionState,
    /// Whether all candidates of this peer were found.
    pub gathered: bool,
    media: Box<dyn SessionMedia>,
    timeline: Timeline,
    began: Instant,
}

impl PeerSession {
    /// Makes a peer and adds the video to it.
    ///
    /// # Errors
    /// No socket could be opened, or webrtc refused the video.
    pub async fn new(
        name: &str,
        config: PeerConfig,
        mut media: Box<dyn SessionMedia>,
    ) -> Result<Self, MediaError> {
        let (timeline, began) = (Timeline::new(), Instant::now());
        let (peer, events) = Peer::new(name, config, &timeline).await?;
        media.attach(&peer).await?;
        Ok(Self {
            peer,
            events,
            stats: CallStats::default(),
            ice_restarts: 0,
            connection: RTCPeerConnectionState::New,
            gathered: false,
            media,
            timeline,
            began,
        })
    }

    /// Whether the connection was set up, now or earlier.
    pub fn was_connected(&self) -> bool {
        self.stats.setup.is_some()
    }

    /// Passes an event to the video and records the figures that it brings.
    ///
    /// # Errors
    /// The video can be neither sent nor received.
    pub async fn handle(&mut self, event: &PeerEvent) -> Result<(), MediaError> {
        match event {
            PeerEvent::IceGatheringState(state) => {
                self.gathered = *state == RTCIceGatheringState::Complete;
            }
            PeerEvent::ConnectionState(state) => {
                self.connection = *state;
                if *state == RTCPeerConnectionState::Connected && !self.was_connected() {
                    self.record_setup().await;
                }
            }
            _ => {}
        }
        self.media.handle(event).await
    }

    async fn record_setup(&mut self) {
        let setup = self.began.elapsed();
        let milliseconds = setup.as_secs_f64() * 1e3;
        tracing::info!(peer = self.peer.name(), "Setup time: {milliseconds:.3} ms");
        self.stats.setup = Some(setup);
        let selected = CandidatePair::selected(&self.peer).await;
        self.stats.selected_pair = selected.map(|pair| pair.to_string());
    }

    /// Waits until all candidates of this peer were found, but no longer than `limit`. False if there may be more.
    pub async fn gather(&mut self, limit: Duration) -> bool {
        let gathering = async {
            while !self.gathered
                && let Some(event) = self.events.recv().await
            {
                // Before the connection is set up there is nothing to send or to receive, and so no error.
                let _ = self.handle(&event).await;
            }
        };
        let _ = timeout(limit, gathering).await;
        self.gathered
    }

    /// Stops to send or to receive, and records the last figures.
    pub async fn stop_media(&mut self) {
        self.media.stop(&mut self.stats).await;
    }

    /// Stops the video, closes the peer and returns the report.
    pub async fn end(mut self, reason: String) -> SessionReport {
        self.stop_media().await;
        let name = self.peer.name();
        match timeout(CLOSE_TIMEOUT, self.peer.close()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(peer = name, "{error}"),
            Err(_) => tracing::warn!(peer = name, "close() did not return in time"),
        }
        tracing::info!(peer = name, "session ended: {reason}");
        SessionReport::new(name, reason, self.ice_restarts, &self.stats, &self.timeline)
    }
}
