//! A request that is refused.

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

/// A status code and one line with the reason, to be read in a terminal or in a browser's console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    status: StatusCode,
    reason: String,
    header: Option<(HeaderName, &'static str)>,
}

impl Rejection {
    /// A rejection with one line of reason. Control characters are removed: parts of it may come from the client.
    pub fn new(status: StatusCode, reason: impl Into<String>) -> Self {
        let reason: String = reason.into();
        let one_line = reason.chars().filter(|c| !c.is_control()).take(300);
        Self {
            status,
            reason: one_line.collect(),
            header: None,
        }
    }

    /// 401: no token, or the wrong one (RFC 6750 §3).
    pub fn unauthorized() -> Self {
        let reason = "this server requires a token: send \"Authorization: Bearer SECRET\"";
        Self::new(StatusCode::UNAUTHORIZED, reason).with(WWW_AUTHENTICATE, "Bearer")
    }

    /// 405: the resource does not have this method (RFC 9110 §15.5.6). The library adds `Allow`.
    pub fn method_not_allowed() -> Self {
        let reason =
            "this resource does not have this method: the header Allow names those that it has";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, reason)
    }

    /// 503: there is no place for another session.
    pub fn full(limit: usize) -> Self {
        let reason = format!("all {limit} sessions are taken: try again later");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, reason).with(RETRY_AFTER, "5")
    }

    /// 409: the local video has ended.
    pub fn nothing_to_watch() -> Self {
        let reason = "the video source has ended: there is nothing to watch";
        Self::new(StatusCode::CONFLICT, reason).with(RETRY_AFTER, "5")
    }

    /// 422: more ICE restarts than a client needs.
    pub fn too_many_restarts() -> Self {
        let reason = "this session has had too many ICE restarts: start a new one";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, reason)
    }

    /// 500: a panic. It ended this session only.
    pub fn broken_session() -> Self {
        let reason = "this session ended in an error of the server; the others go on";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, reason)
    }

    /// 404: the resource does not exist, or no longer.
    pub fn not_found() -> Self {
        let reason = "there is no such resource: a session ends at DELETE and when ICE fails";
        Self::new(StatusCode::NOT_FOUND, reason)
    }

    fn with(self, name: HeaderName, value: &'static str) -> Self {
        Self {
            header: Some((name, value)),
            ..self
        }
    }

    /// The status code.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The line that says why.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let plain = HeaderValue::from_static("text/plain; charset=utf-8");
        let text = self.reason + "\n";
        let mut response = (self.status, [(CONTENT_TYPE, plain)], text).into_response();
        if let Some((name, value)) = self.header {
            let value = HeaderValue::from_static(value);
            response.headers_mut().insert(name, value);
        }
        response
    }
}
