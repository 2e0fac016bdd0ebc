//! From the local track to the network.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rtc::shared::error::Error as RtcError;
use step_01_capture::LatestFrame;
use step_02_peer::{OutgoingVideo, asks_for_key_frame};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use webrtc::media_stream::track_local::{TrackLocal, TrackLocalEvent};
use webrtc::rtp_transceiver::RtpSender;

use crate::access_unit::AccessUnit;
use crate::figures::capture_log::{Capture, CaptureLog};
use crate::send::encoder::{EncodeError, EncoderConfig};
use crate::send::encoder_thread::{EncoderStats, EncoderThread, KeyFrameRequester};
use crate::send::h264_packetizer::{H264Packetizer, RtpStreamStart};

/// The network takes one picture at a time: see [`EncoderThread::start`].
const PICTURES_IN_FLIGHT: usize = 1;

/// Why video cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum SendVideoError {
    /// There is no encoder.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The answer refused every codec that was offered.
    #[error(
        "nothing can be sent: the peers have no video codec in common, so the answer refused the m=video section"
    )]
    NoCommonCodec,
    /// webrtc does not know the sender any more.
    #[error("nothing can be sent: {0}")]
    Sender(RtcError),
}

/// What was sent so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SenderStats {
    /// What the encoder did.
    pub encoder: EncoderStats,
    /// Pictures that the source made while the connection stood, sent or not.
    pub frames_captured: u64,
    /// Pictures handed to the network.
    pub frames_sent: u64,
    /// RTP packets handed to the network.
    pub packets_sent: u64,
    /// Key frames that the other side asked for (PLI or FIR, RFC 4585 §6.3.1, RFC 5104 §4.3.1).
    pub key_frame_requests: u64,
}

#[derive(Default)]
struct Counts {
    captured: AtomicU64,
    frames: AtomicU64,
    packets: AtomicU64,
    key_frame_requests: AtomicU64,
}

/// An encoder that already works while the connection is being made, so that its first picture is ready at once.
pub struct PreparedVideo {
    encoder: EncoderThread,
    access_units: mpsc::Receiver<AccessUnit>,
}

impl PreparedVideo {
    /// Starts encoding.
    ///
    /// # Errors
    /// [`SendVideoError::Encode`].
    pub fn encode(frames: LatestFrame, config: EncoderConfig) -> Result<Self, SendVideoError> {
        let (network, access_units) = mpsc::channel(PICTURES_IN_FLIGHT);
        let encoder = EncoderThread::start(frames, config, network)?;
        Ok(Self {
            encoder,
            access_units,
        })
    }

    /// Ends the encoder without sending.
    pub async fn end(self) {
        let Self { encoder, .. } = self;
        // Ending it waits for the picture that is being encoded: not on the threads of the network.
        let _ = tokio::task::spawn_blocking(move || drop(encoder)).await;
    }
}

/// Encodes the local track, sends it, and answers requests for key frames.
pub struct VideoSender {
    encoder: Mutex<Option<EncoderThread>>,
    last_stats: Mutex<EncoderStats>,
    counts: Arc<Counts>,
    sending: JoinHandle<()>,
    feedback: JoinHandle<()>,
}

impl VideoSender {
    /// Sends what `prepared` encodes, on the terms that were negotiated. Call it when the peer is connected.
    ///
    /// # Errors
    /// [`SendVideoError::NoCommonCodec`] when there are no terms.
    pub async fn start(
        prepared: PreparedVideo,
        sender: &Arc<dyn RtpSender>,
        video: &OutgoingVideo,
        captures: CaptureLog,
    ) -> Result<Self, SendVideoError> {
        let payload_type = match negotiated_payload_type(sender).await {
            Ok(payload_type) => payload_type,
            Err(error) => {
                prepared.end().await;
                return Err(error);
            }
        };
        let packetizer = H264Packetizer::new(payload_type, video.ssrc(), RtpStreamStart::random());
        let PreparedVideo {
            encoder,
            access_units,
        } = prepared;
        let counts = Arc::new(Counts::default());
        let sending = Sending {
            access_units,
            packetizer,
            video: video.clone(),
            captures,
            counts: Arc::clone(&counts),
        };
        let requests = encoder.key_frame_requester();
        let feedback = answer_feedback(video.clone(), requests, Arc::clone(&counts));
        Ok(Self {
            encoder: Mutex::new(Some(encoder)),
            last_stats: Mutex::default(),
            counts,
            sending: tokio::spawn(sending.run()),
            feedback: tokio::spawn(feedback),
        })
    }

    /// What was sent so far.
    pub fn stats(&self) -> SenderStats {
        let encoder = self.encoder();
        let mut last = self
            .last_stats
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(encoder) = encoder.as_ref() {
            *last = encoder.stats();
        }
        SenderStats {
            encoder: *last,
            frames_captured: self.counts.captured.load(Ordering::Acquire),
            frames_sent: self.counts.frames.load(Ordering::Acquire),
            packets_sent: self.counts.packets.load(Ordering::Acquire),
            key_frame_requests: self.counts.key_frame_requests.load(Ordering::Acquire),
        }
    }

    /// Why the encoder ended by itself, if it did.
    pub fn failure(&self) -> Option<EncodeError> {
        self.encoder().as_ref()?.failure()
    }

    fn encoder(&self) -> MutexGuard<'_, Option<EncoderThread>> {
        self.encoder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the encoder, and returns when its last picture is on its way.
    pub async fn stop(&mut self) -> SenderStats {
        self.stats();
        let encoder = self.encoder().take();
        // Ending it waits for the picture that is being encoded: not on the threads of the network.
        let ended = tokio::task::spawn_blocking(move || encoder.map(|encoder| encoder.end()));
        if let Ok(Some(stats)) = ended.await {
            *self
                .last_stats
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = stats;
        }
        // The encoder has closed the channel, so this task comes to its end by itself. It cannot panic.
        let _ = (&mut self.sending).await;
        self.stats()
    }
}

impl Drop for VideoSender {
    fn drop(&mut self) {
        self.sending.abort();
        self.feedback.abort();
        let encoder = self.encoder().take();
        // Dropped without a stop, maybe on a thread of the network: then its thread is joined on another.
        if let (Some(encoder), Ok(network)) = (encoder, Handle::try_current()) {
            network.spawn_blocking(move || drop(encoder));
        }
    }
}

/// The payload type that offer and answer agreed on. A packet with another one is sent nowhere, and webrtc 0.21 says
/// nothing about it.
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
    access_units: mpsc::Receiver<AccessUnit>,
    packetizer: H264Packetizer,
    video: OutgoingVideo,
    captures: CaptureLog,
    counts: Arc<Counts>,
}

impl Sending {
    async fn run(mut self) {
        let connected_at = Instant::now();
        let mut last = None;
        while let Some(access_unit) = self.access_units.recv().await {
            let AccessUnit {
                captured_at,
                number,
                ..
            } = access_unit;
            let timestamp = self.packetizer.timestamp(captured_at);
            self.captures.record(
                timestamp,
                Capture {
                    captured_at,
                    number,
                },
            );
            for packet in self.packetizer.packetize(&access_unit) {
                if let Err(error) = self.video.track().write_rtp(packet).await {
                    tracing::debug!(peer = "local", "sending ends: {error}");
                    return;
                }
                self.counts.packets.fetch_add(1, Ordering::AcqRel);
            }
            self.counts.frames.fetch_add(1, Ordering::AcqRel);
            // The source numbers its pictures. A gap is a picture that was not sent, except before the connection stood.
            let captured = last.map_or(1, |last| number.saturating_sub(last));
            self.counts.captured.fetch_add(captured, Ordering::AcqRel);
            last = (captured_at >= connected_at).then_some(number);
        }
    }
}

/// Makes a key frame when the other side has lost too much to go on. Lost packets alone (NACK) are sent again by
/// webrtc without a word.
async fn answer_feedback(video: OutgoingVideo, requests: KeyFrameRequester, counts: Arc<Counts>) {
    while let Some(TrackLocalEvent::OnRtcpPacket(packets)) = video.track().poll().await {
        if packets
            .iter()
            .any(|packet| asks_for_key_frame(packet.as_ref()))
        {
            tracing::debug!(peer = "local", "PLI: the next picture becomes a key frame");
            counts.key_frame_requests.fetch_add(1, Ordering::AcqRel);
            requests.request();
        }
    }
}
