//! The test pattern.
use std::time::{Duration, Instant};

use crate::media_stream_constraints::MediaStreamConstraints;
use crate::video_source::{MediaTrackSettings, SourceError, VideoSource};
use crate::{Resolution, VideoFrame};

/// Colour bars (placeholder until the painter is written).
pub struct TestPattern {
    settings: MediaTrackSettings,
    due: Instant,
    number: u64,
}

impl TestPattern {
    /// A pattern of the size and rate wished for, 640x480 at 30 by default.
    pub fn new(constraints: &MediaStreamConstraints) -> Self {
        let resolution = constraints.resolution.unwrap_or(Resolution::VGA);
        let frame_rate = constraints.frame_rate.unwrap_or(30);
        Self {
            settings: MediaTrackSettings {
                resolution,
                frame_rate,
            },
            due: Instant::now(),
            number: 0,
        }
    }
}

impl VideoSource for TestPattern {
    fn label(&self) -> &str {
        "test pattern"
    }

    fn settings(&self) -> MediaTrackSettings {
        self.settings
    }

    fn next_frame(&mut self) -> Result<VideoFrame, SourceError> {
        std::thread::sleep(self.due.saturating_duration_since(Instant::now()));
        self.due += Duration::from_secs(1) / self.settings.frame_rate;
        let mut frame = VideoFrame::black(self.settings.resolution);
        frame.number = self.number;
        let planes = frame.planes_mut();
        for (i, y) in planes.y.iter_mut().enumerate() {
            *y = 16 + ((i as u64 + self.number * 4) % 200) as u8;
        }
        self.number += 1;
        frame.captured_at = Instant::now();
        Ok(frame)
    }
}
