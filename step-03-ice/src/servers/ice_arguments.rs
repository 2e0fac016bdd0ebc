//! The options of every step that has to do with ICE.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use clap::ValueEnum;
use step_02_peer::PeerConfig;
use webrtc::peer_connection::{RTCIceServer, RTCIceTransportPolicy};

use crate::servers::ice_server_url::{IceScheme, IceServerUrl, IceServerUrlError};
use crate::servers::local_servers::{LocalServers, LocalServersError};

/// Which servers to ask, and which candidates to use. Put it into a step's own arguments with `#[command(flatten)]`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct IceArguments {
    /// Ask a STUN server how it sees this machine; may be given several times
    #[arg(long, value_name = "URL")]
    pub stun: Vec<StunServer>,

    /// Let a TURN server pass everything on if nothing else works; may be given several times
    #[arg(long, value_name = "URL,USER,PASSWORD")]
    pub turn: Vec<TurnServer>,

    /// Which candidates may be used: all of them, or relayed ones alone
    #[arg(long, value_name = "POLICY", value_enum, default_value = "all")]
    pub policy: IcePolicy,

    /// Start a STUN and TURN server on loopback and ask it, so that no network is needed
    #[arg(long)]
    pub local_servers: bool,
}

/// `RTCIceTransportPolicy` (W3C webrtc-pc §4.2.5).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum IcePolicy {
    /// Every candidate.
    #[default]
    All,
    /// Relayed candidates alone: the other peer learns no address of this machine.
    Relay,
}

/// The URL of a STUN server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StunServer(IceServerUrl);

/// A TURN server, and who may use it.
#[derive(Clone, PartialEq, Eq)]
pub struct TurnServer {
    url: IceServerUrl,
    username: String,
    password: String,
}

/// Why a text is no server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    /// The URL cannot be used.
    #[error(transparent)]
    Url(#[from] IceServerUrlError),
    /// `turn:` where `stun:` belongs.
    #[error("{0} is a TURN server: give it with --turn URL,USER,PASSWORD")]
    NotStun(IceServerUrl),
    /// `stun:` where `turn:` belongs.
    #[error("{0} is a STUN server, which asks for no password: give it with --stun URL")]
    NotTurn(IceServerUrl),
    /// A TURN server serves nobody that it does not know (RFC 8656 §5).
    #[error(
        "user or password is missing: write URL,USER,PASSWORD, as in turn:192.0.2.1,ana,secret"
    )]
    Credentials,
}

impl FromStr for StunServer {
    type Err = ServerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url: IceServerUrl = text.parse()?;
        match url.scheme {
            IceScheme::Stun => Ok(Self(url)),
            IceScheme::Turn => Err(ServerError::NotStun(url)),
        }
    }
}

impl FromStr for TurnServer {
    type Err = ServerError;

    /// A comma may stand in the password, but not in the user's name.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, ',');
        let url: IceServerUrl = parts.next().unwrap_or_default().parse()?;
        if url.scheme == IceScheme::Stun {
            return Err(ServerError::NotTurn(url));
        }
        match (parts.next(), parts.next()) {
            (Some(username), Some(password)) if !username.is_empty() && !password.is_empty() => {
                Ok(Self::new(url, username, password))
            }
            _ => Err(ServerError::Credentials),
        }
    }
}

impl TurnServer {
    /// A server with what it asks for.
    pub fn new(url: IceServerUrl, username: &str, password: &str) -> Self {
        Self {
            url,
            username: username.to_owned(),
            password: password.to_owned(),
        }
    }

    /// As W3C's dictionary (W3C webrtc-pc §4.2.4).
    pub fn ice_server(&self) -> RTCIceServer {
        RTCIceServer {
            urls: vec![self.url.to_string()],
            username: self.username.clone(),
            credential: self.password.clone(),
        }
    }
}

impl StunServer {
    /// The server at `url`, which must be a `stun:` one.
    ///
    /// # Errors
    /// [`ServerError::NotStun`].
    pub fn new(url: IceServerUrl) -> Result<Self, ServerError> {
        url.to_string().parse()
    }

    /// As W3C's dictionary (W3C webrtc-pc §4.2.4).
    pub fn ice_server(&self) -> RTCIceServer {
        RTCIceServer {
            urls: vec![self.0.to_string()],
            ..Default::default()
        }
    }
}

/// A password does not belong into a trace.
impl fmt::Debug for TurnServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TurnServer({}, {}, ...)", self.url, self.username)
    }
}

/// The servers of a call, and the local ones among them: keep it for as long as the call lasts.
#[derive(Default)]
pub struct IceServers {
    /// What a peer is told of them.
    pub servers: Vec<RTCIceServer>,
    /// Which candidates may be used.
    pub policy: IcePolicy,
    local: Option<LocalServers>,
}

/// Why a call has no servers.
#[derive(Debug, thiserror::Error)]
pub enum IceServersError {
    /// There is nothing that could relay.
    #[error(
        "--policy relay without a TURN server leaves no candidate: add --turn or --local-servers"
    )]
    NothingToRelay,
    /// The local servers did not start.
    #[error(transparent)]
    Local(#[from] LocalServersError),
}

impl IceArguments {
    /// Starts the local servers if they are asked for. Must be called on a tokio runtime.
    ///
    /// # Errors
    /// [`IceServersError`].
    pub async fn start(&self) -> Result<IceServers, IceServersError> {
        if self.policy == IcePolicy::Relay && self.turn.is_empty() && !self.local_servers {
            return Err(IceServersError::NothingToRelay);
        }
        let local = match self.local_servers {
            true => Some(LocalServers::start().await?),
            false => None,
        };
        let mut servers: Vec<RTCIceServer> = self.stun.iter().map(StunServer::ice_server).collect();
        servers.extend(self.turn.iter().map(TurnServer::ice_server));
        servers.extend(local.iter().flat_map(LocalServers::ice_servers));
        Ok(IceServers {
            servers,
            policy: self.policy,
            local,
        })
    }
}

impl IceServers {
    /// The same configuration with these servers and this policy. With local servers the peer stays on loopback, where
    /// they are.
    pub fn configure(&self, config: PeerConfig) -> PeerConfig {
        let mut config = PeerConfig {
            ice_servers: self.servers.clone(),
            ice_transport_policy: match self.policy {
                IcePolicy::All => RTCIceTransportPolicy::All,
                IcePolicy::Relay => RTCIceTransportPolicy::Relay,
            },
            ..config
        };
        if self.local.is_some() {
            let loopback = |ip: IpAddr| ip.is_loopback();
            config.addresses.retain(|address| loopback(address.ip()));
        }
        config
    }

    /// Ends the local servers, if there are any.
    pub async fn close(self) {
        if let Some(local) = self.local {
            local.close().await;
        }
    }
}
