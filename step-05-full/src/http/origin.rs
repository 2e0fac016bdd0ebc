//! Which pages may use the server.

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode};

use super::rejection::Rejection;

/// Refuses requests that a page of another origin makes in the reader's browser.
///
/// Without this, any page that the reader visits could watch the camera through the reader's own browser: the browser
/// does reach loopback. A program that is no browser sends no `Origin`; the token is for those.
///
/// # Errors
/// 403 for a foreign page (RFC 6454 §7).
pub(super) fn check_origin(headers: &HeaderMap) -> Result<(), Rejection> {
    let Some(origin) = headers.get(ORIGIN) else {
        return Ok(());
    };
    // `http` or `https` is not compared: a proxy in front may speak TLS.
    let authority = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.split_once("://"));
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    match (authority, host) {
        (Some((_, authority)), Some(host)) if authority.eq_ignore_ascii_case(host) => Ok(()),
        _ => Err(Rejection::new(
            StatusCode::FORBIDDEN,
            "pages of other origins are refused: open the page of this server itself",
        )),
    }
}

/// Refuses a name that does not stand for this machine, on a server that listens for this machine alone.
///
/// A page of `evil.example` is of the same origin as this server once its owner lets that name point to 127.0.0.1
/// (DNS rebinding). The name is then still the one in `Host`.
///
/// # Errors
/// 421 (RFC 9110 §15.5.20).
pub(super) fn check_loopback_host(headers: &HeaderMap) -> Result<(), Rejection> {
    let host = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = address
        .parse::<std::net::IpAddr>()
        .is_ok_and(|ip| ip.is_loopback());
    if is_loopback || name.eq_ignore_ascii_case("localhost") {
        return Ok(());
    }
    let reason = "this server answers to localhost, 127.0.0.1 and [::1] only";
    Err(Rejection::new(StatusCode::MISDIRECTED_REQUEST, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(host: &str, origin: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().expect("a header"));
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().expect("a header"));
        }
        headers
    }

    #[test]
    fn only_the_servers_own_page_and_programs_pass() {
        let host = "127.0.0.1:8080";
        assert_eq!(check_origin(&headers(host, None)), Ok(()));
        assert_eq!(
            check_origin(&headers(host, Some("http://127.0.0.1:8080"))),
            Ok(())
        );
        for foreign in [
            "http://evil.example",
            "http://127.0.0.1:9090",
            "http://127.0.0.1:8080.evil.example",
            "null",
            "",
        ] {
            let refused = check_origin(&headers(host, Some(foreign)));
            let status = refused.map_err(|refusal| refusal.status());
            assert_eq!(status, Err(StatusCode::FORBIDDEN), "{foreign:?}");
        }
    }

    #[test]
    fn a_name_that_was_bent_to_loopback_is_not_served() {
        for own in [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1:1",
            "[::1]:8080",
            "[::1]",
        ] {
            assert_eq!(check_loopback_host(&headers(own, None)), Ok(()), "{own}");
        }
        for foreign in ["evil.example:8080", "127.0.0.1.evil.example", "", "::2"] {
            let refused = check_loopback_host(&headers(foreign, None));
            assert!(refused.is_err(), "{foreign:?}");
        }
    }
}
