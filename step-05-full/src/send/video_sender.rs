//! From the local track to the network.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rtc::rtcp;
use rtc::shared::error::Error as RtcError;
use step_02_peer::{Bandwidth, OutgoingVideo, asks_for_key_frame};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use webrtc::media_stream::track_local::{TrackLocal, TrackLocalEvent};
use webrtc::rtp_transceiver::RtpSender;

use crate::access_unit::AccessUnit;
use crate::bandwidth_estimate;
use crate::figures::capture_log::{Capture, CaptureLog};
use crate::figures::rtp_stream_stats::OutboundStats;
use crate::figures::wall_clock;
use crate::send::encoder::EncodeError;
use crate::send::encoder_thread::{EncoderState, EncoderThread};
use crate::send::h264_packetizer::{H264Packetizer, RtpStreamStart};
use crate::send::pacer::Pacer;

/// The encoder's share of the bandwidth. The rest is for headers, and for packets that are sent again.
const ENCODED: f64 = 0.85;

/// The first report comes after a round trip and 100 ms. A peer that has sent none by now sends none at all.
const FIRST_REPORT_TIMEOUT: Duration = Duration::from_secs(1);

/// Why video cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum SendVideoError {
    /// There is no encoder.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The answer rejected every codec that was offered.
    #[error(
        "nothing can be sent: the peers have no video codec in common, so the answer refused the m=video section"
    )]
    NoCommonCodec,
    /// webrtc does not know the sender any more.
    #[error("nothing can be sent: {0}")]
    Sender(RtcError),
}

/// Sends the local track and answers requests for key frames. Dropping it ends both.
pub struct VideoSender {
    state: Arc<EncoderState>,
    /// The task ends when this is dropped.
    stop: oneshot::Sender<()>,
    sending: JoinHandle<()>,
}

impl VideoSender {
    /// Sends what `encoder` makes, as it was negotiated. Call it when the peer is connected; the encoder may be started
    /// earlier, so that its first access unit is ready at once.
    ///
    /// # Errors
    /// [`SendVideoError::NoCommonCodec`] when no codec was negotiated.
    pub async fn start(
        encoder: EncoderThread,
        sender: &Arc<dyn RtpSender>,
        video: &OutgoingVideo,
        captures: CaptureLog,
    ) -> Result<Self, SendVideoError> {
        let payload_type = match negotiated_payload_type(sender).await {
            Ok(payload_type) => payload_type,
            Err(error) => {
                encoder.end().await;
                return Err(error);
            }
        };
        let state = Arc::clone(&encoder.state);
        let sending = Sending {
            packetizer: H264Packetizer::new(payload_type, video.ssrc(), RtpStreamStart::random()),
            video: video.clone(),
            captures,
            state: Arc::clone(&state),
            bandwidth: encoder.bandwidth.clone(),
            pacer: Pacer::default(),
            connected_at: Instant::now(),
            last_sent: None,
        };
        let (stop, stopped) = oneshot::channel();
        Ok(Self {
            state,
            stop,
            sending: tokio::spawn(sending.run(encoder, stopped)),
        })
    }

    /// Encodes and sends nothing, or goes on with a key frame.
    pub fn set_paused(&self, paused: bool) {
        if self.state.paused.swap(paused, Ordering::AcqRel) {
            self.state.request_key_frame();
        }
    }

    /// What was sent so far.
    pub fn stats(&self) -> OutboundStats {
        *self.state.stats.lock()
    }

    /// Why the encoder ended before it was stopped.
    pub fn failure(&self) -> Option<EncodeError> {
        self.state.failure.lock().clone()
    }

    /// Ends the encoder, and returns when its last access unit is sent.
    pub async fn stop(self) -> OutboundStats {
        drop(self.stop);
        // The task cannot panic and nobody aborts it.
        let _ = self.sending.await;
        *self.state.stats.lock()
    }
}

/// The payload type that offer and answer agreed on. A packet with another one is sent nowhere, and webrtc 0.21 returns no
/// error.
///
/// # Errors
/// [`SendVideoError::NoCommonCodec`] when they agreed on none.
pub async fn negotiated_payload_type(sender: &Arc<dyn RtpSender>) -> Result<u8, SendVideoError> {
    let parameters = sender
        .get_parameters()
        .await
        .map_err(SendVideoError::Sender)?;
    let codec = parameters.rtp_parameters.codecs.first();
    Ok(codec.ok_or(SendVideoError::NoCommonCodec)?.payload_type)
}

struct Sending {
    packetizer: H264Packetizer,
    video: OutgoingVideo,
    captures: CaptureLog,
    state: Arc<EncoderState>,
    bandwidth: Option<Bandwidth>,
    pacer: Pacer,
    connected_at: Instant,
    /// The number of the latest frame, if it was captured after the connection was established.
    last_sent: Option<u64>,
}

impl Sending {
    async fn run(mut self, mut encoder: EncoderThread, mut stop: oneshot::Receiver<()>) {
        loop {
            tokio::select! {
                // None: the source ended, or the encoder failed.
                access_unit = encoder.access_units.recv() => match access_unit {
                    Some(access_unit) if self.send(&access_unit).await => {}
                    _ => break,
                },
                Some(TrackLocalEvent::OnRtcpPacket(packets)) = self.video.track().poll() => {
                    self.answer_feedback(&packets);
                }
                _ = &mut stop => break,
            }
        }
        if let Some(last) = encoder.end().await {
            self.send(&last).await;
        }
    }

    /// False when the peer is closed.
    async fn send(&mut self, access_unit: &AccessUnit) -> bool {
        let (captured_at, number) = (access_unit.captured_at, access_unit.number);
        let capture = Capture {
            captured_at,
            number,
        };
        let timestamp = self.packetizer.timestamp(captured_at);
        self.captures.record(timestamp, capture);
        let age = captured_at.elapsed().as_millis();
        let now = wall_clock::now();
        tracing::trace!(
            peer = "local",
            "frame {number} captured {age} ms before {now}"
        );
        let limit = self.follow_bandwidth();
        for packet in self.packetizer.packetize(access_unit) {
            let now = Instant::now();
            let departure = self.pacer.departure(packet.payload.len(), limit, now);
            if departure > now {
                tokio::time::sleep_until(departure.into()).await;
            }
            if let Err(error) = self.video.track().write_rtp(packet).await {
                tracing::debug!(peer = "local", "sending ends: {error}");
                return false;
            }
            self.state.stats.lock().packets_sent += 1;
        }
        // The source numbers its frames. A gap is a frame that was not sent, except before the connection was established.
        let captured = self.last_sent.map_or(1, |last| number.saturating_sub(last));
        self.last_sent = (captured_at >= self.connected_at).then_some(number);
        let (key_frame, bytes) = (access_unit.key_frame, access_unit.data.len());
        self.captures.note_sent(captured, key_frame, bytes);
        let mut stats = self.state.stats.lock();
        stats.frames_captured += captured;
        stats.frames_sent += 1;
        true
    }

    /// Asks the encoder for as many bits as the line carries. Returns how many that is, if there is a limit.
    fn follow_bandwidth(&self) -> Option<f64> {
        let bandwidth = self.bandwidth.as_ref()?;
        let full = f64::from(self.state.full_bitrate);
        let (estimate, limited) = match bandwidth.bits_per_second() {
            Some(estimate) => (estimate, bandwidth.is_limited()),
            None if self.connected_at.elapsed() < FIRST_REPORT_TIMEOUT => {
                (bandwidth_estimate::START, true)
            }
            None => (full, false),
        };
        let bitrate = (ENCODED * estimate).min(full) as u32;
        let before = self.state.bitrate.swap(bitrate, Ordering::AcqRel);
        self.state.stats.lock().target_bitrate = Some(bitrate);
        if before != bitrate {
            self.captures.note_bitrate(bitrate);
        }
        if before.abs_diff(bitrate) > before / 10 {
            tracing::debug!(
                peer = "local",
                "bitrate asked for: {} kbit/s",
                bitrate / 1000
            );
        }
        match limited {
            true => Some(estimate),
            // Nobody has seen a queue yet, and a burst must not fill it all the same.
            false => (estimate < full).then_some(2.0 * estimate),
        }
    }

    /// Encodes a key frame when the other side has lost too much to go on. webrtc itself answers a NACK.
    fn answer_feedback(&self, packets: &[Box<dyn rtcp::Packet>]) {
        let mut packets = packets.iter();
        if packets.any(|packet| asks_for_key_frame(packet.as_ref())) {
            tracing::debug!(peer = "local", "PLI: the next frame becomes a key frame");
            self.state.stats.lock().pli_count += 1;
            self.state.request_key_frame();
        }
    }
}
