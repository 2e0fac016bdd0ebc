//! How two processes find each other: one listens, the other connects.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::two_processes::tcp_signaling::TcpSignaling;

/// How long to wait for an answer from the other host.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The options of a call between two processes. Put them into a step's own arguments with `#[command(flatten)]`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct RendezvousArguments {
    /// Wait for another process at this address, and answer its call
    #[arg(long, value_name = "ADDR", conflicts_with_all = ["connect", "lab"])]
    pub listen: Option<SocketAddr>,

    /// Call the process that waits at this address
    #[arg(long, value_name = "HOST:PORT", value_parser = host_and_port, conflicts_with = "lab")]
    pub connect: Option<String>,
}

impl RendezvousArguments {
    /// How to find the other process, if there is one.
    pub fn rendezvous(&self) -> Option<Rendezvous> {
        let listen = self.listen.map(Rendezvous::Listen);
        listen.or_else(|| self.connect.clone().map(Rendezvous::Connect))
    }
}

/// The name may not resolve before the call, but it has to have a port.
fn host_and_port(text: &str) -> Result<String, String> {
    let is_port = |(_, port): (&str, &str)| port.parse::<u16>().is_ok();
    match text.rsplit_once(':').is_some_and(is_port) {
        true => Ok(text.to_owned()),
        false => Err("no host and port: write it as in 127.0.0.1:9000".to_owned()),
    }
}

/// How the two processes find each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rendezvous {
    /// Wait for the other one.
    Listen(SocketAddr),
    /// Connect to the other one, which listens at this `HOST:PORT`.
    Connect(String),
}

/// Why the two did not meet.
#[derive(Debug, thiserror::Error)]
pub enum RendezvousError {
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}: take an address of this machine and a free port")]
    Listen(SocketAddr, #[source] io::Error),
    /// Nobody answers at the address.
    #[error("cannot connect to {0}: {1}: start the other process first, with --listen")]
    Connect(String, #[source] io::Error),
}

impl Rendezvous {
    /// Waits for the other process, or connects to it.
    ///
    /// # Errors
    /// [`RendezvousError`].
    pub async fn meet(&self) -> Result<TcpSignaling, RendezvousError> {
        let stream = match self {
            Self::Listen(address) => {
                let stream = listen(*address).await;
                stream.map_err(|error| RendezvousError::Listen(*address, error))?
            }
            Self::Connect(address) => {
                let stream = timeout(TIMEOUT, TcpStream::connect(address)).await;
                let stream = stream.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
                stream.map_err(|error| RendezvousError::Connect(address.clone(), error))?
            }
        };
        Ok(TcpSignaling::new(stream))
    }
}

async fn listen(address: SocketAddr) -> io::Result<TcpStream> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    tracing::info!("waiting on {address}: start the other process with --connect {address}");
    Ok(listener.accept().await?.0)
}
