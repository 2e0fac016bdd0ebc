//! The thread that decodes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use step_01_capture::latest_frame::LatestFrameWriter;

use crate::access_unit::ReceivedAccessUnit;
use crate::capture_log::CaptureLog;
use crate::decoder::{DecodeError, H264Decoder};
use crate::latency::Latencies;

/// How many access units may wait for the decoder: two seconds at 30 frames a second. It is only a cushion for the moments
/// in which the machine is busy, or a sender that has waited for its keys sends a second of frames at once; a decoder
/// that is too slow for good fills any queue.
pub const QUEUE: usize = 63;

/// Counts since the start, named as in W3C WebRTC Statistics §8.2 (`RTCInboundRtpStreamStats`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DecoderStats {
    /// Pictures decoded.
    pub frames_decoded: u64,
    /// Key frames among them.
    pub key_frames_decoded: u64,
    /// Access units thrown away: the queue was full, or the key frame that they needed had not come.
    pub frames_dropped: u64,
    /// Access units that the decoder refused.
    pub decode_errors: u64,
    /// Bytes of H.264 decoded.
    pub bytes: u64,
    /// When the first picture was there.
    pub first_decoded_at: Option<Instant>,
    /// When the latest picture was there.
    pub last_decoded_at: Option<Instant>,
}

/// What became of an access unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Submitted {
    /// It will be decoded.
    Queued,
    /// It was thrown away: send a PLI and assemble nothing before the next key frame.
    NeedKeyFrame,
    /// It was thrown away, because the key frame asked for has not come yet.
    Dropped,
}

/// Owns the thread that decodes access units and shows the pictures. Dropping it ends the thread.
pub struct DecoderThread {
    shared: Arc<Shared>,
    queue: Option<SyncSender<ReceivedAccessUnit>>,
    key_frame_due: bool,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    stats: Mutex<DecoderStats>,
    latencies: Mutex<Latencies>,
}

/// Counts are whole after every statement, so a panic elsewhere does not spoil them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl DecoderThread {
    /// Starts a decoder that puts its pictures into `pictures`, with number and time of capture out of `captures` as far as
    /// those are known there. The channel of pictures closes when the thread ends.
    ///
    /// `need_key_frame` is called on the decoder's thread after an error. It must not block: let it wake the task that
    /// owns the frame assembler and sends the PLI.
    ///
    /// # Errors
    /// [`DecodeError::Start`], when there is no decoder or no thread to be had.
    pub fn start(
        pictures: LatestFrameWriter,
        captures: CaptureLog,
        need_key_frame: impl Fn() + Send + 'static,
    ) -> Result<Self, DecodeError> {
        let (queue, access_units) = sync_channel(QUEUE);
        let shared = Arc::new(Shared::default());
        let work = Work {
            decoder: H264Decoder::new()?,
            access_units,
            pictures,
            captures,
            need_key_frame: Box::new(need_key_frame),
            shared: Arc::clone(&shared),
            key_frame_due: true,
        };
        let thread = std::thread::Builder::new().name("decoder".to_owned());
        let thread = thread.spawn(move || work.run());
        let thread = thread.map_err(|error| DecodeError::Start {
            cause: error.to_string(),
        })?;
        Ok(Self {
            shared,
            queue: Some(queue),
            key_frame_due: false,
            thread: Some(thread),
        })
    }

    /// Queues an access unit. Never blocks, so an async task may call it.
    ///
    /// The decoder must not skip one: each picture is told as a difference to the one before. So when the queue is full, all
    /// are thrown away until a key frame comes.
    pub fn submit(&mut self, access_unit: ReceivedAccessUnit) -> Submitted {
        let outcome = match &self.queue {
            _ if self.key_frame_due && !access_unit.key_frame => Submitted::Dropped,
            None => Submitted::Dropped,
            Some(queue) => match queue.try_send(access_unit) {
                Ok(()) => Submitted::Queued,
                Err(TrySendError::Full(_)) => Submitted::NeedKeyFrame,
                Err(TrySendError::Disconnected(_)) => Submitted::Dropped,
            },
        };
        self.key_frame_due = outcome != Submitted::Queued;
        if outcome != Submitted::Queued {
            lock(&self.shared.stats).frames_dropped += 1;
        }
        outcome
    }

    /// What happened so far.
    pub fn stats(&self) -> DecoderStats {
        *lock(&self.shared.stats)
    }

    /// How long the pictures took from capture to decoded; empty when the sender is in another process.
    pub fn latencies(&self) -> Latencies {
        lock(&self.shared.latencies).clone()
    }

    /// Lets the decoder work off its queue and ends it. Blocks until then.
    pub fn finish(mut self) -> (DecoderStats, Latencies) {
        self.queue = None;
        self.join();
        (self.stats(), self.latencies())
    }

    /// Ends the thread. Blocks for the picture that is being decoded, a few milliseconds; what is queued behind it is
    /// thrown away, and so is all that is submitted later.
    pub fn end(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        self.queue = None;
        self.join();
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has ended too.
            let _ = thread.join();
        }
    }
}

impl Drop for DecoderThread {
    fn drop(&mut self) {
        self.end();
    }
}

struct Work {
    decoder: H264Decoder,
    access_units: Receiver<ReceivedAccessUnit>,
    pictures: LatestFrameWriter,
    captures: CaptureLog,
    need_key_frame: Box<dyn Fn() + Send>,
    shared: Arc<Shared>,
    key_frame_due: bool,
}

impl Work {
    fn run(mut self) {
        while let Ok(access_unit) = self.access_units.recv() {
            if self.shared.stop.load(Ordering::Acquire) {
                return;
            }
            if self.key_frame_due && !access_unit.key_frame {
                lock(&self.shared.stats).frames_dropped += 1;
                continue;
            }
            self.key_frame_due = false;
            if let Err(error) = self.decode(&access_unit) {
                tracing::warn!(peer = "remote", "{error}");
                self.key_frame_due = true;
                lock(&self.shared.stats).decode_errors += 1;
                (self.need_key_frame)();
            }
        }
    }

    fn decode(&mut self, access_unit: &ReceivedAccessUnit) -> Result<(), DecodeError> {
        let Some(mut frame) = self.decoder.decode(&access_unit.data)? else {
            return Ok(());
        };
        let decoded_at = Instant::now();
        let mut stats = lock(&self.shared.stats);
        frame.number = stats.frames_decoded;
        stats.frames_decoded += 1;
        stats.key_frames_decoded += u64::from(access_unit.key_frame);
        stats.bytes += access_unit.data.len() as u64;
        stats.first_decoded_at.get_or_insert(decoded_at);
        stats.last_decoded_at = Some(decoded_at);
        drop(stats);
        if let Some(capture) = self.captures.find(access_unit.rtp_timestamp) {
            frame.number = capture.number;
            frame.captured_at = capture.captured_at;
            let latency = decoded_at.saturating_duration_since(capture.captured_at);
            lock(&self.shared.latencies).record(latency);
        }
        self.pictures.put(Arc::new(frame));
        Ok(())
    }
}
