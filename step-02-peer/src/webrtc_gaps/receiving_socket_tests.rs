//! What a socket returns after a DTLS record, and after a check that nominates.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, UdpSocket};
use std::task::Waker;

use webrtc::runtime::TokioRuntime;

use super::*;

/// The file to open when a test fails.
const LOOK: &str = "see step-02-peer/src/webrtc_gaps/receiving_socket.rs";

/// A binding request with USE-CANDIDATE behind another attribute, whose length is padded to 4 bytes.
const NOMINATION: &[u8] =
    b"\x00\x01\x00\x0c\x21\x12\xa4\x42transaction1\x00\x06\x00\x03a:b\x00\x00\x25\x00\x00";
/// A binding request without it.
const CHECK: &[u8] = b"\x00\x01\x00\x08\x21\x12\xa4\x42transaction2\x00\x06\x00\x03a:b\x00";
/// The success response to a binding request.
const RESPONSE: &[u8] = b"\x01\x01\x00\x00\x21\x12\xa4\x42transaction3";
const DTLS: &[u8] = &[22, 254, 253];
const RTP: &[u8] = &[0x80, 102, 0, 1];

/// Receives what it was given, all from the same address.
#[derive(Debug)]
struct Given(Mutex<VecDeque<&'static [u8]>>);

impl AsyncUdpSocket for Given {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok((Ipv4Addr::LOCALHOST, 1).into())
    }

    fn poll_send(&self, _: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(transmit.contents.len()))
    }

    fn poll_recv(
        &self,
        _: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let Some(datagram) = self.0.lock().pop_front() else {
            return Poll::Pending;
        };
        bufs[0][..datagram.len()].copy_from_slice(datagram);
        meta[0].addr = (Ipv4Addr::LOCALHOST, 2).into();
        (meta[0].len, meta[0].stride) = (datagram.len(), datagram.len());
        Poll::Ready(Ok(1))
    }
}

/// Polls as often as `count` says. None stands for pending.
fn receive(datagrams: &[&'static [u8]], count: usize) -> Vec<Option<Vec<u8>>> {
    let given = Given(Mutex::new(datagrams.iter().copied().collect()));
    let socket = ReceivingSocket::new(Arc::new(given));
    let poll = |_| {
        let (mut buffer, mut meta) = ([0; 100], [RecvMeta::default()]);
        let mut context = Context::from_waker(Waker::noop());
        let mut buffers = [IoSliceMut::new(&mut buffer)];
        let received = socket.poll_recv(&mut context, &mut buffers, &mut meta);
        received.is_ready().then(|| buffer[..meta[0].len].to_vec())
    };
    (0..count).map(poll).collect()
}

fn expected(datagrams: &[Option<&[u8]>]) -> Vec<Option<Vec<u8>>> {
    let copies = datagrams
        .iter()
        .map(|datagram| datagram.map(<[u8]>::to_vec));
    copies.collect()
}

#[test]
fn a_dtls_record_is_followed_by_a_pause() {
    assert_eq!(
        receive(&[RTP, DTLS, RTP, RTP], 5),
        expected(&[Some(RTP), Some(DTLS), None, Some(RTP), Some(RTP)]),
        "the driver passes on the keys before it reads media; {LOOK}"
    );
}

#[test]
fn a_nominating_check_is_received_again_after_the_response() {
    assert_eq!(
        receive(&[NOMINATION, RTP, RESPONSE, RTP, RESPONSE], 6),
        expected(&[
            Some(NOMINATION),
            Some(RTP),
            Some(RESPONSE),
            Some(NOMINATION),
            Some(RTP),
            Some(RESPONSE)
        ]),
        "once (RFC 8445 §7.3.1.5); {LOOK}"
    );
}

#[test]
fn a_check_that_does_not_nominate_is_received_once() {
    assert_eq!(
        receive(&[CHECK, RESPONSE, RTP], 3),
        expected(&[Some(CHECK), Some(RESPONSE), Some(RTP)]),
        "{LOOK}"
    );
}

#[tokio::test]
async fn a_socket_gets_a_larger_receive_buffer() {
    let free = || UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports");
    let size = |socket: &UdpSocket| {
        SockRef::from(socket)
            .recv_buffer_size()
            .expect("it is open")
    };
    let socket = free();
    let same = socket.try_clone().expect("it is open");
    let sockets = ReceivingSockets::new(Arc::new(TokioRuntime));
    sockets.wrap_udp_socket(socket).expect("tokio accepts it");
    assert!(size(&same) > size(&free()), "{LOOK}");
}
