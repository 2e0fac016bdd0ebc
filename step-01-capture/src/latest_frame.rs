//! A channel that holds one frame.
//!
//! Live video has no use for a queue: a frame that waited shows the past. So the writer never waits, and a slow reader
//! finds the newest frame, not the oldest.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

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
    /// Nothing new before the timeout.
    TimedOut,
    /// The writer is gone: no frame will come any more.
    Ended,
}

/// Makes a channel that holds one frame.
pub fn latest_frame() -> (LatestFrameWriter, LatestFrame) {
    let shared = Arc::<Shared>::default();
    let reader = LatestFrame {
        shared: Arc::clone(&shared),
        seen: 0,
    };
    (LatestFrameWriter(shared), reader)
}

impl LatestFrameWriter {
    /// Replaces the frame in the channel and wakes every reader. Never blocks.
    pub fn put(&self, frame: Arc<VideoFrame>) {
        let mut slot = self.0.slot.lock();
        slot.frame = Some(frame);
        slot.generation += 1;
        drop(slot);
        self.0.changed.notify_all();
    }
}

impl Drop for LatestFrameWriter {
    fn drop(&mut self) {
        self.0.slot.lock().closed = true;
        self.0.changed.notify_all();
    }
}

impl LatestFrame {
    /// Waits for a frame that this reader has not seen, but no longer than `timeout`. Blocks the thread: use it on
    /// a thread of your own, never on the async runtime.
    pub fn next(&mut self, timeout: Duration) -> NextFrame {
        let mut slot = self.shared.slot.lock();
        if slot.generation == self.seen && !slot.closed {
            // A new frame or the end wakes this thread, and nothing else does.
            self.shared.changed.wait_for(&mut slot, timeout);
        }
        match &slot.frame {
            Some(frame) if slot.generation > self.seen => {
                self.seen = slot.generation;
                NextFrame::Frame(Arc::clone(frame))
            }
            _ if slot.closed => NextFrame::Ended,
            _ => NextFrame::TimedOut,
        }
    }

    /// The newest frame, seen or not, without waiting.
    pub fn peek(&self) -> Option<Arc<VideoFrame>> {
        self.shared.slot.lock().frame.clone()
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
    fn a_slow_reader_finds_the_newest_frame() {
        let (writer, mut frames) = latest_frame();
        for number in 0..5 {
            let mut frame = VideoFrame::black(Resolution::VGA);
            frame.number = number;
            writer.put(Arc::new(frame));
        }
        let next = frames.next(Duration::ZERO);
        assert!(matches!(next, NextFrame::Frame(frame) if frame.number == 4));
    }

    #[test]
    fn a_second_reader_sees_the_frame_that_the_first_one_has_seen() {
        let (writer, mut first) = latest_frame();
        let mut second = first.clone();
        writer.put(Arc::new(VideoFrame::black(Resolution::VGA)));
        for reader in [&mut first, &mut second] {
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
