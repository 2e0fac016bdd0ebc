//! What is sent again of a DTLS handshake, and until when.

use std::net::{Ipv4Addr, UdpSocket};

use webrtc::runtime::MockRuntime;

use super::*;

const FAR: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 1);
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

/// Two sockets on a network in memory. The near one repeats its handshake.
struct Lesson {
    runtime: Arc<MockRuntime>,
    near: Arc<dyn AsyncUdpSocket>,
    far: Arc<dyn AsyncUdpSocket>,
}

impl Lesson {
    fn new() -> Self {
        let runtime = Arc::new(MockRuntime::new());
        let near = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports");
        let layer = RepeatedHandshake::new(runtime.clone()).into_runtime();
        let near = layer.wrap_udp_socket(near);
        let far = runtime.network().bind(FAR);
        Self {
            near: near.expect("the network accepts it"),
            far: far.expect("nobody else is bound"),
            runtime,
        }
    }

    fn send(&self, datagram: &[u8]) {
        send(self.near.as_ref(), FAR, datagram);
    }

    fn answer(&self, datagram: &[u8]) {
        let near = self.near.local_addr().expect("it is bound");
        send(self.far.as_ref(), near, datagram);
        assert_eq!(receive(self.near.as_ref()), 1);
    }

    /// How many datagrams arrive at the far socket until so many milliseconds have passed.
    fn arrive_after(&self, millis: u64) -> usize {
        self.runtime.clock().advance(Duration::from_millis(millis));
        assert_eq!(receive(self.near.as_ref()), 0);
        receive(self.far.as_ref())
    }
}

/// The beginning of a record (RFC 6347 §4.1): type, version, epoch, sequence number, length.
fn record(content: u8, number: u8) -> [u8; 13] {
    [content, 254, 253, 0, 0, 0, 0, 0, 0, 0, number, 0, 0]
}

fn send(socket: &dyn AsyncUdpSocket, destination: SocketAddr, contents: &[u8]) {
    let copy = DatagramCopy {
        due: Instant::now(),
        destination,
        contents: contents.to_vec(),
    };
    let sent = socket.poll_send(&mut Context::from_waker(Waker::noop()), &copy.transmit());
    assert!(matches!(sent, Poll::Ready(Ok(_))), "{sent:?}");
}

/// How many datagrams have arrived.
fn receive(socket: &dyn AsyncUdpSocket) -> usize {
    let mut buffers = [[0; 64]; 8];
    let mut buffers = buffers.each_mut().map(|buffer| IoSliceMut::new(buffer));
    let mut meta: [RecvMeta; 8] = Default::default();
    let mut nobody = Context::from_waker(Waker::noop());
    match socket.poll_recv(&mut nobody, &mut buffers, &mut meta) {
        Poll::Ready(count) => count.expect("the socket is bound"),
        Poll::Pending => 0,
    }
}

#[test]
fn a_datagram_of_the_handshake_is_sent_again_until_the_answer_comes() {
    let lesson = Lesson::new();
    lesson.send(&record(HANDSHAKE, 0));
    let arrived = [149, 1, 249, 1].map(|millis| lesson.arrive_after(millis));
    assert_eq!(arrived, [1, 1, 0, 1], "at once, after 150 and after 400 ms");
    lesson.answer(&record(HANDSHAKE, 0));
    assert_eq!(lesson.arrive_after(5000), 0, "nothing after the answer");
}

#[test]
fn a_record_that_comes_again_is_no_answer() {
    let lesson = Lesson::new();
    lesson.answer(&record(HANDSHAKE, 7));
    lesson.send(&record(HANDSHAKE, 0));
    lesson.answer(&record(HANDSHAKE, 7));
    assert_eq!(lesson.arrive_after(150), 2, "the datagram and a copy");
}

#[test]
fn what_is_no_handshake_is_sent_once() {
    let lesson = Lesson::new();
    let rtp = [0x80; 13];
    lesson.send(&record(APPLICATION_DATA, 0));
    lesson.send(&rtp);
    assert_eq!(lesson.arrive_after(5000), 2);
}
