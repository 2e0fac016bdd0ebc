//! The thread that encodes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use step_01_capture::{LatestFrame, NextFrame};
use tokio::sync::mpsc;

use crate::access_unit::AccessUnit;
use crate::send::encoder::{EncodeError, EncoderConfig, H264Encoder};

/// How often a thread that waits for a picture looks whether it shall end.
const TIMEOUT: Duration = Duration::from_millis(20);

/// Counts since the start, named as in W3C WebRTC Statistics §8.4 (`RTCOutboundRtpStreamStats`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EncoderStats {
    /// Pictures encoded.
    pub frames_encoded: u64,
    /// Key frames among them.
    pub key_frames_encoded: u64,
    /// Pictures of the source that were not encoded, because the encoder or the network was busy.
    pub frames_skipped: u64,
    /// Bytes of H.264.
    pub bytes: u64,
}

/// Asks the encoder for a key frame; for whoever reads the receiver's PLI. Clones ask the same encoder.
#[derive(Debug, Clone, Default)]
pub struct KeyFrameRequester(Arc<AtomicBool>);

impl KeyFrameRequester {
    /// The next picture becomes a key frame. Several requests before it are one.
    pub fn request(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn take(&self) -> bool {
        self.0.swap(false, Ordering::AcqRel)
    }
}

/// Owns the thread that takes the newest picture, encodes it and hands it to the network. Dropping it ends the thread.
pub struct EncoderThread {
    shared: Arc<Shared>,
    key_frames: KeyFrameRequester,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    stats: Mutex<EncoderStats>,
    failure: Mutex<Option<EncodeError>>,
}

/// Counts are whole after every statement, so a panic elsewhere does not spoil them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl EncoderThread {
    /// Starts encoding `frames` into `network`, a channel that should hold one access unit.
    ///
    /// When that channel is full, the network is slower than the camera. Then the picture is skipped *before* it is encoded:
    /// afterwards the next one would be told as the difference to a picture that the other side never gets. The channel
    /// closes when the source or the encoder ends; a closed channel ends the thread.
    ///
    /// # Errors
    /// [`EncodeError::Start`], when there is no encoder or no thread to be had.
    pub fn start(
        frames: LatestFrame,
        config: EncoderConfig,
        network: mpsc::Sender<AccessUnit>,
    ) -> Result<Self, EncodeError> {
        let encoder = H264Encoder::new(config)?;
        let shared = Arc::new(Shared::default());
        let key_frames = KeyFrameRequester::default();
        let work = Work {
            encoder,
            frames,
            network,
            key_frames: key_frames.clone(),
            shared: Arc::clone(&shared),
            last_encoded: None,
        };
        let thread = std::thread::Builder::new().name("encoder".to_owned());
        let thread = thread.spawn(move || work.run());
        let thread = thread.map_err(|error| EncodeError::Start {
            cause: error.to_string(),
        })?;
        Ok(Self {
            shared,
            key_frames,
            thread: Some(thread),
        })
    }

    /// A handle for whoever receives the requests of the other side.
    pub fn key_frame_requester(&self) -> KeyFrameRequester {
        self.key_frames.clone()
    }

    /// What happened so far.
    pub fn stats(&self) -> EncoderStats {
        *lock(&self.shared.stats)
    }

    /// Why the thread ended by itself, if it did.
    pub fn failure(&self) -> Option<EncodeError> {
        lock(&self.shared.failure).clone()
    }
}

impl EncoderThread {
    /// Ends the thread, and tells what happened. Blocks for the picture that is being encoded, a few milliseconds.
    pub fn end(mut self) -> EncoderStats {
        self.join();
        self.stats()
    }

    fn join(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
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

struct Work {
    encoder: H264Encoder,
    frames: LatestFrame,
    network: mpsc::Sender<AccessUnit>,
    key_frames: KeyFrameRequester,
    shared: Arc<Shared>,
    last_encoded: Option<u64>,
}

impl Work {
    fn run(mut self) {
        while !self.shared.stop.load(Ordering::Acquire) && !self.network.is_closed() {
            let frame = match self.frames.next(TIMEOUT) {
                NextFrame::Frame(frame) => frame,
                NextFrame::TimedOut => continue,
                NextFrame::Ended => return,
            };
            // The place is taken before the work is done: see `EncoderThread::start`.
            let Ok(place) = self.network.try_reserve() else {
                continue;
            };
            if self.key_frames.take() {
                self.encoder.request_key_frame();
            }
            match self.encoder.encode(&frame) {
                Ok(access_unit) => {
                    count(
                        &mut lock(&self.shared.stats),
                        &access_unit,
                        self.last_encoded,
                    );
                    self.last_encoded = Some(access_unit.number);
                    place.send(access_unit);
                }
                Err(EncodeError::Skipped { .. }) => {}
                Err(error) => {
                    *lock(&self.shared.failure) = Some(error);
                    return;
                }
            }
        }
    }
}

fn count(stats: &mut EncoderStats, access_unit: &AccessUnit, last: Option<u64>) {
    stats.frames_encoded += 1;
    stats.key_frames_encoded += u64::from(access_unit.key_frame);
    stats.bytes += access_unit.data.len() as u64;
    // The source numbers its pictures, so the gap tells how many were passed over, here or in the one-frame channel.
    let next = last.map_or(access_unit.number, |last| last + 1);
    stats.frames_skipped += access_unit.number.saturating_sub(next);
}
