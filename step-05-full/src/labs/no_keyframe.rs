//! `--lab no-keyframe`: a stream without a beginning.

use std::time::Duration;

use step_01_capture::latest_frame::latest_frame;
use step_01_capture::program::stop_signal::StopSignal;
use step_01_capture::{MediaStream, Timeline};
use step_02_peer::{OutgoingVideo, asks_for_key_frame, stopped};
use webrtc::media_stream::track_local::{TrackLocal, TrackLocalEvent};

use super::LabReport;
use super::bare_call::BareCall;
use crate::call::CallError;
use crate::figures::capture_log::CaptureLog;
use crate::receive::video_receiver::{ReceiverStats, VideoReceiver};
use crate::send::h264_packetizer::{H264Packetizer, RtpStreamStart};

/// So long no PLI is answered, then so long they are.
const PHASE: Duration = Duration::from_millis(1500);

const EXPLANATION: &str = "\
Every picture but a key frame is told as the difference to the one before. Without the first key frame nothing can be
decoded, although every packet arrives; the screen stays black. The remote peer says so: it sends a PLI (RFC 4585 §6.3.1)
four times a second until a key frame comes. A sender that ignores it leaves the other side in the dark; one key frame ends it.";

/// Sends everything but the first key frame; answers the PLIs only in the second half.
pub(super) async fn run(
    stream: &MediaStream,
    timeline: &Timeline,
    stop: &StopSignal,
) -> Result<LabReport, CallError> {
    let mut call = BareCall::connect(stream, timeline).await?;
    let payload_type = call.payload_type().await?;
    let ssrc = call.video().ssrc();
    let mut stage = Stage {
        packetizer: H264Packetizer::new(payload_type, ssrc, RtpStreamStart::random()),
        video: call.video().clone(),
        receiver: None,
        key_frames_lost: 0,
        requests: 0,
    };
    stage.act(&mut call, Answer::Never, stop).await?;
    let before = stage.line("no PLI answered");
    stage.act(&mut call, Answer::WithAKeyFrame, stop).await?;
    let after = stage.line("PLI answered");
    let lost = stage.key_frames_lost;
    if let Some(receiver) = stage.receiver {
        receiver.stop().await;
    }
    call.hang_up().await?;
    Ok(LabReport {
        seen: format!("key frames lost   {lost}\n{before}\n{after}"),
        explanation: EXPLANATION,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Never,
    WithAKeyFrame,
}

struct Stage {
    packetizer: H264Packetizer,
    video: OutgoingVideo,
    receiver: Option<VideoReceiver>,
    key_frames_lost: u64,
    requests: u64,
}

impl Stage {
    async fn act(
        &mut self,
        call: &mut BareCall,
        answer: Answer,
        stop: &StopSignal,
    ) -> Result<(), CallError> {
        let requester = call.encoder.key_frame_requester();
        let over = tokio::time::sleep(PHASE);
        let stopped = stopped(stop);
        tokio::pin!(over, stopped);
        loop {
            tokio::select! {
                () = &mut over => return Ok(()),
                () = &mut stopped => return Ok(()),
                event = self.video.track().poll() => {
                    let Some(TrackLocalEvent::OnRtcpPacket(packets)) = event else { continue };
                    if packets.iter().any(|packet| asks_for_key_frame(packet.as_ref())) {
                        self.requests += 1;
                        if answer == Answer::WithAKeyFrame {
                            requester.request();
                        }
                    }
                }
                access_unit = call.access_units.recv() => {
                    let Some(access_unit) = access_unit else { return Ok(()) };
                    if access_unit.key_frame && answer == Answer::Never {
                        self.key_frames_lost += 1;
                        continue;
                    }
                    call.send(self.packetizer.packetize(&access_unit)).await;
                    self.receive(call).await?;
                }
            }
        }
    }

    /// Decodes what arrives, as soon as the remote peer has told of it.
    async fn receive(&mut self, call: &mut BareCall) -> Result<(), CallError> {
        if self.receiver.is_none()
            && let Some(track) = call.track().await
        {
            let (pictures, _nobody_looks) = latest_frame();
            let receiver = VideoReceiver::start(track, pictures, CaptureLog::default(), None)?;
            self.receiver = Some(receiver);
        }
        Ok(())
    }

    fn line(&self, what: &str) -> String {
        let ReceiverStats {
            decoder, assembler, ..
        } = self
            .receiver
            .as_ref()
            .map(VideoReceiver::stats)
            .unwrap_or_default();
        format!(
            "{what:<17} {} packets received, {} PLI heard, {} pictures decoded",
            assembler.packets_received, self.requests, decoder.frames_decoded
        )
    }
}
