//! `--lab loss=10`: the network that loses packets.

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::io::{self, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use rule::Rules;
use step_02_peer::{RuntimeLayer, tokio_runtime};
use step_05_full::labs::line::LineSettings;
use step_05_full::labs::lossy_network::LossyNetwork;
use step_05_full::labs::wire::WireCounts;
use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Runtime, Transmit};

const RULES: Rules = Rules::kept_in("step-05-full/src/labs/lossy_network.rs");

/// A network that only counts what it is given to send.
#[derive(Debug, Clone)]
struct Counter {
    below: Arc<dyn Runtime>,
    sent: Arc<AtomicUsize>,
}

impl RuntimeLayer for Counter {
    fn below(&self) -> &Arc<dyn Runtime> {
        &self.below
    }

    fn wrap_udp_socket(&self, _socket: UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        Ok(Arc::new(self.clone()))
    }
}

impl AsyncUdpSocket for Counter {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok((Ipv4Addr::LOCALHOST, 9).into())
    }

    fn poll_send(&self, _: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        self.sent.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(Ok(transmit.contents.len()))
    }

    fn poll_recv(
        &self,
        _: &mut Context<'_>,
        _: &mut [IoSliceMut<'_>],
        _: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        Poll::Pending
    }

    fn max_gso_segments(&self) -> usize {
        64
    }

    fn max_gro_segments(&self) -> usize {
        32
    }
}

/// A network that loses `percent` of what goes to a counter.
struct Lossy {
    network: LossyNetwork,
    sent: Arc<AtomicUsize>,
}

impl Lossy {
    fn new(percent: u8) -> Self {
        let (below, sent) = (tokio_runtime(), Arc::default());
        let counter = Counter {
            below,
            sent: Arc::clone(&sent),
        };
        let line = LineSettings {
            loss: f64::from(percent) / 100.0,
            ..LineSettings::default()
        };
        let network = LossyNetwork::new(counter.into_runtime(), line);
        Self { network, sent }
    }

    fn socket(&self) -> Arc<dyn AsyncUdpSocket> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has ports");
        let wrapped = self.network.wrap_udp_socket(socket);
        wrapped.expect("it can be wrapped")
    }

    /// Sends a datagram. True if it arrived.
    fn send(&self, socket: &dyn AsyncUdpSocket, contents: &[u8]) -> bool {
        let transmit = Transmit {
            destination: (Ipv4Addr::LOCALHOST, 9).into(),
            contents,
            segment_size: None,
            ecn: None,
            src_ip: None,
        };
        let before = self.sent.load(Ordering::Relaxed);
        let sent = socket.poll_send(&mut Context::from_waker(Waker::noop()), &transmit);
        let whole = matches!(sent, Poll::Ready(Ok(length)) if length == contents.len());
        assert!(whole, "a sender never learns of a loss: {sent:?}");
        self.sent.load(Ordering::Relaxed) > before
    }

    /// Which of 200 packets arrive.
    fn arrivals(&self, socket: &dyn AsyncUdpSocket) -> Vec<bool> {
        (0..200)
            .map(|number| self.send(socket, &rtp(number)))
            .collect()
    }
}

/// The header of an RTP packet (RFC 3550 §5.1).
fn rtp(number: u16) -> [u8; 12] {
    let [high, low] = number.to_be_bytes();
    [0x80, 102, high, low, 0, 0, 0, 0, 0, 0, 0, 5]
}

#[test]
fn each_socket_has_losses_of_its_own_and_the_same_in_every_run() {
    let _rule = RULES.rule("the losses are drawn from a seed for each socket");
    let run = || {
        let lossy = Lossy::new(50);
        [lossy.socket(), lossy.socket()].map(|socket| lossy.arrivals(socket.as_ref()))
    };
    let [first, second] = run();
    assert_ne!(first, second, "one side's losses are not the other's");
    assert_eq!(run(), [first, second], "the lab is the same tomorrow");
}

#[test]
fn what_is_counted_as_lost_never_arrives_and_everything_else_does() {
    let _rule = RULES.rule("a packet is either lost or sent");
    let lossy = Lossy::new(10);
    let arrivals = lossy.arrivals(lossy.socket().as_ref());
    let counts = lossy.network.counts();
    let arrived = arrivals.iter().filter(|arrived| **arrived).count() as u64;
    assert_eq!((counts.rtp, counts.rtp - counts.rtp_lost), (200, arrived));
    assert!((1..100).contains(&counts.rtp_lost), "about 20: {counts:?}");
}

#[test]
fn a_loss_of_nothing_loses_nothing() {
    let _rule = RULES.rule("so many of 100 packets are lost, and with 0 none");
    let lossy = Lossy::new(0);
    let arrivals = lossy.arrivals(lossy.socket().as_ref());
    assert!(arrivals.iter().all(|arrived| *arrived));
}

#[test]
fn only_media_gets_lost() {
    let _rule = RULES.rule("STUN and DTLS are not lost: the losses concern nothing but the call");
    let lossy = Lossy::new(100);
    let socket = lossy.socket();
    let (stun, dtls) = ([0; 20], [22; 20]);
    assert!(lossy.send(socket.as_ref(), &stun) && lossy.send(socket.as_ref(), &dtls));
    assert_eq!(lossy.network.counts(), WireCounts::default());
    assert!(!lossy.send(socket.as_ref(), &rtp(1)));
}

#[test]
fn a_number_that_was_there_before_is_a_packet_sent_again() {
    let _rule = RULES.rule("a retransmission has the number of the first time (RFC 4585 §6.2.1)");
    let lossy = Lossy::new(0);
    let socket = lossy.socket();
    for number in [65_534, 65_535, 0, 65_535, 1, 1] {
        lossy.send(socket.as_ref(), &rtp(number));
    }
    let counts = lossy.network.counts();
    assert_eq!((counts.rtp, counts.sent_again), (6, 2), "65535 and 1");
}

#[test]
fn each_datagram_that_is_sent_is_lost_or_sent_by_itself() {
    let _rule = RULES.rule("datagrams are sent one by one, and received as the network likes");
    let socket = Lossy::new(10).socket();
    assert_eq!(
        (socket.max_gso_segments(), socket.max_gro_segments()),
        (1, 32)
    );
}
