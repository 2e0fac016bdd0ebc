//! The page: files that are part of the program.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Method, Uri};
use axum::response::{IntoResponse, Response};

use super::rejection::Rejection;

/// One file of the page.
struct PageFile {
    path: &'static str,
    media_type: &'static str,
    content: &'static str,
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! file {
    ($path:literal, $media_type:expr, $file:literal) => {
        PageFile {
            path: $path,
            media_type: $media_type,
            content: include_str!(concat!("page/", $file)),
        }
    };
}

const FILES: &[PageFile] = &[
    file!("/", HTML, "index.html"),
    file!("/style.css", CSS, "style.css"),
    file!("/adapter.js", SCRIPT, "adapter.js"),
    file!("/main.js", SCRIPT, "main.js"),
    file!("/call.js", SCRIPT, "call.js"),
    file!("/http_session.js", SCRIPT, "http_session.js"),
    file!("/local_video.js", SCRIPT, "local_video.js"),
    file!("/frame_code.js", SCRIPT, "frame_code.js"),
    file!("/latency.js", SCRIPT, "latency.js"),
    file!("/statistics.js", SCRIPT, "statistics.js"),
    file!("/plain_words.js", SCRIPT, "plain_words.js"),
];

/// Nothing from elsewhere: no script, no request, no frame around the page.
const POLICY: &str = "default-src 'self'; media-src 'self' blob: mediastream:; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Serves a file of the page, or says that there is nothing.
///
/// # Errors
/// 404, 405.
pub async fn serve(method: Method, uri: Uri) -> Result<Response, Rejection> {
    let file = FILES.iter().find(|file| file.path == uri.path());
    let file = file.ok_or_else(Rejection::not_found)?;
    if method != Method::GET && method != Method::HEAD {
        return Err(Rejection::method_not_allowed("GET, HEAD"));
    }
    let headers = [
        (CONTENT_TYPE, file.media_type),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        // The next version of the program has another page.
        (CACHE_CONTROL, "no-cache"),
    ];
    Ok((headers, file.content).into_response())
}
