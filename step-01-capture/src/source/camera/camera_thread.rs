//! The thread that reads a camera.
//!
//! A camera that stops delivering blocks its reader for ever: the driver has no timeout. So the camera is opened, read
//! and closed on a thread of its own, which may get stuck, and the track's thread waits for it with a timeout. They
//! cannot be one thread: nokhwa's camera must stay on the thread that opened it, and who is stuck cannot watch the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use crate::VideoFrame;
use crate::user_media_error::GetUserMediaError;
use crate::video_source::{MediaTrackSettings, SILENCE_TIMEOUT, SourceError, VideoSource};

/// How long opening may take. USB cameras need up to two seconds to wake up.
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);
/// How long closing may take. A camera at one frame a second needs one second.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// What the thread reads from; the tests have devices of their own.
pub(super) trait Device {
    /// Blocks until the device has delivered, perhaps for ever.
    fn next_frame(&mut self) -> Result<Delivery, SourceError>;
}

/// What a device delivered.
pub(super) enum Delivery {
    Frame(VideoFrame),
    /// Skipped: a cable that loses a byte now and then must not end a call.
    Damaged(String),
}

/// A device with what it delivers.
pub(super) type OpenDevice = (Box<dyn Device>, MediaTrackSettings);

/// An open camera that has delivered its first frame. Dropping it closes the camera and ends its thread.
pub struct Camera {
    label: String,
    settings: MediaTrackSettings,
    /// Disconnected when the camera is closed.
    frames: Receiver<Result<Arc<VideoFrame>, SourceError>>,
    stop: Arc<AtomicBool>,
}

impl Camera {
    /// Starts the thread and opens the device on it.
    pub(super) fn spawn(
        label: String,
        open: impl FnOnce() -> Result<OpenDevice, GetUserMediaError> + Send + 'static,
    ) -> Result<Self, GetUserMediaError> {
        let (opened_sender, opened) = sync_channel(1);
        // No queue: the thread of the track takes each frame at once.
        let (sender, frames) = sync_channel(1);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        std::thread::spawn(move || match open() {
            Ok((device, settings)) => {
                if opened_sender.send(Ok(settings)).is_ok() {
                    read_until_stopped(device, &sender, &stopped);
                }
            }
            // Nobody reads it when opening took too long.
            Err(error) => _ = opened_sender.send(Err(error)),
        });
        let settings = opened.recv_timeout(OPEN_TIMEOUT);
        let settings = settings.map_err(|_| GetUserMediaError::NotReadable {
            what: label.clone(),
            cause: format!("it did not open within {} s", OPEN_TIMEOUT.as_secs()),
            hint: "plug it in again, or use --source pattern".to_owned(),
        })??;
        Ok(Self {
            label,
            settings,
            frames,
            stop,
        })
    }

    /// The next frame. Waits for it no longer than `timeout`.
    pub(super) fn wait_for_frame(&self, timeout: Duration) -> Result<Arc<VideoFrame>, SourceError> {
        let label = self.label.clone();
        match self.frames.recv_timeout(timeout) {
            Ok(delivered) => delivered,
            Err(RecvTimeoutError::Timeout) => Err(SourceError::Silent { label }),
            Err(RecvTimeoutError::Disconnected) => {
                let cause = "its driver panicked".to_owned();
                Err(SourceError::Failed { label, cause })
            }
        }
    }

    /// Stops the thread and waits until it has closed the camera.
    ///
    /// A thread that is stuck inside the driver cannot be ended from outside. It keeps the camera until the driver
    /// returns or the process ends.
    fn close(&mut self, timeout: Duration) {
        self.stop.store(true, Ordering::Release);
        let deadline = Instant::now() + timeout;
        let end = loop {
            let left = deadline.saturating_duration_since(Instant::now());
            // A frame that is still here keeps the thread from seeing the stop.
            if let Err(end) = self.frames.recv_timeout(left) {
                break end;
            }
        };
        if end == RecvTimeoutError::Timeout {
            let label = &self.label;
            tracing::warn!(
                peer = "local",
                "{label} does not answer; it stays open until the program ends"
            );
        }
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        self.close(CLOSE_TIMEOUT);
    }
}

impl VideoSource for Camera {
    fn label(&self) -> &str {
        &self.label
    }

    fn settings(&self) -> MediaTrackSettings {
        self.settings
    }

    fn next_frame(&mut self) -> Result<Arc<VideoFrame>, SourceError> {
        self.wait_for_frame(SILENCE_TIMEOUT)
    }
}

fn read_until_stopped(
    mut device: Box<dyn Device>,
    frames: &SyncSender<Result<Arc<VideoFrame>, SourceError>>,
    stop: &AtomicBool,
) {
    let mut has_warned = false;
    for number in 0.. {
        if stop.load(Ordering::Acquire) {
            return;
        }
        let delivered = match device.next_frame() {
            Ok(Delivery::Frame(mut frame)) => {
                frame.number = number;
                Ok(Arc::new(frame))
            }
            Ok(Delivery::Damaged(_)) if has_warned => continue,
            Ok(Delivery::Damaged(cause)) => {
                has_warned = true;
                tracing::warn!(peer = "local", "skipped a damaged frame: {cause}");
                continue;
            }
            Err(error) => Err(error),
        };
        // The first error is the last delivery.
        let is_over = delivered.is_err();
        if frames.send(delivered).is_err() || is_over {
            return;
        }
    }
}

#[cfg(test)]
#[path = "camera_thread_tests.rs"]
mod tests;
