//! `GET /latest-frame`: which picture the source made last, and how long ago.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{Method, header::CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::rejection::Rejection;
use super::server::Shared;

/// A viewer that reads the number in a picture can tell from this how old the picture is, without a clock in common:
/// pictures come at an even pace, and the way of this request is short.
#[derive(Debug, Serialize)]
struct Latest {
    number: Option<u64>,
    age_ms: Option<f64>,
    frame_rate: u32,
    label: String,
}

/// Serves the resource.
///
/// # Errors
/// 405.
pub async fn serve(
    State(shared): State<Arc<Shared>>,
    method: Method,
) -> Result<Response, Rejection> {
    if method != Method::GET {
        return Err(Rejection::method_not_allowed("GET"));
    }
    let track = shared.stream.video_track();
    let frame = track.frames().peek();
    let latest = Latest {
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
    Ok((headers, json).into_response())
}
