//! The pictures of a call: from the encoder of one peer to the decoder of the other.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use step_01_capture::latest_frame::LatestFrameWriter;
use step_02_peer::OutgoingVideo;
use step_03_ice::CandidatePair;
use webrtc::media_stream::track_remote::TrackRemote;
use webrtc::rtp_transceiver::RtpSender;

use crate::call::CallError;
use crate::figures::call_stats::CallStats;
use crate::figures::capture_log::CaptureLog;
use crate::receive::video_receiver::VideoReceiver;
use crate::send::video_sender::{PreparedVideo, SendVideoError, VideoSender};

/// Pictures on their way when the reader hangs up are waited for, so long for each: a way inside one machine takes some
/// ten milliseconds, so what is not there by then is lost.
const DRAIN: Duration = Duration::from_millis(200);

/// What came into being since Call was pressed. Clones share it.
#[derive(Clone)]
pub struct CallProgress {
    began: Instant,
    parts: Arc<Mutex<Parts>>,
}

#[derive(Default)]
struct Parts {
    sender: Option<VideoSender>,
    receiver: Option<VideoReceiver>,
    stats: CallStats,
}

impl CallProgress {
    /// A call that begins now.
    pub fn begin() -> Self {
        Self {
            began: Instant::now(),
            parts: Arc::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Parts> {
        // Every field is replaced as a whole, so a panic elsewhere leaves none half written.
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What happened so far.
    pub fn stats(&self) -> CallStats {
        let parts = self.lock();
        let mut stats = parts.stats.clone();
        if let Some(sender) = &parts.sender {
            stats.note_sent(&sender.stats());
        }
        if let Some(receiver) = &parts.receiver {
            stats.note_received(&receiver.stats(), self.began);
        }
        stats
    }

    /// Why pictures do not flow any more.
    pub fn failure(&self) -> Option<String> {
        let parts = self.lock();
        let of_encoder = || Some(parts.sender.as_ref()?.failure()?.to_string());
        parts.stats.failure.clone().or_else(of_encoder)
    }

    /// Notes why; the first reason counts.
    pub fn fail(&self, error: &CallError) {
        let stats = &mut self.lock().stats;
        stats.failure.get_or_insert_with(|| error.to_string());
    }
}

/// Owns what sends and what receives.
pub struct CallMedia {
    progress: CallProgress,
    to_send: Option<(PreparedVideo, Arc<dyn RtpSender>, OutgoingVideo)>,
    to_show: Option<LatestFrameWriter>,
    captures: CaptureLog,
    connected: BTreeSet<String>,
    /// What sends, once it does.
    sender: Option<Arc<dyn RtpSender>>,
}

impl CallMedia {
    /// Media that waits for its connection: the encoder with the terms on which it will send, and where the remote
    /// pictures shall be shown.
    pub fn new(
        progress: CallProgress,
        to_send: (PreparedVideo, Arc<dyn RtpSender>, OutgoingVideo),
        to_show: LatestFrameWriter,
    ) -> Self {
        Self {
            progress,
            to_send: Some(to_send),
            to_show: Some(to_show),
            captures: CaptureLog::default(),
            connected: BTreeSet::new(),
            sender: None,
        }
    }

    /// What everyone may know of the call.
    pub fn progress(&self) -> &CallProgress {
        &self.progress
    }

    /// Notes that `peer` is connected. True when both peers are.
    pub fn is_connected(&mut self, peer: &str) -> bool {
        self.connected.insert(peer.to_owned());
        self.connected.len() == 2
    }

    /// Sends the local video from now on: the codelab's "Setup time" ends here. Doing it twice is doing it once.
    ///
    /// # Errors
    /// [`CallError::Send`].
    pub async fn send_local_video(&mut self) -> Result<(), CallError> {
        let Some((prepared, sender, video)) = self.to_send.take() else {
            return Ok(());
        };
        let setup = self.progress.began.elapsed();
        tracing::info!(
            peer = "local",
            "Setup time: {:.3} ms",
            setup.as_secs_f64() * 1e3
        );
        self.progress.lock().stats.setup = Some(setup);
        let started = VideoSender::start(prepared, &sender, &video, self.captures.clone()).await;
        self.progress.lock().sender = Some(started?);
        self.note_selected_pair(&sender).await;
        self.sender = Some(sender);
        Ok(())
    }

    /// ICE may still change its mind, so it is asked at the beginning and at the end of the call.
    async fn note_selected_pair(&self, sender: &Arc<dyn RtpSender>) {
        if let Ok(Some(transport)) = sender.transport().await
            && let Some(pair) = CandidatePair::on(transport.as_ref()).await
        {
            self.progress.lock().stats.selected_pair = Some(pair.to_string());
        }
    }

    /// Decodes and shows what `track` brings: the codelab's `gotRemoteMediaStream()`.
    ///
    /// # Errors
    /// [`CallError::Receive`] when there is no decoder.
    pub fn show_remote_video(&mut self, track: Arc<dyn TrackRemote>) -> Result<(), CallError> {
        let Some(pictures) = self.to_show.take() else {
            return Ok(());
        };
        tracing::info!(peer = "remote", "track: remote video arrives");
        let receiver = VideoReceiver::start(track, pictures, self.captures.clone(), None)?;
        self.progress.lock().receiver = Some(receiver);
        Ok(())
    }

    /// Ends the encoder, and returns how many pictures were sent when the last of them is on its way.
    ///
    /// # Errors
    /// [`CallError::Send`] when the encoder had failed.
    pub async fn stop_sending(&mut self) -> Result<u64, CallError> {
        if let Some((prepared, ..)) = self.to_send.take() {
            prepared.end().await;
        }
        if let Some(sender) = self.sender.take() {
            self.note_selected_pair(&sender).await;
        }
        let sender = self.progress.lock().sender.take();
        let Some(mut sender) = sender else {
            return Ok(0);
        };
        let failure = sender.failure();
        let stats = sender.stop().await;
        self.progress.lock().stats.note_sent(&stats);
        match failure {
            Some(error) => Err(SendVideoError::from(error).into()),
            None => Ok(stats.frames_sent),
        }
    }

    /// Waits until so many pictures are decoded, as long as one after the other is: a lost one never will be.
    pub async fn wait_until_decoded(&self, sent: u64) {
        while let Some(decoded) = self.decoded().filter(|decoded| *decoded < sent) {
            let one_more = async {
                while self.decoded() == Some(decoded) {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            };
            if tokio::time::timeout(DRAIN, one_more).await.is_err() {
                return;
            }
        }
    }

    /// How many pictures are decoded; none while nothing has come.
    fn decoded(&self) -> Option<u64> {
        let parts = self.progress.lock();
        Some(parts.receiver.as_ref()?.frames_decoded())
    }

    /// Ends the decoder. The channel of the remote pictures closes with it.
    pub async fn stop_receiving(&mut self) {
        let receiver = self.progress.lock().receiver.take();
        if let Some(receiver) = receiver {
            let stats = receiver.stop().await;
            let began = self.progress.began;
            self.progress.lock().stats.note_received(&stats, began);
        }
    }
}
