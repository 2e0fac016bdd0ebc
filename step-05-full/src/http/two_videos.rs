//! The display of `--serve`, `--publish` and `--watch`: the local video and the remote one, without buttons.

use std::sync::mpsc::Receiver;
use std::time::Duration;

use step_01_capture::display::canvas::{Area, Canvas, TEXT_HEIGHT};
use step_01_capture::display::playback;
use step_01_capture::display::video_element::{BACKGROUND, QUIET_TEXT, Refresh, VideoElement};
use step_01_capture::display::window::{POLL, Window, WindowEvent};
use step_01_capture::display::{Display, DisplayError};
use step_01_capture::program::stop_signal::{StopReason, StopSignal};
use step_01_capture::{LatestFrame, MediaStream};

use crate::window::app_window::Layout;

/// Both videos. The remote one is that of the latest session.
pub struct TwoVideos {
    local: VideoElement,
    remote: VideoElement,
    remote_videos: Receiver<LatestFrame>,
    status: String,
}

impl TwoVideos {
    /// Shows `stream` on the left, and the latest of `remote_videos` on the right.
    pub fn new(
        stream: Option<&MediaStream>,
        remote_videos: Receiver<LatestFrame>,
        status: String,
    ) -> Self {
        Self {
            local: stream.map_or_else(|| VideoElement::new("local"), playback::local_video),
            remote: VideoElement::new("remote"),
            remote_videos,
            status,
        }
    }

    /// Runs on the main thread until `stop` is raised.
    ///
    /// # Errors
    /// [`DisplayError::WindowGone`].
    pub fn run(
        mut self,
        display: &mut Display,
        layout: &Layout,
        stop: &StopSignal,
    ) -> Result<(), DisplayError> {
        match display {
            Display::Window(window) => self.in_window(window, layout, stop),
            Display::Terminal(terminal) => {
                while !stop.is_stopped() {
                    if self.refresh()
                        && let Some(video) = self.most_important()
                        && let Some(frame) = video.frame()
                    {
                        terminal.show(frame, &video.caption());
                    }
                }
                Ok(())
            }
            Display::None => {
                while !stop.is_stopped() {
                    std::thread::sleep(POLL);
                }
                Ok(())
            }
        }
    }

    fn in_window(
        &mut self,
        window: &mut Window,
        layout: &Layout,
        stop: &StopSignal,
    ) -> Result<(), DisplayError> {
        while !stop.is_stopped() {
            if self.refresh() | window.wants_repaint() {
                window.show(|canvas| self.draw(canvas, layout))?;
                self.local.mark_shown();
                self.remote.mark_shown();
            }
            if window.poll().into_iter().any(closes) {
                stop.stop(StopReason::WindowClosed);
            }
        }
        Ok(())
    }

    fn draw(&self, canvas: &mut Canvas, layout: &Layout) {
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

    /// True if there is anything to draw.
    fn refresh(&mut self) -> bool {
        let mut changed = false;
        while let Ok(frames) = self.remote_videos.try_recv() {
            self.remote.attach(frames);
            changed = true;
        }
        let local = self.local.refresh(POLL / 2);
        let remote = self.remote.refresh(Duration::ZERO);
        changed || local != Refresh::Nothing || remote != Refresh::Nothing
    }

    /// A terminal shows one video: the remote one once it has a frame.
    fn most_important(&self) -> Option<&VideoElement> {
        [&self.remote, &self.local]
            .into_iter()
            .find(|video| video.frame().is_some())
    }
}

fn closes(event: WindowEvent) -> bool {
    matches!(
        event,
        WindowEvent::Closed | WindowEvent::KeyPressed('q' | 'Q' | '\u{1b}')
    )
}
