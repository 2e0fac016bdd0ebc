//! `--lab wrong-payload-type`: packets that nobody has agreed on.

use std::time::Duration;

use step_01_capture::program::stop_signal::StopSignal;
use step_01_capture::{MediaStream, Timeline};
use step_02_peer::stopped;

use super::LabReport;
use super::bare_call::BareCall;
use crate::call_error::CallError;
use crate::send::h264_packetizer::{H264Packetizer, RtpStreamStart};

/// About thirty pictures with the wrong payload type, then thirty with the right one.
const PHASE: Duration = Duration::from_secs(1);

const EXPLANATION: &str = "\
The payload type in the header of every RTP packet is a number that offer and answer tie to a codec (a=rtpmap). webrtc
finds no codec for the wrong one and drops the packet. Its log says so, but write_rtp() says Ok all the same. So take the
number from sender.get_parameters() once the answer is set, and never from a constant: it is the offerer's choice.";

/// What was handed to webrtc.
#[derive(Default)]
struct Sent {
    pictures: u64,
    packets: usize,
    refused: u64,
}

/// Sends with a payload type that is off by one, then with the right one.
pub(super) async fn run(
    stream: &MediaStream,
    timeline: &Timeline,
    stop: &StopSignal,
) -> Result<LabReport, CallError> {
    let mut call = BareCall::connect(stream, timeline).await?;
    let right = call.payload_type().await?;
    // Dynamic payload types go from 96 to 127 (RFC 3551 §6).
    let wrong = if right == 127 { 126 } else { right + 1 };
    let mut seen = Vec::new();
    for payload_type in [wrong, right] {
        let sent = send_for_a_while(&mut call, payload_type, stop).await;
        let track = match call.track().await {
            Some(_) => "track: the remote video arrives",
            None => "no track event, nothing arrives",
        };
        seen.push(format!(
            "payload type {payload_type}  {} pictures in {} packets, {} errors; {track}",
            sent.pictures, sent.packets, sent.refused
        ));
    }
    call.hang_up().await?;
    seen.insert(0, format!("negotiated        {right}"));
    Ok(LabReport {
        seen: seen.join("\n"),
        explanation: EXPLANATION,
    })
}

async fn send_for_a_while(call: &mut BareCall, payload_type: u8, stop: &StopSignal) -> Sent {
    let ssrc = call.video().ssrc();
    let mut packetizer = H264Packetizer::new(payload_type, ssrc, RtpStreamStart::random());
    let mut sent = Sent::default();
    let over = tokio::time::sleep(PHASE);
    let stopped = stopped(stop);
    tokio::pin!(over, stopped);
    loop {
        tokio::select! {
            () = &mut over => return sent,
            () = &mut stopped => return sent,
            access_unit = call.access_units.recv() => {
                let Some(access_unit) = access_unit else { return sent };
                let packets = packetizer.packetize(&access_unit);
                sent.pictures += 1;
                sent.packets += packets.len();
                sent.refused += u64::from(!call.send(packets).await);
            }
        }
    }
}
