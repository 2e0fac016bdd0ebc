//! The exercise of step 02: an `RTCPeerConnection`, from the constructor to `close()` (1-1 and 1-2 of the note).
//!
//! `cargo test -p step-02-peer --features exercise` tells what is missing. Compare with `peer_connection.rs` when you
//! are done.

use std::sync::Arc;

use step_01_capture::Timeline;
use webrtc::rtp_transceiver::RtpSender;

use crate::connection_builder::{builder, timers};
use crate::event_forwarder::EventForwarder;
use crate::outgoing_video::OutgoingVideo;
use crate::peer::{Peer, PeerError};
use crate::peer_config::PeerConfig;
use crate::peer_event::{EventSender, PeerEvent, PeerEvents};
use crate::webrtc_gaps::prompt_timers::Pace;

impl Peer {
    /// 1-1: make a peer, and the stream of its events (W3C webrtc-pc §4.4.1.1).
    ///
    /// 1. [`EventForwarder::new`] gives three things: the handler that webrtc calls, the sending end that `close()`
    ///    needs, and the [`PeerEvents`] that the caller reads.
    /// 2. [`builder`] knows codecs and settings. Give it the handler (`with_handler`, in an [`Arc`]) and
    ///    `config.addresses` (`with_udp_addrs`), and `build().await` it.
    /// 3. The constructor leaves a peer in the first state of each of its machines, and no event tells of it:
    ///    `record_first_states()`.
    ///
    /// # Errors
    /// `PeerError::create` makes [`PeerError::Create`] out of webrtc's reason.
    pub async fn new(
        name: &str,
        config: PeerConfig,
        timeline: &Timeline,
    ) -> Result<(Peer, PeerEvents), PeerError> {
        let _at_hand = (EventForwarder::new, builder, Peer::record_first_states);
        let _asked_for = (name, timeline, timers(&config), Arc::new(PeerError::create));
        todo!(
            "1-1 Peer::new: build a connection with its event handler; see step-02-peer/src/exercise.rs"
        )
    }

    /// 1-2: announce that this peer will send `video` (W3C webrtc-pc §5.1 `addTrack()`). Nothing is sent before the
    /// next negotiation; what changes now is the next offer.
    ///
    /// The connection's method has the same name. It wants an `Arc` of its own of `video.track()`.
    ///
    /// # Errors
    /// `self.failed("addTrack", source)` names the peer and the method.
    pub async fn add_track(&self, video: &OutgoingVideo) -> Result<Arc<dyn RtpSender>, PeerError> {
        let _at_hand = (self.connection(), video.track(), Peer::failed);
        todo!(
            "1-2 Peer::add_track: give the track to the connection; see step-02-peer/src/exercise.rs"
        )
    }

    /// End the call for this peer (W3C webrtc-pc §4.4.1.8 `close()`). Closing twice is closing once.
    ///
    /// 1. `self.timers.set_pace(Pace::Closing)`: the driver shall take leave in its own time.
    ///    Then close the connection, and keep what it returns for the end.
    /// 2. The stream of events ends: `end()` of the event sender.
    /// 3. W3C fires no event for what the application did itself, so the states go to the timeline here:
    ///    `record_last_states()`.
    ///
    /// # Errors
    /// `self.failed("close", source)`; the peer is closed all the same.
    pub async fn close(&self) -> Result<(), PeerError> {
        let _at_hand = (EventSender::end, Peer::record_last_states, Pace::Closing);
        let _parts = (&self.event_sender, &self.timers);
        todo!(
            "1-1 Peer::close: close, end the events, record the states; see step-02-peer/src/exercise.rs"
        )
    }
}

impl EventForwarder {
    /// 1-1: put a change of state on the timeline (`event.transition()` tells which machine and which state), then hand
    /// the event on: `self.events.sender()` is where to, and none once the peer is closed.
    ///
    /// Do nothing else here: the driver of the connection waits for each of its callbacks. An owner that dropped its
    /// [`PeerEvents`] wants no events any more; that is no error.
    pub(crate) async fn forward(&self, event: PeerEvent) {
        let _at_hand = (
            &self.timeline,
            &self.peer,
            self.events.sender(),
            event.transition(),
        );
        todo!(
            "1-1 EventForwarder::forward: record the state, send the event; see step-02-peer/src/exercise.rs"
        )
    }
}
