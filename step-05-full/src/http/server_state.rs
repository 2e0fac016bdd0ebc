//! What all requests to the server share.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use axum::http::HeaderValue;
use step_01_capture::{LatestFrame, MediaStream};

use super::bearer_token::BearerToken;
use super::sessions::Sessions;

/// The state that each request handler receives.
pub struct ServerState {
    /// The local video, which WHEP clients receive.
    pub stream: Arc<MediaStream>,
    /// Takes the video of each WHIP client, for the display.
    pub display: SyncSender<LatestFrame>,
    /// The sessions.
    pub sessions: Arc<Sessions>,
    /// The values of the `Link` headers that name STUN and TURN servers.
    pub ice_server_links: Vec<HeaderValue>,
    /// The token that a request must carry, if there is one.
    pub token: Option<BearerToken>,
    /// Whether the server listens on loopback only.
    pub loopback_only: bool,
    /// How long the body of a request may take.
    pub client_timeout: Duration,
}
