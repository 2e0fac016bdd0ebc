//! Step 05 in plain `webrtc`: the whole call, with frames that are encoded, sent and decoded.
//! `cargo run -p step-05-full --example plain`

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rtc::ice::mdns::MulticastDnsMode;
use rtc::media::Sample;
use rtc::media::io::sample_builder::SampleBuilder;
use rtc::rtp::codec::h264::H264Packet;
use rtc::rtp_transceiver::rtp_sender::*;
use step_01_capture::*;
use step_05_full::receive::bitstream::stream_limits::StreamLimits;
use step_05_full::receive::decoder::H264Decoder;
use step_05_full::send::encoder::{EncodeError, EncoderConfig, H264Encoder};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::block_in_place;
use webrtc::media_stream::track_local::static_sample::TrackLocalStaticSample;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::media_stream::{MediaStreamTrack, Track};
use webrtc::peer_connection::*;

/// Two seconds of video.
const FRAMES: u32 = 60;

// tests/plain.rs calls it too.
#[tokio::main]
pub(crate) async fn main() -> Result<()> {
    println!("1-2  getUserMedia()");
    let constraints = MediaStreamConstraints {
        source: SourceChoice::Pattern,
        ..Default::default()
    };
    let stream = get_user_media(&constraints, &Timeline::new())?;

    let (to_main, mut events) = channel(16);
    let local = new_peer("local", to_main.clone()).await?;
    let remote = new_peer("remote", to_main).await?;

    println!("1-2  local.addTrack()");
    let video = video_track()?;
    let sender = local.add_track(video.clone()).await?;

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

    let receiving = tokio::spawn(receive(events));
    // Offer and answer agreed on it. webrtc drops packets with another one, and returns no error.
    let parameters = sender.get_parameters().await?.rtp_parameters;
    let payload_type = parameters.codecs.first().context("no codec")?.payload_type;
    send(&stream, &video, payload_type).await?;

    println!("     local.close(), remote.close()");
    local.close().await?;
    remote.close().await?;
    let decoded = receiving.await??;
    println!("     {decoded} of {FRAMES} frames decoded");
    Ok(())
}

/// Encodes and sends frames. The track cuts each into RTP packets (RFC 6184).
async fn send(
    stream: &MediaStream,
    video: &TrackLocalStaticSample,
    payload_type: u8,
) -> Result<()> {
    let ssrc = *video.ssrcs().await.first().context("no SSRC")?;
    let track = stream.video_track();
    let (mut frames, settings) = (track.frames(), track.settings());
    let config = EncoderConfig::new(settings.resolution, settings.frame_rate);
    let mut encoder = H264Encoder::new(config)?;
    for _ in 0..FRAMES {
        // Waiting for a frame blocks, and so does encoding it.
        let NextFrame::Frame(frame) = block_in_place(|| frames.next(Duration::from_secs(1))) else {
            bail!("no frame is captured");
        };
        let access_unit = match block_in_place(|| encoder.encode(&frame)) {
            // There were no bits for this frame.
            Err(EncodeError::Skipped { .. }) => continue,
            encoded => encoded?,
        };
        let mut sample = Sample::new(access_unit.captured_at);
        sample.data = access_unit.data;
        // The RTP timestamp advances by it. The step's own packetizer takes the time of capture.
        sample.duration = Duration::from_secs(1) / 30;
        video.write_sample(ssrc, payload_type, &sample, &[]).await?;
    }
    Ok(())
}

/// Receives and decodes frames until the peer is closed. `SampleBuilder` releases one when the next
/// begins, so each is a frame late. And when a packet stays lost, nothing asks for a key frame (PLI).
async fn receive(mut events: Receiver<Event>) -> Result<u32> {
    // webrtc fires track with the first packet, a browser with the description.
    let track = loop {
        if let Event::Track(track) = events.recv().await.context("no track arrived")? {
            break track;
        }
    };
    let mut builder = SampleBuilder::new(512, H264Packet::default(), 90_000);
    let mut decoder = H264Decoder::new(StreamLimits::LEVEL_3_1)?;
    let mut decoded = 0;
    while let Some(event) = track.poll().await {
        if let TrackRemoteEvent::OnRtpPacket(packet) = event {
            builder.push(Instant::now(), packet);
        }
        while let Some(sample) = builder.pop(Instant::now()) {
            if let Ok(Some(_)) = block_in_place(|| decoder.decode(&sample.data)) {
                decoded += 1;
            }
        }
    }
    Ok(decoded)
}

/// 1-1: a peer with a socket on loopback, which speaks H.264.
async fn new_peer(name: &'static str, events: Sender<Event>) -> Result<impl PeerConnection> {
    println!("1-1  {name} = new RTCPeerConnection()");
    let mut media_engine = MediaEngine::default();
    media_engine.register_codec(h264(), RtpCodecKind::Video)?;
    // They ask for packets that are lost, send them again (NACK), and report on the others (RTCP).
    let interceptors = register_default_interceptors(Registry::new(), &mut media_engine)?;
    // mDNS needs multicast, which a machine with nothing but a loopback interface does not have.
    let settings = SettingEngineBuilder::new().with_multicast_dns_mode(MulticastDnsMode::Disabled);
    let peer = PeerConnectionBuilder::new()
        .with_media_engine(media_engine)
        .with_interceptor_registry(interceptors)
        .with_setting_engine(settings.build())
        .with_handler(Arc::new(Handler { name, events }))
        .with_udp_addrs(vec!["127.0.0.1:0"]);
    Ok(peer.build().await?)
}

/// What `main()` waits for. The channel that carries them is the signaling of this program.
enum Event {
    IceCandidate(&'static str, RTCIceCandidateInit),
    ConnectionState(RTCPeerConnectionState),
    Track(Arc<dyn TrackRemote>),
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
    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        println!("     {} track", self.name);
        let _ = self.events.send(Event::Track(track)).await;
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
