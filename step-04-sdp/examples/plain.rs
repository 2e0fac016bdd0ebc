//! Step 04 in plain `webrtc`: offer and answer, call by call.
//! `cargo run -p step-04-sdp --example plain`

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, bail};
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

    println!("1-2  local.addTrack()");
    let sender = local.add_track(video_track()?).await?;

    println!("2-1  local.createOffer()");
    let offer = local.create_offer(None).await?;
    println!("{}", offer.sdp);
    println!("2-2  local.setLocalDescription(offer)");
    local.set_local_description(offer.clone()).await?;
    println!("2-3  remote.setRemoteDescription(offer)");
    remote.set_remote_description(offer).await?;
    println!("2-4  remote.createAnswer()");
    let answer = remote.create_answer(None).await?;
    println!("{}", answer.sdp);
    println!("2-4  remote.setLocalDescription(answer)");
    remote.set_local_description(answer.clone()).await?;
    println!("2-5  local.setRemoteDescription(answer)");
    local.set_remote_description(answer).await?;

    // Not in the handlers: they are called before there is a description to add a candidate to.
    let mut connected = 0;
    while connected < 2 {
        match events.recv().await.context("both peers are closed")? {
            Event::IceCandidate("local", candidate) => {
                println!("1-5  remote.addIceCandidate()");
                remote.add_ice_candidate(candidate).await?;
            }
            Event::IceCandidate(_, candidate) => {
                println!("1-5  local.addIceCandidate()");
                local.add_ice_candidate(candidate).await?;
            }
            Event::ConnectionState(RTCPeerConnectionState::Connected) => connected += 1,
            Event::ConnectionState(RTCPeerConnectionState::Failed) => bail!("no pair works"),
            _ => {}
        }
    }
    if let Some(dtls) = sender.transport().await? {
        let pair = dtls.ice_transport().get_selected_candidate_pair().await?;
        println!("     selected: {}", pair.context("no pair is selected")?);
    }

    println!("     local.close(), remote.close()");
    local.close().await?;
    remote.close().await?;
    Ok(())
}

/// 1-1: a peer with a socket on loopback, which speaks H.264.
async fn new_peer(name: &'static str, events: Sender<Event>) -> Result<impl PeerConnection> {
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

/// What `main()` waits for. The channel that carries them is the signaling of this program.
enum Event {
    IceCandidate(&'static str, RTCIceCandidateInit),
    ConnectionState(RTCPeerConnectionState),
}

/// The event handlers of a peer. The peer does nothing else until a handler has returned.
struct Handler {
    name: &'static str,
    events: Sender<Event>,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_negotiation_needed(&self) {
        // A browser fires it with 1-2, webrtc 0.21 when 2-2 wakes its driver.
        println!("     {} negotiationneeded", self.name);
    }
    async fn on_signaling_state_change(&self, state: RTCSignalingState) {
        println!("     {} signalingstatechange: {state}", self.name);
    }
    async fn on_ice_candidate(&self, event: RTCPeerConnectionIceEvent) {
        println!("1-3  {} icecandidate: {}", self.name, event.candidate);
        if let Ok(candidate) = event.candidate.to_json() {
            println!("1-4  {} sends {}", self.name, candidate.candidate);
            let candidate = Event::IceCandidate(self.name, candidate);
            let _ = self.events.send(candidate).await;
        }
    }
    async fn on_ice_connection_state_change(&self, state: RTCIceConnectionState) {
        println!("     {} iceconnectionstatechange: {state}", self.name);
    }
    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        println!("     {} connectionstatechange: {state}", self.name);
        let _ = self.events.send(Event::ConnectionState(state)).await;
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
