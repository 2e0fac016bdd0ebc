//! The layout of the page.

use step_01_capture::Resolution;
use step_01_capture::display::canvas::{Area, Canvas, TEXT_HEIGHT};
use step_01_capture::display::video_element::{BACKGROUND, QUIET_TEXT, TEXT, VideoElement};

use crate::window::buttons::Button;

const MARGIN: usize = 16;
const BUTTON: (usize, usize) = (120, 40);
const ENABLED: u32 = 0x1a73e8;
const DISABLED: u32 = 0x2a2f37;
const FADED_TEXT: u32 = 0x6b7480;

/// A wider video is shown at a half, a third, and so on: two of them have to fit on a screen, side by side.
const WIDEST: usize = 800;

/// Where everything is: two videos side by side, the buttons below, the status beside them.
///
/// The page is laid out before the source is opened, and its size never changes. A frame of another size is shown whole in
/// the middle, made smaller if it is too large, as a browser does with `object-fit: scale-down`.
pub struct Layout {
    video: (usize, usize),
}

impl Layout {
    /// A layout for two videos of this size.
    pub fn new(resolution: Resolution) -> Self {
        let divisor = resolution.width().div_ceil(WIDEST);
        let (_, with_caption) = VideoElement::size_for(Resolution::VGA);
        let caption = with_caption - Resolution::VGA.height();
        let (width, height) = (resolution.width() / divisor, resolution.height() / divisor);
        Self {
            video: (width, height + caption),
        }
    }

    /// Width and height of the canvas.
    pub fn size(&self) -> (usize, usize) {
        let (width, height) = self.video;
        let buttons = Button::ALL.len() * (BUTTON.0 + MARGIN) + MARGIN;
        (
            (2 * width + 3 * MARGIN).max(buttons),
            height + BUTTON.1 + 2 * MARGIN,
        )
    }

    /// The local video: left.
    pub fn local(&self) -> Area {
        let (width, height) = self.video;
        Area {
            x: MARGIN,
            y: MARGIN,
            width,
            height,
        }
    }

    /// The remote video: right.
    pub fn remote(&self) -> Area {
        let local = self.local();
        Area {
            x: local.x + local.width + MARGIN,
            ..local
        }
    }

    /// One of the buttons.
    pub fn button(&self, button: Button) -> Area {
        let (width, height) = BUTTON;
        Area {
            x: MARGIN + button as usize * (width + MARGIN),
            y: MARGIN + self.video.1,
            width,
            height,
        }
    }

    /// The line beside the buttons.
    pub fn status(&self) -> Area {
        let last = self.button(Button::HangUp);
        let x = last.x + last.width + MARGIN;
        Area {
            x,
            y: last.y,
            width: self.size().0.saturating_sub(x + MARGIN),
            height: last.height,
        }
    }

    /// The button at a point, such as the mouse.
    pub fn button_at(&self, x: usize, y: usize) -> Option<Button> {
        Button::ALL
            .into_iter()
            .find(|button| self.button(*button).contains(x, y))
    }

    /// Draws the page.
    pub fn draw(
        &self,
        canvas: &mut Canvas,
        local: &VideoElement,
        remote: &VideoElement,
        enabled: Option<Button>,
        status: &str,
    ) {
        local.draw(canvas, self.local());
        remote.draw(canvas, self.remote());
        for button in Button::ALL {
            self.draw_button(canvas, button, enabled == Some(button));
        }
        let area = self.status();
        canvas.fill(area, BACKGROUND);
        let room = area.width / Canvas::text_width(" ");
        let line = area.centred(area.width, TEXT_HEIGHT);
        let text: String = status.chars().take(room).collect();
        canvas.draw_text(line.x, line.y, &text, QUIET_TEXT);
    }

    fn draw_button(&self, canvas: &mut Canvas, button: Button, enabled: bool) {
        let area = self.button(button);
        let (colour, text) = match enabled {
            true => (ENABLED, TEXT),
            false => (DISABLED, FADED_TEXT),
        };
        canvas.fill(area, colour);
        let label = area.centred(Canvas::text_width(button.label()), TEXT_HEIGHT);
        canvas.draw_text(label.x, label.y, button.label(), text);
    }
}
