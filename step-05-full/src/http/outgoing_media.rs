//! Video that goes out: to a WHEP client, or to a WHIP server.

use std::sync::Arc;

use step_01_capture::MediaStream;
use step_02_peer::{Bandwidth, OutgoingVideo, Peer, PeerEvent, VideoCodec};
use webrtc::peer_connection::{RTCIceConnectionState, RTCPeerConnectionState};
use webrtc::rtp_transceiver::RtpSender;

use super::session_media::{SessionError, SessionMedia};
use super::shared_encoder::SharedEncoder;
use crate::bandwidth_estimate::BandwidthEstimate;
use crate::figures::call_stats::CallStats;
use crate::figures::capture_log::CaptureLog;
use crate::send::encoder_thread::EncoderThread;
use crate::send::video_sender::VideoSender;

/// The local video on its way to one other peer.
pub struct OutgoingMedia {
    encoder: Arc<SharedEncoder>,
    video: OutgoingVideo,
    bandwidth: Bandwidth,
    sender: Option<Arc<dyn RtpSender>>,
    prepared: Option<EncoderThread>,
    sending: Option<VideoSender>,
    captures: CaptureLog,
}

impl OutgoingMedia {
    /// The video of `stream`, which `encoder` encodes. Encoding begins when ICE is connected.
    pub fn new(stream: &MediaStream, encoder: Arc<SharedEncoder>) -> Self {
        Self {
            encoder,
            video: OutgoingVideo::new(stream, VideoCodec::H264, rand::random()),
            bandwidth: BandwidthEstimate::bandwidth(),
            sender: None,
            prepared: None,
            sending: None,
            captures: CaptureLog::default(),
        }
    }

    /// Encodes the first frame during the DTLS handshake. Not earlier: a client that only posts offers and never
    /// answers a connectivity check must not cost an encoder.
    fn prepare(&mut self) -> Result<(), SessionError> {
        if self.prepared.is_none() && self.sending.is_none() {
            let mut encoder = self.encoder.watch()?;
            encoder.bandwidth = Some(self.bandwidth.clone());
            self.prepared = Some(encoder);
        }
        Ok(())
    }

    fn set_paused(&self, paused: bool) {
        if let Some(sending) = &self.sending {
            sending.set_paused(paused);
        }
    }

    async fn send(&mut self) -> Result<(), SessionError> {
        self.prepare()?;
        if let (Some(prepared), Some(sender)) = (self.prepared.take(), &self.sender) {
            let captures = self.captures.clone();
            let sending = VideoSender::start(prepared, sender, &self.video, captures).await?;
            self.sending = Some(sending);
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl SessionMedia for OutgoingMedia {
    fn bandwidth(&self) -> Option<Bandwidth> {
        Some(self.bandwidth.clone())
    }

    async fn attach(&mut self, peer: &Peer) -> Result<(), SessionError> {
        let log = peer.timeline().call_log();
        self.captures = CaptureLog::of_call(log, peer.name(), peer.name());
        self.sender = Some(peer.add_track(&self.video).await?);
        Ok(())
    }

    async fn handle(&mut self, event: &PeerEvent) -> Result<(), SessionError> {
        match event {
            PeerEvent::IceConnectionState(RTCIceConnectionState::Connected) => self.prepare(),
            PeerEvent::ConnectionState(RTCPeerConnectionState::Connected) => {
                self.send().await?;
                self.set_paused(false);
                Ok(())
            }
            // The other peer has not answered for 5 s. It may be gone, so it is sent no video until it answers.
            PeerEvent::ConnectionState(RTCPeerConnectionState::Disconnected) => {
                self.set_paused(true);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn record(&self, stats: &mut CallStats) {
        if let Some(sending) = &self.sending {
            let sent = sending.stats();
            stats.note_sent(&sent);
            stats.pli_count = sent.pli_count;
        }
    }

    async fn stop(&mut self, stats: &mut CallStats) {
        self.record(stats);
        if let Some(sending) = self.sending.take() {
            stats.note_sent(&sending.stop().await);
        }
        if let Some(prepared) = self.prepared.take() {
            prepared.end().await;
        }
    }
}
