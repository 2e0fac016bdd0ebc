//! From the network to the remote video.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtcp::transport_feedbacks::transport_layer_nack::{
    TransportLayerNack, nack_pairs_from_sequence_numbers,
};
use rtc::rtp_transceiver::rtp_sender::RTCPFeedback;
use step_01_capture::latest_frame::LatestFrameWriter;
use step_02_peer::Peer;
use step_03_ice::observing::round_trip::round_trip_time;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};

use crate::figures::capture_log::CaptureLog;
use crate::figures::rtp_stream_stats::InboundStats;
use crate::receive::assembler_event::AssemblerEvent;
use crate::receive::decoder_config::DecoderConfig;
use crate::receive::decoder_thread::{DecoderState, DecoderThread, Submitted};
use crate::receive::frame_assembler::FrameAssembler;
use crate::receive::frame_decoder::DecodeError;
use crate::receive::jitter_buffer::{JitterBuffer, PlayoutDelay};

/// ICE measures the round trip every 2 s, with its keep-alives.
const MEASUREMENT_INTERVAL: Duration = Duration::from_secs(1);

/// Where a remote video is shown, and when.
pub struct RemoteVideo {
    /// Takes the frames.
    pub frames: LatestFrameWriter,
    /// How long each frame waits.
    pub playout: PlayoutDelay,
}

/// Shows frames as they come: in one process they come in time.
impl From<LatestFrameWriter> for RemoteVideo {
    fn from(frames: LatestFrameWriter) -> Self {
        let playout = PlayoutDelay::Off;
        Self { frames, playout }
    }
}

/// Assembles, decodes and shows what a remote track brings, and asks for a key frame when it needs one. Dropping it ends
/// all of it.
pub struct VideoReceiver {
    decoder: Arc<DecoderState>,
    assembled: Arc<Mutex<InboundStats>>,
    /// The task ends when this is dropped.
    stop: oneshot::Sender<()>,
    receiving: JoinHandle<()>,
}

impl VideoReceiver {
    /// Shows `track` in `video`. How long it waits for lost packets follows the round trip of `peer`, if there is one. Must be
    /// called on a tokio runtime.
    ///
    /// # Errors
    /// [`DecodeError::Start`] when there is no decoder.
    pub fn start(
        track: Arc<dyn TrackRemote>,
        decoder: impl Into<DecoderConfig>,
        video: impl Into<RemoteVideo>,
        captures: CaptureLog,
        peer: Option<Peer>,
    ) -> Result<Self, DecodeError> {
        let RemoteVideo { frames, playout } = video.into();
        let decoder_failed = Arc::new(Notify::new());
        let decoder = DecoderThread::start(decoder, frames, captures, {
            let decoder_failed = Arc::clone(&decoder_failed);
            move || decoder_failed.notify_one()
        })?;
        let (state, assembled) = (Arc::clone(&decoder.state), Arc::default());
        let receiving = Receiving {
            track,
            peer,
            measured: 0,
            assembler: FrameAssembler::new(),
            jitter_buffer: JitterBuffer::new(playout),
            decoder,
            decoder_failed,
            assembled: Arc::clone(&assembled),
        };
        let (stop, stopped) = oneshot::channel();
        Ok(Self {
            decoder: state,
            assembled,
            stop,
            receiving: tokio::spawn(receiving.run(stopped)),
        })
    }

    /// What was received so far.
    pub fn stats(&self) -> InboundStats {
        let assembled = *self.assembled.lock();
        InboundStats {
            packets_received: assembled.packets_received,
            frames_received: assembled.frames_received,
            sync_losses: assembled.sync_losses,
            pli_count: assembled.pli_count,
            packets_requested: assembled.packets_requested,
            jitter: assembled.jitter,
            playout_delay: assembled.playout_delay,
            ..self.decoder.stats()
        }
    }

    /// How many frames are decoded.
    pub fn frames_decoded(&self) -> u64 {
        self.decoder.frames_decoded()
    }

    /// Why there is no decoder any more, if there is none.
    pub fn failure(&self) -> Option<DecodeError> {
        self.decoder.failure()
    }

    /// Ends the decoder. The channel of frames closes with it.
    pub async fn stop(self) -> InboundStats {
        let stats = self.stats();
        drop(self.stop);
        // The task cannot panic and nobody aborts it.
        let _ = self.receiving.await;
        stats
    }
}

struct Receiving {
    track: Arc<dyn TrackRemote>,
    peer: Option<Peer>,
    /// How many round trips ICE had measured when one was taken over.
    measured: u64,
    assembler: FrameAssembler,
    jitter_buffer: JitterBuffer,
    decoder: DecoderThread,
    decoder_failed: Arc<Notify>,
    assembled: Arc<Mutex<InboundStats>>,
}

impl Receiving {
    async fn run(mut self, mut stop: oneshot::Receiver<()>) {
        tokio::select! {
            // The last frame stays when the track ends.
            () = self.receive_packets() => {
                let _ = stop.await;
            }
            _ = &mut stop => {}
        }
        // Ending the decoder waits for the frame that is being decoded: not on the threads of the network.
        let _ = tokio::task::spawn_blocking(move || drop(self.decoder)).await;
    }

    async fn receive_packets(&mut self) {
        let mut measurement = Instant::now();
        loop {
            let deadline = self.assembler.next_deadline();
            tokio::select! {
                event = self.track.poll() => match event {
                    Some(TrackRemoteEvent::OnRtpPacket(packet)) => {
                        self.assembler.push(packet, Instant::now());
                    }
                    Some(TrackRemoteEvent::OnEnded) | None => return,
                    Some(_) => {}
                },
                () = self.decoder_failed.notified() => {
                    self.assembler.require_key_frame(Instant::now());
                }
                () = sleep_until(self.jitter_buffer.next_due()) => {}
                () = sleep_until(deadline) => self.assembler.handle_timeout(Instant::now()),
                () = sleep_until(Some(measurement)) => {
                    self.measure_round_trip().await;
                    measurement = Instant::now() + MEASUREMENT_INTERVAL;
                }
            }
            self.handle_assembler_events().await;
            self.decode_due();
            *self.assembled.lock() = InboundStats {
                jitter: self.jitter_buffer.jitter(),
                playout_delay: self.jitter_buffer.delay(),
                ..self.assembler.stats()
            };
        }
    }

    /// Takes over the round trip. Without NACKs no packet comes again, so a gap that is open for longer saves no frame.
    async fn measure_round_trip(&mut self) {
        if self.nack_is_negotiated().await
            && let Some(peer) = &self.peer
            && let Some((round_trip, number)) = round_trip_time(peer).await
            && self.measured != number
        {
            self.measured = number;
            tracing::debug!(peer = "remote", "round trip: {round_trip:?}");
            self.assembler.set_round_trip(round_trip);
        }
    }

    async fn handle_assembler_events(&mut self) {
        while let Some(event) = self.assembler.poll_event() {
            match event {
                AssemblerEvent::AccessUnit(access_unit) => {
                    self.jitter_buffer.push(access_unit, Instant::now());
                }
                AssemblerEvent::NeedKeyFrame => self.request_key_frame().await,
                AssemblerEvent::Missing(numbers) => self.request_packets(&numbers).await,
            }
        }
    }

    fn decode_due(&mut self) {
        while let Some(access_unit) = self.jitter_buffer.pop_due(Instant::now()) {
            if self.decoder.submit(access_unit) == Submitted::NeedKeyFrame {
                self.assembler.require_key_frame(Instant::now());
            }
        }
    }

    /// Whether both descriptions have `a=rtcp-fb:… nack` (RFC 4585 §4.2).
    async fn nack_is_negotiated(&self) -> bool {
        for ssrc in self.track.ssrcs().await {
            let feedback = self
                .track
                .codec(ssrc)
                .await
                .map(|codec| codec.rtcp_feedback);
            let nack =
                |feedback: &RTCPFeedback| feedback.typ == "nack" && feedback.parameter.is_empty();
            if feedback.is_some_and(|feedback| feedback.iter().any(nack)) {
                return true;
            }
        }
        false
    }

    /// Sends a NACK for packets that did not come.
    async fn request_packets(&self, numbers: &[u16]) {
        if !self.nack_is_negotiated().await {
            return;
        }
        for media_ssrc in self.track.ssrcs().await {
            let nack = TransportLayerNack {
                sender_ssrc: 0,
                media_ssrc,
                nacks: nack_pairs_from_sequence_numbers(numbers),
            };
            if let Err(error) = self.track.write_rtcp(vec![Box::new(nack)]).await {
                tracing::debug!(peer = "remote", "NACK not sent: {error}");
            }
        }
    }

    /// Sends a PLI: nothing can be decoded before a key frame.
    async fn request_key_frame(&self) {
        let reason = match self.assembler.stats().frames_received {
            0 => "no key frame yet",
            _ => "access units were lost",
        };
        tracing::debug!(peer = "remote", "{reason}: PLI");
        for media_ssrc in self.track.ssrcs().await {
            let pli = PictureLossIndication {
                sender_ssrc: 0,
                media_ssrc,
            };
            if let Err(error) = self.track.write_rtcp(vec![Box::new(pli)]).await {
                tracing::debug!(peer = "remote", "PLI not sent: {error}");
            }
        }
    }
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}
