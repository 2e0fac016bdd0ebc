//! A cable between two peers that can be pulled.

use std::io::{self, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use step_02_peer::RuntimeLayer;
use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Runtime, Transmit};

/// The cable. Clones are the same one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cable(Arc<State>);

#[derive(Debug, Default)]
struct State {
    is_pulled: AtomicBool,
    sent: AtomicUsize,
    received: AtomicUsize,
}

impl Cable {
    /// Puts the cable into a runtime.
    pub(crate) fn plug(&self, runtime: Arc<dyn Runtime>) -> PluggedIn {
        PluggedIn {
            runtime,
            cable: self.clone(),
        }
    }

    /// From now on nothing arrives.
    pub(crate) fn pull(&self) {
        self.0.is_pulled.store(true, Ordering::Release);
    }

    /// From now on everything arrives again.
    pub(crate) fn mend(&self) {
        self.0.is_pulled.store(false, Ordering::Release);
    }

    /// Whether everything that was sent has been received.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.received.load(Ordering::Acquire) == self.0.sent.load(Ordering::Acquire)
    }
}

/// A runtime with the cable in it.
#[derive(Debug)]
pub(crate) struct PluggedIn {
    runtime: Arc<dyn Runtime>,
    cable: Cable,
}

impl RuntimeLayer for PluggedIn {
    fn below(&self) -> &Arc<dyn Runtime> {
        &self.runtime
    }

    fn wrap_udp_socket(&self, socket: UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        let socket = self.runtime.wrap_udp_socket(socket)?;
        let cable = self.cable.clone();
        Ok(Arc::new(PluggedSocket { socket, cable }))
    }
}

#[derive(Debug)]
struct PluggedSocket {
    socket: Arc<dyn AsyncUdpSocket>,
    cable: Cable,
}

impl AsyncUdpSocket for PluggedSocket {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    fn poll_send(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        if self.cable.0.is_pulled.load(Ordering::Acquire) {
            // UDP does not tell its sender.
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
