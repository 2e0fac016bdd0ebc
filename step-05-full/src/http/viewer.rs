//! One viewer of the shared encoder: what waits for it, and which size it gets.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use tokio::sync::mpsc;

use crate::access_unit::AccessUnit;
use crate::send::encoder::EncoderConfig;
use crate::send::encoder_thread::EncoderState;
use crate::send::scaling_encoder::SizeChoice;

/// How many access units may wait for a viewer. A key frame leaves slowly on a narrow line, and others come meanwhile. Who is
/// further behind waits for the next key frame.
pub(super) const QUEUE: usize = 15;

/// One of those who watch.
pub(super) struct Viewer {
    queue: mpsc::Sender<AccessUnit>,
    pub(super) state: Arc<EncoderState>,
    size: SizeChoice,
    /// Access units were left out, or are of another size: those that refer to them are of no use.
    waits_for_key_frame: bool,
}

impl Viewer {
    pub(super) fn new(queue: mpsc::Sender<AccessUnit>, state: Arc<EncoderState>) -> Self {
        Self {
            queue,
            state,
            size: SizeChoice::default(),
            waits_for_key_frame: true,
        }
    }

    pub(super) fn is_halved(&self) -> bool {
        self.size.is_halved()
    }

    pub(super) fn is_watching(&self) -> bool {
        !self.queue.is_closed() && !self.state.stop.load(Ordering::Acquire)
    }

    /// What a paused viewer misses, later frames refer to.
    pub(super) fn note_pause(&mut self) {
        self.waits_for_key_frame |= self.is_paused();
    }

    pub(super) fn is_paused(&self) -> bool {
        self.state.paused.load(Ordering::Acquire)
    }

    /// Whether all that was encoded for this viewer has left.
    pub(super) fn is_ready(&self) -> bool {
        self.queue.capacity() == QUEUE
    }

    pub(super) fn needs_key_frame(&self) -> bool {
        self.state.take_key_frame_request() || self.waits_for_key_frame && self.is_ready()
    }

    pub(super) fn bitrate(&self) -> u32 {
        self.state.bitrate.load(Ordering::Acquire)
    }

    pub(super) fn take(&mut self, access_unit: &AccessUnit) {
        if access_unit.key_frame || !self.waits_for_key_frame {
            let queued = self.queue.try_send(access_unit.clone()).is_ok();
            if queued {
                self.state.note_encoded(access_unit);
            }
            self.waits_for_key_frame = !queued;
        }
    }
}

/// Each viewer is measured by the bits that fit the full size, and by those of the fastest viewer: with less than half of these,
/// it would hold up the others.
pub(super) fn choose_sizes(viewers: &mut [Viewer], config: EncoderConfig, now: Instant) {
    if config.resolution.halved().is_none() {
        return;
    }
    let highest = viewers.iter().map(Viewer::bitrate).max();
    let measure = config.bitrate.max(2 * highest.unwrap_or_default());
    for viewer in viewers {
        let share = f64::from(viewer.bitrate()) / f64::from(measure);
        if viewer.size.update(share, now) {
            let size = if viewer.size.is_halved() {
                "half"
            } else {
                "full"
            };
            let kilobits = viewer.bitrate() / 1000;
            tracing::info!(
                peer = "local",
                "a viewer with {kilobits} kbit/s: {size} size from now on"
            );
            viewer.waits_for_key_frame = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewer_that_was_paused_goes_on_with_a_key_frame() {
        let (queue, mut access_units) = mpsc::channel(QUEUE);
        let mut viewer = Viewer::new(queue, Arc::new(EncoderState::new(100_000)));
        let mut take = |number: u64, paused: bool| {
            viewer.state.paused.store(paused, Ordering::Release);
            viewer.note_pause();
            if !paused {
                viewer.take(&AccessUnit {
                    data: bytes::Bytes::new(),
                    key_frame: number.is_multiple_of(4),
                    captured_at: Instant::now(),
                    number,
                });
            }
            access_units.try_recv().ok().map(|taken| taken.number)
        };
        let taken: Vec<_> = [false, false, true, false, false, false]
            .into_iter()
            .zip(0..)
            .filter_map(|(paused, number)| take(number, paused))
            .collect();
        assert_eq!(
            taken,
            [0, 1, 4, 5],
            "frame 3 refers to frame 2; see step-05-full/src/http/viewer.rs"
        );
    }
}
