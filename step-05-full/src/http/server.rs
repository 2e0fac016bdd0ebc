//! `--serve ADDRESS`: the web server.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use step_01_capture::{LatestFrame, MediaStream};
use step_02_peer::PeerConfig;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::address::{AccessError, check_address};
use super::bearer_token::BearerToken;
use super::endpoint::Endpoint;
use super::ice_server_links::ice_server_links;
use super::origin::{check_loopback_host, check_origin};
use super::rejection::Rejection;
use super::server_state::ServerState;
use super::session_report::SessionReport;
use super::sessions::{DEFAULT_LIMIT, Sessions};
use super::shared_encoder::SharedEncoder;
use super::{connections, latest_frame, page, requests};
use crate::receive::jitter_buffer::PlayoutDelay;

/// A client that connects at all does so within a second or two.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// A request and a response have a few kilobytes.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest body that is read. A browser's offer has three to seven kilobytes.
const MOST_BYTES: usize = 64 * 1024;

/// The configuration of a server.
pub struct ServerConfig {
    /// Where it listens; port 0 stands for any free port.
    pub address: SocketAddr,
    /// The token that requests must carry; none permits everyone who can reach the server.
    pub token: Option<BearerToken>,
    /// The configuration of the peer of each session.
    pub peer_config: PeerConfig,
    /// How long the frames of a WHIP client wait before they are shown.
    pub playout: PlayoutDelay,
    /// The program in whose process the video of each WHIP client is decoded; none for the process of the server.
    pub decoder_program: Option<PathBuf>,
    /// How many sessions there may be at the same time.
    pub limit: usize,
    /// How long a client may take to connect, before its place is given to others.
    pub connect_timeout: Duration,
    /// How long a client may take to send a request, and to read a response.
    pub client_timeout: Duration,
}

impl ServerConfig {
    /// A server without a token.
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            token: None,
            peer_config: PeerConfig::every_interface(),
            playout: PlayoutDelay::Auto,
            decoder_program: None,
            limit: DEFAULT_LIMIT,
            connect_timeout: CONNECT_TIMEOUT,
            client_timeout: CLIENT_TIMEOUT,
        }
    }
}

/// Why the server could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Other machines can reach it, and there is no good token.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The address is in use, or not an address of this machine.
    #[error(
        "cannot listen on {address}: {source}: choose another address or port, or 0 for any free port"
    )]
    Listen {
        /// The address of the configuration.
        address: SocketAddr,
        /// The system's reason.
        source: std::io::Error,
    },
}

/// A web server that runs, and the owner of its sessions.
pub struct Server {
    address: SocketAddr,
    sessions: Arc<Sessions>,
    stop: watch::Sender<bool>,
    listening: JoinHandle<()>,
}

impl Server {
    /// Starts to listen. WHEP clients receive the video of `stream`; the video of WHIP clients goes to `display`. Must
    /// be called on a tokio runtime.
    ///
    /// # Errors
    /// [`ServeError`].
    pub async fn start(
        config: ServerConfig,
        stream: Arc<MediaStream>,
        display: SyncSender<LatestFrame>,
    ) -> Result<Self, ServeError> {
        check_address(config.address, config.token.as_ref())?;
        let listen = |source| ServeError::Listen {
            address: config.address,
            source,
        };
        let listener = TcpListener::bind(config.address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let links = ice_server_links(&config.peer_config.ice_servers);
        let sessions = Sessions::new(config.peer_config, config.limit, config.connect_timeout);
        let sessions = Arc::new(sessions);
        let state = Arc::new(ServerState {
            encoder: SharedEncoder::of(&stream),
            stream,
            display,
            playout: config.playout,
            decoder_program: config.decoder_program,
            sessions: Arc::clone(&sessions),
            ice_server_links: links,
            token: config.token,
            loopback_only: address.ip().is_loopback(),
            client_timeout: config.client_timeout,
        });
        let (stop, stopped) = watch::channel(false);
        let timeout = config.client_timeout;
        let accepting = connections::accept(listener, router(state), timeout, stopped);
        Ok(Self {
            address,
            sessions,
            stop,
            listening: tokio::spawn(accepting),
        })
    }

    /// Where it listens, with the real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many sessions there are now.
    pub fn session_count(&self) -> usize {
        self.sessions.count()
    }

    /// The reports of the sessions that have ended since the last call.
    pub fn take_reports(&self) -> Vec<SessionReport> {
        self.sessions.take_reports()
    }

    /// Ends all connections and sessions, and returns the reports that were not taken yet.
    pub async fn stop(self) -> Vec<SessionReport> {
        let _ = self.stop.send(true);
        // It never panics and nobody aborts it.
        let _ = self.listening.await;
        self.sessions.end_all().await;
        self.sessions.take_reports()
    }
}

fn router(state: Arc<ServerState>) -> Router {
    Router::new()
        .merge(requests::routes(Endpoint::Whep))
        .merge(requests::routes(Endpoint::Whip))
        .route("/latest-frame", get(latest_frame::serve))
        .layer(from_fn_with_state(Arc::clone(&state), check_access))
        // The page itself is no secret: it asks for the token.
        .merge(page::routes())
        .fallback(async || Rejection::not_found())
        .method_not_allowed_fallback(async || Rejection::method_not_allowed())
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(from_fn(catch_panic))
        .with_state(state)
}

/// Permits the server's own page and programs that are no browsers, with the token if there is one.
async fn check_access(
    State(state): State<Arc<ServerState>>,
    request: Request,
    next: Next,
) -> Result<Response, Rejection> {
    let headers = request.headers();
    check_origin(headers)?;
    if state.loopback_only {
        check_loopback_host(headers)?;
    }
    match &state.token {
        Some(token) if !token.is_in(headers) => Err(Rejection::unauthorized()),
        _ => Ok(next.run(request).await),
    }
}

/// A panic in a request handler is answered with 500, and ends nothing else.
async fn catch_panic(request: Request, next: Next) -> Response {
    let served = tokio::spawn(next.run(request)).await;
    served.unwrap_or_else(|_| Rejection::broken_session().into_response())
}
