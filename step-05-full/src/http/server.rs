//! `--serve ADDRESS`: the web server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use step_01_capture::{LatestFrame, MediaStream};
use step_02_peer::PeerConfig;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::address::{OpenAddressError, permit};
use super::bearer_token::BearerToken;
use super::connections;
use super::endpoint::Endpoint;
use super::ice_server_links::ice_server_links;
use super::origin::{check_loopback_host, check_origin};
use super::refusal::Refusal;
use super::session_report::SessionReport;
use super::sessions::{LIMIT, Sessions};
use super::{latest_frame, page};

/// ICE needs far less where there is a way at all.
const CONNECT_PATIENCE: Duration = Duration::from_secs(20);

/// How a server is set up.
pub struct ServerConfig {
    /// Where it listens; port 0 takes a free one.
    pub address: SocketAddr,
    /// Who may use it; none for everyone who can reach it.
    pub token: Option<BearerToken>,
    /// For the peer of each session.
    pub peer_config: PeerConfig,
    /// How many sessions there may be at the same time.
    pub limit: usize,
    /// A client that has not connected by then does not mean to: its place is for others.
    pub connect_patience: Duration,
}

impl ServerConfig {
    /// A server for everyone on this machine.
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            token: None,
            peer_config: PeerConfig::every_interface(),
            limit: LIMIT,
            connect_patience: CONNECT_PATIENCE,
        }
    }
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Strangers could watch the camera.
    #[error(transparent)]
    Open(#[from] OpenAddressError),
    /// The address is taken, or not of this machine.
    #[error(
        "cannot listen on {address}: {source}: choose another address or port, or 0 for any free port"
    )]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// The system's reason.
        source: std::io::Error,
    },
}

/// What all requests share.
pub struct Shared {
    /// The local video, which WHEP clients watch.
    pub stream: Arc<MediaStream>,
    /// Where the video of WHIP clients is shown.
    pub screen: SyncSender<LatestFrame>,
    /// The sessions.
    pub sessions: Sessions,
    /// The header values that tell of STUN and TURN servers.
    pub ice_server_links: Vec<HeaderValue>,
    token: Option<BearerToken>,
    loopback_only: bool,
}

/// A web server that runs, and the owner of its sessions.
pub struct Server {
    address: SocketAddr,
    sessions: Sessions,
    stop: watch::Sender<bool>,
    listening: JoinHandle<()>,
}

impl Server {
    /// Listens. Viewers get the video of `stream`; video that comes in goes to `screen`. Must be called on a tokio runtime.
    ///
    /// # Errors
    /// [`ServeError`].
    pub async fn start(
        config: ServerConfig,
        stream: Arc<MediaStream>,
        screen: SyncSender<LatestFrame>,
    ) -> Result<Self, ServeError> {
        permit(config.address, config.token.as_ref())?;
        let listen = |source| ServeError::Listen {
            address: config.address,
            source,
        };
        let listener = TcpListener::bind(config.address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let sessions = Sessions::new(
            config.peer_config.clone(),
            config.limit,
            config.connect_patience,
        );
        let shared = Arc::new(Shared {
            stream,
            screen,
            sessions: sessions.clone(),
            ice_server_links: ice_server_links(&config.peer_config.ice_servers),
            token: config.token,
            loopback_only: address.ip().is_loopback(),
        });
        let (stop, stopped) = watch::channel(false);
        let listening = tokio::spawn(connections::accept(listener, router(shared), stopped));
        Ok(Self {
            address,
            sessions,
            stop,
            listening,
        })
    }

    /// Where it listens, with the port that it really has.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many sessions there are now.
    pub fn session_count(&self) -> usize {
        self.sessions.count()
    }

    /// The sessions that have ended since this was asked last.
    pub fn take_reports(&self) -> Vec<SessionReport> {
        self.sessions.take_reports()
    }

    /// Ends all sessions and all connections, and returns the reports that nobody has taken yet.
    pub async fn stop(self) -> Vec<SessionReport> {
        let _ = self.stop.send(true);
        // It never panics and nobody aborts it.
        let _ = self.listening.await;
        self.sessions.end_all().await;
        self.sessions.take_reports()
    }
}

fn router(shared: Arc<Shared>) -> Router {
    use Endpoint::{Whep, Whip};
    let guarded = Router::new()
        .route("/whep", any(|s, a, m, h, b| Whep.serve(s, a, m, h, b)))
        .route("/whip", any(|s, a, m, h, b| Whip.serve(s, a, m, h, b)))
        .route(
            "/whep/{id}",
            any(|s, p, m, h, b| Whep.serve_session(s, p, m, h, b)),
        )
        .route(
            "/whip/{id}",
            any(|s, p, m, h, b| Whip.serve_session(s, p, m, h, b)),
        )
        .route("/latest-frame", any(latest_frame::serve))
        .layer(from_fn_with_state(Arc::clone(&shared), guard))
        .with_state(shared);
    // The page itself holds no secret: it asks for the token.
    guarded.fallback(page::serve).layer(from_fn(survive))
}

/// Who may come in: a page of this server, or a program, with the token if there is one.
async fn guard(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let headers = request.headers();
    check_origin(headers)?;
    if shared.loopback_only {
        check_loopback_host(headers)?;
    }
    if shared
        .token
        .as_ref()
        .is_some_and(|token| !token.is_in(headers))
    {
        return Err(Refusal::unauthorized());
    }
    Ok(next.run(request).await)
}

/// A request that panics is answered, and ends nothing else.
async fn survive(request: Request, next: Next) -> Response {
    let served = tokio::spawn(next.run(request)).await;
    served.unwrap_or_else(|_| Refusal::broken_session().into_response())
}
