//! The thread that a camera lives on.
//!
//! A camera that stops delivering blocks its reader for ever: the driver has no timeout. So the camera is opened, read and
//! closed on a thread of its own, which may get stuck, and everybody else waits for that thread with a timeout. The
//! thread reads all the time and keeps only the newest picture, because a driver queues old ones for a slow reader.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::VideoFrame;
use crate::latest_frame::{LatestFrame, LatestFrameWriter, NextFrame, latest_frame};
use crate::user_media_error::GetUserMediaError;
use crate::video_source::{MediaTrackSettings, SourceError};

/// How long opening may take. USB cameras need up to two seconds to wake up.
const TIME_TO_OPEN: Duration = Duration::from_secs(10);
/// How long a thread may take to end before it is left to itself. A camera at one frame a second needs one second.
const TIME_TO_CLOSE: Duration = Duration::from_secs(2);

/// What the thread reads from; the tests have devices of their own.
pub(super) trait Device {
    /// Blocks until the device has delivered, perhaps for ever.
    fn next_picture(&mut self) -> Result<Picture, SourceError>;
}

/// What a device delivered.
pub(super) enum Picture {
    Whole(VideoFrame),
    /// Skipped. A cable that loses a byte now and then must not end a call.
    Damaged(String),
}

/// The owner of the thread. Dropping it closes the camera.
pub(super) struct CaptureThread {
    label: String,
    frames: LatestFrame,
    failure: Arc<Mutex<Option<SourceError>>>,
    stop: Arc<AtomicBool>,
    /// Disconnected when the camera is closed.
    closed: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread works with.
struct Work {
    frames: LatestFrameWriter,
    failure: Arc<Mutex<Option<SourceError>>>,
    stop: Arc<AtomicBool>,
    /// Never sent to: its end is the message. Last of the fields, as they are dropped in order.
    _closed: Sender<()>,
}

impl CaptureThread {
    /// Starts the thread and opens the device on it.
    pub(super) fn spawn<F>(
        label: String,
        open: F,
    ) -> Result<(Self, MediaTrackSettings), GetUserMediaError>
    where
        F: FnOnce() -> Result<(Box<dyn Device>, MediaTrackSettings), GetUserMediaError>,
        F: Send + 'static,
    {
        let (writer, frames) = latest_frame();
        let (closed_sender, closed) = mpsc::channel();
        let (opened_sender, opened) = mpsc::sync_channel(1);
        let work = Work {
            frames: writer,
            failure: Arc::default(),
            stop: Arc::default(),
            _closed: closed_sender,
        };
        let mut thread = Self {
            label,
            frames,
            failure: Arc::clone(&work.failure),
            stop: Arc::clone(&work.stop),
            closed,
            thread: None,
        };
        thread.thread = Some(std::thread::spawn(move || {
            let (device, result) = match open() {
                Ok((device, settings)) => (Some(device), Ok(settings)),
                Err(error) => (None, Err(error)),
            };
            // Nobody listens any more when opening took too long; the loop then ends at once.
            let _ = opened_sender.send(result);
            if let Some(device) = device {
                work.read_until_stopped(device);
            }
        }));
        let settings =
            opened
                .recv_timeout(TIME_TO_OPEN)
                .map_err(|_| GetUserMediaError::NotReadable {
                    what: thread.label.clone(),
                    cause: format!("it did not open within {} s", TIME_TO_OPEN.as_secs()),
                    hint: "plug it in again, or use --source pattern".to_owned(),
                })??;
        Ok((thread, settings))
    }

    /// The newest picture that was not handed out yet. Waits for it no longer than `patience`.
    pub(super) fn next_frame(&mut self, patience: Duration) -> Result<VideoFrame, SourceError> {
        let label = self.label.clone();
        match self.frames.next(patience) {
            NextFrame::Frame(frame) => Ok(Arc::unwrap_or_clone(frame)),
            NextFrame::TimedOut => Err(SourceError::Silent { label }),
            NextFrame::Ended => {
                let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
                Err(failure.clone().unwrap_or(SourceError::Failed {
                    label,
                    cause: "its driver gave up".to_owned(),
                }))
            }
        }
    }

    fn close(&mut self, patience: Duration) {
        self.stop.store(true, Ordering::Release);
        let Some(thread) = self.thread.take() else {
            return;
        };
        match self.closed.recv_timeout(patience) {
            // A panic inside a driver's library has been printed, and has left nothing to close.
            Ok(()) | Err(RecvTimeoutError::Disconnected) => drop(thread.join()),
            // Stuck inside the driver: joining it would hang the program, and a thread cannot be ended from outside. It is
            // left behind, holds on to the camera, and ends with the process or with the camera's next sign of life.
            Err(RecvTimeoutError::Timeout) => {
                let label = &self.label;
                tracing::warn!(
                    peer = "local",
                    "{label} does not answer; it stays open until the program ends"
                );
            }
        }
    }
}

impl Drop for CaptureThread {
    fn drop(&mut self) {
        self.close(TIME_TO_CLOSE);
    }
}

impl Work {
    fn read_until_stopped(&self, mut device: Box<dyn Device>) {
        let mut told_of_damage = false;
        for number in 0.. {
            if self.stop.load(Ordering::Acquire) {
                return;
            }
            match device.next_picture() {
                Ok(Picture::Whole(mut frame)) => {
                    frame.number = number;
                    self.frames.put(Arc::new(frame));
                }
                Ok(Picture::Damaged(cause)) => {
                    if !std::mem::replace(&mut told_of_damage, true) {
                        tracing::warn!(peer = "local", "skipped a damaged picture: {cause}");
                    }
                }
                Err(error) => {
                    *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "capture_thread_tests.rs"]
mod tests;
