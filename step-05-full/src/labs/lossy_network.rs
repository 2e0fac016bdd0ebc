//! A network that loses packets.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use step_02_peer::RuntimeLayer;
use step_03_ice::observing::wire_packet::WirePacket;
use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Runtime, Transmit};

use crate::labs::wire::WireCounts;

/// The same losses in every run.
const SEED: u64 = 10;

/// A layer on a runtime whose UDP sockets lose some of the packets that they send.
///
/// Only media is lost, SRTP and SRTCP: the peers connect as on a good network, so that the losses concern nothing but the
/// call. STUN and DTLS have retransmissions of their own.
#[derive(Clone)]
pub struct LossyNetwork {
    runtime: Arc<dyn Runtime>,
    percent: u8,
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
    /// Wraps `runtime`; `percent` of 100 packets are lost, at random, but the same ones in every run.
    pub fn new(runtime: Arc<dyn Runtime>, percent: u8) -> Self {
        Self {
            runtime,
            percent,
            traffic: Arc::default(),
        }
    }

    /// What was sent so far, lost or not.
    pub fn counts(&self) -> WireCounts {
        self.traffic.lock().counts
    }
}

impl fmt::Debug for LossyNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LossyNetwork({} % of {:?})", self.percent, self.runtime)
    }
}

/// A socket that loses packets before they are sent.
#[derive(Debug)]
struct LossySocket {
    socket: Arc<dyn AsyncUdpSocket>,
    network: LossyNetwork,
    random: Mutex<StdRng>,
}

impl LossySocket {
    /// Counts the packet, and decides at random whether it is lost.
    fn loses(&self, datagram: &[u8]) -> bool {
        let Some(packet) = WirePacket::read(datagram) else {
            return false;
        };
        let lost = self.random.lock().random_range(0..100) < self.network.percent;
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
        traffic.counts.count(packet, again, lost);
        lost
    }
}

impl AsyncUdpSocket for LossySocket {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    fn poll_send(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        match self.loses(transmit.contents) {
            // The sender of a datagram never learns whether it arrived.
            true => Poll::Ready(Ok(transmit.contents.len())),
            false => self.socket.poll_send(cx, transmit),
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
        let random = StdRng::seed_from_u64(SEED + traffic.sockets);
        Ok(Arc::new(LossySocket {
            socket,
            network: self.clone(),
            random: Mutex::new(random),
        }))
    }
}
