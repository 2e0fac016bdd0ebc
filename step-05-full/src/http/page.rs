//! The page: files that are part of the program.

use axum::Router;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::routing::get;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Path, media type and content of each file.
const FILES: &[(&str, &str, &str)] = &[
    ("/", HTML, include_str!("page/index.html")),
    ("/style.css", CSS, include_str!("page/style.css")),
    ("/adapter.js", SCRIPT, include_str!("page/adapter.js")),
    ("/main.js", SCRIPT, include_str!("page/main.js")),
    ("/call.js", SCRIPT, include_str!("page/call.js")),
    (
        "/http_session.js",
        SCRIPT,
        include_str!("page/http_session.js"),
    ),
    (
        "/local_video.js",
        SCRIPT,
        include_str!("page/local_video.js"),
    ),
    ("/frame_code.js", SCRIPT, include_str!("page/frame_code.js")),
    ("/latency.js", SCRIPT, include_str!("page/latency.js")),
    ("/statistics.js", SCRIPT, include_str!("page/statistics.js")),
    ("/messages.js", SCRIPT, include_str!("page/messages.js")),
];

/// The page loads scripts from this server only, sends requests to it only, and no other page may embed it.
const POLICY: &str = "default-src 'self'; media-src 'self' blob: mediastream:; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The routes to the files.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let mut routes = Router::new();
    for &(path, media_type, content) in FILES {
        let headers = [
            (CONTENT_TYPE, media_type),
            (CONTENT_SECURITY_POLICY, POLICY),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (REFERRER_POLICY, "no-referrer"),
            // The next version of the program has another page.
            (CACHE_CONTROL, "no-cache"),
        ];
        routes = routes.route(path, get(async move || (headers, content)));
    }
    routes
}
