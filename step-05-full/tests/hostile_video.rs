//! A sender whose video is made to break the decoder.

mod http_server;
mod moving_frames;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::sync::Arc;
use std::time::{Duration, Instant};

use http_server::{TestServer, pattern};
use moving_frames::{seeded, size, stream};
use rand::RngExt;
use rule::Rules;
use step_02_peer::{OutgoingVideo, Peer, PeerConfig, PeerEvent, VideoCodec};
use step_05_full::access_unit::AccessUnit;
use step_05_full::figures::call_stats::CallStats;
use step_05_full::http::client_session::{ClientSession, ClientSessionError};
use step_05_full::http::http_client::{HttpClient, endpoint};
use step_05_full::http::outgoing_media::OutgoingMedia;
use step_05_full::http::session_media::{SessionError, SessionMedia};
use step_05_full::http::session_report::SessionReport;
use step_05_full::http::shared_encoder::SharedEncoder;
use step_05_full::send::h264_packetizer::{H264Packetizer, RtpStreamStart};
use step_05_full::send::video_sender::negotiated_payload_type;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::peer_connection::RTCPeerConnectionState;
use webrtc::rtp_transceiver::RtpSender;

const RULES: Rules = Rules::kept_in("step-05-full/src/receive/decoder.rs and its bitstream folder");

/// How many access units it sends in a second.
const RATE: u32 = 200;

/// Sends access units that made the decoder write beyond its memory, and damaged ones of our own.
struct HostileMedia {
    video: OutgoingVideo,
    sender: Option<Arc<dyn RtpSender>>,
    /// How many access units are sent, and where their end is reported.
    damaged: Option<(u32, oneshot::Sender<()>)>,
}

#[async_trait::async_trait]
impl SessionMedia for HostileMedia {
    async fn attach(&mut self, peer: &Peer) -> Result<(), SessionError> {
        self.sender = Some(peer.add_track(&self.video).await?);
        Ok(())
    }

    async fn handle(&mut self, event: &PeerEvent) -> Result<(), SessionError> {
        let PeerEvent::ConnectionState(RTCPeerConnectionState::Connected) = event else {
            return Ok(());
        };
        if let (Some(sender), Some((count, sent))) = (&self.sender, self.damaged.take()) {
            let payload_type = negotiated_payload_type(sender).await?;
            let video = self.video.clone();
            tokio::spawn(async move {
                send_damaged_video(&video, payload_type, count).await;
                let _ = sent.send(());
            });
        }
        Ok(())
    }

    fn record(&self, _: &mut CallStats) {}

    async fn stop(&mut self, _: &mut CallStats) {}
}

async fn send_damaged_video(video: &OutgoingVideo, payload_type: u8, count: u32) {
    let crashes = [
        include_bytes!("decoder-crash/ungated-1.au").as_slice(),
        include_bytes!("decoder-crash/ungated-2.au"),
        include_bytes!("decoder-crash/ungated-3.au"),
        include_bytes!("decoder-crash/gated-1.au"),
        include_bytes!("decoder-crash/gated-2.au"),
        include_bytes!("decoder-crash/gated-3.au"),
    ];
    let mut access_units: Vec<Vec<u8>> = crashes.map(<[u8]>::to_vec).to_vec();
    let own = stream(size(64, 48), 6, &[3]);
    access_units.extend(own.iter().map(|access_unit| access_unit.data.to_vec()));
    let mut random = seeded(16);
    let mut packetizer = H264Packetizer::new(payload_type, video.ssrc(), RtpStreamStart::random());
    let mut clock = tokio::time::interval(Duration::from_secs(1) / RATE);
    for access_unit in access_units.iter().cycle().take(count as usize) {
        clock.tick().await;
        let mut data = access_unit.clone();
        if random.random_ratio(1, 3) {
            let at = random.random_range(0..data.len());
            data[at] = random.random();
        }
        let captured_at = Instant::now();
        packetizer.timestamp(captured_at);
        let damaged = AccessUnit {
            data: data.into(),
            captured_at,
            ..own[0].clone()
        };
        for packet in packetizer.packetize(&damaged) {
            // It fails when the session has ended; the test looks at that by itself.
            let _ = video.track().write_rtp(packet).await;
        }
    }
}

type Ended = (SessionReport, Result<(), ClientSessionError>);

fn publish(
    server: &TestServer,
    media: Box<dyn SessionMedia>,
) -> (oneshot::Sender<()>, JoinHandle<Ended>) {
    let (hang_up, hung_up) = oneshot::channel();
    let url = endpoint(&format!("http://{}/whip", server.address)).expect("a URL");
    let session = ClientSession {
        name: "publish",
        client: HttpClient::new(url, None),
        media,
        peer_config: PeerConfig::loopback(),
    };
    (hang_up, server.network.spawn(session.run(hung_up)))
}

#[test]
fn a_call_goes_on_while_another_session_sends_damaged_video() {
    let _rule = RULES.rule("damaged video ends neither the server nor another session");
    // FLOOD_SECONDS=60 is the full check, for a machine that has nothing else to do; shorter here, where every reader
    // waits for it.
    let full_check = std::env::var("FLOOD_SECONDS").ok();
    let full_check: Option<u32> = full_check.and_then(|text| text.parse().ok());
    let program = env!("CARGO_BIN_EXE_step-05-full");
    let server = TestServer::start_with(|config| config.decoder_program = Some(program.into()));
    let stream = pattern();
    let honest_media = OutgoingMedia::new(&stream, SharedEncoder::of(&stream));
    let (hang_up, honest) = publish(&server, Box::new(honest_media));
    let first = server.display.recv_timeout(Duration::from_secs(30));
    first.expect("the video of the honest session arrives before the damaged one begins");

    let (report_sent, damaged_sent) = oneshot::channel();
    let hostile_media = HostileMedia {
        video: OutgoingVideo::new(&server.stream, VideoCodec::H264, 16),
        sender: None,
        damaged: Some((full_check.unwrap_or(2) * RATE, report_sent)),
    };
    let (_hostile_hang_up, hostile) = publish(&server, Box::new(hostile_media));
    let sent = server.network.block_on(damaged_sent);
    sent.expect("the damaged video is sent to its end");
    assert!(!hostile.is_finished(), "the session still receives it");
    let _ = hang_up.send(());
    let (sent, called) = server.network.block_on(honest).expect("the client ends");
    called.expect("the session goes on until it is hung up");
    let reports = server.stop();
    let received = |name: &str| {
        let report = reports.iter().find(|report| report.name == name);
        report.expect("the session has a report").call.clone()
    };
    let (sent, decoded) = (sent.call.frames.sent, received("whip-1").frames.decoded);
    let damaged = received("whip-2");
    println!("sent {sent}, decoded {decoded}; of the damaged video {damaged:?}");
    assert!(damaged.frames.decoded > 0, "what is whole is decoded");
    // A busy machine may lose a packet.
    match full_check {
        Some(_) => assert_eq!(decoded, sent, "no frame of the honest session is lost"),
        None => assert!(decoded * 2 > sent, "{decoded} of {sent} frames are decoded"),
    }
}
