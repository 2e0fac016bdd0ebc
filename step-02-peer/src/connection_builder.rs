//! How webrtc's connection is configured for every peer: what a browser decides by itself.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rtc::ice::mdns::MulticastDnsMode;
use rtc::interceptor::{NackResponderBuilder, Slot};
use rtc::peer_connection::configuration::interceptor_registry::{
    configure_rtcp_reports, configure_simulcast_extension_headers, configure_twcc_receiver_only,
};
use rtc::rtp_transceiver::rtp_sender::RtpCodecKind;
use webrtc::peer_connection::{
    MediaEngine, PeerConnectionBuilder, RTCConfigurationBuilder, RTCIceTransportPolicy, Registry,
    SettingEngine, SettingEngineBuilder,
};
use webrtc::runtime::{Runtime, default_runtime};

use crate::peer_config::PeerConfig;
use crate::webrtc_gaps::audio_codec::opus;
use crate::webrtc_gaps::key_frame_requests::KeyFrameRequests;
use crate::webrtc_gaps::media_tap::TappedMedia;
use crate::webrtc_gaps::prompt_timers::PromptTimers;
use crate::webrtc_gaps::receiving_socket::ReceivingSockets;
use crate::webrtc_gaps::repeated_handshake::RepeatedHandshake;
use crate::webrtc_gaps::retransmission_limit::RetransmissionLimit;
use crate::webrtc_gaps::runtime_layer::RuntimeLayer;

/// The interval between checks that RFC 8445 §14.2 recommends. A check that arrives before the other side has opened its
/// NAT or its relay is lost; with webrtc's 200 ms, that loss alone takes longer than the set-up of a call.
const CHECK_INTERVAL: Duration = Duration::from_millis(50);
/// Checks of one pair before it fails: for 2 s, so that the other side may be slow.
const CHECKS: u16 = 40;

/// So far behind the newest packet one may be that is sent again. webrtc takes 64, the least that RFC 3711 §3.3.2 allows:
/// at 150 packets a second those of 0.4 s, and what comes later is dropped as a duplicate.
const SRTP_WINDOW: usize = 1024;

/// The timers of a new connection.
pub(crate) fn timers(config: &PeerConfig) -> PromptTimers {
    let runtime = config.runtime.clone().unwrap_or_else(tokio_runtime);
    PromptTimers::new(runtime, !config.ice_servers.is_empty())
}

/// A builder with codecs, interceptors, ICE settings and clock. It still needs a handler and the addresses.
///
/// # Errors
/// webrtc's, when a codec is registered twice.
pub(crate) fn builder(
    config: &PeerConfig,
    timers: PromptTimers,
) -> Result<PeerConnectionBuilder<SocketAddr>, webrtc::error::Error> {
    // A virtual clock must not be asked for a hundred short sleeps.
    let runtime = match &config.runtime {
        Some(runtime) if !config.prompt => runtime.clone(),
        _ => {
            let handshakes = RepeatedHandshake::new(timers.into_runtime());
            ReceivingSockets::new(handshakes.into_runtime()).into_runtime()
        }
    };
    let (media_engine, interceptors) = media(config)?;
    let configuration = RTCConfigurationBuilder::new()
        .with_ice_servers(config.ice_servers.clone())
        .with_ice_transport_policy(config.ice_transport_policy)
        .build();
    Ok(PeerConnectionBuilder::new()
        .with_configuration(configuration)
        .with_media_engine(media_engine)
        .with_interceptor_registry(interceptors)
        .with_setting_engine(settings(config))
        .with_runtime(runtime))
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
    media_engine.register_codec(opus(), RtpCodecKind::Audio)?;
    // The defaults of webrtc without its NACK generator: whoever puts the frames together knows which packets are missing,
    // how far away the sender is, and when it is too late to ask.
    configure_simulcast_extension_headers(&mut media_engine)?;
    let interceptors = configure_twcc_receiver_only(Registry::new(), &mut media_engine)?;
    let interceptors = configure_rtcp_reports(interceptors)
        .with(Slot::NackResponder, NackResponderBuilder::new().build())
        .with(KeyFrameRequests::SLOT, KeyFrameRequests::default());
    let interceptors = match &config.media_tap {
        Some(tap) => interceptors.with(TappedMedia::SLOT, TappedMedia::new(Arc::clone(tap))),
        None => interceptors,
    };
    let interceptors = match &config.bandwidth {
        Some(bandwidth) => bandwidth.register(interceptors).with(
            RetransmissionLimit::SLOT,
            RetransmissionLimit::new(bandwidth.clone()),
        ),
        None => interceptors,
    };
    Ok((media_engine, interceptors))
}

fn settings(config: &PeerConfig) -> SettingEngine {
    let mut settings = SettingEngineBuilder::new()
        // Hiding addresses behind `.local` names needs multicast, which a machine without a network does not have.
        .with_multicast_dns_mode(MulticastDnsMode::Disabled)
        // webrtc waits 0.5 s to 1 s for a better pair before it nominates one through a NAT. Both are direct, so nothing
        // is gained by waiting (RFC 8445 §8.1.1 leaves the choice to the agent).
        .with_srflx_acceptance_min_wait(Some(Duration::ZERO))
        .with_prflx_acceptance_min_wait(Some(Duration::ZERO))
        .with_relay_acceptance_min_wait(Some(relay_wait(config)))
        .with_ice_connection_attempts(Some(CHECK_INTERVAL), Some(CHECKS))
        .with_srtp_replay_protection_window(SRTP_WINDOW);
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

/// A relay answers at once, while a NAT must first be opened from both sides. webrtc 0.21 keeps the pair that it
/// nominates first, so a relayed pair waits for a few more checks, unless only relayed pairs are allowed.
fn relay_wait(config: &PeerConfig) -> Duration {
    match config.ice_transport_policy {
        RTCIceTransportPolicy::Relay => Duration::ZERO,
        _ => Duration::from_millis(500),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    /// The file to open when a test of this file fails.
    const LOOK: &str = "see step-02-peer/src/connection_builder.rs";

    #[test]
    fn a_relayed_pair_waits_for_direct_ones_unless_only_relayed_pairs_are_allowed() {
        let mut config = PeerConfig::loopback();
        assert_eq!(
            relay_wait(&config),
            Duration::from_millis(500),
            "a direct pair is better; {LOOK}"
        );
        config.ice_transport_policy = RTCIceTransportPolicy::Relay;
        assert_eq!(
            relay_wait(&config),
            Duration::ZERO,
            "iceTransportPolicy relay allows no direct pair (W3C webrtc-pc §4.2.3); {LOOK}"
        );
    }

    #[tokio::test]
    async fn the_timers_of_a_peer_with_servers_expect_a_relay() {
        let mut config = PeerConfig::loopback();
        for may_relay in [false, true] {
            if may_relay {
                config.ice_servers = vec![Default::default()];
            }
            let timers = timers(&config);
            // A packet interrupted this sleep. With a relay, the driver polls once more instead of sleeping.
            drop(timers.sleep(Duration::from_secs(30)));
            let next = pin!(timers.sleep(Duration::from_secs(30)))
                .poll(&mut Context::from_waker(Waker::noop()));
            assert_eq!(next == Poll::Ready(()), may_relay, "{LOOK}");
        }
    }
}
