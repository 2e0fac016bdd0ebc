//! The one file that calls nokhwa's camera.

use std::time::Instant;

use nokhwa::Camera as NokhwaCamera;
use nokhwa::utils::{CameraIndex, FrameFormat, RequestedFormat, RequestedFormatType};

use super::capture_thread::{Device, Picture};
use super::device_error;
use super::mode::{self, CameraMode};
use crate::MediaStreamConstraints;
use crate::VideoFrame;
use crate::user_media_error::GetUserMediaError;
use crate::video_source::{MediaTrackSettings, SourceError};

/// All that [`PixelFormat`](crate::source::pixel_format::PixelFormat) converts.
const FORMATS: [FrameFormat; 5] = [
    FrameFormat::NV12,
    FrameFormat::YUYV,
    FrameFormat::RAWRGB,
    FrameFormat::RAWBGR,
    FrameFormat::MJPEG,
];
/// A driver may list a mode and refuse it: one with a fractional rate, which nokhwa lists rounded. Then the next best
/// is tried, so many times.
const ATTEMPTS: usize = 16;

/// Opens a camera in the best mode and starts it.
pub(super) fn open(
    number: u32,
    label: String,
    constraints: &MediaStreamConstraints,
) -> Result<(Box<dyn Device>, MediaTrackSettings), GetUserMediaError> {
    let (mut camera, modes) = open_in_any_mode(number, &label)?;
    let candidates = mode::candidates(&modes, constraints);
    if candidates.is_empty() {
        return Err(overconstrained(number, &label, constraints, &modes));
    }
    let mode = set_best(&mut camera, &candidates)
        .map_err(|text| device_error::at_open(number, &label, &text))?;
    camera
        .open_stream()
        .map_err(|error| device_error::at_open(number, &label, &error.to_string()))?;
    tracing::debug!(peer = "local", "camera {number} ({label}) delivers {mode}");
    let settings = MediaTrackSettings {
        resolution: mode.resolution,
        frame_rate: mode.frame_rate,
    };
    Ok((
        Box::new(OpenCamera {
            camera,
            mode,
            label,
        }),
        settings,
    ))
}

/// What a camera can deliver.
pub(super) fn modes(number: u32, label: &str) -> Result<Vec<CameraMode>, GetUserMediaError> {
    open_in_any_mode(number, label).map(|(_, modes)| modes)
}

/// nokhwa tells what a camera can do only after it has opened it in some mode.
fn open_in_any_mode(
    number: u32,
    label: &str,
) -> Result<(NokhwaCamera, Vec<CameraMode>), GetUserMediaError> {
    let any = RequestedFormat::with_formats(RequestedFormatType::None, &FORMATS);
    let error =
        |error: nokhwa::NokhwaError| device_error::at_open(number, label, &error.to_string());
    let mut camera = NokhwaCamera::new(CameraIndex::Index(number), any).map_err(error)?;
    let formats = camera.compatible_camera_formats().map_err(error)?;
    let modes = formats.into_iter().filter_map(CameraMode::from_nokhwa);
    Ok((camera, modes.collect()))
}

fn set_best(camera: &mut NokhwaCamera, candidates: &[CameraMode]) -> Result<CameraMode, String> {
    let mut refusal = String::new();
    for mode in candidates.iter().take(ATTEMPTS) {
        let exact = RequestedFormatType::Exact(mode.to_nokhwa());
        match camera.set_camera_requset(RequestedFormat::with_formats(exact, &FORMATS)) {
            Ok(_) => return Ok(*mode),
            Err(error) => refusal = error.to_string(),
        }
    }
    Err(refusal)
}

fn overconstrained(
    number: u32,
    label: &str,
    constraints: &MediaStreamConstraints,
    modes: &[CameraMode],
) -> GetUserMediaError {
    let size = constraints.resolution.map(|size| size.to_string());
    let rate = constraints
        .frame_rate
        .map(|rate| format!("{rate} frames a second or fewer"));
    let wish: Vec<String> = size.into_iter().chain(rate).collect();
    GetUserMediaError::Overconstrained {
        what: format!("camera {number} ({label})"),
        wish: wish.join(" at "),
        capabilities: mode::capabilities(modes),
    }
}

/// A camera that delivers.
struct OpenCamera {
    camera: NokhwaCamera,
    mode: CameraMode,
    label: String,
}

impl Device for OpenCamera {
    fn next_picture(&mut self) -> Result<Picture, SourceError> {
        let buffer = self
            .camera
            .frame()
            .map_err(|error| device_error::at_frame(&self.label, &error.to_string()))?;
        let mut frame = VideoFrame::black(self.mode.resolution);
        // The camera's bytes are all here. Converting them belongs to the latency that is measured.
        frame.captured_at = Instant::now();
        Ok(
            match self.mode.format.convert(buffer.buffer(), &mut frame) {
                Ok(()) => Picture::Whole(frame),
                Err(error) => Picture::Damaged(error.to_string()),
            },
        )
    }
}
