//! What all requests to the server share.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use axum::http::HeaderValue;
use step_01_capture::{LatestFrame, MediaStream};

use super::bearer_token::BearerToken;
use super::sessions::Sessions;
use super::shared_encoder::SharedEncoder;
use crate::receive::jitter_buffer::PlayoutDelay;

/// The state that each request handler receives.
pub(super) struct ServerState {
    /// The local video, which WHEP clients receive.
    pub(super) stream: Arc<MediaStream>,
    /// Encodes it for all of them.
    pub(super) encoder: Arc<SharedEncoder>,
    /// Takes the video of each WHIP client, for the display.
    pub(super) display: SyncSender<LatestFrame>,
    /// How long the frames of a WHIP client wait before they are shown.
    pub(super) playout: PlayoutDelay,
    /// The program that decodes the video of WHIP clients.
    pub(super) decoder_program: Option<PathBuf>,
    /// The sessions.
    pub(super) sessions: Arc<Sessions>,
    /// The values of the `Link` headers that name STUN and TURN servers.
    pub(super) ice_server_links: Vec<HeaderValue>,
    /// The token that a request must carry, if there is one.
    pub(super) token: Option<BearerToken>,
    /// Whether the server listens on loopback only.
    pub(super) loopback_only: bool,
    /// How long the body of a request may take.
    pub(super) client_timeout: Duration,
}
