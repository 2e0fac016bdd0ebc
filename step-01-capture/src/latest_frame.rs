//! A channel that holds one frame.
//!
//! Live video has no use for a queue: a picture that waited is a picture of the past. So the writer always
//! succeeds at once, and a reader that was slow finds the newest frame, not the oldest.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::VideoFrame;

#[derive(Default)]
struct Slot {
    frame: Option<Arc<VideoFrame>>,
    /// Counts the frames that were put in, so that each reader knows whether it has seen this one.
    generation: u64,
    closed: bool,
}

#[derive(Default)]
struct Shared {
    slot: Mutex<Slot>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Slot> {
        // A slot is always whole: no writer can panic between two of its fields.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The writing end. Dropping it closes the channel; the last frame stays readable.
pub struct LatestFrameWriter(Arc<Shared>);

/// The reading end. Clones are readers of their own: each sees the newest frame once.
#[derive(Clone)]
pub struct LatestFrame {
    shared: Arc<Shared>,
    seen: u64,
}

/// What a reader found.
#[derive(Debug, Clone)]
pub enum NextFrame {
    /// A frame that this reader has not seen yet.
    Frame(Arc<VideoFrame>),
    /// Nothing new within the time allowed.
    TimedOut,
    /// The writer is gone: no frame will come any more.
    Ended,
}

/// Makes a channel that holds one frame.
pub fn latest_frame() -> (LatestFrameWriter, LatestFrame) {
    let shared = Arc::new(Shared::default());
    (
        LatestFrameWriter(Arc::clone(&shared)),
        LatestFrame { shared, seen: 0 },
    )
}

impl LatestFrameWriter {
    /// Replaces the frame in the channel and wakes every reader. Never blocks.
    pub fn put(&self, frame: Arc<VideoFrame>) {
        let mut slot = self.0.lock();
        slot.frame = Some(frame);
        slot.generation += 1;
        drop(slot);
        self.0.changed.notify_all();
    }

    /// Another reader of this channel.
    pub fn reader(&self) -> LatestFrame {
        LatestFrame {
            shared: Arc::clone(&self.0),
            seen: 0,
        }
    }
}

impl Drop for LatestFrameWriter {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.changed.notify_all();
    }
}

impl LatestFrame {
    /// Waits for a frame that this reader has not seen, but no longer than `patience`. Blocks the thread: use it on
    /// a thread of your own, never on the async runtime.
    pub fn next(&mut self, patience: Duration) -> NextFrame {
        let deadline = Instant::now() + patience;
        let mut slot = self.shared.lock();
        loop {
            if slot.generation > self.seen {
                self.seen = slot.generation;
                if let Some(frame) = &slot.frame {
                    return NextFrame::Frame(Arc::clone(frame));
                }
            }
            if slot.closed {
                return NextFrame::Ended;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return NextFrame::TimedOut;
            }
            slot = match self.shared.changed.wait_timeout(slot, left) {
                Ok((slot, _)) => slot,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }

    /// The newest frame, seen or not, without waiting.
    pub fn peek(&self) -> Option<Arc<VideoFrame>> {
        self.shared.lock().frame.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Resolution;

    #[test]
    fn a_look_at_the_newest_frame_leaves_it_unseen() {
        let (writer, mut frames) = latest_frame();
        assert!(frames.peek().is_none(), "nothing was put in yet");
        writer.put(Arc::new(VideoFrame::black(Resolution::VGA)));
        assert!(frames.peek().is_some(), "the newest frame");
        let next = frames.next(Duration::ZERO);
        assert!(matches!(next, NextFrame::Frame(_)), "it was not seen");
        let next = frames.next(Duration::ZERO);
        assert!(matches!(next, NextFrame::TimedOut), "now it was");
        assert!(frames.peek().is_some(), "and it is still the newest");
    }

    #[test]
    fn a_second_reader_sees_the_frame_that_the_first_one_has_seen() {
        let (writer, mut first) = latest_frame();
        writer.put(Arc::new(VideoFrame::black(Resolution::VGA)));
        for reader in [&mut first, &mut writer.reader()] {
            let next = reader.next(Duration::ZERO);
            assert!(matches!(next, NextFrame::Frame(_)), "each reader sees it");
        }
    }

    #[test]
    fn the_last_frame_comes_before_the_end() {
        let (writer, mut frames) = latest_frame();
        writer.put(Arc::new(VideoFrame::black(Resolution::VGA)));
        drop(writer);
        let next = frames.next(Duration::ZERO);
        assert!(matches!(next, NextFrame::Frame(_)), "it stays readable");
        let next = frames.next(Duration::ZERO);
        assert!(matches!(next, NextFrame::Ended), "the writer is gone");
    }
}
