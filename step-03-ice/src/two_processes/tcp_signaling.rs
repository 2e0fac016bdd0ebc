//! 1-4 between two processes: one JSON message in each line, over TCP.

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio_util::codec::{Decoder, LinesCodec, LinesCodecError};

use crate::signaling::SignalingChannel;

/// A description has some kilobytes; a longer line comes from something that is no peer.
pub const LONGEST_LINE: usize = 64 * 1024;
/// Lines that may wait. When they do, TCP makes the other side wait.
const CAPACITY: usize = 32;

/// A signaling channel to another process. Its tasks end with the channel, or when the other process closes the
/// connection.
pub struct TcpSignaling {
    /// For the session.
    pub channel: SignalingChannel,
    /// A copy of every line from the other peer, for the report. It ends when the other process closes the connection.
    pub received: mpsc::Receiver<String>,
    /// Whether the other process connects over loopback, and so runs on this machine.
    pub same_host: bool,
}

impl TcpSignaling {
    /// Signals over `stream`. Must be called on a tokio runtime.
    pub fn new(stream: TcpStream) -> Self {
        let other = stream.peer_addr();
        let same_host = other.is_ok_and(|other| other.ip().is_loopback());
        let (incoming, outgoing) = stream.into_split();
        let (to_session, from_other) = mpsc::channel(CAPACITY);
        let (to_other, from_session) = mpsc::channel(CAPACITY);
        let (to_report, received) = mpsc::channel(CAPACITY);
        tokio::spawn(receive(incoming, to_session, to_report));
        tokio::spawn(send(outgoing, from_session));
        Self {
            channel: SignalingChannel::new(to_other, from_other),
            received,
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
    // The other process sees that this one is done; if it is gone, it need not.
    let _ = stream.shutdown().await;
}

/// Reads lines until either side is done, and never keeps more than the longest line. What comes after the last line
/// end is no message.
async fn receive(
    mut stream: OwnedReadHalf,
    session: mpsc::Sender<String>,
    report: mpsc::Sender<String>,
) {
    let mut codec = LinesCodec::new_with_max_length(LONGEST_LINE);
    let mut buffer = BytesMut::new();
    loop {
        match codec.decode(&mut buffer) {
            Ok(Some(line)) => {
                // The session must not wait for the report.
                let _ = report.try_send(line.clone());
                if session.send(line).await.is_err() {
                    return;
                }
            }
            Ok(None) => {
                let read = tokio::select! {
                    read = stream.read_buf(&mut buffer) => read,
                    () = session.closed() => return,
                };
                match read {
                    Ok(0) => return,
                    Ok(_) => {}
                    Err(error) => {
                        tracing::warn!("the connection to the other peer failed: {error}");
                        return;
                    }
                }
            }
            Err(LinesCodecError::MaxLineLengthExceeded) => {
                tracing::warn!("message not used: a line is longer than {LONGEST_LINE} bytes");
            }
            // The codec reads from memory, where nothing fails but the decoding of UTF-8.
            Err(LinesCodecError::Io(_)) => {
                tracing::warn!("message not used: a line is not UTF-8");
            }
        }
    }
}
