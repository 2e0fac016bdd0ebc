//! 1-4 between two processes: one JSON message in each line, over TCP.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::signaling::SignalingChannel;

/// A description has some kilobytes; what is longer comes from something that is no peer.
pub const LONGEST_LINE: usize = 64 * 1024;
/// How long to wait for an answer from the other host.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Lines that may wait. When they do, TCP makes the other side wait.
const CAPACITY: usize = 32;

/// How the two processes find each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rendezvous {
    /// Waits for the other one.
    Listen(SocketAddr),
    /// Goes to the other one, which listens at this `HOST:PORT`.
    Connect(String),
}

/// Why the two did not meet.
#[derive(Debug, thiserror::Error)]
pub enum RendezvousError {
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address}: {source}: take an address of this machine and a free port"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// Nobody answers there.
    #[error("cannot connect to {address}: {source}: start the other process first, with --listen")]
    Connect {
        /// The address.
        address: String,
        /// The system's reason.
        source: io::Error,
    },
}

/// A signaling channel to another process. Its tasks end with the channel, or when the other process goes away.
pub struct TcpSignaling {
    /// For the session.
    pub channel: SignalingChannel,
    /// Every line from the other peer, for whoever tells of it; it ends when the other peer goes away.
    pub heard: mpsc::Receiver<String>,
    /// Whether the other process runs on this machine, as far as its address tells.
    pub same_host: bool,
}

impl Rendezvous {
    /// Waits for the other process, or goes to it.
    ///
    /// # Errors
    /// [`RendezvousError`].
    pub async fn meet(&self) -> Result<TcpSignaling, RendezvousError> {
        let stream = match self {
            Self::Listen(address) => {
                let address = *address;
                let listen = |source| RendezvousError::Listen { address, source };
                let listener = TcpListener::bind(address).await.map_err(listen)?;
                let at = listener.local_addr().map_err(listen)?;
                tracing::info!("waiting on {at}: start the other process with --connect {at}");
                listener.accept().await.map_err(listen)?.0
            }
            Self::Connect(address) => {
                let connected = timeout(TIMEOUT, TcpStream::connect(address)).await;
                let connected = connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
                connected.map_err(|source| RendezvousError::Connect {
                    address: address.clone(),
                    source,
                })?
            }
        };
        Ok(TcpSignaling::new(stream))
    }
}

impl TcpSignaling {
    /// Signals over `stream`. Must be called on a tokio runtime.
    pub fn new(stream: TcpStream) -> Self {
        let same_host = stream
            .peer_addr()
            .is_ok_and(|other| other.ip().is_loopback());
        let (incoming, outgoing) = stream.into_split();
        let (to_session, from_other) = mpsc::channel(CAPACITY);
        let (to_other, from_session) = mpsc::channel(CAPACITY);
        let (to_teller, heard) = mpsc::channel(CAPACITY);
        tokio::spawn(receive(incoming, to_session, to_teller));
        tokio::spawn(send(outgoing, from_session));
        Self {
            channel: SignalingChannel::new(to_other, from_other),
            heard,
            same_host,
        }
    }
}

async fn send(mut stream: OwnedWriteHalf, mut messages: mpsc::Receiver<String>) {
    while let Some(message) = messages.recv().await {
        // JSON escapes line ends, so a message is one line.
        let line = format!("{message}\n");
        if let Err(error) = stream.write_all(line.as_bytes()).await {
            tracing::warn!("1-4 message not sent: {error}");
            return;
        }
    }
    // The other process learns that this one is done; if it is gone, it knows.
    let _ = stream.shutdown().await;
}

async fn receive(
    stream: OwnedReadHalf,
    session: mpsc::Sender<String>,
    teller: mpsc::Sender<String>,
) {
    let mut reader = BufReader::new(stream);
    loop {
        let line = tokio::select! {
            line = next_line(&mut reader) => line,
            () = session.closed() => return,
        };
        match line {
            Ok(Line::Text(text)) => {
                // Telling is not important enough to wait for.
                let _ = teller.try_send(text.clone());
                if session.send(text).await.is_err() {
                    return;
                }
            }
            Ok(Line::TooLong) => {
                tracing::warn!("message not used: a line is longer than {LONGEST_LINE} bytes");
            }
            Ok(Line::NotText) => tracing::warn!("message not used: a line is not UTF-8"),
            Ok(Line::End) => return,
            Err(error) => {
                tracing::warn!("the way to the other peer broke: {error}");
                return;
            }
        }
    }
}

/// What came up to the next line end.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// A line, without its end.
    Text(String),
    /// A line of more than [`LONGEST_LINE`] bytes; they are skipped.
    TooLong,
    /// A line that is not UTF-8.
    NotText,
    /// The other side has closed its end. What came after the last line end is no message.
    End,
}

/// Reads one line and never keeps more of it than [`LONGEST_LINE`] bytes.
///
/// # Errors
/// The reader's own.
pub async fn next_line(reader: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Line> {
    let (mut line, mut too_long) = (Vec::new(), false);
    loop {
        let bytes = reader.fill_buf().await?;
        if bytes.is_empty() {
            return Ok(Line::End);
        }
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let part = &bytes[..end.unwrap_or(bytes.len())];
        too_long |= line.len() + part.len() > LONGEST_LINE;
        if !too_long {
            line.extend_from_slice(part);
        }
        let used = end.map_or(bytes.len(), |end| end + 1);
        reader.consume(used);
        if end.is_some() {
            return Ok(match String::from_utf8(line) {
                _ if too_long => Line::TooLong,
                Ok(text) => Line::Text(text),
                Err(_) => Line::NotText,
            });
        }
    }
}
