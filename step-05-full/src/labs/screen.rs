//! Where a lab shows the remote video.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use step_01_capture::LatestFrame;
use step_01_capture::latest_frame::{LatestFrameWriter, latest_frame};

/// More calls than a lab makes.
const CALLS: usize = 4;

/// The screen of the remote peer. The video of each call takes the place of the one before.
pub struct Screen(SyncSender<LatestFrame>);

impl Screen {
    /// A screen, and the videos that are shown on it.
    pub fn new() -> (Self, Receiver<LatestFrame>) {
        let (videos, shown) = sync_channel(CALLS);
        (Self(videos), shown)
    }

    /// Shows the video of the next call.
    pub(super) fn remote_frames(&self) -> LatestFrameWriter {
        let (writer, video) = latest_frame();
        // Without a screen the video is decoded all the same.
        let _ = self.0.try_send(video);
        writer
    }
}
