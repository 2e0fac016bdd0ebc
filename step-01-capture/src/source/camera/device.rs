//! The one file that calls nokhwa's camera.

use std::time::Instant;

use nokhwa::utils::{CameraIndex, FrameFormat, RequestedFormat, RequestedFormatType};
use nokhwa::{Camera, NokhwaError};

use super::camera_thread::{Delivery, Device, OpenDevice};
use super::device_error::{frame_error, open_error};
use super::mode::{self, CameraMode};
use crate::MediaStreamConstraints;
use crate::VideoFrame;
use crate::user_media_error::GetUserMediaError;
use crate::video_source::{MediaTrackSettings, SourceError};

/// All that [`PixelFormat`](super::PixelFormat) converts.
const FORMATS: [FrameFormat; 3] = [FrameFormat::NV12, FrameFormat::YUYV, FrameFormat::MJPEG];
/// A driver may list a mode and reject it: one with a fractional rate, which nokhwa lists rounded. Then the next best
/// is tried, so many times.
const ATTEMPTS: usize = 16;

/// Opens a camera in the best mode and starts it.
pub(super) fn open(
    number: u32,
    label: String,
    constraints: &MediaStreamConstraints,
) -> Result<OpenDevice, GetUserMediaError> {
    let (mut camera, modes) = open_in_any_mode(number, &label)?;
    let candidates = mode::candidates(&modes, constraints);
    if candidates.is_empty() {
        let what = format!("camera {number} ({label})");
        return Err(mode::overconstrained(what, constraints, &modes));
    }
    let error = |error: NokhwaError| open_error(number, &label, &error.to_string());
    let mode = set_best(&mut camera, &candidates).map_err(error)?;
    camera.open_stream().map_err(error)?;
    tracing::debug!(peer = "local", "camera {number} ({label}) delivers {mode}");
    let settings = MediaTrackSettings {
        resolution: mode.resolution,
        frame_rate: mode.frame_rate,
    };
    let camera = OpenCamera {
        camera,
        mode,
        label,
    };
    Ok((Box::new(camera), settings))
}

/// What a camera can deliver.
pub(super) fn modes(number: u32, label: &str) -> Result<Vec<CameraMode>, GetUserMediaError> {
    open_in_any_mode(number, label).map(|(_, modes)| modes)
}

/// nokhwa lists what a camera can do only after it has opened it in some mode.
fn open_in_any_mode(
    number: u32,
    label: &str,
) -> Result<(Camera, Vec<CameraMode>), GetUserMediaError> {
    let any = RequestedFormat::with_formats(RequestedFormatType::None, &FORMATS);
    let error = |error: NokhwaError| open_error(number, label, &error.to_string());
    let mut camera = Camera::new(CameraIndex::Index(number), any).map_err(error)?;
    let formats = camera.compatible_camera_formats().map_err(error)?;
    let modes = formats.into_iter().filter_map(CameraMode::from_nokhwa);
    Ok((camera, modes.collect()))
}

/// There is at least one candidate.
fn set_best(camera: &mut Camera, candidates: &[CameraMode]) -> Result<CameraMode, NokhwaError> {
    let mut set = |mode: &CameraMode| {
        let exact = RequestedFormatType::Exact(mode.nokhwa);
        let format = RequestedFormat::with_formats(exact, &FORMATS);
        camera.set_camera_requset(format).map(|_| *mode)
    };
    let mut result = set(&candidates[0]);
    for mode in candidates.iter().take(ATTEMPTS).skip(1) {
        result = result.or_else(|_| set(mode));
    }
    result
}

/// A camera that delivers.
struct OpenCamera {
    camera: Camera,
    mode: CameraMode,
    label: String,
}

impl Device for OpenCamera {
    fn next_frame(&mut self) -> Result<Delivery, SourceError> {
        let buffer = self
            .camera
            .frame()
            .map_err(|error| frame_error(&self.label, &error.to_string()))?;
        let mut frame = VideoFrame::black(self.mode.resolution);
        // The camera's bytes are all here. Converting them belongs to the latency that is measured.
        frame.captured_at = Instant::now();
        let converted = self.mode.format.convert(buffer.buffer(), &mut frame);
        Ok(match converted {
            Ok(()) => Delivery::Frame(frame),
            Err(error) => Delivery::Damaged(error.to_string()),
        })
    }
}
