//! The options of every step that has to do with ICE.

use std::fmt;

use webrtc::peer_connection::RTCIceServer;

use crate::ice_servers::{IcePolicy, IceServers, parse_stun_server, parse_turn_server};
use crate::servers::local_servers::{LocalServers, LocalServersError};

/// Which servers to ask, and which candidates to use. Put it into a step's own arguments with `#[command(flatten)]`.
#[derive(Clone, Default, clap::Args)]
pub struct IceArguments {
    /// Ask a STUN server how it sees this machine; may be given several times
    #[arg(long, value_name = "URL", value_parser = parse_stun_server)]
    pub stun: Vec<RTCIceServer>,

    /// Let a TURN server relay everything if nothing else works; may be given several times
    #[arg(long, value_name = "URL,USER,PASSWORD", value_parser = parse_turn_server)]
    pub turn: Vec<RTCIceServer>,

    /// Which candidates may be used: all of them, or relayed ones alone
    #[arg(long, value_name = "POLICY", value_enum, default_value = "all")]
    pub policy: IcePolicy,

    /// Start a STUN and TURN server on loopback and ask it, so that no network is needed
    #[arg(long)]
    pub local_servers: bool,
}

/// Why a call has no servers.
#[derive(Debug, thiserror::Error)]
pub enum IceServersError {
    /// There is no TURN server.
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
        let mut servers = [&self.stun[..], &self.turn].concat();
        servers.extend(local.iter().flat_map(LocalServers::ice_servers));
        Ok(IceServers {
            servers,
            policy: self.policy,
            local,
        })
    }
}

/// Without the passwords: for a report that is sent to somebody.
impl fmt::Display for IceArguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let servers = self.stun.iter().chain(&self.turn);
        let mut parts: Vec<String> = servers.map(|server| server.urls.join(", ")).collect();
        if self.local_servers {
            parts.push("local servers".to_owned());
        }
        if parts.is_empty() {
            parts.push("no servers".to_owned());
        }
        if self.policy == IcePolicy::Relay {
            parts.push("relayed candidates alone".to_owned());
        }
        f.write_str(&parts.join(", "))
    }
}

/// Without the passwords, which must not be traced.
impl fmt::Debug for IceArguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let servers = self.stun.iter().chain(&self.turn);
        let servers = servers.map(|s| format!("{}, {}", s.urls.join(", "), s.username));
        f.debug_struct("IceArguments")
            .field("servers", &servers.collect::<Vec<_>>())
            .field("policy", &self.policy)
            .field("local_servers", &self.local_servers)
            .finish()
    }
}
