//! From the network to the remote video.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtcp::transport_feedbacks::transport_layer_nack::{
    TransportLayerNack, nack_pairs_from_sequence_numbers,
};
use step_01_capture::latest_frame::LatestFrameWriter;
use step_02_peer::Peer;
use step_03_ice::candidate_pair::round_trip_time;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};

use crate::figures::capture_log::CaptureLog;
use crate::figures::freezes::FreezeStats;
use crate::figures::latency::Latencies;
use crate::receive::assembler_event::{AssemblerEvent, AssemblerStats};
use crate::receive::decoder::DecodeError;
use crate::receive::decoder_thread::{DecoderStats, DecoderThread, Submitted};
use crate::receive::frame_assembler::FrameAssembler;

/// ICE measures the round trip every 2 s, with its keep-alives.
const MEASUREMENT_INTERVAL: Duration = Duration::from_secs(1);

/// What was received so far.
#[derive(Debug, Clone, Default)]
pub struct ReceiverStats {
    /// What the decoder did.
    pub decoder: DecoderStats,
    /// What the assembler did.
    pub assembler: AssemblerStats,
    /// Key frames asked for (PLI, RFC 4585 §6.3.1).
    pub key_frame_requests: u64,
    /// From capture to decoded, for every picture whose capture is known.
    pub latencies: Latencies,
    /// How long the video stood still.
    pub freezes: FreezeStats,
}

/// Assembles, decodes and shows what a remote track brings, and asks for a key frame when too much was lost.
pub struct VideoReceiver {
    shared: Arc<Shared>,
    /// None only once it was stopped.
    receiving: Option<JoinHandle<()>>,
}

struct Shared {
    decoder: Mutex<DecoderThread>,
    progress: Mutex<Progress>,
    decoder_lost: Arc<Notify>,
}

#[derive(Default)]
struct Progress {
    assembler: AssemblerStats,
    key_frame_requests: u64,
}

/// Counts and queues are whole after every statement, so a panic elsewhere does not spoil them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl VideoReceiver {
    /// Shows `track` in `pictures`. Must be called on a tokio runtime.
    ///
    /// # Errors
    /// [`DecodeError::Start`] when there is no decoder.
    pub fn start(
        track: Arc<dyn TrackRemote>,
        pictures: LatestFrameWriter,
        captures: CaptureLog,
        peer: Option<Peer>,
    ) -> Result<Self, DecodeError> {
        let decoder_lost = Arc::new(Notify::new());
        let decoder = DecoderThread::start(pictures, captures, {
            let decoder_lost = Arc::clone(&decoder_lost);
            move || decoder_lost.notify_one()
        })?;
        let shared = Arc::new(Shared {
            decoder: Mutex::new(decoder),
            progress: Mutex::default(),
            decoder_lost,
        });
        let receiving = Receiving {
            track,
            peer,
            measured: 0,
            shared: Arc::clone(&shared),
            assembler: FrameAssembler::new(),
        };
        Ok(Self {
            shared,
            receiving: Some(tokio::spawn(receiving.run())),
        })
    }

    /// What was received so far.
    pub fn stats(&self) -> ReceiverStats {
        let decoder = lock(&self.shared.decoder);
        let progress = lock(&self.shared.progress);
        ReceiverStats {
            decoder: decoder.stats(),
            assembler: progress.assembler,
            key_frame_requests: progress.key_frame_requests,
            latencies: decoder.latencies(),
            freezes: decoder.freezes(),
        }
    }

    /// How many pictures are decoded.
    pub fn frames_decoded(&self) -> u64 {
        lock(&self.shared.decoder).stats().frames_decoded
    }

    /// Ends the decoder. The channel of pictures closes with it.
    pub async fn stop(mut self) -> ReceiverStats {
        let stats = self.stats();
        if let Some(receiving) = self.receiving.take() {
            end(receiving, Arc::clone(&self.shared)).await;
        }
        stats
    }
}

impl Drop for VideoReceiver {
    fn drop(&mut self) {
        // Dropped without a stop: the same happens in the background.
        if let (Some(receiving), Ok(network)) = (self.receiving.take(), Handle::try_current()) {
            network.spawn(end(receiving, Arc::clone(&self.shared)));
        }
    }
}

async fn end(receiving: JoinHandle<()>, shared: Arc<Shared>) {
    receiving.abort();
    // Ended or aborted: both are the end. Nobody submits anything any more.
    let _ = receiving.await;
    // Ending the decoder waits for the picture that is being decoded: not on the threads of the network.
    let _ = tokio::task::spawn_blocking(move || lock(&shared.decoder).end()).await;
}

struct Receiving {
    track: Arc<dyn TrackRemote>,
    peer: Option<Peer>,
    measured: u64,
    shared: Arc<Shared>,
    assembler: FrameAssembler,
}

impl Receiving {
    async fn run(mut self) {
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
                () = self.shared.decoder_lost.notified() => {
                    self.assembler.require_key_frame(Instant::now());
                }
                () = sleep_until(deadline) => self.assembler.handle_timeout(Instant::now()),
                () = sleep_until(Some(measurement)) => {
                    self.measure_round_trip().await;
                    measurement = Instant::now() + MEASUREMENT_INTERVAL;
                }
            }
            self.work_off_events().await;
            lock(&self.shared.progress).assembler = self.assembler.stats();
        }
    }

    async fn measure_round_trip(&mut self) {
        if let Some(peer) = &self.peer
            && let Some((round_trip, number)) = round_trip_time(peer).await
            && self.measured != number
        {
            self.measured = number;
            tracing::debug!(peer = "remote", "round trip: {round_trip:?}");
            self.assembler.set_round_trip(round_trip);
        }
    }

    async fn work_off_events(&mut self) {
        while let Some(event) = self.assembler.poll_event() {
            match event {
                AssemblerEvent::Frame(access_unit) => {
                    let submitted = lock(&self.shared.decoder).submit(access_unit);
                    if submitted == Submitted::NeedKeyFrame {
                        self.assembler.require_key_frame(Instant::now());
                    }
                }
                AssemblerEvent::NeedKeyFrame => self.request_key_frame().await,
                AssemblerEvent::Missing(numbers) => self.request_packets(&numbers).await,
            }
        }
    }

    /// Asks the sender for packets that did not come.
    async fn request_packets(&self, numbers: &[u16]) {
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

    /// Tells the sender that its pictures cannot be decoded any more.
    async fn request_key_frame(&self) {
        lock(&self.shared.progress).key_frame_requests += 1;
        tracing::debug!(peer = "remote", "too much was lost: PLI");
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
