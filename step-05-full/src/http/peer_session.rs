//! A peer, its video and its figures: what the server's and the client's side of a session share.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rtc::peer_connection::transport::RTCDtlsTransportState;
use step_01_capture::{EventKind, Timeline};
use step_02_peer::{IceTimeouts, Peer, PeerConfig, PeerEvent, PeerEvents};
use step_03_ice::{CandidatePair, new_observed_peer};
use tokio::time::timeout;
use webrtc::peer_connection::transport::DtlsTransport;
use webrtc::peer_connection::{
    RTCIceConnectionState, RTCIceGatheringState, RTCPeerConnectionState,
};

use super::host_candidates::order_candidates;
use super::session_media::{SessionError, SessionMedia};
use super::session_report::SessionReport;
use crate::figures::call_stats::CallStats;

/// How long ICE waits for answers: as webrtc does, but it checks the pair four times as often (2 s). After an outage the
/// connection recovers with the next check.
const ICE_TIMEOUTS: IceTimeouts = IceTimeouts {
    disconnected: Duration::from_secs(5),
    failed: Duration::from_secs(25),
    keep_alive: Duration::from_millis(500),
};

/// How often a session checks [`PeerSession::is_closed_by_peer`] and [`PeerSession::check_media`].
pub(super) const CLOSE_CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// `close()` of a peer takes milliseconds; with a TURN server, a round trip.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(3);

/// A session between two programs, seen from one of them.
pub(super) struct PeerSession {
    /// The peer of this program.
    pub(super) peer: Peer,
    /// What happens to the peer. Pass each event to [`handle`](Self::handle).
    pub(super) events: PeerEvents,
    /// The figures so far.
    pub(super) stats: CallStats,
    /// How often ICE was restarted.
    pub(super) ice_restarts: u32,
    /// The state of the connection (W3C webrtc-pc §4.3.3).
    pub(super) connection: RTCPeerConnectionState,
    /// Whether ICE has found a pair, now or earlier. Before the DTLS handshake has ended, the connection is not set up.
    pub(super) was_reached: bool,
    /// Whether all candidates of this peer were found.
    pub(super) gathered: bool,
    media: Box<dyn SessionMedia>,
    timeline: Timeline,
    began: Instant,
}

impl PeerSession {
    /// Makes a peer and adds the video to it.
    pub(super) async fn new(
        name: &str,
        mut config: PeerConfig,
        mut media: Box<dyn SessionMedia>,
    ) -> Result<Self, SessionError> {
        let (timeline, began) = (Timeline::new(), Instant::now());
        config.ice_timeouts.get_or_insert(ICE_TIMEOUTS);
        config.bandwidth = media.bandwidth();
        let (peer, events, _) = new_observed_peer(name, config, &timeline).await?;
        media.attach(&peer).await?;
        Ok(Self {
            peer,
            events,
            stats: CallStats::default(),
            ice_restarts: 0,
            connection: RTCPeerConnectionState::New,
            was_reached: false,
            gathered: false,
            media,
            timeline,
            began,
        })
    }

    /// Records a message of signaling that was sent or received, for the report.
    pub(super) fn record_message(&self, kind: EventKind, name: &'static str, text: &str) {
        let log = self.timeline.call_log();
        log.message(self.peer.name(), kind, name, text);
    }

    /// Whether the connection was set up, now or earlier.
    pub(super) fn was_connected(&self) -> bool {
        self.stats.setup.is_some()
    }

    /// Passes an event to the video and records the figures that it brings. An error ends the session.
    pub(super) async fn handle(&mut self, event: &PeerEvent) -> Result<(), SessionError> {
        match event {
            PeerEvent::IceGatheringState(state) => {
                self.gathered = *state == RTCIceGatheringState::Complete;
            }
            PeerEvent::IceConnectionState(RTCIceConnectionState::Connected) => {
                self.was_reached = true;
            }
            PeerEvent::ConnectionState(state) => {
                self.connection = *state;
                if *state == RTCPeerConnectionState::Connected && !self.was_connected() {
                    self.record_setup();
                }
            }
            _ => {}
        }
        if matches!(event, PeerEvent::ConnectionState(_) | PeerEvent::Track(_))
            && let Some(transport) = self.transport().await
            && let Some(pair) = CandidatePair::on(transport.as_ref()).await
        {
            self.stats.selected_pair = Some(pair.to_string());
        }
        self.media.handle(event).await
    }

    fn record_setup(&mut self) {
        let setup = self.began.elapsed();
        let milliseconds = setup.as_secs_f64() * 1e3;
        tracing::info!(peer = self.peer.name(), "Setup time: {milliseconds:.3} ms");
        self.stats.setup = Some(setup);
    }

    /// The transport of everything in this session (BUNDLE, RFC 9143 §7). webrtc 0.21 gives a peer that only receives none
    /// before the first packet.
    async fn transport(&self) -> Option<Arc<dyn DtlsTransport>> {
        for transceiver in self.peer.connection().get_transceivers().await {
            if let Ok(Some(sender)) = transceiver.sender().await {
                return sender.transport().await.ok()?;
            }
            if let Ok(Some(receiver)) = transceiver.receiver().await {
                return receiver.transport().await.ok()?;
            }
        }
        None
    }

    /// Waits until all candidates of this peer were found, but no longer than `limit`. False if there may be more.
    pub(super) async fn gather(&mut self, limit: Duration) -> bool {
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

    /// Fails when the video cannot go on.
    pub(super) fn check_media(&self) -> Result<(), SessionError> {
        self.media.failure().map_or(Ok(()), Err)
    }

    /// Whether the other peer has closed the DTLS connection (RFC 9725 §4.2). webrtc 0.21 has no event for it.
    pub(super) async fn is_closed_by_peer(&self) -> bool {
        match self.transport().await {
            Some(transport) => transport.state().await == Ok(RTCDtlsTransportState::Closed),
            None => false,
        }
    }

    /// The local description with the candidates found so far, in their order. The address `first` comes first.
    pub(super) async fn local_description(&self, first: Option<IpAddr>) -> String {
        let description = self.peer.connection().local_description().await;
        let sdp = description.map(|description| description.sdp);
        order_candidates(&sdp.unwrap_or_default(), first)
    }

    /// Stops to send or to receive, and records the last figures.
    pub(super) async fn stop_media(&mut self) {
        self.media.stop(&mut self.stats).await;
    }

    /// Stops the video, closes the peer and returns the report.
    pub(super) async fn end(mut self, reason: String) -> SessionReport {
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
