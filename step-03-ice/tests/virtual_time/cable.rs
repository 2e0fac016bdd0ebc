//! A network cable between two peers that can be unplugged.

use std::io::{self, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use step_02_peer::RuntimeLayer;
use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Runtime, Transmit};

/// The cable. Clones share its state.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cable(Arc<State>);

#[derive(Debug, Default)]
struct State {
    is_unplugged: AtomicBool,
    sent: AtomicUsize,
    received: AtomicUsize,
}

impl Cable {
    /// A runtime whose sockets send over the cable.
    pub(crate) fn runtime_over(&self, runtime: Arc<dyn Runtime>) -> CableRuntime {
        CableRuntime {
            runtime,
            cable: self.clone(),
        }
    }

    /// From now on nothing arrives.
    pub(crate) fn unplug(&self) {
        self.0.is_unplugged.store(true, Ordering::Release);
    }

    /// From now on everything arrives again.
    pub(crate) fn plug_in(&self) {
        self.0.is_unplugged.store(false, Ordering::Release);
    }

    /// Whether everything that was sent has been received.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.received.load(Ordering::Acquire) == self.0.sent.load(Ordering::Acquire)
    }
}

/// A runtime whose sockets send over the cable.
#[derive(Debug)]
pub(crate) struct CableRuntime {
    runtime: Arc<dyn Runtime>,
    cable: Cable,
}

impl RuntimeLayer for CableRuntime {
    fn below(&self) -> &Arc<dyn Runtime> {
        &self.runtime
    }

    fn wrap_udp_socket(&self, socket: UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        let socket = self.runtime.wrap_udp_socket(socket)?;
        let cable = self.cable.clone();
        Ok(Arc::new(CableSocket { socket, cable }))
    }
}

#[derive(Debug)]
struct CableSocket {
    socket: Arc<dyn AsyncUdpSocket>,
    cable: Cable,
}

impl AsyncUdpSocket for CableSocket {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    fn poll_send(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        if self.cable.0.is_unplugged.load(Ordering::Acquire) {
            // The sender of a UDP datagram does not notice its loss.
            return Poll::Ready(Ok(transmit.contents.len()));
        }
        // Counted before it can be received.
        self.cable.0.sent.fetch_add(1, Ordering::AcqRel);
        self.socket.poll_send(cx, transmit)
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let received = self.socket.poll_recv(cx, buffers, meta);
        if let Poll::Ready(Ok(count)) = received {
            self.cable.0.received.fetch_add(count, Ordering::AcqRel);
        }
        received
    }
}
