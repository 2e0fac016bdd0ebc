//! The call: from Call to Hang Up.

use step_01_capture::{LatestFrame, MediaStream, Timeline};
use step_02_peer::{OutgoingVideo, PeerConfig, VideoCodec};
use step_03_ice::ConnectedPair;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::actions::{call_action, handle_event, hangup_action};
use crate::bandwidth_estimate::BandwidthEstimate;
use crate::call_error::CallError;
use crate::call_media::{CallMedia, CallProgress};
use crate::figures::call_stats::CallStats;
use crate::receive::video_receiver::RemoteVideo;
use crate::send::encoder::EncoderConfig;
use crate::send::encoder_thread::EncoderThread;
use crate::send::video_sender::SendVideoError;

/// The local video, as it is sent: what the note calls `localStream`.
#[derive(Clone)]
pub struct LocalVideo {
    /// How it is announced, and where its packets go.
    pub outgoing: OutgoingVideo,
    /// Its frames.
    pub frames: LatestFrame,
    /// An encoder's settings that fit it.
    pub encoder_config: EncoderConfig,
}

impl LocalVideo {
    /// The video of `stream`. `ssrc` names its packets (RFC 3550 §8): random in a call, chosen in a test.
    pub fn new(stream: &MediaStream, ssrc: u32) -> Self {
        let track = stream.video_track();
        let settings = track.settings();
        Self {
            outgoing: OutgoingVideo::new(stream, VideoCodec::H264, ssrc),
            frames: track.frames(),
            encoder_config: EncoderConfig::new(settings.resolution, settings.frame_rate),
        }
    }
}

/// A call between two peers in this process, and the owner of everything that it is made of.
///
/// Dropping it hangs up as well, without waiting for the end: the runtime does the rest in the background.
pub struct Call {
    progress: CallProgress,
    /// The call is hung up when this is dropped.
    hang_up: oneshot::Sender<()>,
    running: JoinHandle<Result<(), CallError>>,
}

impl Call {
    /// Makes both peers, connects them, and sends `video` from the local to the remote one, which shows it in
    /// `remote_video` (the codelab's `callAction()`). Returns before the peers are connected.
    ///
    /// # Errors
    /// [`CallError`] when a peer cannot be made or the video cannot be encoded.
    pub async fn start(
        video: LocalVideo,
        mut config: PeerConfig,
        timeline: &Timeline,
        remote_video: impl Into<RemoteVideo>,
    ) -> Result<Call, CallError> {
        let progress = CallProgress::begin();
        let bitrate = f64::from(video.encoder_config.bitrate);
        timeline
            .call_log()
            .sample("bitrate asked for, bit/s", bitrate);
        // The first frame is encoded while the peers connect.
        let encoder = EncoderThread::start(video.frames, video.encoder_config);
        let mut encoder = encoder.map_err(SendVideoError::from)?;
        let bandwidth = config
            .bandwidth
            .get_or_insert_with(BandwidthEstimate::bandwidth);
        encoder.bandwidth = Some(bandwidth.clone());
        let (pair, sender) = call_action(&video.outgoing, config, timeline).await?;
        let to_send = (encoder, sender, video.outgoing);
        let media = CallMedia::new(progress.clone(), to_send, remote_video);
        let media = media.with_log(timeline.call_log());
        let (hang_up, hung_up) = oneshot::channel();
        let running = tokio::spawn(run_call(pair, media, hung_up));
        Ok(Call {
            progress,
            hang_up,
            running,
        })
    }

    /// What was measured so far.
    pub fn stats(&self) -> CallStats {
        self.progress.stats()
    }

    /// Why no frames arrive any more, although nobody has hung up: the peers lost each other, or one of them cannot encode
    /// or decode.
    pub fn failure(&self) -> Option<String> {
        self.progress.failure()
    }

    /// Whether both peers are closed: the negotiation failed, or the call was hung up.
    pub fn is_over(&self) -> bool {
        self.running.is_finished()
    }

    /// Ends the call (the codelab's `hangupAction()`): stops sending, waits for the frames on their way, and closes both
    /// peers. When it returns, no thread, task or socket of the call is left.
    ///
    /// # Errors
    /// Why the call was not made, or why a peer could not be closed.
    pub async fn hang_up(self) -> (CallStats, Result<(), CallError>) {
        drop(self.hang_up);
        let result = match self.running.await {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // Only the end of the runtime aborts the task, and then nothing of the call is left either.
                Err(_) => Ok(()),
            },
        };
        (self.progress.stats(), result)
    }
}

/// Handles the events of both peers until someone hangs up.
async fn run_call(
    mut pair: ConnectedPair,
    mut media: CallMedia,
    mut hung_up: oneshot::Receiver<()>,
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
                    // The first failure causes the others.
                    result = result.and(handled);
                }
                // Both sessions ended: the negotiation failed.
                None => break,
            },
            _ = &mut hung_up => break,
        }
    }
    let result = result.and(hangup_action(pair, media).await);
    if let Err(error) = &result {
        progress.fail(error);
    } else if !progress.has_connected() {
        progress.fail("the call was hung up before the peers were connected");
    }
    result
}
