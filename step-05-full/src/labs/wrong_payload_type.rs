//! `--lab wrong-payload-type`: packets that were not negotiated.

use std::time::Duration;

use step_01_capture::program::stop_signal::StopSignal;
use step_01_capture::{MediaStream, Timeline};
use step_02_peer::stopped;
use tokio::time::timeout;

use crate::call_error::CallError;
use crate::labs::bare_call::BareCall;
use crate::labs::lab_report::LabReport;
use crate::labs::screen::Screen;

/// About thirty frames with the wrong payload type, then thirty with the right one.
const PHASE: Duration = Duration::from_secs(1);

pub(super) const EXPLANATION: &str = "\
The payload type in the header of every RTP packet is a number that offer and answer tie to a codec (a=rtpmap). webrtc
finds no codec for the wrong one and drops the packet. Its log says so, but write_rtp() returns Ok all the same. So take
the number from sender.get_parameters() once the answer is set, and never from a constant: offer and answer decide it.";

/// Sends with a payload type that is off by one, then with the right one if the call `heals`.
pub(super) async fn run(
    heals: bool,
    stream: &MediaStream,
    screen: &Screen,
    timeline: &Timeline,
    stop: &StopSignal,
) -> Result<LabReport, CallError> {
    let mut call = BareCall::connect(stream, screen.remote_frames(), timeline).await?;
    let right = call.payload_type;
    // Dynamic payload types go from 96 to 127 (RFC 3551 §6).
    let wrong = if right == 127 { 126 } else { right + 1 };
    let mut seen = format!("negotiated        {right}");
    for payload_type in [wrong, right].into_iter().take(1 + usize::from(heals)) {
        let sent = send(&mut call, payload_type, stop).await?;
        let track = match call.track().await {
            Some(_) => "track: the remote video arrives",
            None => "no track event, nothing arrives",
        };
        seen += &format!("\npayload type {payload_type}  {sent}; {track}");
    }
    call.hang_up().await?;
    Ok(LabReport::new(seen, EXPLANATION))
}

/// Sends for one phase, and returns what webrtc took.
async fn send(
    call: &mut BareCall,
    payload_type: u8,
    stop: &StopSignal,
) -> Result<String, CallError> {
    let mut packetizer = call.packetizer(payload_type);
    let (mut frames, mut packets, mut errors) = (0, 0, 0);
    let over = timeout(PHASE, stopped(stop));
    tokio::pin!(over);
    loop {
        tokio::select! {
            _ = &mut over => break,
            Some(access_unit) = call.encoder.access_units.recv() => {
                let of_frame = packetizer.packetize(&access_unit);
                frames += 1;
                packets += of_frame.len();
                errors += u32::from(!call.send(of_frame).await);
                call.show_remote_video().await?;
            }
        }
    }
    Ok(format!(
        "{frames} frames in {packets} packets, {errors} errors"
    ))
}
