//! The call: from Call to Hang Up.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use step_01_capture::latest_frame::LatestFrameWriter;
use step_01_capture::{LatestFrame, MediaStream, MediaTrackSettings, Timeline};
use step_02_peer::{OutgoingVideo, PeerConfig, PeerError, PeerEvent, VideoCodec};
use step_03_ice::{CandidatePair, ConnectedPair, Observed, PeerPair, SessionError};
use step_04_sdp::SlowMotion;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use webrtc::peer_connection::RTCPeerConnectionState;
use webrtc::rtp_transceiver::RtpSender;

use crate::call_stats::CallStats;
use crate::capture_log::CaptureLog;
use crate::encoder::EncoderConfig;
use crate::video_receiver::VideoReceiver;
use crate::video_sender::{PreparedVideo, SendVideoError, VideoSender};

/// Pictures on their way when the reader hangs up are waited for, but not for long: a way inside one machine takes
/// some ten milliseconds.
const DRAIN: Duration = Duration::from_millis(200);

/// Why there is no call.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// A peer cannot be made or used.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// The peers cannot be brought together, or not be parted in order.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The local video cannot be sent.
    #[error(transparent)]
    Send(#[from] SendVideoError),
}

/// The local video, ready to be called with: what the note calls `localStream`.
#[derive(Clone)]
pub struct LocalVideo {
    video: OutgoingVideo,
    frames: LatestFrame,
    settings: MediaTrackSettings,
}

impl LocalVideo {
    /// The video of `stream`. `ssrc` names its packets (RFC 3550 §8): random in a call, chosen in a test.
    pub fn new(stream: &MediaStream, ssrc: u32) -> Self {
        let track = stream.video_track();
        Self {
            video: OutgoingVideo::new(stream, VideoCodec::H264, ssrc),
            frames: track.frames(),
            settings: track.settings(),
        }
    }
}

/// A call between two peers in this process, and the owner of everything that it is made of.
pub struct Call {
    shared: Arc<Shared>,
    hang_up: Arc<Notify>,
    conducting: JoinHandle<Result<(), CallError>>,
}

struct Shared {
    began: Instant,
    progress: Mutex<Progress>,
}

/// What came into being since Call was pressed.
#[derive(Default)]
struct Progress {
    sender: Option<VideoSender>,
    receiver: Option<VideoReceiver>,
    stats: CallStats,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Progress> {
        // Every field is replaced as a whole, so a panic elsewhere leaves none half written.
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Call {
    /// Makes both peers, connects them, and sends `video` from the local to the remote one, which shows it in
    /// `remote_pictures` (the codelab's `callAction()`). Returns as soon as the call is under way.
    ///
    /// # Errors
    /// [`CallError`] when a peer cannot be made or the video not be encoded.
    pub async fn start(
        video: LocalVideo,
        config: PeerConfig,
        timeline: &Timeline,
        remote_pictures: LatestFrameWriter,
    ) -> Result<Call, CallError> {
        let began = Instant::now();
        let LocalVideo {
            video,
            frames,
            settings,
        } = video;
        let encoder = EncoderConfig::new(settings.resolution, settings.frame_rate);
        let prepared = PreparedVideo::encode(frames, encoder)?;
        let pair = PeerPair::new(config.clone(), config, timeline).await?;
        let sender = pair.local.add_track(&video).await?;
        let shared = Arc::new(Shared {
            began,
            progress: Mutex::default(),
        });
        let hang_up = Arc::new(Notify::new());
        let conductor = Conductor {
            shared: Arc::clone(&shared),
            pair: pair.connect(Arc::new(SlowMotion::default())),
            to_send: Some((prepared, sender, video)),
            to_show: Some(remote_pictures),
            captures: CaptureLog::default(),
            connected: 0,
        };
        let conducting = tokio::spawn(conductor.run(Arc::clone(&hang_up)));
        Ok(Call {
            shared,
            hang_up,
            conducting,
        })
    }

    /// What happened so far.
    pub fn stats(&self) -> CallStats {
        let progress = self.shared.lock();
        let mut stats = progress.stats.clone();
        if let Some(sender) = &progress.sender {
            stats.note_sent(&sender.stats());
        }
        if let Some(receiver) = &progress.receiver {
            stats.note_received(&receiver.stats(), self.shared.began);
        }
        stats
    }

    /// Whether the peers have given up finding a way to each other, or have lost it.
    pub fn has_failed(&self) -> bool {
        self.shared.lock().stats.failed
    }

    /// Ends the call (the codelab's `hangupAction()`): sends no more, waits for the pictures on their way, and closes
    /// both peers. When it returns, no thread, task or socket of the call is left.
    ///
    /// # Errors
    /// Why a peer could not be closed in order, or why the call never came about.
    pub async fn hang_up(self) -> (CallStats, Result<(), CallError>) {
        self.hang_up.notify_one();
        let result = match self.conducting.await {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        };
        (self.shared.lock().stats.clone(), result)
    }
}

/// Listens to both peers and does what the call needs next.
struct Conductor {
    shared: Arc<Shared>,
    pair: ConnectedPair,
    to_send: Option<(PreparedVideo, Arc<dyn RtpSender>, OutgoingVideo)>,
    to_show: Option<LatestFrameWriter>,
    captures: CaptureLog,
    connected: usize,
}

impl Conductor {
    async fn run(mut self, hang_up: Arc<Notify>) -> Result<(), CallError> {
        let mut result = Ok(());
        loop {
            tokio::select! {
                observed = self.pair.next_event() => match observed {
                    Some(observed) => result = result.and(self.hear(observed).await),
                    None => break,
                },
                () = hang_up.notified() => break,
            }
        }
        self.end_media().await;
        let closed = self.pair.close().await.map_err(CallError::from);
        result.and(closed)
    }

    async fn hear(&mut self, Observed { peer, event }: Observed) -> Result<(), CallError> {
        use RTCPeerConnectionState::{Connected, Failed};
        match (peer.as_str(), event) {
            (_, PeerEvent::ConnectionState(Connected)) => {
                // The peer that ends the DTLS handshake first must not send before the other has its keys: what comes
                // too early cannot be decrypted. Between machines a PLI repairs that, a round trip later.
                self.connected += 1;
                if self.connected == 2 {
                    self.send_video().await
                } else {
                    Ok(())
                }
            }
            ("remote", PeerEvent::Track(track)) => {
                tracing::info!(peer = "remote", "track: remote video arrives");
                if let Some(pictures) = self.to_show.take() {
                    match VideoReceiver::start(track, pictures, self.captures.clone()) {
                        Ok(receiver) => self.shared.lock().receiver = Some(receiver),
                        Err(error) => tracing::error!(peer = "remote", "{error}"),
                    }
                }
                Ok(())
            }
            (_, PeerEvent::ConnectionState(Failed)) => {
                self.shared.lock().stats.failed = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn send_video(&mut self) -> Result<(), CallError> {
        let Some((prepared, sender, video)) = self.to_send.take() else {
            return Ok(());
        };
        let setup = self.shared.began.elapsed();
        tracing::info!(
            peer = "local",
            "Setup time: {:.3} ms",
            setup.as_secs_f64() * 1e3
        );
        self.shared.lock().stats.setup = Some(setup);
        let started = VideoSender::start(prepared, &sender, &video, self.captures.clone()).await;
        self.shared.lock().sender = Some(started?);
        let selected = CandidatePair::selected(&self.pair.local).await;
        self.shared.lock().stats.selected_pair = selected.map(|pair| pair.to_string());
        Ok(())
    }

    /// Stops sending, waits until what was sent is decoded, and stops receiving.
    async fn end_media(&mut self) {
        let (sender, receiver) = {
            let mut progress = self.shared.lock();
            (progress.sender.take(), progress.receiver.take())
        };
        let mut sent = 0;
        if let Some(mut sender) = sender {
            let stats = sender.stop().await;
            sent = stats.frames_sent;
            self.shared.lock().stats.note_sent(&stats);
        }
        if let Some(receiver) = receiver {
            let drained = async {
                while receiver.stats().decoder.frames_decoded < sent {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            };
            let _ = tokio::time::timeout(DRAIN, drained).await;
            let stats = receiver.stop().await;
            self.shared
                .lock()
                .stats
                .note_received(&stats, self.shared.began);
        }
    }
}
