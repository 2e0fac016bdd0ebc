//! A STUN and TURN server in this process, so that no network is needed.

use std::any::Any;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rtc::stun::error_code::{CODE_BAD_REQUEST, CODE_UNAUTHORIZED, ErrorCodeAttribute};
use rtc::stun::message::{CLASS_ERROR_RESPONSE, Getter, METHOD_ALLOCATE, Message, Setter};
use tokio::net::UdpSocket;
use turn::auth::{AuthHandler, generate_auth_key};
use turn::relay::relay_static::RelayAddressGeneratorStatic;
use turn::server::Server;
use turn::server::config::{ConnConfig, ServerConfig};
use webrtc::peer_connection::RTCIceServer;
use webrtc_util::Conn;
use webrtc_util::vnet::net::Net;

/// Who may use the relay.
const USERNAME: &str = "reader";
/// The server listens on loopback alone, so this is no secret.
const PASSWORD: &str = "loopback";
/// What the password is for (RFC 8489 §9.2).
const REALM: &str = "local-servers";

/// STUN and TURN on one free UDP port of 127.0.0.1.
pub struct LocalServers {
    server: Server,
    address: SocketAddr,
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum LocalServersError {
    /// No port on loopback.
    #[error("no STUN and TURN server on 127.0.0.1: {0}")]
    Bind(#[from] io::Error),
    /// The server did not start.
    #[error("the STUN and TURN server on 127.0.0.1 did not start: {0}")]
    Start(#[from] turn::Error),
}

impl LocalServers {
    /// Starts the server. Must be called on a tokio runtime.
    ///
    /// # Errors
    /// [`LocalServersError`].
    pub async fn start() -> Result<Self, LocalServersError> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = socket.local_addr()?;
        let server = Server::new(ServerConfig {
            conn_configs: vec![ConnConfig {
                conn: Arc::new(ServerSocket(socket)),
                relay_addr_generator: Box::new(RelayAddressGeneratorStatic {
                    relay_address: address.ip(),
                    address: address.ip().to_string(),
                    net: Arc::new(Net::new(None)),
                }),
            }],
            realm: REALM.to_owned(),
            auth_handler: Arc::new(OneUser),
            channel_bind_timeout: Duration::ZERO,
            alloc_close_notify: None,
        })
        .await?;
        tracing::info!("STUN and TURN server on {address}");
        Ok(Self { server, address })
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Both servers, the STUN server first, with the password of the TURN server.
    pub fn ice_servers(&self) -> [RTCIceServer; 2] {
        let stun = RTCIceServer {
            urls: vec![format!("stun:{}", self.address)],
            ..RTCIceServer::default()
        };
        let turn = RTCIceServer {
            urls: vec![format!("turn:{}", self.address)],
            username: USERNAME.to_owned(),
            credential: PASSWORD.to_owned(),
        };
        [stun, turn]
    }

    /// Stops the server.
    pub async fn close(self) {
        if let Err(error) = self.server.close().await {
            tracing::debug!("the local servers did not close in order: {error}");
        }
    }
}

/// Knows one user (RFC 8489 §9.2).
struct OneUser;

impl AuthHandler for OneUser {
    fn auth_handle(&self, username: &str, _: &str, _: SocketAddr) -> Result<Vec<u8>, turn::Error> {
        match username {
            USERNAME => Ok(generate_auth_key(USERNAME, REALM, PASSWORD)),
            _ => Err(turn::Error::ErrNoSuchUser),
        }
    }
}

/// A UDP socket that corrects the server: crate turn 0.17 answers a wrong password with 400. RFC 8489 §9.2.4 demands 401,
/// and other servers send it.
struct ServerSocket(UdpSocket);

#[async_trait]
impl Conn for ServerSocket {
    async fn connect(&self, address: SocketAddr) -> webrtc_util::Result<()> {
        Conn::connect(&self.0, address).await
    }

    async fn recv(&self, buffer: &mut [u8]) -> webrtc_util::Result<usize> {
        Conn::recv(&self.0, buffer).await
    }

    async fn recv_from(&self, buffer: &mut [u8]) -> webrtc_util::Result<(usize, SocketAddr)> {
        Conn::recv_from(&self.0, buffer).await
    }

    async fn send(&self, buffer: &[u8]) -> webrtc_util::Result<usize> {
        Conn::send(&self.0, buffer).await
    }

    async fn send_to(&self, buffer: &[u8], target: SocketAddr) -> webrtc_util::Result<usize> {
        match unauthorized(buffer) {
            Some(message) => Conn::send_to(&self.0, &message, target).await,
            None => Conn::send_to(&self.0, buffer, target).await,
        }
    }

    fn local_addr(&self) -> webrtc_util::Result<SocketAddr> {
        Conn::local_addr(&self.0)
    }

    fn remote_addr(&self) -> Option<SocketAddr> {
        Conn::remote_addr(&self.0)
    }

    async fn close(&self) -> webrtc_util::Result<()> {
        Conn::close(&self.0).await
    }

    fn as_any(&self) -> &(dyn Any + Send + Sync) {
        self
    }
}

/// The 401 that replaces a 400 to an Allocate request; none for every other message.
fn unauthorized(buffer: &[u8]) -> Option<Vec<u8>> {
    let mut message = Message::new();
    message.unmarshal_binary(buffer).ok()?;
    if message.typ.method != METHOD_ALLOCATE || message.typ.class != CLASS_ERROR_RESPONSE {
        return None;
    }
    let mut code = ErrorCodeAttribute::default();
    code.get_from(&message).ok()?;
    if code.code != CODE_BAD_REQUEST {
        return None;
    }
    let mut answer = Message::new();
    answer.transaction_id = message.transaction_id;
    answer.set_type(message.typ);
    answer.write_header();
    let code = ErrorCodeAttribute {
        code: CODE_UNAUTHORIZED,
        reason: b"Unauthorized".to_vec(),
    };
    code.add_to(&mut answer).ok()?;
    Some(answer.raw)
}
