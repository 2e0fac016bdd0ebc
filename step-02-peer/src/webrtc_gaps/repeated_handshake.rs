//! A network on which a DTLS handshake gets through although packets are lost.

use std::fmt;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Runtime, Transmit};

use crate::webrtc_gaps::runtime_layer::{BoxFuture, RuntimeLayer};

/// When a datagram of the handshake is sent once more, as long as nothing new comes from the other side. RFC 6347 §4.2.4.1
/// permits a first timeout below its 1 s; a round trip across a continent takes 100 ms.
const COPIES: [Duration; 4] = [
    Duration::from_millis(150),
    Duration::from_millis(400),
    Duration::from_millis(900),
    Duration::from_millis(1900),
];

/// Lies on a runtime and has its UDP sockets repeat what they send of a DTLS handshake, until the other side goes on.
///
/// webrtc 0.21 (rtc-dtls 0.21.1) waits for 1 s before it repeats anything. And with every handshake message that comes in,
/// it stops its timer, also if the message is no reason to go on: a repeated one, or the first half of a flight. If then the
/// rest is lost, both sides wait for ever. The copies have the sequence numbers of the originals, so a peer that has one
/// drops the other (RFC 6347 §4.1.2.6).
pub(crate) struct RepeatedHandshake {
    runtime: Arc<dyn Runtime>,
}

impl RepeatedHandshake {
    pub(crate) fn new(runtime: Arc<dyn Runtime>) -> Self {
        Self { runtime }
    }
}

impl fmt::Debug for RepeatedHandshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RepeatedHandshake({:?})", self.runtime)
    }
}

impl RuntimeLayer for RepeatedHandshake {
    fn below(&self) -> &Arc<dyn Runtime> {
        &self.runtime
    }

    fn wrap_udp_socket(&self, socket: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        Ok(Arc::new(RepeatingSocket {
            socket: self.runtime.wrap_udp_socket(socket)?,
            runtime: Arc::clone(&self.runtime),
            copies: Mutex::default(),
        }))
    }
}

#[derive(Debug)]
struct RepeatingSocket {
    socket: Arc<dyn AsyncUdpSocket>,
    runtime: Arc<dyn Runtime>,
    copies: Mutex<Copies>,
}

#[derive(Default)]
struct Copies {
    waiting: Vec<DatagramCopy>,
    /// The newest record of the other side.
    newest_received: Option<RecordNumber>,
    /// The task that waits for packets sends the copies as well, so it is woken for each.
    reader: Option<Waker>,
    timer: Option<BoxFuture<'static, ()>>,
}

impl fmt::Debug for Copies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Copies({:?})", self.waiting)
    }
}

#[derive(Debug)]
struct DatagramCopy {
    due: Instant,
    destination: SocketAddr,
    contents: Vec<u8>,
}

impl DatagramCopy {
    fn transmit(&self) -> Transmit<'_> {
        Transmit {
            destination: self.destination,
            contents: &self.contents,
            ecn: None,
            segment_size: None,
            src_ip: None,
        }
    }
}

/// Epoch and sequence number of a record (RFC 6347 §4.1): a later one is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct RecordNumber(u64);

/// The number of the first record, if the datagram is DTLS and belongs to a handshake: `change_cipher_spec` and `handshake`.
fn handshake_record(datagram: &[u8]) -> Option<RecordNumber> {
    let (content, number) = (datagram.first()?, datagram.get(3..11)?);
    let number = u64::from_be_bytes(number.try_into().ok()?);
    matches!(content, 20 | 22).then_some(RecordNumber(number))
}

impl RepeatingSocket {
    fn schedule_copies(&self, transmit: &Transmit<'_>) {
        if handshake_record(transmit.contents).is_none() {
            return;
        }
        let now = self.runtime.now();
        let new = COPIES.map(|after| DatagramCopy {
            due: now + after,
            destination: transmit.destination,
            contents: transmit.contents.to_vec(),
        });
        let mut copies = self.copies.lock();
        copies.waiting.extend(new);
        copies.timer = None;
        if let Some(reader) = copies.reader.take() {
            reader.wake();
        }
    }

    fn cancel_answered(&self, datagram: &[u8]) {
        let Some(number) = handshake_record(datagram) else {
            return;
        };
        let mut copies = self.copies.lock();
        // Something new is the answer to what was sent.
        if copies.newest_received.is_none_or(|newest| number > newest) {
            copies.newest_received = Some(number);
            copies.waiting.clear();
        }
    }

    /// Sends the copies whose time has come, and sets the timer for the next one.
    fn send_due_copies(&self, cx: &mut Context<'_>) {
        let mut copies = self.copies.lock();
        loop {
            let now = self.runtime.now();
            for copy in copies.waiting.extract_if(.., |copy| copy.due <= now) {
                // Nothing is lost if there is no room for a copy: the next one follows.
                let _ = self.socket.poll_send(cx, &copy.transmit());
            }
            let Some(next) = copies.waiting.iter().map(|copy| copy.due).min() else {
                copies.timer = None;
                break;
            };
            let sleep = || self.runtime.sleep(next.saturating_duration_since(now));
            let timer = copies.timer.get_or_insert_with(sleep);
            if timer.as_mut().poll(cx).is_pending() {
                break;
            }
            copies.timer = None;
        }
        copies.reader = Some(cx.waker().clone());
    }
}

impl AsyncUdpSocket for RepeatingSocket {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    fn poll_send(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        let sent = self.socket.poll_send(cx, transmit);
        if matches!(sent, Poll::Ready(Ok(_))) {
            self.schedule_copies(transmit);
        }
        sent
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        self.send_due_copies(cx);
        let received = self.socket.poll_recv(cx, bufs, meta);
        if let Poll::Ready(Ok(count)) = &received {
            for (buffer, meta) in bufs.iter().zip(meta.iter()).take(*count) {
                let datagrams = buffer.get(..meta.len).unwrap_or_default();
                datagrams
                    .chunks(meta.stride.max(1))
                    .for_each(|datagram| self.cancel_answered(datagram));
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
#[path = "repeated_handshake_tests.rs"]
mod tests;
