//! The thread that decodes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Instant;

use parking_lot::Mutex;
use step_01_capture::latest_frame::LatestFrameWriter;

use crate::access_unit::ReceivedAccessUnit;
use crate::figures::capture_log::CaptureLog;
use crate::figures::freezes::Freezes;
use crate::figures::latency::Latencies;
use crate::figures::rtp_stream_stats::InboundStats;
use crate::receive::decoder::H264Decoder;
use crate::receive::decoder_config::DecoderConfig;
use crate::receive::decoder_process::parent::{DecoderProcess, RunningChild};
use crate::receive::frame_decoder::DecodeError;

/// How many access units may wait for the decoder: 1 s at 60 frames a second, because so many come at once when a gap is
/// filled that was open for as long as gaps may be (`repair_timing.rs`).
pub const QUEUE: usize = 60;

/// What happened to an access unit that was submitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Submitted {
    /// It will be decoded.
    Queued,
    /// It was dropped because the queue is full: send a PLI.
    NeedKeyFrame,
    /// It was dropped as well: the queue is still full, or the decoder has ended.
    Dropped,
}

/// Owns the thread that decodes access units and shows the frames. Dropping it ends the thread; that blocks for the frame
/// that is being decoded, a few milliseconds. What is queued behind it is dropped.
pub struct DecoderThread {
    pub(crate) state: Arc<DecoderState>,
    queue: Option<SyncSender<Submission>>,
    /// Whether an access unit was dropped since the last one that was queued.
    gap: bool,
    /// The process that decodes, if it is not this one.
    child: RunningChild,
    thread: Option<JoinHandle<()>>,
}

/// An access unit, and whether the one before it is missing.
type Submission = (ReceivedAccessUnit, bool);

/// What the thread and those who read its figures have in common.
#[derive(Default)]
pub(crate) struct DecoderState {
    stop: AtomicBool,
    stats: Mutex<InboundStats>,
    latencies: Mutex<Latencies>,
    freezes: Mutex<Freezes>,
    failure: Mutex<Option<DecodeError>>,
}

impl DecoderState {
    pub(crate) fn failure(&self) -> Option<DecodeError> {
        self.failure.lock().clone()
    }

    pub(crate) fn stats(&self) -> InboundStats {
        // Sorting takes long when there are many: not while the thread waits for the lock.
        let latencies = self.latencies.lock().clone();
        let latency = latencies.percentiles();
        InboundStats {
            latency,
            freezes: self.freezes.lock().stats(),
            ..*self.stats.lock()
        }
    }

    pub(crate) fn frames_decoded(&self) -> u64 {
        self.stats.lock().frames_decoded
    }
}

impl DecoderThread {
    /// Starts a decoder. It puts its frames into `frames`, with number and time of capture from `captures` if they are known
    /// there. The channel of frames closes when the thread ends.
    ///
    /// `need_key_frame` is called on the decoder's thread after an error. It must not block: let it wake the task that
    /// owns the frame assembler and sends the PLI.
    ///
    /// # Errors
    /// [`DecodeError::Start`], when the system gives no decoder or no thread.
    pub fn start(
        config: impl Into<DecoderConfig>,
        frames: LatestFrameWriter,
        captures: CaptureLog,
        need_key_frame: impl Fn() + Send + 'static,
    ) -> Result<Self, DecodeError> {
        let DecoderConfig { limits, program } = config.into();
        let (decoder, child) = match program {
            None => (H264Decoder::new(limits)?, RunningChild::default()),
            Some(program) => {
                let process = DecoderProcess::new(program, limits);
                let child = process.child();
                (H264Decoder::with(limits, Box::new(process)), child)
            }
        };
        let (queue, queued) = sync_channel(QUEUE);
        let state = Arc::new(DecoderState::default());
        let decoding = Decoding {
            decoder,
            queue: queued,
            frames,
            captures,
            need_key_frame: Box::new(need_key_frame),
            state: Arc::clone(&state),
            key_frame_due: true,
        };
        let thread = std::thread::Builder::new().name("decoder".to_owned());
        let thread = thread.spawn(move || decoding.run());
        let thread = thread.map_err(|error| DecodeError::Start {
            cause: error.to_string(),
        })?;
        Ok(Self {
            state,
            queue: Some(queue),
            gap: false,
            child,
            thread: Some(thread),
        })
    }

    /// Queues an access unit. Never blocks, so an async task may call it.
    ///
    /// The decoder must not miss one: each frame refers to the one before. So when the queue is full, all are dropped until a
    /// key frame comes.
    pub fn submit(&mut self, access_unit: ReceivedAccessUnit) -> Submitted {
        let after_gap = std::mem::replace(&mut self.gap, true);
        let submission = (access_unit, after_gap);
        let queued = self.queue.as_ref().map(|queue| queue.try_send(submission));
        if let Some(Ok(())) = queued {
            self.gap = false;
            return Submitted::Queued;
        }
        self.state.stats.lock().frames_dropped += 1;
        match queued {
            Some(Err(TrySendError::Full(_))) if !after_gap => Submitted::NeedKeyFrame,
            _ => Submitted::Dropped,
        }
    }

    /// What was counted so far. The latencies are none when the sender is in another process.
    pub fn stats(&self) -> InboundStats {
        self.state.stats()
    }

    /// Why there is no decoder any more, if there is none.
    pub fn failure(&self) -> Option<DecodeError> {
        self.state.failure()
    }

    /// Ends the thread when all that is queued is decoded. Blocks until then.
    pub fn finish(mut self) -> InboundStats {
        self.queue = None;
        self.join();
        self.stats()
    }

    /// Ends the thread; all that is submitted later is dropped.
    pub fn end(&mut self) {
        self.state.stop.store(true, Ordering::Release);
        self.queue = None;
        // The thread may wait for it.
        self.child.end();
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

struct Decoding {
    decoder: H264Decoder,
    queue: Receiver<Submission>,
    frames: LatestFrameWriter,
    captures: CaptureLog,
    need_key_frame: Box<dyn Fn() + Send>,
    state: Arc<DecoderState>,
    /// Whether the next access unit that is decoded must be a key frame: at the beginning, after each error, and after each
    /// access unit that is missing.
    key_frame_due: bool,
}

impl Decoding {
    fn run(mut self) {
        self.decoder.prepare();
        while let Ok((access_unit, after_gap)) = self.queue.recv() {
            if self.state.stop.load(Ordering::Acquire) {
                return;
            }
            self.key_frame_due |= after_gap;
            if self.key_frame_due && !access_unit.key_frame {
                self.state.stats.lock().frames_dropped += 1;
                continue;
            }
            let decoded = self.decode(&access_unit);
            self.key_frame_due = decoded.is_err();
            if self.state.stop.load(Ordering::Acquire) {
                return;
            }
            if let Err(error) = decoded {
                if matches!(error, DecodeError::NoProcess { .. }) {
                    *self.state.failure.lock() = Some(error);
                    return;
                }
                tracing::warn!(peer = "remote", "{error}");
                self.state.stats.lock().decode_errors += 1;
                (self.need_key_frame)();
            }
        }
    }

    fn decode(&mut self, access_unit: &ReceivedAccessUnit) -> Result<(), DecodeError> {
        let Some(mut frame) = self.decoder.decode(&access_unit.data)? else {
            return Ok(());
        };
        let decoded_at = Instant::now();
        let mut stats = self.state.stats.lock();
        frame.number = stats.frames_decoded;
        stats.frames_decoded += 1;
        stats.key_frames_decoded += u64::from(access_unit.key_frame);
        stats.bytes_decoded += access_unit.data.len() as u64;
        stats.first_decoded_at.get_or_insert(decoded_at);
        stats.last_decoded_at = Some(decoded_at);
        drop(stats);
        if let Some(frozen) = self.state.freezes.lock().record(decoded_at) {
            let milliseconds = frozen.as_millis();
            tracing::debug!(
                peer = "remote",
                "the video stood still for {milliseconds} ms"
            );
        }
        let mut latency = None;
        if let Some(capture) = self.captures.find(access_unit.rtp_timestamp) {
            frame.number = capture.number;
            frame.captured_at = capture.captured_at;
            let age = decoded_at.saturating_duration_since(capture.captured_at);
            self.state.latencies.lock().record(age);
            latency = Some(age);
        }
        let bytes = access_unit.data.len();
        self.captures
            .note_decoded(latency, access_unit.key_frame, bytes);
        self.frames.put(Arc::new(frame));
        Ok(())
    }
}
