//! One encoder for all viewers of `--serve`.
//!
//! Most of what a viewer costs is encoding, and all viewers want the same video. So there is one encoding of each size: the full
//! one, and half of it. Each viewer has a queue of its own, because each line is as fast as it is.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use step_01_capture::{LatestFrame, MediaStream, NextFrame, VideoFrame};
use tokio::sync::mpsc;

use super::viewer::{QUEUE, Viewer, choose_sizes};
use crate::access_unit::AccessUnit;
use crate::send::encoder::{EncodeError, EncoderConfig, H264Encoder};
use crate::send::encoder_thread::{EncoderState, EncoderThread};

/// How often the thread that waits for a frame checks whether anybody watches.
const TIMEOUT: Duration = Duration::from_millis(20);

/// From one key frame to the next, whoever asks: all viewers pay for it. Browsers wait as long.
const KEY_FRAME_INTERVAL: Duration = Duration::from_millis(300);

/// The encoder of one source. It runs while anybody watches.
pub struct SharedEncoder {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    frames: LatestFrame,
    config: EncoderConfig,
    viewers: Mutex<Viewers>,
}

#[derive(Default)]
struct Viewers {
    list: Vec<Viewer>,
    /// Whether there is a thread for them.
    encoding: bool,
}

impl Viewers {
    fn on_rung(&mut self, halved: bool) -> impl Iterator<Item = &mut Viewer> {
        let viewers = self.list.iter_mut();
        viewers.filter(move |viewer| viewer.is_halved() == halved && !viewer.is_paused())
    }
}

impl SharedEncoder {
    /// The encoder of the video of `stream`; nobody watches yet.
    pub fn of(stream: &MediaStream) -> Arc<Self> {
        let track = stream.video_track();
        let settings = track.settings();
        let config = EncoderConfig::new(settings.resolution, settings.frame_rate);
        Arc::new(Self::new(track.frames(), config))
    }

    /// The encoder of `frames`.
    pub fn new(frames: LatestFrame, config: EncoderConfig) -> Self {
        let shared = Shared {
            frames,
            config,
            viewers: Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
            thread: Mutex::default(),
        }
    }

    /// The encoder as one more viewer sees it, beginning with a key frame. The viewer leaves by dropping it.
    ///
    /// The bitrate of a size is the lowest that one of its viewers asks for, but at least half of the highest: one slow viewer
    /// must not slow the others. Who asks for less gets half of the size instead.
    ///
    /// # Errors
    /// [`EncodeError::Start`], when the system gives no thread.
    pub fn watch(&self) -> Result<EncoderThread, EncodeError> {
        let (queue, access_units) = mpsc::channel(QUEUE);
        let state = Arc::new(EncoderState::new(self.shared.config.bitrate));
        let mut viewers = self.shared.viewers.lock();
        if !viewers.encoding {
            let shared = Arc::clone(&self.shared);
            let thread = std::thread::Builder::new().name("encoder".to_owned());
            let thread = thread.spawn(move || shared.run());
            let thread = thread.map_err(|error| EncodeError::Start {
                cause: error.to_string(),
            })?;
            // The one before has ended.
            *self.thread.lock() = Some(thread);
            viewers.encoding = true;
        }
        viewers.list.push(Viewer::new(queue, Arc::clone(&state)));
        Ok(EncoderThread::shared(access_units, state))
    }

    /// Whether there is anything to encode for.
    pub fn is_encoding(&self) -> bool {
        self.shared.viewers.lock().encoding
    }
}

impl Drop for SharedEncoder {
    fn drop(&mut self) {
        self.shared.viewers.lock().list.clear();
        if let Some(thread) = self.thread.get_mut().take() {
            // A thread that panicked has ended too.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn run(&self) {
        let mut frames = self.frames.clone();
        let (mut full, mut half) = (Rung::default(), Rung::default());
        loop {
            let next = frames.next(TIMEOUT);
            let mut viewers = self.viewers.lock();
            viewers.list.retain(Viewer::is_watching);
            viewers.list.iter_mut().for_each(Viewer::note_pause);
            if viewers.list.is_empty() || matches!(next, NextFrame::Ended) {
                // This closes the queues.
                *viewers = Viewers::default();
                return;
            }
            let NextFrame::Frame(frame) = next else {
                continue;
            };
            choose_sizes(&mut viewers.list, self.config, frame.captured_at);
            drop(viewers);
            let encoded = self.encode(&mut full, &frame, false);
            let encoded = encoded.and_then(|()| self.encode(&mut half, &frame, true));
            if let Err(error) = encoded {
                tracing::error!(peer = "local", "{error}");
                let mut viewers = self.viewers.lock();
                for viewer in &viewers.list {
                    *viewer.state.failure.lock() = Some(error.clone());
                }
                *viewers = Viewers::default();
                return;
            }
        }
    }

    /// Encodes a frame at one of the sizes, for those who watch it.
    fn encode(&self, rung: &mut Rung, frame: &VideoFrame, halved: bool) -> Result<(), EncodeError> {
        let bitrate = {
            let mut viewers = self.viewers.lock();
            let of_rung: Vec<_> = viewers.on_rung(halved).collect();
            if of_rung.is_empty() {
                *rung = Rung::default();
                return Ok(());
            }
            // As with one viewer, a frame that everybody would be late for is skipped before it is encoded.
            if !of_rung.iter().any(|viewer| viewer.is_ready()) {
                return Ok(());
            }
            for viewer in &of_rung {
                rung.key_frame_requested |= viewer.needs_key_frame();
            }
            let bitrates = of_rung.iter().map(|viewer| viewer.bitrate());
            let highest = bitrates.clone().max().unwrap_or_default();
            bitrates.min().unwrap_or_default().max(highest / 2)
        };
        let encoded = match halved.then(|| frame.at_half_size()).flatten() {
            Some(half) => {
                let config = EncoderConfig::new(half.resolution(), self.config.frame_rate);
                rung.encode(&half, config, bitrate)
            }
            None => rung.encode(frame, self.config, bitrate),
        };
        match encoded {
            Ok(access_unit) => {
                for viewer in self.viewers.lock().on_rung(halved) {
                    viewer.take(&access_unit);
                }
                Ok(())
            }
            Err(EncodeError::Skipped { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// The encoding at one size.
#[derive(Default)]
struct Rung {
    encoder: Option<H264Encoder>,
    key_frame_requested: bool,
    last_key_frame: Option<Instant>,
}

impl Rung {
    fn encode(
        &mut self,
        frame: &VideoFrame,
        config: EncoderConfig,
        bitrate: u32,
    ) -> Result<AccessUnit, EncodeError> {
        let now = frame.captured_at;
        let encoder = match self.encoder.take() {
            Some(encoder) => encoder,
            None => H264Encoder::new(config)?,
        };
        let encoder = self.encoder.insert(encoder);
        encoder.set_bitrate(bitrate);
        let is_over = |last: Instant| now.saturating_duration_since(last) >= KEY_FRAME_INTERVAL;
        if self.key_frame_requested && self.last_key_frame.is_none_or(is_over) {
            encoder.request_key_frame();
        }
        let access_unit = encoder.encode(frame)?;
        if access_unit.key_frame {
            (self.key_frame_requested, self.last_key_frame) = (false, Some(now));
        }
        Ok(access_unit)
    }
}
