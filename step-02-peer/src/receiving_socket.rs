//! What of a socket a connection needs and webrtc does not ask for.

use std::fmt;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
    nomination: Mutex<Option<Nomination>>,
}

/// A check with USE-CANDIDATE that webrtc 0.21 did not answer.
///
/// When it comes on a pair that is not yet checked from here, the crate begins its own check and forgets the request. An
/// agent must answer every request, and remember this one: the pair is nominated once its own check succeeds (RFC
/// 8445 §7.3.1.5). A client that sends it only once would wait for ever. So the request comes again, right behind the
/// response to our own check.
struct Nomination {
    request: Vec<u8>,
    meta: RecvMeta,
    due: bool,
}

impl ReceivingSocket {
    /// Wraps `below`.
    pub(crate) fn new(below: Arc<dyn AsyncUdpSocket>) -> Self {
        Self {
            below,
            after_dtls: AtomicBool::new(false),
            nomination: Mutex::default(),
        }
    }

    fn nomination(&self) -> MutexGuard<'_, Option<Nomination>> {
        self.nomination
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, datagram: &[u8], meta: RecvMeta) {
        let mut nomination = self.nomination();
        match datagram.first_chunk() {
            Some([0x00, 0x01]) if nominates(datagram) => {
                let request = datagram.to_vec();
                let due = false;
                *nomination = Some(Nomination { request, meta, due });
            }
            Some([0x01, 0x01]) => {
                if let Some(nomination) = nomination.as_mut() {
                    nomination.due = nomination.meta.addr == meta.addr;
                }
            }
            _ => {}
        }
    }
}

/// Whether a STUN message has the attribute USE-CANDIDATE (RFC 8445 §7.1.2; RFC 8489 §14 has the form of attributes).
fn nominates(message: &[u8]) -> bool {
    const HEADER: usize = 20;
    const USE_CANDIDATE: [u8; 2] = [0x00, 0x25];
    let mut rest = message.get(HEADER..).unwrap_or_default();
    while let [kind @ .., high, low] = rest.get(..4).unwrap_or_default() {
        if kind == USE_CANDIDATE {
            return true;
        }
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        rest = rest
            .get(4 + length.next_multiple_of(4)..)
            .unwrap_or_default();
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
            && let Some(again) = self.nomination().take_if(|nomination| nomination.due)
            && let Some(space) = buf.get_mut(..again.request.len())
        {
            space.copy_from_slice(&again.request);
            *meta = again.meta;
            return Poll::Ready(Ok(1));
        }
        let received = self.below.poll_recv(cx, bufs, meta);
        if let (Poll::Ready(Ok(1)), Some(buf), Some(meta)) = (&received, bufs.first(), meta.first())
        {
            let datagram = buf.get(..meta.len.min(meta.stride)).unwrap_or_default();
            // The first byte tells what came (RFC 7983 §7).
            match datagram.first() {
                Some(0..=3) => self.note(datagram, *meta),
                Some(20..=63) => self.after_dtls.store(true, Ordering::Relaxed),
                _ => {}
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
