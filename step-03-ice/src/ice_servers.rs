//! 1-1: the STUN and TURN servers of a peer, and which candidates it may use.

use std::net::IpAddr;

use clap::ValueEnum;
use step_02_peer::PeerConfig;
use webrtc::peer_connection::{RTCIceServer, RTCIceTransportPolicy};

use crate::servers::ice_server_url::{IceScheme, IceServerUrl, IceServerUrlError};
use crate::servers::local_servers::LocalServers;

/// The servers and the policy of a peer's configuration. It owns the local servers.
#[derive(Default)]
pub struct IceServers {
    /// Which servers to ask (W3C webrtc-pc §4.2.2).
    pub servers: Vec<RTCIceServer>,
    /// Which candidates may be used.
    pub policy: IcePolicy,
    /// The servers in this process, if there are any.
    pub local: Option<LocalServers>,
}

/// `RTCIceTransportPolicy` (W3C webrtc-pc §4.2.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum IcePolicy {
    /// Every candidate.
    #[default]
    All,
    /// Relayed candidates alone. This hides no address: webrtc 0.21 writes one of this machine into their `raddr`.
    Relay,
}

/// Why a text names no server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    /// The URL cannot be used.
    #[error(transparent)]
    Url(#[from] IceServerUrlError),
    /// `turn:` instead of `stun:`.
    #[error("{0} is a TURN server: give it with --turn URL,USER,PASSWORD")]
    NotStun(IceServerUrl),
    /// `stun:` instead of `turn:`.
    #[error("{0} is a STUN server, which needs no password: give it with --stun URL")]
    NotTurn(IceServerUrl),
    /// A TURN server relays only for users that it knows (RFC 8656 §5).
    #[error(
        "user or password is missing: write URL,USER,PASSWORD, as in turn:192.0.2.1,ana,secret"
    )]
    Credentials,
}

/// Parses `URL`.
///
/// # Errors
/// [`ServerError`].
pub fn parse_stun_server(text: &str) -> Result<RTCIceServer, ServerError> {
    let url: IceServerUrl = text.parse()?;
    match url.scheme {
        IceScheme::Stun => Ok(RTCIceServer {
            urls: vec![url.to_string()],
            ..RTCIceServer::default()
        }),
        IceScheme::Turn => Err(ServerError::NotStun(url)),
    }
}

/// Parses `URL,USER,PASSWORD`. The password may contain commas, the user's name may not.
///
/// # Errors
/// [`ServerError`].
pub fn parse_turn_server(text: &str) -> Result<RTCIceServer, ServerError> {
    let mut parts = text.splitn(3, ',');
    let mut next = || parts.next().unwrap_or_default().to_owned();
    let (url, username, credential) = (next().parse::<IceServerUrl>()?, next(), next());
    if url.scheme == IceScheme::Stun {
        return Err(ServerError::NotTurn(url));
    }
    if username.is_empty() || credential.is_empty() {
        return Err(ServerError::Credentials);
    }
    Ok(RTCIceServer {
        urls: vec![url.to_string()],
        username,
        credential,
    })
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

    /// Stops the local servers, if there are any.
    pub async fn close(self) {
        if let Some(local) = self.local {
            local.close().await;
        }
    }
}
