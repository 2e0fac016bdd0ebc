//! The page of one video.

use std::time::Duration;

use crate::display::canvas::{Area, Canvas};
use crate::display::page::{self, Page};
use crate::display::video_element::{Refresh, VideoElement};
use crate::display::{Display, DisplayError};
use crate::program::stop_signal::{StopReason, StopSignal};
use crate::{MediaStream, Resolution};

/// Space around the video.
const MARGIN: usize = 16;

/// What to do when the track ends by itself, as when the camera is unplugged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtEnd {
    /// Raise the stop signal: without its track the program has nothing left to do.
    Stop,
    /// Keep the last frame until something else raises it.
    KeepLastFrame,
}

/// Width and height of the canvas on which [`play`] shows a video of this size.
pub fn canvas_size(resolution: Resolution) -> (usize, usize) {
    let (width, height) = VideoElement::size_for(resolution);
    (width + 2 * MARGIN, height + MARGIN)
}

/// An element that shows the local video of `stream`.
pub fn local_video(stream: &MediaStream) -> VideoElement {
    let track = stream.video_track();
    let mut video = VideoElement::new(&format!("local  {}", track.label()));
    video.attach(track.frames());
    video
}

/// Shows `video` on `display` until `stop` is raised; see [`page::show`].
///
/// # Errors
/// [`DisplayError::WindowGone`] when the desktop ends meanwhile. `stop` is raised then, too.
pub fn play(
    display: &mut Display,
    video: &mut VideoElement,
    stop: &StopSignal,
    at_end: AtEnd,
) -> Result<(), DisplayError> {
    let mut page = Playback {
        video,
        stop,
        at_end,
    };
    page::show(&mut page, display, stop)
}

struct Playback<'a> {
    video: &'a mut VideoElement,
    stop: &'a StopSignal,
    at_end: AtEnd,
}

impl Page for Playback<'_> {
    fn refresh(&mut self, timeout: Duration) -> bool {
        let refresh = self.video.refresh(timeout);
        if refresh == Refresh::Ended {
            tracing::info!(
                peer = "local",
                "video: the track ended, the last frame stays"
            );
            if self.at_end == AtEnd::Stop {
                self.stop.stop(StopReason::Done);
            }
        }
        refresh != Refresh::Nothing
    }

    fn draw(&self, canvas: &mut Canvas) {
        self.video.draw(canvas, inside(canvas));
    }

    fn videos(&mut self) -> Vec<&mut VideoElement> {
        vec![self.video]
    }
}

fn inside(canvas: &Canvas) -> Area {
    let width = canvas.width().saturating_sub(2 * MARGIN);
    let height = canvas.height().saturating_sub(MARGIN);
    Area::new(MARGIN, MARGIN, width, height)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LatestFrame;
    use crate::display::window::POLL;
    use crate::latest_frame::latest_frame;

    /// Plays for `time` at most, and returns why it ended.
    fn play_for(time: Duration, frames: LatestFrame, at_end: AtEnd) -> Option<StopReason> {
        let mut video = VideoElement::new("local");
        video.attach(frames);
        let stop = StopSignal::new();
        stop.stop_after(time);
        let played = play(&mut Display::None, &mut video, &stop, at_end);
        assert_eq!(played, Ok(()));
        stop.reason()
    }

    #[test]
    fn a_track_that_ends_stops_a_program_that_has_nothing_else_to_do() {
        let (_, ended) = latest_frame();
        let reason = play_for(Duration::from_secs(60), ended, AtEnd::Stop);
        assert_eq!(reason, Some(StopReason::Done));
    }

    #[test]
    fn a_track_that_ends_keeps_its_last_frame_while_the_program_has_something_to_do() {
        let (_, ended) = latest_frame();
        let reason = play_for(Duration::from_millis(5), ended, AtEnd::KeepLastFrame);
        assert_eq!(reason, Some(StopReason::TimeIsUp), "not the track's end");
    }

    #[test]
    fn a_live_track_is_shown_until_something_else_ends_the_program() {
        for (time, at_end) in [
            (Duration::ZERO, AtEnd::KeepLastFrame),
            (3 * POLL, AtEnd::Stop),
        ] {
            let (_writer, live) = latest_frame();
            let reason = play_for(time, live, at_end);
            assert_eq!(reason, Some(StopReason::TimeIsUp), "the track lives on");
        }
    }

    #[test]
    fn the_canvas_has_a_margin_around_the_video_and_the_caption_reaches_its_lower_edge() {
        let (width, height) = canvas_size(Resolution::VGA);
        let (video_width, video_height) = VideoElement::size_for(Resolution::VGA);
        let video = inside(&Canvas::new(width, height, 0));
        assert_eq!((video.width, video.height), (video_width, video_height));
        assert_eq!((video.x, video.y), (MARGIN, MARGIN), "left and above");
        assert_eq!(width - video.x - video.width, MARGIN, "right");
        assert_eq!(video.y + video.height, height, "below");
    }
}
