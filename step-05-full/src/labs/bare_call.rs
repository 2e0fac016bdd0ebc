//! A call whose packets the lab sends itself.

use std::sync::Arc;
use std::time::Duration;

use rtc::rtp::Packet;
use step_01_capture::latest_frame::LatestFrameWriter;
use step_01_capture::{MediaStream, Timeline};
use step_02_peer::{OutgoingVideo, PeerConfig, PeerEvent};
use step_03_ice::{ConnectedPair, Observed};
use tokio::time::timeout;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_remote::TrackRemote;
use webrtc::peer_connection::RTCPeerConnectionState::{Connected, Failed};

use crate::actions::call_action;
use crate::call::LocalVideo;
use crate::call_error::CallError;
use crate::figures::capture_log::CaptureLog;
use crate::figures::rtp_stream_stats::InboundStats;
use crate::receive::bitstream::stream_limits::StreamLimits;
use crate::receive::video_receiver::VideoReceiver;
use crate::send::encoder_thread::EncoderThread;
use crate::send::h264_packetizer::{H264Packetizer, RtpStreamStart};
use crate::send::video_sender::{SendVideoError, negotiated_payload_type};

/// A call inside one machine connects in milliseconds, so this only bounds what has gone wrong.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Two connected peers and an encoder. Between them stands the lab, and does wrong what
/// [`VideoSender`](crate::send::video_sender::VideoSender) does right.
pub(super) struct BareCall {
    pair: ConnectedPair,
    /// The local track.
    pub(super) video: OutgoingVideo,
    /// What both peers agreed on.
    pub(super) payload_type: u8,
    pub(super) encoder: EncoderThread,
    track: Option<Arc<dyn TrackRemote>>,
    /// None once the remote video is shown.
    remote_frames: Option<LatestFrameWriter>,
    receiver: Option<VideoReceiver>,
    captures: CaptureLog,
}

impl BareCall {
    /// Connects the peers. The remote video will be shown in `remote_frames`.
    pub(super) async fn connect(
        stream: &MediaStream,
        remote_frames: LatestFrameWriter,
        timeline: &Timeline,
    ) -> Result<Self, CallError> {
        let local = LocalVideo::new(stream, rand::random());
        let config = PeerConfig::loopback();
        let (mut pair, sender) = call_action(&local.outgoing, config, timeline).await?;
        if timeout(TIMEOUT, both_connect(&mut pair)).await != Ok(true) {
            pair.close().await?;
            let peer = "local".to_owned();
            return Err(CallError::Failed { peer });
        }
        let encoder = EncoderThread::start(local.frames, local.encoder_config);
        Ok(Self {
            pair,
            video: local.outgoing,
            payload_type: negotiated_payload_type(&sender).await?,
            encoder: encoder.map_err(SendVideoError::from)?,
            track: None,
            remote_frames: Some(remote_frames),
            receiver: None,
            captures: CaptureLog::of_call(timeline.call_log(), "local", "remote"),
        })
    }

    /// Makes packets of the local track, with this payload type.
    pub(super) fn packetizer(&self, payload_type: u8) -> H264Packetizer {
        H264Packetizer::new(payload_type, self.video.ssrc(), RtpStreamStart::random())
    }

    /// What the remote peer's event `track` brought, if it came by now.
    pub(super) async fn track(&mut self) -> Option<Arc<dyn TrackRemote>> {
        // Events that wait are taken at once; the loop ends when there is none.
        while let Ok(Some(Observed { event, .. })) =
            timeout(Duration::from_millis(1), self.pair.next_event()).await
        {
            if let PeerEvent::Track(track) = event {
                self.track = Some(track);
            }
        }
        self.track.clone()
    }

    /// Decodes and shows what arrives from the remote peer's event `track` on.
    pub(super) async fn show_remote_video(&mut self) -> Result<(), CallError> {
        if self.receiver.is_none()
            && let Some(track) = self.track().await
            && let Some(frames) = self.remote_frames.take()
        {
            let receiver = VideoReceiver::start(
                track,
                StreamLimits::LEVEL_5_2,
                frames,
                self.captures.clone(),
                None,
            )?;
            self.receiver = Some(receiver);
        }
        Ok(())
    }

    /// What has arrived.
    pub(super) fn received(&self) -> InboundStats {
        let receiver = self.receiver.as_ref();
        receiver.map(VideoReceiver::stats).unwrap_or_default()
    }

    /// Sends packets. True when webrtc took them all.
    pub(super) async fn send(&self, packets: Vec<Packet>) -> bool {
        for packet in packets {
            if self.video.track().write_rtp(packet).await.is_err() {
                return false;
            }
        }
        true
    }

    /// Ends the encoder and the decoder, and closes both peers.
    pub(super) async fn hang_up(self) -> Result<(), CallError> {
        self.encoder.end().await;
        if let Some(receiver) = self.receiver {
            receiver.stop().await;
        }
        Ok(self.pair.close().await?)
    }
}

/// False when they cannot connect.
async fn both_connect(pair: &mut ConnectedPair) -> bool {
    let mut connected = 0;
    while connected < 2 {
        match pair.next_event().await.map(|observed| observed.event) {
            Some(PeerEvent::ConnectionState(Connected)) => connected += 1,
            Some(PeerEvent::ConnectionState(Failed)) | None => return false,
            Some(_) => {}
        }
    }
    true
}
