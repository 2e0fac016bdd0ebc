//! What a request brings along.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use tokio::time::timeout;

use super::rejection::Rejection;

/// The longest body that is read. A browser's offer has three to seven kilobytes.
pub const MAX_LENGTH: usize = 64 * 1024;

/// Who sends a few kilobytes more slowly does not mean to send them.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The text of a request, if it is of the media type that its resource takes.
///
/// # Errors
/// 415 for another type, 413 above [`MAX_LENGTH`], 408 for a body that does not come, 400 for one that is no text.
pub async fn read(
    headers: &HeaderMap,
    body: Body,
    media_type: &'static str,
) -> Result<String, Rejection> {
    let sent = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    // Parameters such as a charset may follow (RFC 9110 §8.3.1).
    let sent = sent
        .and_then(|sent| sent.split(';').next())
        .unwrap_or_default();
    if !sent.trim().eq_ignore_ascii_case(media_type) {
        let reason = format!("send the body as {media_type}");
        return Err(Rejection::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, reason));
    }
    let too_large = || {
        let reason = format!("a body has at most {MAX_LENGTH} bytes");
        Rejection::new(StatusCode::PAYLOAD_TOO_LARGE, reason)
    };
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    if announced
        .and_then(|length| length.parse().ok())
        .is_some_and(|length: u64| length > MAX_LENGTH as u64)
    {
        return Err(too_large());
    }
    let bytes = timeout(TIMEOUT, to_bytes(body, MAX_LENGTH)).await;
    let bytes = bytes.map_err(|_| {
        let reason = format!("the body did not come within {} s", TIMEOUT.as_secs());
        Rejection::new(StatusCode::REQUEST_TIMEOUT, reason)
    })?;
    // The one error that a limited body has, besides a connection that is gone and gets no response anyway.
    let bytes = bytes.map_err(|_| too_large())?;
    String::from_utf8(bytes.to_vec())
        .map_err(|_| Rejection::new(StatusCode::BAD_REQUEST, "the body is not UTF-8"))
}
