//! 1-1, 1-2: what an application does with an `RTCPeerConnection`: make it, give it a track, hear its events, close it.

use std::sync::Arc;

use step_01_capture::Timeline;
use webrtc::rtp_transceiver::RtpSender;

use crate::connection_builder::{builder, timers};
use crate::event_forwarder::EventForwarder;
use crate::outgoing_video::OutgoingVideo;
use crate::peer::{Peer, PeerError};
use crate::peer_config::PeerConfig;
use crate::peer_event::{PeerEvent, PeerEvents};
use crate::webrtc_gaps::prompt_timers::Pace;

impl Peer {
    /// Makes a peer, and the stream of its events (1-1 of the note, W3C webrtc-pc §4.4.1.1).
    ///
    /// # Errors
    /// [`PeerError::Create`] when no socket can be opened or the configuration is not usable.
    pub async fn new(
        name: &str,
        config: PeerConfig,
        timeline: &Timeline,
    ) -> Result<(Peer, PeerEvents), PeerError> {
        let timers = timers(&config);
        let (forwarder, event_sender, events) = EventForwarder::new(name, timeline, timers.clone());
        let refused = |source| PeerError::create(name, &config.addresses, source);
        let connection = builder(&config, timers.clone())
            .map_err(refused)?
            .with_handler(Arc::new(forwarder))
            .with_udp_addrs(config.addresses.clone())
            .build()
            .await
            .map_err(refused)?;
        let peer = Peer {
            name: name.to_owned(),
            timeline: timeline.clone(),
            connection: Arc::new(connection),
            event_sender,
            timers,
        };
        peer.record_first_states();
        Ok((peer, events))
    }

    /// Announces that this peer will send `video` (1-2 of the note, W3C webrtc-pc §5.1 `addTrack()`). Nothing is sent
    /// before the next negotiation.
    ///
    /// # Errors
    /// [`PeerError::Call`] when the peer is closed.
    pub async fn add_track(&self, video: &OutgoingVideo) -> Result<Arc<dyn RtpSender>, PeerError> {
        let sender = self.connection.add_track(video.track().clone()).await;
        sender.map_err(|source| self.failed("addTrack", source))
    }

    /// Ends the call for this peer (W3C webrtc-pc §4.4.1.8 `close()`). Closing twice is closing once.
    ///
    /// # Errors
    /// [`PeerError::Call`] when the sockets could not be closed in order; they are gone all the same.
    pub async fn close(&self) -> Result<(), PeerError> {
        self.timers.set_pace(Pace::Closing);
        let closed = self.connection.close().await;
        self.event_sender.end();
        self.record_last_states();
        closed.map_err(|source| self.failed("close", source))
    }
}

impl EventForwarder {
    /// Puts a change of state on the timeline, and hands the event on to whoever reads [`PeerEvents`].
    ///
    /// Nothing else: the driver of the connection waits for each of its callbacks.
    pub(crate) async fn forward(&self, event: PeerEvent) {
        if let Some((machine, state)) = event.transition() {
            self.timeline.record(&self.peer, machine, state);
        }
        if let Some(events) = self.events.sender() {
            // An owner that dropped its receiver has no interest in events any more; the peer lives on.
            let _ = events.send(event).await;
        }
    }
}
