//! Step 05 in plain `webrtc`: the whole call, with frames that are encoded, sent and decoded.
//! `cargo run -p step-05-full --example plain`

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use rtc::ice::mdns::MulticastDnsMode;
use rtc::media::Sample;
use rtc::media::io::sample_builder::SampleBuilder;
use rtc::rtp::codec::h264::H264Packet;
use rtc::rtp_transceiver::rtp_sender::*;
use step_01_capture::*;
use step_05_full::access_unit::AccessUnit;
use step_05_full::receive::bitstream::stream_limits::StreamLimits;
use step_05_full::receive::decoder::H264Decoder;
use step_05_full::send::encoder::{EncodeError, EncoderConfig, H264Encoder};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio::try_join;
use webrtc::media_stream::track_local::static_sample::TrackLocalStaticSample;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::media_stream::{MediaStreamTrack, Track};
use webrtc::peer_connection::*;

/// Two seconds of video.
const FRAMES: u32 = 60;

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
    trace!("1-2  getUserMedia()");
    let constraints = MediaStreamConstraints {
        source: SourceChoice::Pattern,
        ..Default::default()
    };
    let stream = get_user_media(&constraints, &Timeline::new())?;

    let begun = Instant::now();
    let (to_call, mut events) = channel(16);
    let local = new_peer("local", to_call.clone()).await?;
    let remote = new_peer("remote", to_call).await?;

    trace!("1-2  local.addTrack()");
    let video = video_track()?;
    let sender = local.add_track(video.clone()).await?;
    negotiate(&local, &remote).await?;
    connect(&local, &remote, &mut events).await?;
    trace!("     set up in {} ms", begun.elapsed().as_millis());
    if let Some(dtls) = sender.transport().await? {
        let pair = dtls.ice_transport().get_selected_candidate_pair().await?;
        trace!("     selected: {}", pair.context("no pair is selected")?);
    }

    // Offer and answer agreed on it. webrtc drops a packet with another one, and returns no error.
    let parameters = sender.get_parameters().await?.rtp_parameters;
    let payload_type = parameters.codecs.first().context("no codec")?.payload_type;
    let (to_sender, encoded) = channel(1);
    let (to_decoder, received) = channel(16);
    // Encoding and decoding block, so they must not run on the threads of the async runtime.
    let encoding = spawn_blocking(move || encode(&stream, to_sender));
    let decoding = spawn_blocking(move || decode(received));
    let sending = async move {
        let sent = send(&video, payload_type, encoded).await?;
        trace!("     local.close(), remote.close()");
        // What is still on its way is lost: step 05 waits for it.
        local.close().await?;
        remote.close().await?;
        Ok(sent)
    };
    let (sent, received) = try_join!(sending, receive(events, to_decoder))?;
    encoding.await??;
    let decoded = decoding.await??;
    trace!("     {sent} frames sent, {received} received, {decoded} decoded");
    ensure!(decoded > 0, "no frame was decoded");
    Ok(())
}

/// 1-1: a peer with a socket on loopback, which speaks H.264.
async fn new_peer(name: &'static str, events: Sender<Event>) -> Result<impl PeerConnection> {
    trace!("1-1  {name} = new RTCPeerConnection()");
    let mut media_engine = MediaEngine::default();
    media_engine.register_codec(h264(), RtpCodecKind::Video)?;
    // They ask for lost packets again (NACK), and report on those that arrive (RTCP).
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

/// 2-1 to 2-5: the order of the calls, and the state after each, are those of RFC 9429 §3.2.
async fn negotiate(local: &impl PeerConnection, remote: &impl PeerConnection) -> Result<()> {
    trace!("2-1  local.createOffer()");
    let offer = local.create_offer(None).await?;
    print_states(local, remote).await;
    print_lines("the offer", &offer);
    trace!("2-2  local.setLocalDescription(offer)");
    local.set_local_description(offer.clone()).await?;
    print_states(local, remote).await;
    trace!("2-3  remote.setRemoteDescription(offer)");
    remote.set_remote_description(offer).await?;
    print_states(local, remote).await;
    trace!("2-4  remote.createAnswer()");
    let answer = remote.create_answer(None).await?;
    print_states(local, remote).await;
    print_lines("the answer", &answer);
    trace!("2-4  remote.setLocalDescription(answer)");
    remote.set_local_description(answer.clone()).await?;
    print_states(local, remote).await;
    trace!("2-5  local.setRemoteDescription(answer)");
    local.set_remote_description(answer).await?;
    print_states(local, remote).await;
    Ok(())
}

/// 1-5, until both peers are connected. The handlers must not add the candidates themselves: they
/// are called before there is a description to add them to ("remote description is not set").
async fn connect(
    local: &impl PeerConnection,
    remote: &impl PeerConnection,
    events: &mut Receiver<Event>,
) -> Result<()> {
    let mut connected = 0;
    while connected < 2 {
        match events.recv().await.context("no peer is left")? {
            Event::IceCandidate("local", candidate) => {
                trace!("1-5  remote.addIceCandidate()");
                remote.add_ice_candidate(candidate).await?;
            }
            Event::IceCandidate(_, candidate) => {
                trace!("1-5  local.addIceCandidate()");
                local.add_ice_candidate(candidate).await?;
            }
            Event::Connected => connected += 1,
            Event::Track(_) => {}
        }
    }
    Ok(())
}

/// Encodes what is captured, until nobody sends it any more.
fn encode(stream: &MediaStream, to_sender: Sender<AccessUnit>) -> Result<()> {
    let track = stream.video_track();
    let (mut frames, settings) = (track.frames(), track.settings());
    let config = EncoderConfig::new(settings.resolution, settings.frame_rate);
    let mut encoder = H264Encoder::new(config)?;
    while let NextFrame::Frame(frame) = frames.next(Duration::from_secs(1)) {
        let access_unit = match encoder.encode(&frame) {
            // There were no bits for this frame.
            Err(EncodeError::Skipped { .. }) => continue,
            encoded => encoded?,
        };
        if to_sender.blocking_send(access_unit).is_err() {
            break;
        }
    }
    Ok(())
}

/// Sends access units. The track cuts them into RTP packets (RFC 6184).
async fn send(
    track: &TrackLocalStaticSample,
    payload_type: u8,
    mut encoded: Receiver<AccessUnit>,
) -> Result<u32> {
    let ssrc = *track.ssrcs().await.first().context("no SSRC")?;
    for _ in 0..FRAMES {
        let access_unit = encoded.recv().await.context("the encoder has ended")?;
        let mut sample = Sample::new(access_unit.captured_at);
        sample.data = access_unit.data;
        // The RTP timestamp advances by it. In step 05 that is the time of capture.
        sample.duration = Duration::from_secs(1) / 30;
        track.write_sample(ssrc, payload_type, &sample, &[]).await?;
    }
    Ok(FRAMES)
}

/// Puts access units together until the peer is closed. SampleBuilder releases one when the next
/// begins: each is a frame late. Step 05's assembler goes by the marker bit of its last packet; and
/// after a loss it asks for a key frame, and releases nothing until that has come.
async fn receive(mut events: Receiver<Event>, to_decoder: Sender<Bytes>) -> Result<u32> {
    // webrtc fires track with the first packet, a browser with the description.
    let track = loop {
        if let Event::Track(track) = events.recv().await.context("no track arrived")? {
            break track;
        }
    };
    let mut builder = SampleBuilder::new(512, H264Packet::default(), 90_000);
    let mut received = 0;
    while let Some(event) = track.poll().await {
        if let TrackRemoteEvent::OnRtpPacket(packet) = event {
            builder.push(Instant::now(), packet);
        }
        while let Some(sample) = builder.pop(Instant::now()) {
            to_decoder.send(sample.data).await?;
            received += 1;
        }
    }
    Ok(received)
}

/// Decodes access units, until no more are received.
fn decode(mut received: Receiver<Bytes>) -> Result<u32> {
    let mut decoder = H264Decoder::new(StreamLimits::LEVEL_3_1)?;
    let mut decoded = 0;
    while let Some(access_unit) = received.blocking_recv() {
        decoded += u32::from(matches!(decoder.decode(&access_unit), Ok(Some(_))));
    }
    Ok(decoded)
}

/// What `call()` waits for. The channel that carries them is the signaling of this program.
enum Event {
    IceCandidate(&'static str, RTCIceCandidateInit),
    Connected,
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
        trace!("     {} negotiationneeded", self.name);
    }
    async fn on_signaling_state_change(&self, state: RTCSignalingState) {
        trace!("     {} signalingstatechange: {state}", self.name);
    }
    async fn on_ice_candidate(&self, event: RTCPeerConnectionIceEvent) {
        trace!("1-3  {} icecandidate: {}", self.name, event.candidate);
        if let Ok(candidate) = event.candidate.to_json() {
            trace!("1-4  {} sends {}", self.name, candidate.candidate);
            let candidate = Event::IceCandidate(self.name, candidate);
            let _ = self.events.send(candidate).await;
        }
    }
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        trace!("     {} icegatheringstatechange: {state}", self.name);
    }
    async fn on_ice_connection_state_change(&self, state: RTCIceConnectionState) {
        trace!("     {} iceconnectionstatechange: {state}", self.name);
    }
    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        trace!("     {} connectionstatechange: {state}", self.name);
        if state == RTCPeerConnectionState::Connected {
            let _ = self.events.send(Event::Connected).await;
        }
    }
    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        trace!("     {} track", self.name);
        let _ = self.events.send(Event::Track(track)).await;
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
    let shown = "m= a=fingerprint: a=setup: a=ice-ufrag: a=sendrecv a=recvonly";
    for line in description.sdp.lines() {
        if shown.split(' ').any(|start| line.starts_with(start)) {
            trace!("     {line}");
        }
    }
}

/// Prints both `signalingState`s. webrtc 0.21 has no getter, but the pending descriptions say it.
async fn print_states(local: &impl PeerConnection, remote: &impl PeerConnection) {
    use RTCSignalingState::{HaveLocalOffer, HaveRemoteOffer, Stable};
    let pending = local.pending_local_description().await.is_some();
    let local = if pending { HaveLocalOffer } else { Stable };
    let pending = remote.pending_remote_description().await.is_some();
    let remote = if pending { HaveRemoteOffer } else { Stable };
    trace!("     local {local}, remote {remote}");
}
