//! A call whose packets the lab sends itself.

use std::sync::Arc;
use std::time::Duration;

use rtc::rtp::Packet;
use step_01_capture::{MediaStream, Timeline};
use step_02_peer::{OutgoingVideo, PeerConfig, PeerEvent};
use step_03_ice::{ConnectedPair, Observed};
use tokio::sync::mpsc;
use tokio::time::timeout;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_remote::TrackRemote;
use webrtc::peer_connection::RTCPeerConnectionState::{Connected, Failed};
use webrtc::rtp_transceiver::RtpSender;

use crate::access_unit::AccessUnit;
use crate::actions::call_action;
use crate::call::LocalVideo;
use crate::call_error::CallError;
use crate::send::encoder_thread::EncoderThread;
use crate::send::video_sender::{SendVideoError, negotiated_payload_type};

/// A call inside one machine connects in milliseconds, so this only bounds what has gone wrong.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Two connected peers and an encoder, with nothing in between: what [`VideoSender`](crate::send::video_sender::VideoSender)
/// does right, the lab does wrong.
pub(super) struct BareCall {
    pair: ConnectedPair,
    sender: Arc<dyn RtpSender>,
    video: OutgoingVideo,
    /// None only while the call is ended.
    pub(super) encoder: EncoderThread,
    /// What the encoder makes.
    pub(super) access_units: mpsc::Receiver<AccessUnit>,
    track: Option<Arc<dyn TrackRemote>>,
}

impl BareCall {
    /// Connects the peers.
    pub(super) async fn connect(
        stream: &MediaStream,
        timeline: &Timeline,
    ) -> Result<Self, CallError> {
        let local = LocalVideo::new(stream, rand::random());
        let video = local.outgoing().clone();
        let (pair, sender) = call_action(&video, PeerConfig::loopback(), timeline).await?;
        let (network, access_units) = mpsc::channel(1);
        let encoder = EncoderThread::start(local.frames(), local.encoder_config(), network)
            .map_err(SendVideoError::from)?;
        let mut call = Self {
            pair,
            sender,
            video,
            encoder,
            access_units,
            track: None,
        };
        match timeout(TIMEOUT, call.both_connect()).await {
            Ok(true) => Ok(call),
            Ok(false) | Err(_) => {
                call.hang_up().await?;
                let peer = "local".to_owned();
                Err(CallError::Failed { peer })
            }
        }
    }

    async fn both_connect(&mut self) -> bool {
        let mut connected = 0;
        while connected < 2 {
            match self.pair.next_event().await.map(|observed| observed.event) {
                Some(PeerEvent::ConnectionState(Connected)) => connected += 1,
                Some(PeerEvent::ConnectionState(Failed)) | None => return false,
                Some(_) => {}
            }
        }
        true
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

    /// What both peers agreed on.
    pub(super) async fn payload_type(&self) -> Result<u8, CallError> {
        Ok(negotiated_payload_type(&self.sender).await?)
    }

    /// The local track.
    pub(super) fn video(&self) -> &OutgoingVideo {
        &self.video
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

    /// Ends the encoder and closes both peers.
    pub(super) async fn hang_up(self) -> Result<(), CallError> {
        let encoder = self.encoder;
        // Ending it waits for the picture that is being encoded: not on the threads of the network.
        let _ = tokio::task::spawn_blocking(move || drop(encoder)).await;
        Ok(self.pair.close().await?)
    }
}
