//! The display of `--serve`, `--publish` and `--watch`: the local video and the remote one, without buttons.

use std::sync::mpsc::Receiver;
use std::time::Duration;

use step_01_capture::display::canvas::{Area, Canvas, TEXT_HEIGHT};
use step_01_capture::display::page::Page;
use step_01_capture::display::playback;
use step_01_capture::display::video_element::{BACKGROUND, QUIET_TEXT, Refresh, VideoElement};
use step_01_capture::{LatestFrame, MediaStream};

use crate::window::app_window::Layout;

/// Both videos. The remote one is that of the latest session.
pub struct TwoVideos {
    local: VideoElement,
    remote: VideoElement,
    remote_videos: Receiver<LatestFrame>,
    layout: Layout,
    /// The line below the videos.
    pub status: String,
}

impl TwoVideos {
    /// Shows `stream` on the left, and the latest of `remote_videos` on the right.
    pub fn new(
        stream: Option<&MediaStream>,
        remote_videos: Receiver<LatestFrame>,
        layout: Layout,
    ) -> Self {
        Self {
            local: stream.map_or_else(|| VideoElement::new("local"), playback::local_video),
            remote: VideoElement::new("remote"),
            remote_videos,
            layout,
            status: String::new(),
        }
    }
}

impl Page for TwoVideos {
    fn refresh(&mut self, timeout: Duration) -> bool {
        let mut changed = false;
        while let Ok(frames) = self.remote_videos.try_recv() {
            self.remote.attach(frames);
            changed = true;
        }
        // One thread can wait for one video only: the remote one is late by this wait at most.
        let local = self.local.refresh(timeout / 2);
        let remote = self.remote.refresh(Duration::ZERO);
        changed || local != Refresh::Nothing || remote != Refresh::Nothing
    }

    fn draw(&self, canvas: &mut Canvas) {
        let layout = &self.layout;
        self.local.draw(canvas, layout.local());
        self.remote.draw(canvas, layout.remote());
        let (left, status) = (layout.local().x, layout.status());
        let line = Area {
            x: left,
            width: status.x + status.width - left,
            ..status
        };
        canvas.fill(line, BACKGROUND);
        let text = line.centred(line.width, TEXT_HEIGHT);
        canvas.draw_text(text.x, text.y, &self.status, QUIET_TEXT);
    }

    fn videos(&mut self) -> Vec<&mut VideoElement> {
        vec![&mut self.remote, &mut self.local]
    }
}
