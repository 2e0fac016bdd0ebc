//! `Link` headers that name STUN and TURN servers for the client (RFC 9725 §4.6).

use axum::http::HeaderValue;
use webrtc::peer_connection::RTCIceServer;

/// One header value for each URL, as in `<stun:stun.example.net>; rel="ice-server"`. What cannot stand in a header is
/// left out.
pub(super) fn ice_server_links(servers: &[RTCIceServer]) -> Vec<HeaderValue> {
    let links = servers.iter().flat_map(|server| {
        server.urls.iter().map(|url| match server.username.is_empty() {
            true => format!("<{url}>; rel=\"ice-server\""),
            false => format!(
                "<{url}>; rel=\"ice-server\"; username=\"{}\"; credential=\"{}\"; credential-type=\"password\"",
                quoted(&server.username),
                quoted(&server.credential)
            ),
        })
    });
    links.filter_map(|link| link.parse().ok()).collect()
}

/// The inside of a quoted string (RFC 9110 §5.6.4).
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_server_comes_with_its_password() {
        let turn = RTCIceServer {
            urls: vec!["turn:turn.example.net?transport=udp".to_owned()],
            username: "user".to_owned(),
            credential: "pass\"word".to_owned(),
        };
        let links = ice_server_links(&[turn]);
        let links: Vec<_> = links.iter().filter_map(|link| link.to_str().ok()).collect();
        let expected = r#"<turn:turn.example.net?transport=udp>; rel="ice-server"; username="user"; credential="pass\"word"; credential-type="password""#;
        assert_eq!(links, [expected], "RFC 9725 §4.6");
    }
}
