//! The loop of the main thread, which shows a page until the program shall end.

use std::time::Duration;

use crate::display::canvas::Canvas;
use crate::display::video_element::VideoElement;
use crate::display::window::{POLL, WindowEvent};
use crate::display::{Display, DisplayError};
use crate::program::stop_signal::{StopReason, StopSignal};

/// The key Escape, as a character.
const ESCAPE: char = '\u{1b}';

/// What a display shows: one video or more, and whatever is drawn around them.
pub trait Page {
    /// Takes the newest frames, and waits for one no longer than `timeout`. True if there is anything new to show.
    fn refresh(&mut self, timeout: Duration) -> bool;

    /// Draws everything on the canvas of the window.
    fn draw(&self, canvas: &mut Canvas);

    /// The videos, the most important one first. A window has all of them, the terminal the first that has a frame.
    fn videos(&mut self) -> Vec<&mut VideoElement>;

    /// Reacts to a key or a click in the window. The loop itself takes what closes the window: Q and Escape as well.
    fn handle(&mut self, _event: WindowEvent) {}
}

/// Shows `page` on `display` until `stop` is raised. Raises it itself when the reader closes the window or presses Q or
/// Escape. Call it on the main thread, while everything else runs on others.
///
/// # Errors
/// [`DisplayError::WindowGone`] when the desktop ends meanwhile. `stop` is raised then, too.
pub fn show(
    page: &mut impl Page,
    display: &mut Display,
    stop: &StopSignal,
) -> Result<(), DisplayError> {
    while !stop.is_stopped() {
        if let Err(error) = show_once(page, display, stop, POLL) {
            stop.stop(StopReason::Done);
            return Err(error);
        }
    }
    Ok(())
}

fn show_once(
    page: &mut impl Page,
    display: &mut Display,
    stop: &StopSignal,
    timeout: Duration,
) -> Result<(), DisplayError> {
    if let Display::Window(window) = display {
        for event in window.poll() {
            match closes(event) {
                true => _ = stop.stop(StopReason::WindowClosed),
                false => page.handle(event),
            }
        }
    }
    let is_new = page.refresh(timeout);
    match display {
        Display::Window(window) if is_new || window.wants_repaint() => {
            window.show(|canvas| page.draw(canvas))?;
            for video in page.videos() {
                video.mark_shown();
            }
        }
        Display::Terminal(screen) if is_new => {
            for video in page.videos() {
                let caption = video.caption();
                if let Some(frame) = video.frame() {
                    if screen.show(frame, &caption) {
                        video.mark_shown();
                    }
                    break;
                }
            }
        }
        _ => {}
    }
    Ok(())
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
    use crate::display::terminal::TerminalScreen;
    use crate::latest_frame::{LatestFrameWriter, latest_frame};
    use crate::program::console::Console;
    use crate::{Resolution, VideoFrame};
    use std::sync::Arc;

    /// Two videos, the remote one first.
    struct TwoVideos([VideoElement; 2]);

    impl TwoVideos {
        fn new() -> (Self, [LatestFrameWriter; 2]) {
            let [(remote, to_remote), (local, to_local)] = [latest_frame(), latest_frame()];
            let mut videos = ["remote", "local"].map(VideoElement::new);
            videos[0].attach(to_remote);
            videos[1].attach(to_local);
            (Self(videos), [remote, local])
        }
    }

    impl Page for TwoVideos {
        fn refresh(&mut self, timeout: Duration) -> bool {
            use crate::display::video_element::Refresh::NewFrame;
            let [remote, local] = &mut self.0;
            let remote = remote.refresh(timeout);
            local.refresh(Duration::ZERO) == NewFrame || remote == NewFrame
        }

        fn draw(&self, _canvas: &mut Canvas) {}

        fn videos(&mut self) -> Vec<&mut VideoElement> {
            self.0.iter_mut().collect()
        }
    }

    fn put_frame(writer: &LatestFrameWriter) {
        writer.put(Arc::new(VideoFrame::black(Resolution::VGA)));
    }

    /// What one round of the loop writes to a terminal that has shown nothing before.
    fn text_on_terminal(page: &mut TwoVideos) -> String {
        let (console, output, _) = Console::for_tests();
        let mut display = Display::Terminal(TerminalScreen::for_tests(&console));
        let shown = show_once(page, &mut display, &StopSignal::new(), Duration::ZERO);
        assert_eq!(shown, Ok(()));
        output.text()
    }

    #[test]
    fn a_terminal_shows_each_new_frame_of_the_first_video_that_has_one() {
        let (mut page, [remote, local]) = TwoVideos::new();
        assert_eq!(text_on_terminal(&mut page), "", "no video has a frame");
        put_frame(&local);
        let text = text_on_terminal(&mut page);
        assert!(text.contains("local   640x480"), "frame and caption");
        assert_eq!(text_on_terminal(&mut page), "", "no frame is new");
        put_frame(&remote);
        let text = text_on_terminal(&mut page);
        assert!(text.contains("remote   640x480"), "the first one counts");
        let shown = page.0.each_ref().map(|video| video.counts().shown);
        assert_eq!(shown, [1, 1], "each was shown once");
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
