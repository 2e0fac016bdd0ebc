//! Step 02 in plain `webrtc`: two peers, and what a track adds to an offer.
//! `cargo run -p step-02-peer --example plain`

use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use rtc::ice::mdns::MulticastDnsMode;
use rtc::rtp_transceiver::rtp_sender::*;
use tokio::sync::mpsc::{Sender, channel};
use webrtc::media_stream::MediaStreamTrack;
use webrtc::media_stream::track_local::static_sample::TrackLocalStaticSample;
use webrtc::peer_connection::*;

// tests/plain.rs calls it too.
#[tokio::main]
pub(crate) async fn main() -> Result<()> {
    let (to_main, mut events) = channel(16);
    let local = new_peer("local", to_main.clone()).await?;
    let remote = new_peer("remote", to_main).await?;
    let offer = local.create_offer(None).await?;
    println!("offer without a track:\n{}", offer.sdp);

    println!("1-2  local.addTrack()");
    local.add_track(video_track()?).await?;
    // webrtc 0.21 fires events when its driver wakes up. A track does not wake it; this call does.
    let configuration = local.get_configuration().await;
    local.set_configuration(configuration).await?;
    events.recv().await;
    let offer = local.create_offer(None).await?;
    println!("offer with the track:\n{}", offer.sdp);

    println!("     local.close(), remote.close()");
    local.close().await?;
    remote.close().await?;
    Ok(())
}

/// 1-1: a peer with a socket on loopback, which speaks H.264.
async fn new_peer(name: &'static str, events: Sender<()>) -> Result<impl PeerConnection> {
    println!("1-1  {name} = new RTCPeerConnection()");
    let mut media_engine = MediaEngine::default();
    media_engine.register_codec(h264(), RtpCodecKind::Video)?;
    // mDNS needs multicast, which a machine with nothing but a loopback interface does not have.
    let settings = SettingEngineBuilder::new().with_multicast_dns_mode(MulticastDnsMode::Disabled);
    let peer = PeerConnectionBuilder::new()
        .with_media_engine(media_engine)
        .with_setting_engine(settings.build())
        .with_handler(Arc::new(Handler { name, events }))
        .with_udp_addrs(vec!["127.0.0.1:0"]);
    Ok(peer.build().await?)
}

/// The event handlers of a peer. The peer does nothing else until a handler has returned.
struct Handler {
    name: &'static str,
    events: Sender<()>,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_negotiation_needed(&self) {
        println!("     {} negotiationneeded", self.name);
        let _ = self.events.send(()).await;
    }
}

/// 1-2: a track with its names, its codec, and the SSRC that its packets will carry.
fn video_track() -> Result<Arc<TrackLocalStaticSample>> {
    let mut encoding = RTCRtpEncodingParameters {
        codec: h264().rtp_codec,
        ..Default::default()
    };
    encoding.rtp_coding_parameters.ssrc = Some(rand::random());
    let [stream, track, label] = ["stream0", "video0", "test pattern"].map(str::to_owned);
    let track = MediaStreamTrack::new(stream, track, label, RtpCodecKind::Video, vec![encoding]);
    let track = TrackLocalStaticSample::new(Instant::now(), track)?;
    Ok(Arc::new(track))
}

/// H.264 as every browser has it (RFC 7742 §6.2).
fn h264() -> RTCRtpCodecParameters {
    RTCRtpCodecParameters {
        rtp_codec: RTCRtpCodec {
            mime_type: "video/H264".to_owned(),
            clock_rate: 90_000,
            sdp_fmtp_line: "packetization-mode=1;profile-level-id=42e01f".to_owned(),
            ..Default::default()
        },
        payload_type: 102,
    }
}
