//! `GET /latest-frame`: the number and the age of the newest frame of the source.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use serde::Serialize;

use super::server_state::ServerState;

/// A page that reads the number painted into a frame can compute from this how old the frame is, without a common
/// clock: frames come at an even pace, and this request is fast.
#[derive(Debug, Serialize)]
struct LatestFrame {
    number: Option<u64>,
    age_ms: Option<f64>,
    frame_rate: u32,
    label: String,
}

/// Serves the resource.
pub(super) async fn serve(State(state): State<Arc<ServerState>>) -> impl IntoResponse {
    let track = state.stream.video_track();
    let frame = track.frames().peek();
    let latest = LatestFrame {
        number: frame.as_ref().map(|frame| frame.number),
        age_ms: frame.map(|frame| frame.captured_at.elapsed().as_secs_f64() * 1e3),
        frame_rate: track.settings().frame_rate,
        label: track.label().to_owned(),
    };
    let json = serde_json::to_string(&latest).unwrap_or_default();
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, json)
}
