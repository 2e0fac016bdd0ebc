//! A runtime whose sockets receive what webrtc 0.21 would lose while a connection is set up.

use std::fmt;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use parking_lot::Mutex;
use socket2::SockRef;
use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Runtime, Transmit};

use crate::webrtc_gaps::runtime_layer::RuntimeLayer;

/// How many bytes the system is asked to hold until they are read. Linux holds 208 KiB by default, but a sender that
/// encoded while it waited for the DTLS handshake sends its first second of video in a few milliseconds.
const RECEIVE_BUFFER: usize = 1 << 20;

/// Wraps a runtime and each of its UDP sockets.
#[derive(Debug)]
pub struct ReceivingSockets {
    runtime: Arc<dyn Runtime>,
}

impl ReceivingSockets {
    /// Wraps `runtime`.
    pub fn new(runtime: Arc<dyn Runtime>) -> Self {
        Self { runtime }
    }
}

impl RuntimeLayer for ReceivingSockets {
    fn below(&self) -> &Arc<dyn Runtime> {
        &self.runtime
    }

    fn wrap_udp_socket(&self, socket: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        enlarge_receive_buffer(&socket)?;
        let below = self.runtime.wrap_udp_socket(socket)?;
        Ok(Arc::new(ReceivingSocket::new(below)))
    }
}

fn enlarge_receive_buffer(socket: &std::net::UdpSocket) -> io::Result<()> {
    let socket = SockRef::from(socket);
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    // Linux reports twice what it grants: the rest is for its own use (socket(7)).
    let granted = socket.recv_buffer_size()?;
    if granted < RECEIVE_BUFFER {
        tracing::debug!(
            "the system granted a receive buffer of {granted} bytes instead of {RECEIVE_BUFFER}; \
             on Linux, net.core.rmem_max is the limit"
        );
    }
    Ok(())
}

/// A socket that pauses after each DTLS record, and receives a nominating check again.
///
/// webrtc 0.21 reads up to 65 datagrams before it passes on the keys of a finished handshake. Media that follows the
/// handshake in the same burst would be dropped without keys: the first packets of a key frame, and not every sender
/// sends them again. After each DTLS record this socket returns pending once, so that the keys are passed on first.
struct ReceivingSocket {
    below: Arc<dyn AsyncUdpSocket>,
    after_dtls: AtomicBool,
    nomination: Mutex<Option<Nomination>>,
}

/// A check with USE-CANDIDATE, and whether it is to be received again.
///
/// When it comes before this agent has checked that pair, webrtc 0.21 starts its own check and forgets the request. An
/// agent must remember it: the pair is nominated when its own check succeeds (RFC 8445 §7.3.1.5). Some programs send it
/// only once. So the request is received again after the response to this agent's check.
struct Nomination {
    request: Vec<u8>,
    meta: RecvMeta,
    due: bool,
}

impl ReceivingSocket {
    fn new(below: Arc<dyn AsyncUdpSocket>) -> Self {
        Self {
            below,
            after_dtls: AtomicBool::new(false),
            nomination: Mutex::default(),
        }
    }

    /// Distinguishes STUN from DTLS by the first byte (RFC 7983 §7).
    fn received(&self, datagram: &[u8], meta: RecvMeta) {
        match datagram.first() {
            Some(0..=3) => self.received_stun(datagram, meta),
            Some(20..=63) => self.after_dtls.store(true, Ordering::Relaxed),
            _ => {}
        }
    }

    /// Keeps a request that nominates, until the response to a check of the same pair. The first two bytes are the
    /// message type.
    fn received_stun(&self, message: &[u8], meta: RecvMeta) {
        let mut nomination = self.nomination.lock();
        match message {
            [0x00, 0x01, ..] if has_use_candidate(message) => {
                *nomination = Some(Nomination {
                    request: message.to_vec(),
                    meta,
                    due: false,
                });
            }
            [0x01, 0x01, ..] => {
                if let Some(nomination) = nomination.as_mut() {
                    nomination.due = nomination.meta.addr == meta.addr;
                }
            }
            _ => {}
        }
    }

    /// Writes a request that is due into `buffer`.
    fn receive_again(&self, buffer: &mut [u8], meta: &mut RecvMeta) -> bool {
        let due = self.nomination.lock().take_if(|nomination| nomination.due);
        let Some(nomination) = due else {
            return false;
        };
        let Some(space) = buffer.get_mut(..nomination.request.len()) else {
            return false;
        };
        space.copy_from_slice(&nomination.request);
        *meta = nomination.meta;
        true
    }
}

/// Whether a STUN message has the attribute USE-CANDIDATE (RFC 8445 §7.1.2; RFC 8489 §14 for the format of attributes).
fn has_use_candidate(message: &[u8]) -> bool {
    const HEADER: usize = 20;
    const USE_CANDIDATE: [u8; 2] = [0x00, 0x25];
    let mut rest = message.get(HEADER..).unwrap_or_default();
    while let [kind @ .., high, low] = rest.get(..4).unwrap_or_default() {
        if kind == USE_CANDIDATE {
            return true;
        }
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let next = 4 + length.next_multiple_of(4);
        rest = rest.get(next..).unwrap_or_default();
    }
    false
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
        if let (Some(buf), Some(meta)) = (bufs.first_mut(), meta.first_mut())
            && self.receive_again(buf, meta)
        {
            return Poll::Ready(Ok(1));
        }
        let received = self.below.poll_recv(cx, bufs, meta);
        if let Poll::Ready(Ok(count)) = received {
            for (buf, meta) in bufs.iter().zip(meta.iter()).take(count) {
                // Datagrams of media may come joined, those of STUN and DTLS differ in length.
                let datagram = buf.get(..meta.len.min(meta.stride)).unwrap_or_default();
                self.received(datagram, *meta);
            }
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

#[cfg(test)]
#[path = "receiving_socket_tests.rs"]
mod tests;
