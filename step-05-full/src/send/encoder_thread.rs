//! The thread that encodes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::Mutex;
use step_01_capture::{LatestFrame, NextFrame};
use step_02_peer::Bandwidth;
use tokio::sync::mpsc;

use crate::access_unit::AccessUnit;
use crate::figures::rtp_stream_stats::OutboundStats;
use crate::send::encoder::{EncodeError, EncoderConfig};
use crate::send::scaling_encoder::ScalingEncoder;

/// How often a thread that waits for a frame checks whether it must end.
const TIMEOUT: Duration = Duration::from_millis(20);

/// Owns the thread that takes the newest frame, encodes it and sends it into a channel. Dropping it ends the thread; that
/// blocks for the frame that is being encoded, a few milliseconds.
pub struct EncoderThread {
    /// What it has encoded and nobody has taken: one access unit at most.
    pub access_units: mpsc::Receiver<AccessUnit>,
    /// What the line to the other peer carries; none to encode at the bitrate of the configuration all the time.
    pub bandwidth: Option<Bandwidth>,
    pub(crate) state: Arc<EncoderState>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread, its owner and the task that sends have in common.
pub(crate) struct EncoderState {
    /// Bits a second that fit the size.
    pub(crate) full_bitrate: u32,
    /// Bits a second that are asked for.
    pub(crate) bitrate: AtomicU32,
    pub(crate) stop: AtomicBool,
    pub(crate) paused: AtomicBool,
    key_frame_requested: AtomicBool,
    pub(crate) stats: Mutex<OutboundStats>,
    pub(crate) failure: Mutex<Option<EncodeError>>,
}

impl EncoderState {
    pub(crate) fn new(bitrate: u32) -> Self {
        Self {
            full_bitrate: bitrate,
            bitrate: bitrate.into(),
            stop: AtomicBool::default(),
            paused: AtomicBool::default(),
            key_frame_requested: AtomicBool::default(),
            stats: Mutex::default(),
            failure: Mutex::default(),
        }
    }

    pub(crate) fn request_key_frame(&self) {
        self.key_frame_requested.store(true, Ordering::Release);
    }

    /// Whether a key frame was requested since the last call.
    pub(crate) fn take_key_frame_request(&self) -> bool {
        self.key_frame_requested.swap(false, Ordering::AcqRel)
    }

    pub(crate) fn note_encoded(&self, access_unit: &AccessUnit) {
        let mut stats = self.stats.lock();
        stats.frames_encoded += 1;
        stats.key_frames_encoded += u64::from(access_unit.key_frame);
        stats.bytes_encoded += access_unit.data.len() as u64;
    }
}

impl EncoderThread {
    /// Starts encoding `frames` into a channel that holds one access unit.
    ///
    /// When that channel is full, the network is slower than the camera. Then the frame is skipped *before* it is encoded:
    /// if it were skipped afterwards, the next one would refer to a frame that the other side never receives. The channel
    /// closes when the source or the encoder ends; a closed channel ends the thread.
    ///
    /// # Errors
    /// [`EncodeError::Start`], when the system gives no encoder or no thread.
    pub fn start(frames: LatestFrame, config: EncoderConfig) -> Result<Self, EncodeError> {
        let (network, access_units) = mpsc::channel(1);
        let state = Arc::new(EncoderState::new(config.bitrate));
        let encoding = Encoding {
            encoder: ScalingEncoder::new(config)?,
            frames,
            network,
            state: Arc::clone(&state),
        };
        let thread = std::thread::Builder::new().name("encoder".to_owned());
        let thread = thread.spawn(move || encoding.run());
        let thread = thread.map_err(|error| EncodeError::Start {
            cause: error.to_string(),
        })?;
        Ok(Self {
            access_units,
            bandwidth: None,
            state,
            thread: Some(thread),
        })
    }

    /// An encoder that several receivers share, as one of them sees it: its thread has another owner, sends into the other
    /// end of `access_units`, and reads `state`.
    pub(crate) fn shared(
        access_units: mpsc::Receiver<AccessUnit>,
        state: Arc<EncoderState>,
    ) -> Self {
        Self {
            access_units,
            bandwidth: None,
            state,
            thread: None,
        }
    }

    /// Aims at another bitrate from the next frame on.
    pub fn set_bitrate(&self, bitrate: u32) {
        self.state.bitrate.store(bitrate, Ordering::Release);
    }

    /// Makes the next frame a key frame, for whoever reads the receiver's PLI. Several requests before it are one.
    pub fn request_key_frame(&self) {
        self.state.request_key_frame();
    }

    /// What was counted so far.
    pub fn stats(&self) -> OutboundStats {
        *self.state.stats.lock()
    }

    /// Why the thread ended before its owner ended it.
    pub fn failure(&self) -> Option<EncodeError> {
        self.state.failure.lock().clone()
    }

    /// Ends the thread, without blocking those of the network. Returns its last access unit, if nobody has taken it.
    pub async fn end(mut self) -> Option<AccessUnit> {
        let ended = tokio::task::spawn_blocking(move || {
            self.join();
            self.access_units.try_recv().ok()
        });
        ended.await.ok().flatten()
    }

    fn join(&mut self) {
        self.state.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has ended too.
            let _ = thread.join();
        }
    }
}

impl Drop for EncoderThread {
    fn drop(&mut self) {
        self.join();
    }
}

struct Encoding {
    encoder: ScalingEncoder,
    frames: LatestFrame,
    network: mpsc::Sender<AccessUnit>,
    state: Arc<EncoderState>,
}

impl Encoding {
    fn run(mut self) {
        while !self.state.stop.load(Ordering::Acquire) && !self.network.is_closed() {
            let frame = match self.frames.next(TIMEOUT) {
                NextFrame::Frame(frame) => frame,
                NextFrame::TimedOut => continue,
                NextFrame::Ended => return,
            };
            if self.state.paused.load(Ordering::Acquire) {
                continue;
            }
            // Reserved before the frame is encoded: see `EncoderThread::start`.
            let Ok(permit) = self.network.try_reserve() else {
                continue;
            };
            if self.state.take_key_frame_request() {
                self.encoder.request_key_frame();
            }
            let bitrate = self.state.bitrate.load(Ordering::Acquire);
            self.encoder.set_bitrate(bitrate);
            match self.encoder.encode(&frame) {
                Ok(access_unit) => {
                    self.state.note_encoded(&access_unit);
                    permit.send(access_unit);
                }
                Err(EncodeError::Skipped { .. }) => {}
                Err(error) => {
                    *self.state.failure.lock() = Some(error);
                    return;
                }
            }
        }
    }
}
