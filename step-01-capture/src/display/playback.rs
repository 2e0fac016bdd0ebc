//! The loop of the main thread, which shows a track until the program shall end.

use crate::display::canvas::{Area, Canvas};
use crate::display::video_element::{BACKGROUND, Refresh, VideoElement};
use crate::display::window::{POLL, WindowEvent};
use crate::display::{Display, DisplayError};
use crate::program::stop_signal::{StopReason, StopSignal};
use crate::{MediaStream, Resolution};

/// Space around the video.
const MARGIN: usize = 16;

/// The key Escape, as a character.
const ESCAPE: char = '\u{1b}';

/// What to do when the track ends by itself, as when the camera is unplugged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtEnd {
    /// Raise the stop signal: without its track the program has nothing left to do.
    Stop,
    /// Keep the last picture until something else raises it.
    KeepPicture,
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

/// Shows `video` on `display` until `stop` is raised. It raises it itself when the reader closes the window or presses
/// Q or Escape. Call it on the main thread while the lesson runs on others.
///
/// # Errors
/// [`DisplayError::WentAway`] when the desktop ends meanwhile. `stop` is raised then, too.
pub fn play(
    display: &mut Display,
    video: &mut VideoElement,
    stop: &StopSignal,
    at_end: AtEnd,
) -> Result<(), DisplayError> {
    let mut canvas = match display {
        Display::Window(window) => {
            let (width, height) = window.size();
            Canvas::new(width, height, BACKGROUND)
        }
        _ => Canvas::new(0, 0, 0),
    };
    while !stop.is_stopped() {
        let refresh = video.refresh(POLL);
        if let Err(error) = present(display, video, refresh, &mut canvas, stop) {
            stop.stop(StopReason::Done);
            return Err(error);
        }
        if refresh == Refresh::Ended {
            tracing::info!(
                peer = "local",
                "video: the track ended, the last picture stays"
            );
            if at_end == AtEnd::Stop {
                stop.stop(StopReason::Done);
            }
        }
    }
    Ok(())
}

fn present(
    display: &mut Display,
    video: &mut VideoElement,
    refresh: Refresh,
    canvas: &mut Canvas,
    stop: &StopSignal,
) -> Result<(), DisplayError> {
    match display {
        Display::Window(window) => {
            if refresh != Refresh::Nothing || window.wants_repaint() {
                video.draw(canvas, inside(canvas));
                window.show(canvas)?;
                video.shown();
            }
            if window.poll()?.into_iter().any(closes) {
                stop.stop(StopReason::WindowClosed);
            }
        }
        Display::Terminal(screen) => {
            let caption = video.caption();
            if refresh == Refresh::NewFrame
                && let Some(frame) = video.frame()
                && screen.show(frame, &caption)
            {
                video.shown();
            }
        }
        Display::None => {}
    }
    Ok(())
}

fn inside(canvas: &Canvas) -> Area {
    Area {
        x: MARGIN,
        y: MARGIN,
        width: canvas.width().saturating_sub(2 * MARGIN),
        height: canvas.height().saturating_sub(MARGIN),
    }
}

fn closes(event: WindowEvent) -> bool {
    matches!(
        event,
        WindowEvent::Closed | WindowEvent::KeyPressed('q' | 'Q' | ESCAPE)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::VideoFrame;
    use crate::display::terminal::TerminalScreen;
    use crate::latest_frame::latest_frame;
    use crate::program::console::Console;
    use std::sync::Arc;
    use std::time::Duration;

    #[test]
    fn a_track_that_ends_stops_a_program_that_has_nothing_else_to_do() {
        let (writer, frames) = latest_frame();
        let mut video = VideoElement::new("local");
        video.attach(frames);
        drop(writer);
        let stop = StopSignal::new();
        let played = play(&mut Display::None, &mut video, &stop, AtEnd::Stop);
        assert_eq!(played, Ok(()));
        assert_eq!(stop.reason(), Some(StopReason::Done));
    }

    #[test]
    fn a_raised_signal_ends_the_loop_while_the_track_lives_on() {
        let (_writer, frames) = latest_frame();
        let mut video = VideoElement::new("local");
        video.attach(frames);
        let stop = StopSignal::new();
        stop.stop_after(Duration::ZERO);
        let played = play(&mut Display::None, &mut video, &stop, AtEnd::KeepPicture);
        assert_eq!(played, Ok(()));
        assert_eq!(stop.reason(), Some(StopReason::TimeIsUp));
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

    #[test]
    fn every_new_frame_is_drawn_on_the_terminal_and_counts_as_shown() {
        let (console, output, _) = Console::for_tests();
        let mut display = Display::Terminal(TerminalScreen::for_tests(&console));
        let (writer, frames) = latest_frame();
        let mut video = VideoElement::new("local");
        video.attach(frames);
        let (mut canvas, stop) = (Canvas::new(0, 0, 0), StopSignal::new());
        let refresh = video.refresh(Duration::ZERO);
        present(&mut display, &mut video, refresh, &mut canvas, &stop).expect("a terminal stays");
        assert_eq!(output.text(), "", "there is no picture yet");
        writer.put(Arc::new(VideoFrame::black(Resolution::VGA)));
        let refresh = video.refresh(Duration::ZERO);
        present(&mut display, &mut video, refresh, &mut canvas, &stop).expect("a terminal stays");
        assert!(
            output.text().contains("local   640x480"),
            "picture and caption"
        );
        assert_eq!(video.counts().shown, 1);
        let drawn = output.text();
        present(
            &mut display,
            &mut video,
            Refresh::Nothing,
            &mut canvas,
            &stop,
        )
        .expect("as before");
        assert_eq!(output.text(), drawn, "without a new frame nothing is drawn");
    }

    #[test]
    fn a_track_that_ends_keeps_its_picture_while_the_program_has_something_to_do() {
        let (writer, frames) = latest_frame();
        let mut video = VideoElement::new("local");
        video.attach(frames);
        drop(writer);
        let stop = StopSignal::new();
        stop.stop_after(Duration::from_millis(5));
        let played = play(&mut Display::None, &mut video, &stop, AtEnd::KeepPicture);
        assert_eq!(played, Ok(()));
        assert_eq!(
            stop.reason(),
            Some(StopReason::TimeIsUp),
            "not the end of the track"
        );
    }

    #[test]
    fn a_live_track_is_shown_until_something_else_ends_the_program() {
        let (_writer, frames) = latest_frame();
        let mut video = VideoElement::new("local");
        video.attach(frames);
        let stop = StopSignal::new();
        stop.stop_after(3 * POLL);
        let played = play(&mut Display::None, &mut video, &stop, AtEnd::Stop);
        assert_eq!(played, Ok(()));
        assert_eq!(
            stop.reason(),
            Some(StopReason::TimeIsUp),
            "the track lives on"
        );
    }

    #[test]
    fn q_and_escape_close_the_window() {
        assert!(closes(WindowEvent::KeyPressed('q')));
        assert!(closes(WindowEvent::KeyPressed(ESCAPE)));
        assert!(closes(WindowEvent::Closed));
        assert!(!closes(WindowEvent::KeyPressed('x')));
        assert!(!closes(WindowEvent::MouseClicked { x: 1, y: 1 }));
    }
}
