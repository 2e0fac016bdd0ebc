//! The `<video>` element.

use std::sync::Arc;
use std::time::Duration;

use crate::display::canvas::{Area, Canvas, TEXT_HEIGHT};
use crate::display::frame_counts::FrameCounts;
use crate::display::frame_rate::FrameRate;
use crate::{LatestFrame, NextFrame, Resolution, VideoFrame};

/// Behind everything, `0x00RRGGBB`.
pub const BACKGROUND: u32 = 0x14171c;
/// Where a frame would be.
const NO_FRAME: u32 = 0x0b0d10;
/// Names.
pub const TEXT: u32 = 0xe8eaed;
/// Figures.
pub const QUIET_TEXT: u32 = 0x9aa3af;

/// Height of the line below the frame.
const CAPTION: usize = TEXT_HEIGHT + 15;
/// A wider video is shown at a half, a third, and so on.
const WIDEST: usize = 1280;

/// What [`VideoElement::refresh`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refresh {
    /// A new frame is there to be drawn.
    NewFrame,
    /// Nothing changed.
    Nothing,
    /// The track has just ended, and the caption says so. Reported once.
    Ended,
}

/// Shows the newest frame of a track with a caption below it: the track's name, the size of the frames and their
/// measured rate. Several of them can share one canvas.
#[derive(Default)]
pub struct VideoElement {
    name: String,
    source: Option<LatestFrame>,
    frame: Option<Arc<VideoFrame>>,
    rate: FrameRate,
    has_ended: bool,
    counts: FrameCounts,
    /// The newest frame was not shown yet.
    is_new: bool,
}

impl VideoElement {
    /// An element without a track. `name` is in its caption.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// `video.srcObject = stream`: shows this track from now on, and starts counting.
    pub fn attach(&mut self, frames: LatestFrame) {
        *self = Self::new(&self.name);
        self.source = Some(frames);
    }

    /// `video.srcObject = null`: shows nothing.
    pub fn clear(&mut self) {
        *self = Self::new(&self.name);
    }

    /// Takes the newest frame, and waits for a new one no longer than `timeout`. Without a track, or after its end, it
    /// waits for the whole timeout: the last frame stays.
    pub fn refresh(&mut self, timeout: Duration) -> Refresh {
        let next = match &mut self.source {
            Some(source) if !self.has_ended => source.next(timeout),
            _ => {
                std::thread::sleep(timeout);
                return Refresh::Nothing;
            }
        };
        match next {
            NextFrame::Frame(frame) => {
                self.rate.count(frame.captured_at);
                self.counts.count_captured(&frame);
                self.frame = Some(frame);
                self.is_new = true;
                Refresh::NewFrame
            }
            NextFrame::TimedOut => Refresh::Nothing,
            NextFrame::Ended => {
                self.has_ended = true;
                Refresh::Ended
            }
        }
    }

    /// The newest frame.
    pub fn frame(&self) -> Option<&VideoFrame> {
        self.frame.as_deref()
    }

    /// How many frames were captured and shown since [`VideoElement::attach`].
    pub fn counts(&self) -> FrameCounts {
        self.counts
    }

    /// Counts the newest frame as shown, once. Call it when the display has it.
    pub fn mark_shown(&mut self) {
        if let (true, Some(frame)) = (self.is_new, &self.frame) {
            self.is_new = false;
            self.counts.count_shown(frame.captured_at.elapsed());
        }
    }

    /// The right part of the caption, as in `640x480   30.0 fps`.
    fn figures(&self) -> String {
        let Some(frame) = &self.frame else {
            return String::new();
        };
        let size = frame.resolution();
        match (self.has_ended, self.rate.per_second()) {
            (true, _) => format!("{size}   ended"),
            (false, Some(rate)) => format!("{size}   {rate:.1} fps"),
            (false, None) => size.to_string(),
        }
    }

    /// The caption in one line, for the terminal.
    pub fn caption(&self) -> String {
        format!("{}   {}", self.name, self.figures())
    }

    /// Width and height that [`VideoElement::draw`] needs for a video of this size, with its caption.
    pub fn size_for(resolution: Resolution) -> (usize, usize) {
        let divisor = resolution.width().div_ceil(WIDEST);
        let (width, height) = (resolution.width() / divisor, resolution.height() / divisor);
        (width, height + CAPTION)
    }

    /// Draws the frame and its caption into `area`.
    pub fn draw(&self, canvas: &mut Canvas, area: Area) {
        let height = area.height.saturating_sub(CAPTION);
        let video = Area { height, ..area };
        match &self.frame {
            Some(frame) => canvas.draw_frame(frame, video, NO_FRAME),
            None => canvas.fill(video, NO_FRAME),
        }
        let below = area.height - height;
        let caption = Area::new(area.x, area.y + height, area.width, below);
        canvas.fill(caption, BACKGROUND);
        let line = caption.centred(caption.width, TEXT_HEIGHT);
        let figures = self.figures();
        let start = line.width.saturating_sub(Canvas::text_width(&figures));
        // A long name must not run into the figures.
        let room = start / Canvas::text_width(" ");
        let name: String = self.name.chars().take(room.saturating_sub(1)).collect();
        canvas.draw_text(line.x, line.y, &name, TEXT);
        canvas.draw_text(line.x + start, line.y, &figures, QUIET_TEXT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latest_frame::latest_frame;
    use std::time::Instant;

    fn numbered(number: u64, captured_at: Instant) -> Arc<VideoFrame> {
        let mut frame = VideoFrame::black(Resolution::VGA);
        (frame.number, frame.captured_at) = (number, captured_at);
        Arc::new(frame)
    }

    #[test]
    fn frames_that_were_replaced_count_as_captured_and_not_as_shown() {
        let (writer, frames) = latest_frame();
        let mut video = VideoElement::new("local");
        video.attach(frames);
        let start = Instant::now();
        writer.put(numbered(7, start));
        assert_eq!(video.refresh(Duration::ZERO), Refresh::NewFrame);
        video.mark_shown();
        writer.put(numbered(8, start));
        writer.put(numbered(9, start + Duration::from_secs(1)));
        assert_eq!(video.refresh(Duration::ZERO), Refresh::NewFrame);
        video.mark_shown();
        video.mark_shown();
        assert_eq!((video.counts().captured, video.counts().shown), (3, 2));
        assert_eq!(video.counts().per_second(), Some(2.0));
    }

    #[test]
    fn a_track_that_ended_keeps_its_last_frame_and_reports_the_end_once() {
        let (writer, frames) = latest_frame();
        let mut video = VideoElement::new("local");
        video.attach(frames);
        writer.put(numbered(0, Instant::now()));
        drop(writer);
        assert_eq!(video.refresh(Duration::ZERO), Refresh::NewFrame);
        assert_eq!(video.refresh(Duration::ZERO), Refresh::Ended);
        assert_eq!(video.refresh(Duration::ZERO), Refresh::Nothing);
        assert!(video.frame().is_some(), "the last frame stays");
        assert_eq!(video.caption(), "local   640x480   ended");
    }

    #[test]
    fn clearing_removes_the_frame() {
        let (writer, frames) = latest_frame();
        let mut video = VideoElement::new("remote");
        video.attach(frames);
        writer.put(numbered(0, Instant::now()));
        video.refresh(Duration::ZERO);
        video.clear();
        assert!(video.frame().is_none());
        assert_eq!(video.refresh(Duration::ZERO), Refresh::Nothing);
    }

    #[test]
    fn a_wide_video_is_shown_smaller() {
        let size = |width, height| {
            VideoElement::size_for(Resolution::new(width, height).expect("a size for tests"))
        };
        assert_eq!(size(1280, 720), (1280, 720 + CAPTION));
        assert_eq!(size(1920, 1080), (960, 540 + CAPTION));
    }

    /// The columns of `area` in which something has this colour, from and to.
    fn columns_of(canvas: &Canvas, colour: u32) -> Option<(usize, usize)> {
        let columns = canvas.pixels().iter().enumerate();
        let columns = columns.filter_map(|(i, p)| (*p == colour).then_some(i % canvas.width()));
        let (first, last) = (columns.clone().min()?, columns.max()?);
        Some((first, last + 1))
    }

    #[test]
    fn an_element_stays_in_its_area_with_the_name_left_and_the_figures_right() {
        let (writer, frames) = latest_frame();
        let mut video = VideoElement::new("local");
        video.attach(frames);
        writer.put(numbered(0, Instant::now()));
        video.refresh(Duration::ZERO);
        let (width, height) = VideoElement::size_for(Resolution::VGA);
        let mut canvas = Canvas::new(width + 30, height + 50, 0x123456);
        let area = Area::new(10, 20, width, height);
        video.draw(&mut canvas, area);
        for (i, pixel) in canvas.pixels().iter().enumerate() {
            let (x, y) = (i % canvas.width(), i / canvas.width());
            let is_video = (10..650).contains(&x) && (20..500).contains(&y);
            assert_eq!(*pixel == 0, is_video, "{x}, {y}: the frame is black");
            assert_eq!(
                *pixel == 0x123456,
                !area.contains(x, y),
                "{x}, {y}: outside"
            );
        }
        let (start, end) = columns_of(&canvas, TEXT).expect("the name is written");
        assert!(
            (10..20).contains(&start) && end <= 10 + 9 * 5,
            "the name: {start} to {end}"
        );
        let (start, end) = columns_of(&canvas, QUIET_TEXT).expect("the figures are written");
        assert!(
            start >= 650 - 9 * 7 && (640..=650).contains(&end),
            "640x480: {start} to {end}"
        );
    }

    #[test]
    fn a_long_name_ends_before_the_figures() {
        let (writer, frames) = latest_frame();
        let mut video = VideoElement::new(&"M".repeat(200));
        video.attach(frames);
        writer.put(numbered(0, Instant::now()));
        video.refresh(Duration::ZERO);
        let (width, height) = VideoElement::size_for(Resolution::VGA);
        let mut canvas = Canvas::new(width, height, 0);
        video.draw(&mut canvas, Area::new(0, 0, width, height));
        let (_, name) = columns_of(&canvas, TEXT).expect("the name is written");
        // 640 pixels are 71 glyphs of 9; the figures are 7 of them, and one stays free.
        assert!((62 * 9..=63 * 9).contains(&name), "the name ends at {name}");
    }

    #[test]
    fn the_caption_is_below_the_frame() {
        let (width, height) = VideoElement::size_for(Resolution::VGA);
        let mut canvas = Canvas::new(width, height, 0xffffff);
        let area = Area::new(0, 0, width, height);
        VideoElement::new("local").draw(&mut canvas, area);
        let rows: Vec<&[u32]> = canvas.pixels().chunks(width).collect();
        assert!(
            rows[..480]
                .iter()
                .all(|row| row.iter().all(|p| *p == NO_FRAME))
        );
        assert!(rows[480..].concat().contains(&TEXT), "the name is written");
    }
}
