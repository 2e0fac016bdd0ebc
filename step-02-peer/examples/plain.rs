//! Step 02 in plain `webrtc`: two peers, their events, and what a track adds to an offer.
//! `cargo run -p step-02-peer --example plain`

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rtc::ice::mdns::MulticastDnsMode;
use rtc::rtp_transceiver::rtp_sender::*;
use tokio::sync::mpsc::{Sender, channel};
use tokio::time::timeout;
use webrtc::media_stream::MediaStreamTrack;
use webrtc::media_stream::track_local::static_sample::TrackLocalStaticSample;
use webrtc::peer_connection::*;

/// The codelab's `trace()`. Unlike `println!` it does not panic when nobody reads: `… | head -3`.
macro_rules! trace {
    ($($text:tt)*) => { let _ = writeln!(std::io::stdout(), $($text)*); };
}

// tests/plain.rs calls it too.
#[tokio::main]
pub(crate) async fn main() -> Result<()> {
    let ended = timeout(Duration::from_secs(20), call()).await;
    ended.context("the call hangs: it takes a few seconds when nothing is wrong")?
}

async fn call() -> Result<()> {
    let (to_call, mut events) = channel(16);
    let local = new_peer("local", to_call.clone()).await?;
    let remote = new_peer("remote", to_call).await?;
    print_lines("offer without a track", &local.create_offer(None).await?);

    trace!("1-2  local.addTrack()");
    local.add_track(video_track()?).await?;
    // webrtc 0.21 fires events when its driver wakes up. A track does not wake it; this call does.
    let configuration = local.get_configuration().await;
    local.set_configuration(configuration).await?;
    events.recv().await;
    print_lines("offer with the track", &local.create_offer(None).await?);

    trace!("     local.close(), remote.close()");
    local.close().await?;
    remote.close().await?;
    Ok(())
}

/// 1-1: a peer with a socket on loopback, which speaks H.264.
async fn new_peer(name: &'static str, events: Sender<Event>) -> Result<impl PeerConnection> {
    trace!("1-1  {name} = new RTCPeerConnection()");
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

/// What `call()` waits for.
enum Event {
    NegotiationNeeded,
}

/// The event handlers of a peer. The peer does nothing else until a handler has returned.
struct Handler {
    name: &'static str,
    events: Sender<Event>,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_negotiation_needed(&self) {
        trace!("     {} negotiationneeded", self.name);
        let _ = self.events.send(Event::NegotiationNeeded).await;
    }
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

/// 1-2: the track, with the identifiers under which it is announced and sent.
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

/// Prints the lines of a description that this stage is about.
fn print_lines(title: &str, description: &RTCSessionDescription) {
    trace!("     {title}:");
    let shown = "m= a=rtpmap: a=msid: a=sendrecv";
    for line in description.sdp.lines() {
        if shown.split(' ').any(|start| line.starts_with(start)) {
            trace!("     {line}");
        }
    }
}
