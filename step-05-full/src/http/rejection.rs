//! A request that is not granted.

use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

/// A status code and one line that says why, for whoever reads it in a terminal or in a browser's console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    status: StatusCode,
    reason: String,
    header: Option<(HeaderName, &'static str)>,
}

impl Rejection {
    /// A refusal with one line of reason. What of it came from outside is cut and loses its line ends.
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
        let reason = "this server wants a token: send \"Authorization: Bearer SECRET\"";
        Self::new(StatusCode::UNAUTHORIZED, reason).with(WWW_AUTHENTICATE, "Bearer")
    }

    /// 405: the resource is there, the method is not for it (RFC 9110 §15.5.6).
    pub fn method_not_allowed(allowed: &'static str) -> Self {
        let reason = format!("this resource has only {allowed}");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, reason).with(ALLOW, allowed)
    }

    /// 503: there is no place for another session.
    pub fn full(limit: usize) -> Self {
        let reason = format!("all {limit} sessions are taken: try again later");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, reason).with(RETRY_AFTER, "5")
    }

    /// 409: there is nothing to watch, now.
    pub fn nothing_to_watch() -> Self {
        let reason = "the video source has ended: there is nothing to watch";
        Self::new(StatusCode::CONFLICT, reason).with(RETRY_AFTER, "5")
    }

    /// 422: more than any honest client has.
    pub fn too_many(what: &str) -> Self {
        let reason = format!("this session has had too many {what}: begin a new one");
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, reason)
    }

    /// 500: the session broke down, and nothing else did.
    pub fn broken_session() -> Self {
        let reason = "this session broke down over what it was sent; the others go on";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, reason)
    }

    /// 404: never there, or not any more.
    pub fn not_found() -> Self {
        let reason = "there is no such resource: sessions end at DELETE and when ICE fails";
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
