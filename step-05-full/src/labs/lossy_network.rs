//! A network that loses packets, or carries them slowly.

use std::collections::BTreeMap;
use std::fmt;
use std::future::poll_fn;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Instant;

use parking_lot::Mutex;
use step_02_peer::RuntimeLayer;
use step_03_ice::observing::wire_packet::WirePacket;
use tokio::sync::mpsc;
use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Runtime, Transmit};

use crate::labs::line::{Direction, Fate, LineSettings};
use crate::labs::wire::WireCounts;

/// The same losses in every run.
const SEED: u64 = 10;

/// So many packets may be on their way from one socket.
const ON_THE_WAY: usize = 1024;

/// A layer on a runtime whose UDP sockets lose some of the packets that they send, or send them late.
///
/// Only media is, SRTP and SRTCP: the peers connect as on a good network, so that the losses concern nothing but the
/// call. STUN and DTLS have retransmissions of their own.
#[derive(Clone)]
pub struct LossyNetwork {
    runtime: Arc<dyn Runtime>,
    settings: Arc<Mutex<LineSettings>>,
    traffic: Arc<Mutex<Traffic>>,
}

#[derive(Default)]
struct Traffic {
    sockets: u64,
    counts: WireCounts,
    /// The newest sequence number of each synchronization source.
    newest: BTreeMap<u32, u16>,
}

impl LossyNetwork {
    /// Wraps `runtime`; each socket sends over a line like this. The same packets are lost in every run.
    pub fn new(runtime: Arc<dyn Runtime>, settings: LineSettings) -> Self {
        Self {
            runtime,
            settings: Arc::new(Mutex::new(settings)),
            traffic: Arc::default(),
        }
    }

    /// From the next packet on, each line is like this.
    pub fn change(&self, settings: LineSettings) {
        *self.settings.lock() = settings;
    }

    /// What was sent so far, lost or not.
    pub fn counts(&self) -> WireCounts {
        self.traffic.lock().counts
    }
}

impl fmt::Debug for LossyNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LossyNetwork({:?} on {:?})", self.settings, self.runtime)
    }
}

/// A socket that loses packets before they are sent, or hands them to a task that sends them when it is time.
#[derive(Debug)]
struct LossySocket {
    socket: Arc<dyn AsyncUdpSocket>,
    network: LossyNetwork,
    line: Mutex<Direction>,
    /// To the task that sends what is late. It begins with the first such datagram, and ends when this is dropped.
    late: OnceLock<mpsc::Sender<LateDatagram>>,
}

struct LateDatagram {
    due: Instant,
    destination: SocketAddr,
    contents: Vec<u8>,
}

impl LossySocket {
    /// Counts the packet, and decides what becomes of it. None for what is no media.
    fn carry(&self, datagram: &[u8]) -> Option<Fate> {
        let packet = WirePacket::read(datagram)?;
        let settings = *self.network.settings.lock();
        let mut line = self.line.lock();
        line.settings = settings;
        let fate = line.carry(datagram.len(), Instant::now());
        drop(line);
        let traffic = &mut *self.network.traffic.lock();
        let again = match packet {
            WirePacket::Rtp { ssrc, number } => {
                let newest = traffic.newest.entry(ssrc).or_insert(number.wrapping_sub(1));
                let ahead = number.wrapping_sub(*newest) as i16;
                *newest = if ahead > 0 { number } else { *newest };
                ahead <= 0
            }
            _ => false,
        };
        let lost = !matches!(fate, Fate::Arrives(_));
        traffic.counts.count(packet, again, lost);
        Some(fate)
    }
}

impl LossySocket {
    fn start_sending(&self) -> mpsc::Sender<LateDatagram> {
        let runtime = &self.network.runtime;
        let (late, datagrams) = mpsc::channel(ON_THE_WAY);
        let sending = send_late(Arc::clone(&self.socket), Arc::clone(runtime), datagrams);
        let _detached = runtime.spawn(Box::pin(sending));
        late
    }
}

/// Sends each datagram when it is due.
async fn send_late(
    socket: Arc<dyn AsyncUdpSocket>,
    runtime: Arc<dyn Runtime>,
    mut datagrams: mpsc::Receiver<LateDatagram>,
) {
    while let Some(datagram) = datagrams.recv().await {
        let wait = datagram.due.saturating_duration_since(Instant::now());
        runtime.sleep(wait).await;
        let transmit = Transmit {
            destination: datagram.destination,
            contents: &datagram.contents,
            ecn: None,
            segment_size: None,
            src_ip: None,
        };
        // Whoever sent it has long gone on.
        let _ = poll_fn(|cx| socket.poll_send(cx, &transmit)).await;
    }
}

impl AsyncUdpSocket for LossySocket {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    fn poll_send(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        match self.carry(transmit.contents) {
            None => self.socket.poll_send(cx, transmit),
            Some(Fate::Arrives(due)) if due <= Instant::now() => {
                self.socket.poll_send(cx, transmit)
            }
            // The sender of a datagram never learns whether it arrived.
            Some(Fate::Lost | Fate::Overflowed) => Poll::Ready(Ok(transmit.contents.len())),
            Some(Fate::Arrives(due)) => {
                let late = self.late.get_or_init(|| self.start_sending());
                // Too many are on their way: this one is lost.
                let _ = late.try_send(LateDatagram {
                    due,
                    destination: transmit.destination,
                    contents: transmit.contents.to_vec(),
                });
                Poll::Ready(Ok(transmit.contents.len()))
            }
        }
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        self.socket.poll_recv(cx, bufs, meta)
    }

    /// One datagram at a time: each is lost or sent by itself.
    fn max_gso_segments(&self) -> usize {
        1
    }

    fn max_gro_segments(&self) -> usize {
        self.socket.max_gro_segments()
    }
}

impl RuntimeLayer for LossyNetwork {
    fn below(&self) -> &Arc<dyn Runtime> {
        &self.runtime
    }

    fn wrap_udp_socket(&self, socket: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        let socket = self.runtime.wrap_udp_socket(socket)?;
        let mut traffic = self.traffic.lock();
        traffic.sockets += 1;
        let line = Direction::new(*self.settings.lock(), SEED + traffic.sockets);
        drop(traffic);
        Ok(Arc::new(LossySocket {
            socket,
            network: self.clone(),
            line: Mutex::new(line),
            late: OnceLock::new(),
        }))
    }
}
