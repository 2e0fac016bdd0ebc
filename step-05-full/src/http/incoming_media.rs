//! Video that comes in: from a WHIP client, or from a WHEP server.

use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rtc::rtp_transceiver::RTCRtpTransceiverDirection;
use rtc::rtp_transceiver::RTCRtpTransceiverInit;
use rtc::rtp_transceiver::rtp_sender::RtpCodecKind;
use step_01_capture::latest_frame::latest_frame;
use step_01_capture::source::pattern::frame_code;
use step_01_capture::{LatestFrame, NextFrame};
use step_02_peer::{Peer, PeerEvent};

use super::session_media::{MediaError, SessionMedia};
use super::wall_clock;
use crate::figures::call_stats::CallStats;
use crate::figures::capture_log::CaptureLog;
use crate::figures::latency::Latencies;
use crate::receive::video_receiver::VideoReceiver;

/// How long the thread that reads frame codes waits before it looks whether it shall end.
const TIMEOUT: Duration = Duration::from_millis(500);

/// Pictures on their way when the other side hangs up are waited for, but not for long.
const DRAIN: Duration = Duration::from_millis(50);

/// The remote video on its way to the screen.
pub struct IncomingMedia {
    began: Instant,
    offers: bool,
    screen: SyncSender<LatestFrame>,
    peer: Option<Peer>,
    receiver: Option<VideoReceiver>,
    codes: Option<JoinHandle<()>>,
    latencies: Arc<Mutex<Latencies>>,
}

impl IncomingMedia {
    /// Shows the video on `screen`. Whoever makes the offer asks for video in it; an answer takes what is offered.
    pub fn new(screen: SyncSender<LatestFrame>, offers: bool) -> Self {
        Self {
            began: Instant::now(),
            offers,
            screen,
            peer: None,
            receiver: None,
            codes: None,
            latencies: Arc::default(),
        }
    }

    fn show(&mut self, event: &PeerEvent) -> Result<(), MediaError> {
        let PeerEvent::Track(track) = event else {
            return Ok(());
        };
        if self.receiver.is_some() {
            tracing::warn!(
                peer = "remote",
                "a second track is left out: one session, one video"
            );
            return Ok(());
        }
        let (pictures, frames) = latest_frame();
        let codes = CodeReader {
            frames: frames.clone(),
            latencies: Arc::clone(&self.latencies),
        };
        let thread = std::thread::Builder::new().name("frame-code".to_owned());
        self.codes = Some(thread.spawn(move || codes.run())?);
        let receiver = VideoReceiver::start(
            Arc::clone(track),
            pictures,
            CaptureLog::default(),
            self.peer.clone(),
        )?;
        self.receiver = Some(receiver);
        // A screen that has not yet looked at the last newcomers shows one of them.
        let _ = self.screen.try_send(frames);
        Ok(())
    }
}

#[async_trait::async_trait]
impl SessionMedia for IncomingMedia {
    async fn attach(&mut self, peer: &Peer) -> Result<(), MediaError> {
        self.peer = Some(peer.clone());
        if self.offers {
            let init = RTCRtpTransceiverInit {
                direction: RTCRtpTransceiverDirection::Recvonly,
                ..Default::default()
            };
            let connection = peer.connection();
            let added = connection
                .add_transceiver_from_kind(RtpCodecKind::Video, Some(init))
                .await;
            added.map_err(|source| peer.failed("addTransceiver", source))?;
        }
        Ok(())
    }

    async fn hear(&mut self, event: &PeerEvent) -> Result<(), MediaError> {
        self.show(event)
    }

    fn note(&self, stats: &mut CallStats) {
        if let Some(receiver) = &self.receiver {
            stats.note_received(&receiver.stats(), self.began);
        }
        let latencies = self
            .latencies
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        stats.latency_p50 = latencies.percentile(50);
        stats.latency_p99 = latencies.percentile(99);
    }

    async fn end(&mut self, stats: &mut CallStats) {
        if let Some(receiver) = &self.receiver {
            // A sender that does not stop is not waited for.
            for _ in 0..4 {
                let decoded = receiver.stats().decoder.frames_decoded;
                tokio::time::sleep(DRAIN).await;
                if receiver.stats().decoder.frames_decoded == decoded {
                    break;
                }
            }
        }
        self.note(stats);
        if let Some(receiver) = self.receiver.take() {
            // Its channel of pictures closes, and with it ends the thread that reads them.
            receiver.stop().await;
        }
        let codes = self.codes.take();
        let _ = tokio::task::spawn_blocking(move || codes.map(JoinHandle::join)).await;
    }
}

/// Reads the times that a sender may have painted into its pictures (see [`wall_clock`]).
struct CodeReader {
    frames: LatestFrame,
    latencies: Arc<Mutex<Latencies>>,
}

impl CodeReader {
    fn run(mut self) {
        loop {
            match self.frames.next(TIMEOUT) {
                NextFrame::Frame(frame) => {
                    let now = wall_clock::now();
                    let painted = frame_code::read(&frame);
                    if let Some(age) = painted.and_then(|painted| wall_clock::age(painted, now)) {
                        let latencies = self.latencies.lock();
                        latencies
                            .unwrap_or_else(PoisonError::into_inner)
                            .record(age);
                    }
                }
                NextFrame::TimedOut => {}
                NextFrame::Ended => return,
            }
        }
    }
}
