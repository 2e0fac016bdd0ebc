//! What a call measured.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::figures::freezes::FreezeStats;
use crate::receive::video_receiver::ReceiverStats;
use crate::send::video_sender::SenderStats;

/// The figures of one call, as far as they are known yet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CallStats {
    /// From Call to connected: the codelab's "Setup time".
    pub setup: Option<Duration>,
    /// From Call to the first remote picture.
    pub first_remote_frame: Option<Duration>,
    /// The pair of candidates that media takes.
    pub selected_pair: Option<String>,
    /// Why pictures did not flow, or no longer.
    pub failure: Option<String>,
    /// What happened to the pictures.
    pub frames: FrameStats,
    /// How long the remote video stood still.
    pub freezes: FreezeStats,
    /// From capture to decoded, half of the pictures took no longer.
    pub latency_p50: Option<Duration>,
    /// From capture to decoded, 99 in 100 pictures took no longer.
    pub latency_p99: Option<Duration>,
    /// Between the first and the last picture that was decoded.
    pub decoding: Duration,
    /// Bytes of H.264 that were decoded.
    pub bytes: u64,
    /// Key frames that the receiver asked for because of losses (PLI).
    pub key_frame_requests: u64,
    /// Packets that the receiver asked for again, each as often as it did (NACK).
    pub packets_requested: u64,
    /// Packets that were sent.
    pub packets_sent: u64,
}

/// What happened to the pictures of a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct FrameStats {
    /// Captured while the call sent.
    pub captured: u64,
    /// Encoded and handed to the network.
    pub sent: u64,
    /// Decoded at the other side.
    pub decoded: u64,
    /// Key frames among those decoded.
    pub key_frames: u64,
    /// Thrown away at the other side, because something before them was lost.
    pub dropped: u64,
}

impl CallStats {
    /// Takes over what the sender knows.
    pub fn note_sent(&mut self, sender: &SenderStats) {
        self.frames.captured = sender.frames_captured;
        self.frames.sent = sender.frames_sent;
        self.packets_sent = sender.packets_sent;
    }

    /// Takes over what the receiver knows.
    pub fn note_received(&mut self, receiver: &ReceiverStats, began: Instant) {
        let decoder = &receiver.decoder;
        self.frames.decoded = decoder.frames_decoded;
        self.frames.key_frames = decoder.key_frames_decoded;
        self.frames.dropped = decoder.frames_dropped;
        self.bytes = decoder.bytes;
        self.key_frame_requests = receiver.key_frame_requests;
        self.packets_requested = receiver.assembler.packets_requested;
        self.freezes = receiver.freezes;
        self.latency_p50 = receiver.latencies.percentile(50);
        self.latency_p99 = receiver.latencies.percentile(99);
        if let (Some(first), Some(last)) = (decoder.first_decoded_at, decoder.last_decoded_at) {
            self.first_remote_frame = Some(first.saturating_duration_since(began));
            self.decoding = last.saturating_duration_since(first);
        }
    }

    /// Pictures decoded a second, between the first and the last one.
    pub fn decoded_per_second(&self) -> Option<f64> {
        let intervals = self.frames.decoded.checked_sub(1)?;
        let seconds = self.decoding.as_secs_f64();
        (seconds > 0.0).then(|| intervals as f64 / seconds)
    }

    /// Bits of H.264 a second that arrived.
    pub fn bits_per_second(&self) -> Option<f64> {
        let seconds = self.decoding.as_secs_f64();
        (seconds > 0.0).then(|| self.bytes as f64 * 8.0 / seconds)
    }
}
