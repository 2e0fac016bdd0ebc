//! A runtime whose sockets an [`IceWatch`] observes.

use std::fmt;
use std::io::{self, IoSliceMut};
use std::net::{Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use step_01_capture::EventKind;
use step_02_peer::{BoxFuture, RuntimeLayer};
use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Runtime, Transmit, timeout};

use crate::observing::datagram_log::DatagramLog;
use crate::observing::ice_watch::IceWatch;

/// How long the lookup of all names may take. webrtc 0.21 looks up one after the other and does nothing else meanwhile,
/// and a system without a name server may take half a minute for each.
const LOOKUP_TIMEOUT: Duration = Duration::from_millis(1500);

/// Wraps a runtime, and shows the watch what its sockets send and receive, and which names it looks up. The log gets
/// every datagram.
pub(crate) struct WatchedRuntime {
    runtime: Arc<dyn Runtime>,
    watch: IceWatch,
    log: Arc<DatagramLog>,
}

impl WatchedRuntime {
    pub(crate) fn new(runtime: Arc<dyn Runtime>, watch: IceWatch, log: DatagramLog) -> Self {
        let log = Arc::new(log);
        Self {
            runtime,
            watch,
            log,
        }
    }

    async fn look_up(&self, host: &str) -> io::Result<Vec<SocketAddr>> {
        let limit = LOOKUP_TIMEOUT / u32::try_from(self.watch.server_count().max(1)).unwrap_or(1);
        let found = timeout(&*self.runtime, limit, self.runtime.resolve_host(host)).await;
        found.unwrap_or_else(|_| {
            let reason = "the name servers did not answer in time";
            Err(io::Error::new(io::ErrorKind::TimedOut, reason))
        })
    }
}

impl fmt::Debug for WatchedRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WatchedRuntime({:?})", self.runtime)
    }
}

/// webrtc 0.21 removes the brackets of an IPv6 address and does not add them again for TURN servers.
fn bracketed(host: &str) -> String {
    match host.rsplit_once(':') {
        Some((address, port)) if address.parse::<Ipv6Addr>().is_ok() => {
            format!("[{address}]:{port}")
        }
        _ => host.to_owned(),
    }
}

impl RuntimeLayer for WatchedRuntime {
    fn below(&self) -> &Arc<dyn Runtime> {
        &self.runtime
    }

    fn resolve_host<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        Box::pin(async move {
            let host = bracketed(host);
            let addresses = self.look_up(&host).await;
            self.watch.resolved(&host, &addresses);
            addresses
        })
    }

    fn wrap_udp_socket(&self, socket: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        let socket = self.runtime.wrap_udp_socket(socket)?;
        let local = socket.local_addr()?;
        self.watch.opened(local);
        self.log.opened(local);
        Ok(Arc::new(WatchedSocket {
            socket,
            local,
            runtime: self.runtime.clone(),
            watch: self.watch.clone(),
            log: self.log.clone(),
        }))
    }
}

/// One socket that is observed.
struct WatchedSocket {
    socket: Arc<dyn AsyncUdpSocket>,
    local: SocketAddr,
    runtime: Arc<dyn Runtime>,
    watch: IceWatch,
    log: Arc<DatagramLog>,
}

impl fmt::Debug for WatchedSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WatchedSocket({:?})", self.socket)
    }
}

impl AsyncUdpSocket for WatchedSocket {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    fn poll_send(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        let pair = (self.local, transmit.destination);
        // Several segments in one buffer are media: checks and requests are sent alone.
        let datagram = match transmit.segment_size {
            None => transmit.contents,
            Some(_) => &[],
        };
        self.watch.sending(self.runtime.now(), pair, datagram)?;
        // The other peer may have received it before this call returns.
        let at = SystemTime::now();
        match self.socket.poll_send(cx, transmit) {
            // A check that cannot be sent, as from loopback to another host, counts as a lost datagram.
            Poll::Ready(Err(error)) if !self.watch.not_sent(pair, datagram, &error) => {
                tracing::debug!("not sent from {} to {}: {error}", pair.0, pair.1);
                Poll::Ready(Ok(transmit.contents.len()))
            }
            sent => {
                if matches!(sent, Poll::Ready(Ok(_))) {
                    let size = transmit.segment_size.unwrap_or(transmit.contents.len());
                    for datagram in transmit.contents.chunks(size.max(1)) {
                        self.log.record(EventKind::Sent, at, pair, datagram);
                    }
                }
                sent
            }
        }
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let received = self.socket.poll_recv(cx, buffers, meta);
        if let Poll::Ready(Ok(count)) = received {
            let now = self.runtime.now();
            for (buffer, meta) in buffers.iter().zip(meta.iter()).take(count) {
                let filled = &buffer[..meta.len.min(buffer.len())];
                for datagram in filled.chunks(meta.stride.max(1)) {
                    let pair = (self.local, meta.addr);
                    self.watch.received(now, pair, datagram);
                    let at = SystemTime::now();
                    self.log.record(EventKind::Received, at, pair, datagram);
                }
            }
        }
        received
    }

    fn max_gso_segments(&self) -> usize {
        self.socket.max_gso_segments()
    }

    fn max_gro_segments(&self) -> usize {
        self.socket.max_gro_segments()
    }
}

#[cfg(test)]
mod tests {
    use super::bracketed;

    #[test]
    fn an_ipv6_address_gets_its_brackets_again() {
        assert_eq!(bracketed("2001:db8::1:3478"), "[2001:db8::1]:3478");
        assert_eq!(bracketed("[2001:db8::1]:3478"), "[2001:db8::1]:3478");
        assert_eq!(bracketed("192.0.2.1:3478"), "192.0.2.1:3478");
        assert_eq!(bracketed("turn.example.org:3478"), "turn.example.org:3478");
    }
}
