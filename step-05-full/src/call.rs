//! The call: from Call to Hang Up.

use std::sync::Arc;

use step_01_capture::latest_frame::LatestFrameWriter;
use step_01_capture::{LatestFrame, MediaStream, MediaTrackSettings, Timeline};
use step_02_peer::{OutgoingVideo, PeerConfig, VideoCodec};
use step_03_ice::ConnectedPair;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::actions::{call_action, handle_event, hangup_action};
use crate::call_error::CallError;
use crate::call_media::{CallMedia, CallProgress};
use crate::figures::call_stats::CallStats;
use crate::send::encoder::EncoderConfig;
use crate::send::video_sender::PreparedVideo;

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

    /// How it is announced and sent.
    pub fn outgoing(&self) -> &OutgoingVideo {
        &self.video
    }

    /// A reader of its pictures.
    pub fn frames(&self) -> LatestFrame {
        self.frames.clone()
    }

    /// An encoder's settings that fit it.
    pub fn encoder_config(&self) -> EncoderConfig {
        EncoderConfig::new(self.settings.resolution, self.settings.frame_rate)
    }
}

/// A call between two peers in this process, and the owner of everything that it is made of.
///
/// Dropping it hangs up as well, without waiting for the end: the runtime does the rest in the background.
pub struct Call {
    progress: CallProgress,
    hang_up: Arc<Notify>,
    conducting: JoinHandle<Result<(), CallError>>,
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
        let progress = CallProgress::begin();
        let prepared = PreparedVideo::encode(video.frames(), video.encoder_config())?;
        let (pair, sender) = call_action(video.outgoing(), config, timeline).await?;
        let media = CallMedia::new(
            progress.clone(),
            (prepared, sender, video.video),
            remote_pictures,
        );
        let hang_up = Arc::new(Notify::new());
        let conducting = tokio::spawn(run_call(pair, media, Arc::clone(&hang_up)));
        Ok(Call {
            progress,
            hang_up,
            conducting,
        })
    }

    /// What happened so far.
    pub fn stats(&self) -> CallStats {
        self.progress.stats()
    }

    /// Why pictures do not flow any more, although nobody has hung up: the peers lost each other, or one of them
    /// cannot encode or decode.
    pub fn failure(&self) -> Option<String> {
        self.progress.failure()
    }

    /// Whether both peers are closed: when they could not even begin, or when the call broke off.
    pub fn is_over(&self) -> bool {
        self.conducting.is_finished()
    }

    /// Ends the call (the codelab's `hangupAction()`): sends no more, waits for the pictures on their way, and closes
    /// both peers. When it returns, no thread, task or socket of the call is left.
    ///
    /// # Errors
    /// Why a peer could not be closed in order, or why the call never came about.
    pub async fn hang_up(mut self) -> (CallStats, Result<(), CallError>) {
        self.hang_up.notify_one();
        let result = match (&mut self.conducting).await {
            Ok(result) => result,
            Err(broken_off) => match broken_off.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // Nobody but the end of the runtime cancels it, and that takes everything along.
                Err(_) => Ok(()),
            },
        };
        (self.progress.stats(), result)
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        // The permit is kept until the conductor asks for it, so this cannot come too early.
        self.hang_up.notify_one();
    }
}

/// Listens to both peers and does what the call needs next, until someone hangs up.
async fn run_call(
    mut pair: ConnectedPair,
    mut media: CallMedia,
    hang_up: Arc<Notify>,
) -> Result<(), CallError> {
    let progress = media.progress().clone();
    let mut result = Ok(());
    loop {
        tokio::select! {
            observed = pair.next_event() => match observed {
                Some(observed) => {
                    let handled = handle_event(observed, &mut media).await;
                    if let Err(error) = &handled {
                        progress.fail(error);
                    }
                    // The first failure is the cause of the others.
                    result = result.and(handled);
                }
                // Both sessions ended: the peers could not even begin.
                None => break,
            },
            () = hang_up.notified() => break,
        }
    }
    let result = result.and(hangup_action(pair, media).await);
    if let Err(error) = &result {
        progress.fail(error);
    }
    result
}
