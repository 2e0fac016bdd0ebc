//! What of a socket a connection needs and webrtc does not ask for.

use std::fmt;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use socket2::SockRef;
use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Transmit};

/// Linux holds 208 KiB unless asked. The first second of a sender that has waited for its keys comes in some milliseconds.
const RECEIVE_BUFFER: usize = 1 << 20;

/// Asks the system to hold more packets until they are read.
///
/// # Errors
/// The system's, when the socket is closed.
pub(crate) fn enlarge_receive_buffer(socket: &std::net::UdpSocket) -> io::Result<()> {
    let socket = SockRef::from(socket);
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    // Linux reports twice what it grants, for what it needs itself (socket(7)).
    let granted = socket.recv_buffer_size()?;
    if granted < RECEIVE_BUFFER {
        tracing::debug!(
            "the system holds {granted} bytes of a socket, not {RECEIVE_BUFFER}: see net.core.rmem_max"
        );
    }
    Ok(())
}

/// Lets the driver look around after each record of DTLS.
///
/// webrtc 0.21 reads up to 65 datagrams before it passes the keys of a finished handshake on. What the other side has
/// sent right behind the handshake is in the same burst, and would be dropped for want of a key: the first packets of a
/// key frame, for which some senders cannot be asked again.
pub(crate) struct ReceivingSocket {
    below: Arc<dyn AsyncUdpSocket>,
    after_dtls: AtomicBool,
}

impl ReceivingSocket {
    /// Wraps `below`.
    pub(crate) fn new(below: Arc<dyn AsyncUdpSocket>) -> Self {
        Self {
            below,
            after_dtls: AtomicBool::new(false),
        }
    }
}

impl fmt::Debug for ReceivingSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.below.fmt(f)
    }
}

impl AsyncUdpSocket for ReceivingSocket {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.below.local_addr()
    }

    fn poll_send(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        self.below.poll_send(cx, transmit)
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        if self.after_dtls.swap(false, Ordering::Relaxed) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let received = self.below.poll_recv(cx, bufs, meta);
        if let (Poll::Ready(Ok(1..)), Some(first)) = (&received, bufs.first()) {
            // The first byte tells what came (RFC 7983 §7).
            let is_dtls = matches!(first.first(), Some(20..=63));
            self.after_dtls.store(is_dtls, Ordering::Relaxed);
        }
        received
    }

    fn max_gso_segments(&self) -> usize {
        self.below.max_gso_segments()
    }

    fn max_gro_segments(&self) -> usize {
        self.below.max_gro_segments()
    }
}
