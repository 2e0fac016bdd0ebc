//! `--lab no-keyframe`: a stream without its first key frame.

use std::time::Duration;

use step_01_capture::program::stop_signal::StopSignal;
use step_01_capture::{MediaStream, Timeline};
use step_02_peer::{asks_for_key_frame, stopped};
use tokio::time::timeout;
use webrtc::media_stream::track_local::{TrackLocal, TrackLocalEvent};

use crate::call_error::CallError;
use crate::labs::bare_call::BareCall;
use crate::labs::lab_report::LabReport;
use crate::labs::screen::Screen;
use crate::send::h264_packetizer::H264Packetizer;

/// So long no PLI is answered, then so long they are.
const PHASE: Duration = Duration::from_millis(1500);

pub(super) const EXPLANATION: &str = "\
Every frame but a key frame refers to the one before. Without the first key frame nothing can be decoded, although every
packet arrives; the screen stays black. The remote peer sends a PLI (RFC 4585 §6.3.1) four times a second until a key frame
comes. As long as the sender ignores it, nothing is shown; one key frame is enough.";

/// Sends everything but the first key frame. If the call `heals`, the PLIs are answered in a second half.
pub(super) async fn run(
    heals: bool,
    stream: &MediaStream,
    screen: &Screen,
    timeline: &Timeline,
    stop: &StopSignal,
) -> Result<LabReport, CallError> {
    let call = BareCall::connect(stream, screen.remote_frames(), timeline).await?;
    let mut lab = NoKeyframe {
        packetizer: call.packetizer(call.payload_type),
        call,
        key_frames_lost: 0,
        plis: 0,
    };
    let before = lab.send(false, stop).await?;
    let after = match heals {
        true => lab.send(true, stop).await?,
        false => String::new(),
    };
    lab.call.hang_up().await?;
    let seen = format!(
        "key frames lost   {}\nno PLI answered   {before}\nPLI answered      {after}",
        lab.key_frames_lost
    );
    Ok(LabReport::new(seen, EXPLANATION))
}

struct NoKeyframe {
    call: BareCall,
    packetizer: H264Packetizer,
    key_frames_lost: u64,
    plis: u64,
}

impl NoKeyframe {
    /// Sends for one phase, and returns what arrived so far.
    async fn send(&mut self, answers_plis: bool, stop: &StopSignal) -> Result<String, CallError> {
        let over = timeout(PHASE, stopped(stop));
        tokio::pin!(over);
        loop {
            tokio::select! {
                _ = &mut over => break,
                Some(TrackLocalEvent::OnRtcpPacket(packets)) = self.call.video.track().poll() => {
                    if packets.iter().any(|packet| asks_for_key_frame(packet.as_ref())) {
                        self.plis += 1;
                        if answers_plis {
                            self.call.encoder.request_key_frame();
                        }
                    }
                }
                Some(access_unit) = self.call.encoder.access_units.recv() => {
                    if access_unit.key_frame && !answers_plis {
                        self.key_frames_lost += 1;
                        continue;
                    }
                    self.call.send(self.packetizer.packetize(&access_unit)).await;
                    self.call.show_remote_video().await?;
                }
            }
        }
        let inbound = self.call.received();
        Ok(format!(
            "{} packets received, {} PLI received, {} frames decoded",
            inbound.packets_received, self.plis, inbound.frames_decoded
        ))
    }
}
