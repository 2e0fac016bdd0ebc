//! 1-1: one `RTCPeerConnection`.

use std::sync::Arc;
use std::time::Duration;

use rtc::ice::mdns::MulticastDnsMode;
use rtc::rtp_transceiver::rtp_sender::RtpCodecKind;
use step_01_capture::Timeline;
use webrtc::peer_connection::{
    MediaEngine, PeerConnection, PeerConnectionBuilder, RTCConfigurationBuilder,
    RTCIceConnectionState, RTCIceGatheringState, RTCIceTransportPolicy, RTCPeerConnectionState,
    RTCSignalingState, Registry, SettingEngine, SettingEngineBuilder,
    register_default_interceptors,
};
use webrtc::rtp_transceiver::RtpSender;
use webrtc::runtime::{Runtime, default_runtime};

use crate::outgoing_video::OutgoingVideo;
use crate::peer_config::PeerConfig;
use crate::peer_event::{
    CONNECTION, EventForwarder, EventSender, GATHERING, ICE, IceErrorReporter, PeerEvents,
    SIGNALING,
};
use crate::prompt_timers::{Pace, PromptTimers};

/// One end of a call: webrtc's `RTCPeerConnection` with a name, and with its state machines on a [`Timeline`].
#[derive(Clone)]
pub struct Peer {
    name: String,
    timeline: Timeline,
    connection: Arc<dyn PeerConnection>,
    event_sender: EventSender,
    timers: PromptTimers,
}

/// Why a peer could not be made or used.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// `new RTCPeerConnection()` failed.
    #[error(
        "{peer}: no peer connection on {addresses}: {source}: is that an address of this machine?"
    )]
    Create {
        /// The peer's name.
        peer: String,
        /// The addresses that were asked for.
        addresses: String,
        /// webrtc's reason.
        source: webrtc::error::Error,
    },
    /// A method of `RTCPeerConnection` failed.
    #[error("{peer}.{method}(): {source}")]
    Call {
        /// The peer's name.
        peer: String,
        /// The method, as W3C spells it.
        method: &'static str,
        /// webrtc's reason.
        source: webrtc::error::Error,
    },
}

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
        let runtime = config.runtime.clone().unwrap_or_else(tokio_runtime);
        let timers = PromptTimers::new(runtime, !config.ice_servers.is_empty());
        let (forwarder, event_sender, events) = EventForwarder::new(name, timeline, timers.clone());
        let runtime = match &config.runtime {
            Some(runtime) if !config.prompt => runtime.clone(),
            _ => Arc::new(timers.clone()),
        };
        let addresses: Vec<String> = config.addresses.iter().map(ToString::to_string).collect();
        let create = |source| PeerError::Create {
            peer: name.to_owned(),
            addresses: addresses.join(", "),
            source,
        };
        let (media_engine, interceptors) = media(&config).map_err(create)?;
        let connection = PeerConnectionBuilder::new()
            .with_configuration(
                RTCConfigurationBuilder::new()
                    .with_ice_servers(config.ice_servers.clone())
                    .with_ice_transport_policy(config.ice_transport_policy)
                    .build(),
            )
            .with_media_engine(media_engine)
            .with_interceptor_registry(interceptors)
            .with_setting_engine(settings(&config))
            .with_runtime(runtime)
            .with_handler(Arc::new(forwarder))
            .with_udp_addrs(config.addresses)
            .build()
            .await
            .map_err(create)?;
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

    /// The states in which the constructor leaves a peer (W3C webrtc-pc §4.4.1.1); no event tells of them.
    fn record_first_states(&self) {
        self.timeline
            .record(&self.name, SIGNALING, RTCSignalingState::Stable);
        self.timeline
            .record(&self.name, GATHERING, RTCIceGatheringState::New);
        self.timeline
            .record(&self.name, ICE, RTCIceConnectionState::New);
        self.timeline
            .record(&self.name, CONNECTION, RTCPeerConnectionState::New);
    }

    /// `local` or `remote`: the name in the trace (the codelab's `getPeerName()`).
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the state machines of this peer are recorded.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// W3C's methods.
    pub fn connection(&self) -> &Arc<dyn PeerConnection> {
        &self.connection
    }

    /// Fires `icecandidateerror` on this peer.
    pub fn ice_error_reporter(&self) -> IceErrorReporter {
        IceErrorReporter::new(&self.name, self.event_sender.clone())
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

    /// The offer that this peer would make now (W3C webrtc-pc §4.4.1.6 `createOffer()`). Making it changes no state.
    ///
    /// # Errors
    /// [`PeerError::Call`] when the peer is closed.
    pub async fn create_offer(&self) -> Result<String, PeerError> {
        let offer = self.connection.create_offer(None).await;
        offer
            .map(|offer| offer.sdp)
            .map_err(|source| self.failed("createOffer", source))
    }

    /// Ends the call for this peer (W3C webrtc-pc §4.4.1.8 `close()`). Closing twice is closing once.
    ///
    /// # Errors
    /// [`PeerError::Call`] when the sockets could not be closed in order; they are gone all the same.
    pub async fn close(&self) -> Result<(), PeerError> {
        self.timers.set_pace(Pace::Closing);
        let closed = self.connection.close().await;
        self.event_sender.end();
        // W3C fires no event for what the application itself did.
        self.timeline
            .record(&self.name, SIGNALING, RTCSignalingState::Closed);
        self.timeline
            .record(&self.name, ICE, RTCIceConnectionState::Closed);
        self.timeline
            .record(&self.name, CONNECTION, RTCPeerConnectionState::Closed);
        closed.map_err(|source| self.failed("close", source))
    }

    /// Names the peer and the method in an error of webrtc's.
    pub fn failed(&self, method: &'static str, source: webrtc::error::Error) -> PeerError {
        PeerError::Call {
            peer: self.name.clone(),
            method,
            source,
        }
    }
}

/// webrtc's runtime on tokio.
pub fn tokio_runtime() -> Arc<dyn Runtime> {
    default_runtime().expect("webrtc is built with its feature runtime-tokio, so there is one")
}

fn media(config: &PeerConfig) -> Result<(MediaEngine, Registry), webrtc::error::Error> {
    let mut media_engine = MediaEngine::default();
    for codec in &config.video_codecs {
        media_engine.register_codec(codec.parameters(), RtpCodecKind::Video)?;
    }
    let interceptors = register_default_interceptors(Registry::new(), &mut media_engine)?;
    Ok((media_engine, interceptors))
}

fn settings(config: &PeerConfig) -> SettingEngine {
    let mut settings = SettingEngineBuilder::new()
        // Hiding addresses behind `.local` names needs multicast, which a machine without a network has not.
        .with_multicast_dns_mode(MulticastDnsMode::Disabled)
        // The crate holds a pair through a NAT back for 0.5 s to 1 s, in the hope of a better one. Both lead straight
        // to the other peer: nothing is gained by waiting (RFC 8445 §8.1.1 leaves it to the agent).
        .with_srflx_acceptance_min_wait(Some(Duration::ZERO))
        .with_prflx_acceptance_min_wait(Some(Duration::ZERO))
        .with_relay_acceptance_min_wait(Some(relay_wait(config)))
        .with_ice_connection_attempts(Some(CHECK_INTERVAL), Some(CHECKS));
    if let Some(timeouts) = config.ice_timeouts {
        settings = settings.with_ice_timeouts(
            Some(timeouts.disconnected),
            Some(timeouts.failed),
            Some(timeouts.keep_alive),
        );
    }
    if let Some(identity) = &config.identity {
        settings =
            settings.with_ice_credentials(identity.ice_ufrag.clone(), identity.ice_pwd.clone());
    }
    settings.build()
}

/// The pace of checks that RFC 8445 §14.2 recommends. A check that comes before the other side has opened its NAT or
/// its relay is lost; with the crate's 200 ms, that loss alone is longer than a call takes to set up.
const CHECK_INTERVAL: Duration = Duration::from_millis(50);
/// Checks of one pair before it is given up: for 2 s, so that the other side may be slow.
const CHECKS: u16 = 40;

/// A relay answers at once, while a NAT must first be opened from both sides. webrtc 0.21 keeps the pair that it
/// nominates first, so the relay waits for a few checks more; where it is the only way, it does not.
fn relay_wait(config: &PeerConfig) -> Duration {
    match config.ice_transport_policy {
        RTCIceTransportPolicy::Relay => Duration::ZERO,
        _ => Duration::from_millis(500),
    }
}
