//! Video that comes in: from a WHIP client, or from a WHEP server.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rtc::rtp_transceiver::RTCRtpTransceiverDirection;
use rtc::rtp_transceiver::RTCRtpTransceiverInit;
use rtc::rtp_transceiver::rtp_sender::RtpCodecKind;
use step_01_capture::latest_frame::latest_frame;
use step_01_capture::source::pattern::frame_code;
use step_01_capture::{LatestFrame, NextFrame};
use step_02_peer::{Peer, PeerEvent};
use webrtc::media_stream::track_remote::TrackRemote;

use super::session_media::{SessionError, SessionMedia};
use crate::figures::call_stats::CallStats;
use crate::figures::capture_log::CaptureLog;
use crate::figures::latency::Latencies;
use crate::figures::wall_clock;
use crate::receive::bitstream::stream_limits::StreamLimits;
use crate::receive::decoder_config::DecoderConfig;
use crate::receive::jitter_buffer::PlayoutDelay;
use crate::receive::video_receiver::{RemoteVideo, VideoReceiver};

/// How long the thread that reads frame codes waits for a frame before it checks whether the channel has ended.
const FRAME_TIMEOUT: Duration = Duration::from_millis(500);

/// Frames that are on their way when the sender ends are waited for: 50 ms at a time, at most four times.
const DRAIN_TIME: Duration = Duration::from_millis(50);

/// The remote video on its way to the display.
pub struct IncomingMedia {
    began: Instant,
    offers: bool,
    display: SyncSender<LatestFrame>,
    playout: PlayoutDelay,
    decoder: DecoderConfig,
    /// The receiver asks it for the round-trip time.
    peer: Option<Peer>,
    receiver: Option<VideoReceiver>,
    frame_codes: Option<JoinHandle<()>>,
    latencies: Arc<Mutex<Latencies>>,
}

impl IncomingMedia {
    /// Sends the frames of the video to `display`. `offers` says whether this peer makes the offer: then it adds a
    /// transceiver that receives. `playout` says how long frames wait before they are shown. `decoder_program` is the program
    /// in whose process the video is decoded, see [`DecoderConfig`].
    pub fn new(
        display: SyncSender<LatestFrame>,
        offers: bool,
        playout: PlayoutDelay,
        decoder_program: Option<PathBuf>,
    ) -> Self {
        Self {
            began: Instant::now(),
            offers,
            display,
            playout,
            decoder: DecoderConfig {
                limits: StreamLimits::LEVEL_3_1,
                program: decoder_program,
            },
            peer: None,
            receiver: None,
            frame_codes: None,
            latencies: Arc::default(),
        }
    }

    fn receive(&mut self, track: &Arc<dyn TrackRemote>) -> Result<(), SessionError> {
        if self.receiver.is_some() {
            tracing::warn!(
                peer = "remote",
                "a second track is ignored: a session has one video"
            );
            return Ok(());
        }
        tracing::info!(peer = "remote", "Received remote stream.");
        let (writer, frames) = latest_frame();
        let (reader, latencies) = (frames.clone(), Arc::clone(&self.latencies));
        let thread = std::thread::Builder::new().name("frame-code".to_owned());
        self.frame_codes = Some(thread.spawn(move || read_frame_codes(reader, &latencies))?);
        let of_peer = |peer: &Peer| {
            let log = peer.timeline().call_log();
            CaptureLog::of_call(log, peer.name(), peer.name())
        };
        let captures = self.peer.as_ref().map(of_peer).unwrap_or_default();
        let receiver = VideoReceiver::start(
            Arc::clone(track),
            self.decoder.clone(),
            RemoteVideo {
                frames: writer,
                playout: self.playout,
            },
            captures,
            self.peer.clone(),
        )?;
        self.receiver = Some(receiver);
        // A display that has not taken the last eight videos yet shows one of those.
        let _ = self.display.try_send(frames);
        Ok(())
    }
}

#[async_trait::async_trait]
impl SessionMedia for IncomingMedia {
    async fn attach(&mut self, peer: &Peer) -> Result<(), SessionError> {
        self.peer = Some(peer.clone());
        if self.offers {
            let init = RTCRtpTransceiverInit {
                direction: RTCRtpTransceiverDirection::Recvonly,
                ..Default::default()
            };
            let connection = peer.connection();
            let added = connection.add_transceiver_from_kind(RtpCodecKind::Video, Some(init));
            added
                .await
                .map_err(|source| peer.failed("addTransceiver", source))?;
        }
        Ok(())
    }

    async fn handle(&mut self, event: &PeerEvent) -> Result<(), SessionError> {
        match event {
            PeerEvent::Track(track) => self.receive(track),
            _ => Ok(()),
        }
    }

    fn failure(&self) -> Option<SessionError> {
        self.receiver.as_ref()?.failure().map(SessionError::from)
    }

    fn record(&self, stats: &mut CallStats) {
        if let Some(receiver) = &self.receiver {
            stats.note_received(&receiver.stats(), self.began);
        }
        stats.latency = self.latencies.lock().percentiles();
    }

    async fn stop(&mut self, stats: &mut CallStats) {
        if let Some(receiver) = &self.receiver {
            for _ in 0..4 {
                let decoded = receiver.frames_decoded();
                tokio::time::sleep(DRAIN_TIME).await;
                if receiver.frames_decoded() == decoded {
                    break;
                }
            }
        }
        self.record(stats);
        if let Some(receiver) = self.receiver.take() {
            // This closes the channel of frames, which ends the thread that reads their codes.
            receiver.stop().await;
        }
        let frame_codes = self.frame_codes.take();
        let _ = tokio::task::spawn_blocking(move || frame_codes.map(JoinHandle::join)).await;
    }
}

/// Reads the time that a sender may have painted into its frames (see [`wall_clock`]).
fn read_frame_codes(mut frames: LatestFrame, latencies: &Mutex<Latencies>) {
    loop {
        match frames.next(FRAME_TIMEOUT) {
            NextFrame::Frame(frame) => {
                let now = wall_clock::now();
                let painted = frame_code::read(&frame);
                if let Some(number) = painted {
                    tracing::trace!(peer = "remote", "frame {number} is here at {now}");
                }
                if let Some(age) = painted.and_then(|painted| wall_clock::age(painted, now)) {
                    latencies.lock().record(age);
                }
            }
            NextFrame::TimedOut => {}
            NextFrame::Ended => return,
        }
    }
}
