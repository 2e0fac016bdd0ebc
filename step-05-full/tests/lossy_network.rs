//! `--lab loss=10`: the network that loses packets.

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::net::UdpSocket;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use rule::Rules;
use step_02_peer::{RuntimeLayer, tokio_runtime};
use step_05_full::lossy_network::LossyNetwork;
use step_05_full::wire::WireCounts;
use webrtc::runtime::{AsyncUdpSocket, Transmit};

const RULES: Rules = Rules::kept_in("step-05-full/src/lossy_network.rs");

/// A socket behind `network` that sends to itself.
fn socket(network: &LossyNetwork) -> Arc<dyn AsyncUdpSocket> {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback has ports");
    network.wrap_udp_socket(socket).expect("it can be wrapped")
}

fn send(socket: &dyn AsyncUdpSocket, contents: &[u8]) {
    let transmit = Transmit {
        destination: socket.local_addr().expect("it is bound"),
        contents,
        segment_size: None,
        ecn: None,
        src_ip: None,
    };
    let mut context = Context::from_waker(Waker::noop());
    let sent = socket.poll_send(&mut context, &transmit);
    let whole = matches!(sent, Poll::Ready(Ok(length)) if length == contents.len());
    assert!(whole, "a sender never learns of a loss: {sent:?}");
}

fn rtp(number: u16) -> [u8; 12] {
    let [high, low] = number.to_be_bytes();
    [0x80, 102, high, low, 0, 0, 0, 0, 0, 0, 0, 5]
}

/// Which of the next 64 packets of `socket` are lost.
fn losses(network: &LossyNetwork, socket: &dyn AsyncUdpSocket) -> Vec<bool> {
    let is_lost = |number| {
        let before = network.counts().rtp_lost;
        send(socket, &rtp(number));
        network.counts().rtp_lost > before
    };
    (0..64).map(is_lost).collect()
}

#[tokio::test]
async fn each_socket_has_losses_of_its_own_and_the_same_in_every_run() {
    let _rule = RULES.rule("the losses are drawn from a seed for each socket");
    let run = || {
        let network = LossyNetwork::new(tokio_runtime(), 50);
        [socket(&network), socket(&network)].map(|socket| losses(&network, socket.as_ref()))
    };
    let [first, second] = run();
    assert_ne!(first, second, "one side's losses are not the other's");
    assert_eq!(run(), [first, second], "the lab is the same tomorrow");
}

#[tokio::test]
async fn only_media_gets_lost() {
    let _rule = RULES.rule("STUN and DTLS come through: the losses tell of nothing but the call");
    let network = LossyNetwork::new(tokio_runtime(), 100);
    let socket = socket(&network);
    let stun = [0; 20];
    send(socket.as_ref(), &stun);
    assert_eq!(network.counts(), WireCounts::default());
    send(socket.as_ref(), &rtp(1));
    let lost = WireCounts {
        rtp: 1,
        rtp_lost: 1,
        ..WireCounts::default()
    };
    assert_eq!(network.counts(), lost);
}

#[tokio::test]
async fn a_number_that_was_there_before_is_a_packet_sent_again() {
    let _rule =
        RULES.rule("a retransmission has the sequence number of the first time (RFC 4585 §6.2.1)");
    let network = LossyNetwork::new(tokio_runtime(), 0);
    let socket = socket(&network);
    for number in [65_534, 65_535, 0, 65_535, 1, 1] {
        send(socket.as_ref(), &rtp(number));
    }
    let counts = network.counts();
    assert_eq!((counts.rtp, counts.sent_again, counts.rtp_lost), (6, 2, 0));
}

#[tokio::test]
async fn each_datagram_has_a_fate_of_its_own() {
    let _rule =
        RULES.rule("datagrams are sent one by one, so that one can be lost without the next");
    let network = LossyNetwork::new(tokio_runtime(), 10);
    assert_eq!(socket(&network).max_gso_segments(), 1);
    let told = format!("{network:?}");
    assert!(told.starts_with("LossyNetwork(10 % of "), "{told}");
}
