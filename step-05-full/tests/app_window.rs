//! How the page looks, and what is where.

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use rule::Rules;
use std::sync::Arc;
use std::time::Duration;
use step_01_capture::Resolution;
use step_01_capture::VideoFrame;
use step_01_capture::display::canvas::{Area, Canvas};
use step_01_capture::display::video_element::{BACKGROUND, VideoElement};
use step_01_capture::latest_frame::latest_frame;
use step_05_full::window::app_window::Layout;
use step_05_full::window::buttons::Button;

const RULES: Rules = Rules::kept_in("step-05-full/src/window/app_window.rs");
const BUTTONS: Rules = Rules::kept_in("step-05-full/src/window/buttons.rs");

fn size(width: u32, height: u32) -> Resolution {
    Resolution::new(width, height).expect("the test asks for an even size")
}

fn corners(area: Area) -> [(usize, usize); 4] {
    let (right, bottom) = (area.x + area.width - 1, area.y + area.height - 1);
    [
        (area.x, area.y),
        (right, area.y),
        (area.x, bottom),
        (right, bottom),
    ]
}

#[test]
fn each_pixel_of_a_button_is_that_button_and_none_beside_it() {
    let _rule = RULES.rule("a press counts for the button that is drawn there");
    let layout = Layout::new(Resolution::VGA);
    for button in Button::ALL {
        let area = layout.button(button);
        for (x, y) in corners(area) {
            assert_eq!(layout.button_at(x, y), Some(button), "{x},{y}");
        }
        let (right, bottom) = (area.x + area.width, area.y + area.height);
        let beside = [
            (area.x - 1, area.y),
            (right, area.y),
            (area.x, area.y - 1),
            (area.x, bottom),
        ];
        for (x, y) in beside {
            assert_eq!(layout.button_at(x, y), None, "{x},{y} is beside {button:?}");
        }
    }
}

#[test]
fn local_is_left_of_remote_and_nothing_overlaps() {
    let _rule = RULES.rule("localVideo stands left of remoteVideo, as on the page of the codelab");
    for resolution in [
        size(16, 16),
        size(320, 240),
        Resolution::VGA,
        size(1920, 1080),
    ] {
        let layout = Layout::new(resolution);
        let (local, remote) = (layout.local(), layout.remote());
        assert!(local.x + local.width <= remote.x, "at {resolution}");
        assert_eq!((local.width, local.height), (remote.width, remote.height));
        let (width, height) = layout.size();
        let mut areas = vec![local, remote, layout.status()];
        areas.extend(Button::ALL.map(|button| layout.button(button)));
        for area in &areas {
            assert!(
                area.x + area.width <= width && area.y + area.height <= height,
                "{resolution}"
            );
        }
        let buttons_top = layout.button(Button::Start).y;
        assert!(local.y + local.height <= buttons_top, "at {resolution}");
    }
}

#[test]
fn two_large_videos_still_fit_on_a_screen() {
    let _rule = RULES.rule("the page is no larger than 1920x1080, whatever the source gives");
    for resolution in [size(1280, 720), size(1920, 1080), size(3840, 2160)] {
        let (width, height) = Layout::new(resolution).size();
        assert!(
            width <= 1920 && height <= 1080,
            "{resolution} makes a page of {width}x{height}"
        );
    }
}

#[test]
fn letters_and_labels_agree() {
    let _rule = BUTTONS.rule("the first letter of a button presses it");
    for button in Button::ALL {
        let key = button.label().chars().next().expect("a label has letters");
        assert_eq!(Button::of_key(key), Some(button));
        assert_eq!(Button::of_key(key.to_ascii_lowercase()), Some(button));
    }
    assert_eq!(Button::of_key('q'), None, "Q is no button: it quits");
}

/// A video that shows one white frame.
fn white(resolution: Resolution) -> VideoElement {
    let (writer, frames) = latest_frame();
    let mut frame = VideoFrame::black(resolution);
    frame.planes_mut().y.fill(235);
    writer.put(Arc::new(frame));
    let mut video = VideoElement::new("local");
    video.attach(frames);
    video.refresh(Duration::ZERO);
    video
}

fn page(local: &VideoElement, enabled: Option<Button>) -> (Layout, Canvas) {
    let layout = Layout::new(Resolution::VGA);
    let (width, height) = layout.size();
    let mut canvas = Canvas::new(width, height, BACKGROUND);
    let remote = VideoElement::new("remote");
    layout.draw(
        &mut canvas,
        local,
        &remote,
        enabled,
        "a status that is much too long ".repeat(40).as_str(),
    );
    (layout, canvas)
}

fn pixel(canvas: &Canvas, (x, y): (usize, usize)) -> u32 {
    canvas.pixels()[y * canvas.width() + x]
}

/// The page is laid out before the source is known, so a frame of another size has to fit in.
#[test]
fn a_frame_of_another_size_is_shown_whole_in_the_middle() {
    let _rule = RULES.rule("a video shows the whole frame in the middle (object-fit: scale-down)");
    for (resolution, shown) in [
        (Resolution::VGA, (640, 480)),
        (size(320, 240), (320, 240)),
        (size(1280, 720), (640, 360)),
    ] {
        let (layout, canvas) = page(&white(resolution), None);
        let area = layout.local();
        let frame = Area {
            height: 480,
            ..area
        }
        .centred(shown.0, shown.1);
        for corner in corners(frame) {
            assert_eq!(
                pixel(&canvas, corner) & 0xf0f0f0,
                0xf0f0f0,
                "{resolution} at {corner:?}"
            );
        }
        let white_pixels = canvas
            .pixels()
            .iter()
            .filter(|pixel| **pixel & 0xf0f0f0 == 0xf0f0f0);
        assert!(
            white_pixels.count() < shown.0 * shown.1 + 5000,
            "and nowhere else: {resolution}"
        );
    }
}

#[test]
fn only_the_button_that_can_be_pressed_looks_so() {
    let _rule = RULES.rule("a button that is disabled looks so");
    let colours = |enabled| {
        let (layout, canvas) = page(&VideoElement::new("local"), enabled);
        Button::ALL.map(|button| pixel(&canvas, corners(layout.button(button))[0]))
    };
    let [start, call, hang_up] = colours(Some(Button::Call));
    assert_eq!(start, hang_up);
    assert_ne!(start, call);
    assert_eq!(
        colours(None),
        [start; 3],
        "none can be pressed while the program is busy"
    );
}

#[test]
fn a_status_that_is_too_long_stays_on_the_page() {
    let _rule = RULES.rule("the status is cut where its line ends");
    let (layout, canvas) = page(&VideoElement::new("local"), None);
    let status = layout.status();
    let margin =
        (status.x + status.width..canvas.width()).map(|x| (x, status.y + status.height / 2));
    for at in margin {
        assert_eq!(pixel(&canvas, at), BACKGROUND, "{at:?}");
    }
}

#[test]
fn the_page_has_the_same_margin_on_all_sides() {
    let _rule = RULES.rule("the page is as large as what stands on it, and a margin around it");
    for resolution in [size(16, 16), Resolution::VGA, size(1280, 720)] {
        let layout = Layout::new(resolution);
        let ((width, height), margin) = (layout.size(), layout.local().x);
        let (remote, last) = (layout.remote(), layout.button(Button::HangUp));
        let right = (remote.x + remote.width).max(last.x + last.width);
        assert_eq!(layout.local().y, margin, "above, at {resolution}");
        assert_eq!(width - right, margin, "to the right, at {resolution}");
        assert_eq!(
            height - last.y - last.height,
            margin,
            "below, at {resolution}"
        );
    }
}

#[test]
fn the_status_has_all_the_room_beside_the_buttons() {
    let _rule = RULES.rule("the status stands beside the buttons, up to the margin of the page");
    let layout = Layout::new(Resolution::VGA);
    let (status, last, margin) = (
        layout.status(),
        layout.button(Button::HangUp),
        layout.local().x,
    );
    assert_eq!(status.x, last.x + last.width + margin);
    assert_eq!((status.y, status.height), (last.y, last.height));
    assert_eq!(layout.size().0 - status.x - status.width, margin);
}

#[test]
fn a_status_that_fits_is_shown_to_its_last_letter() {
    let _rule = RULES.rule("the status shows as many letters as its line has room for");
    let layout = Layout::new(Resolution::VGA);
    let room = layout.status().width / Canvas::text_width(" ");
    let drawn = |letters: usize| {
        let (width, height) = layout.size();
        let mut canvas = Canvas::new(width, height, BACKGROUND);
        let (local, remote) = (VideoElement::new("local"), VideoElement::new("remote"));
        layout.draw(&mut canvas, &local, &remote, None, &"x".repeat(letters));
        canvas.pixels().to_vec()
    };
    assert_ne!(
        drawn(room),
        drawn(room - 1),
        "there is room for letter {room}"
    );
    assert_eq!(drawn(room), drawn(room + 1), "and for no more");
}
