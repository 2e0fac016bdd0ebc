//! The video of a call: from the encoder of one peer to the decoder of the other.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use step_01_capture::CallLog;
use step_02_peer::OutgoingVideo;
use step_03_ice::CandidatePair;
use tokio::time::{sleep, timeout};
use webrtc::media_stream::track_remote::TrackRemote;
use webrtc::rtp_transceiver::RtpSender;

use crate::call_error::CallError;
use crate::figures::call_stats::CallStats;
use crate::figures::capture_log::CaptureLog;
use crate::receive::bitstream::stream_limits::StreamLimits;
use crate::receive::video_receiver::{RemoteVideo, VideoReceiver};
use crate::send::encoder_thread::EncoderThread;
use crate::send::video_sender::{SendVideoError, VideoSender};

/// How long to wait for one more frame when the reader hangs up. Inside one machine a frame takes some ten milliseconds, so
/// one that has not come by then is lost.
const LAST_FRAME_TIMEOUT: Duration = Duration::from_millis(200);

/// How a call goes, for its owner. Clones share it.
#[derive(Clone)]
pub struct CallProgress {
    began: Instant,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    sender: Option<VideoSender>,
    receiver: Option<VideoReceiver>,
    stats: CallStats,
}

impl CallProgress {
    /// A call that begins now.
    pub fn begin() -> Self {
        Self {
            began: Instant::now(),
            shared: Arc::default(),
        }
    }

    /// What was measured so far.
    pub fn stats(&self) -> CallStats {
        let shared = self.shared.lock();
        let mut stats = shared.stats.clone();
        if let Some(sender) = &shared.sender {
            stats.note_sent(&sender.stats());
        }
        if let Some(receiver) = &shared.receiver {
            stats.note_received(&receiver.stats(), self.began);
        }
        stats
    }

    /// Why no frames arrive any more.
    pub fn failure(&self) -> Option<String> {
        let shared = self.shared.lock();
        let of_encoder = || Some(shared.sender.as_ref()?.failure()?.to_string());
        shared.stats.failure.clone().or_else(of_encoder)
    }

    /// Records why, unless there is an earlier reason: the first failure causes the others.
    pub fn fail(&self, reason: impl ToString) {
        let stats = &mut self.shared.lock().stats;
        stats.failure.get_or_insert_with(|| reason.to_string());
    }

    /// Whether the peers have connected.
    pub fn has_connected(&self) -> bool {
        self.shared.lock().stats.setup.is_some()
    }

    /// How many frames are decoded; none while no track has arrived.
    fn frames_decoded(&self) -> Option<u64> {
        let shared = self.shared.lock();
        shared.receiver.as_ref().map(VideoReceiver::frames_decoded)
    }
}

/// Owns what sends and what receives.
pub struct CallMedia {
    progress: CallProgress,
    captures: CaptureLog,
    connected: BTreeSet<String>,
    /// None once the video is sent.
    to_send: Option<(EncoderThread, OutgoingVideo)>,
    rtp_sender: Arc<dyn RtpSender>,
    /// None once the video is shown.
    remote_video: Option<RemoteVideo>,
}

impl CallMedia {
    /// Media that waits for its connection. `video` is what `encoder` encodes, `rtp_sender` what `addTrack()` returned for
    /// it; the remote video will be shown in `remote_video`.
    pub fn new(
        progress: CallProgress,
        (encoder, rtp_sender, video): (EncoderThread, Arc<dyn RtpSender>, OutgoingVideo),
        remote_video: impl Into<RemoteVideo>,
    ) -> Self {
        Self {
            progress,
            captures: CaptureLog::default(),
            connected: BTreeSet::new(),
            to_send: Some((encoder, video)),
            rtp_sender,
            remote_video: Some(remote_video.into()),
        }
    }

    /// Writes into the log of the call what happens to its frames.
    #[must_use]
    pub fn with_log(self, log: &CallLog) -> Self {
        Self {
            captures: CaptureLog::of_call(log, "local", "remote"),
            ..self
        }
    }

    /// How the call goes.
    pub fn progress(&self) -> &CallProgress {
        &self.progress
    }

    /// Records that `peer` is connected. True when both peers are.
    pub fn record_connected(&mut self, peer: &str) -> bool {
        self.connected.insert(peer.to_owned());
        self.connected.len() == 2
    }

    /// Sends the local video from now on: the codelab's "Setup time" ends here. A second time it does nothing.
    ///
    /// # Errors
    /// [`CallError::Send`].
    pub async fn send_local_video(&mut self) -> Result<(), CallError> {
        let Some((encoder, video)) = self.to_send.take() else {
            return Ok(());
        };
        let setup = self.progress.began.elapsed();
        let milliseconds = setup.as_secs_f64() * 1e3;
        tracing::info!(peer = "local", "Setup time: {milliseconds:.3} ms");
        self.progress.shared.lock().stats.setup = Some(setup);
        let captures = self.captures.clone();
        let sender = VideoSender::start(encoder, &self.rtp_sender, &video, captures).await?;
        self.progress.shared.lock().sender = Some(sender);
        self.record_selected_pair().await;
        Ok(())
    }

    /// ICE may still select another pair, so it is asked at the beginning and at the end of the call.
    async fn record_selected_pair(&self) {
        if let Ok(Some(transport)) = self.rtp_sender.transport().await
            && let Some(pair) = CandidatePair::on(transport.as_ref()).await
        {
            self.progress.shared.lock().stats.selected_pair = Some(pair.to_string());
        }
    }

    /// Decodes and shows what `track` brings: the codelab's `gotRemoteMediaStream()`. A second time it does nothing.
    ///
    /// # Errors
    /// [`CallError::Receive`] when there is no decoder.
    pub fn show_remote_video(&mut self, track: Arc<dyn TrackRemote>) -> Result<(), CallError> {
        let Some(video) = self.remote_video.take() else {
            return Ok(());
        };
        tracing::info!(peer = "remote", "track: remote video arrives");
        // The sender is this process: whatever the camera gives.
        let (limits, captures) = (StreamLimits::LEVEL_5_2, self.captures.clone());
        let receiver = VideoReceiver::start(track, limits, video, captures, None)?;
        self.progress.shared.lock().receiver = Some(receiver);
        Ok(())
    }

    /// Ends the encoder, and returns how many frames were sent when the last of them is.
    ///
    /// # Errors
    /// [`CallError::Send`] when the encoder had failed.
    pub async fn stop_sending(&mut self) -> Result<u64, CallError> {
        if let Some((encoder, _)) = self.to_send.take() {
            encoder.end().await;
        }
        let sender = self.progress.shared.lock().sender.take();
        let Some(sender) = sender else {
            return Ok(0);
        };
        self.record_selected_pair().await;
        let failure = sender.failure();
        let stats = sender.stop().await;
        self.progress.shared.lock().stats.note_sent(&stats);
        match failure {
            Some(error) => Err(SendVideoError::from(error).into()),
            None => Ok(stats.frames_sent),
        }
    }

    /// Waits until so many frames are decoded, or until no more frames come: a lost one never will.
    pub async fn wait_until_decoded(&self, sent: u64) {
        let progress = &self.progress;
        while let Some(decoded) = progress.frames_decoded().filter(|decoded| *decoded < sent) {
            let one_more = async {
                while progress.frames_decoded() == Some(decoded) {
                    sleep(Duration::from_millis(2)).await;
                }
            };
            if timeout(LAST_FRAME_TIMEOUT, one_more).await.is_err() {
                return;
            }
        }
    }

    /// Ends the decoder. The channel of the remote frames closes with it.
    pub async fn stop_receiving(&mut self) {
        let receiver = self.progress.shared.lock().receiver.take();
        if let Some(receiver) = receiver {
            let stats = receiver.stop().await;
            let began = self.progress.began;
            self.progress
                .shared
                .lock()
                .stats
                .note_received(&stats, began);
        }
    }
}
