//! A network that fails for a while: a session of `--publish` or `--watch` goes on when it works again.

mod http_server;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::fmt;
use std::io::{self, IoSliceMut, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::task::{Context, Poll};
use std::time::Duration;

use http_server::{TestServer, until};
use rule::Rules;
use step_01_capture::{LatestFrame, NextFrame};
use step_02_peer::{IceTimeouts, PeerConfig, RuntimeLayer, tokio_runtime};
use step_05_full::http::client_session::{ClientSession, ClientSessionError};
use step_05_full::http::http_client::{HttpClient, endpoint};
use step_05_full::http::incoming_media::IncomingMedia;
use step_05_full::http::session_report::SessionReport;
use step_05_full::receive::jitter_buffer::PlayoutDelay;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Runtime, Transmit};

const MEDIA: Rules = Rules::kept_in("step-05-full/src/http/outgoing_media.rs");
const SERVED: Rules = Rules::kept_in("step-05-full/src/http/http_session.rs");
const SESSION: Rules = Rules::kept_in("step-05-full/src/http/client_session.rs");

/// A network that can be cut: UDP packets vanish, TCP connections are refused.
#[derive(Clone)]
struct Network {
    runtime: Arc<dyn Runtime>,
    udp_fails: Arc<AtomicBool>,
    tcp_fails: Arc<AtomicBool>,
    restarts: Arc<AtomicUsize>,
    video_packets: Arc<AtomicUsize>,
}

impl Network {
    fn new() -> Self {
        Self {
            runtime: tokio_runtime(),
            udp_fails: Arc::default(),
            tcp_fails: Arc::default(),
            restarts: Arc::default(),
            video_packets: Arc::default(),
        }
    }

    fn set(&self, udp_fails: bool, tcp_fails: bool) {
        self.udp_fails.store(udp_fails, Ordering::Release);
        self.tcp_fails.store(tcp_fails, Ordering::Release);
    }

    /// Passes TCP connections on to `server`, as long as the network works.
    fn forward(&self, server: SocketAddr) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has ports");
        let address = listener.local_addr().expect("it is bound");
        let network = self.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server = TcpStream::connect(server);
                if let (false, Ok(server)) = (network.tcp_fails.load(Ordering::Acquire), server) {
                    network.copy(&client, &server);
                    network.copy(&server, &client);
                }
            }
        });
        address
    }

    fn copy(&self, from: &TcpStream, to: &TcpStream) {
        let mut from = from.try_clone().expect("the system has descriptors");
        let mut to = to.try_clone().expect("the system has descriptors");
        let network = self.clone();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(length @ 1..) = from.read(&mut bytes) {
                if bytes.starts_with(b"PATCH ") {
                    network.restarts.fetch_add(1, Ordering::AcqRel);
                }
                let fails = network.tcp_fails.load(Ordering::Acquire);
                if fails || to.write_all(&bytes[..length]).is_err() {
                    break;
                }
            }
            let _ = (to.shutdown(Shutdown::Both), from.shutdown(Shutdown::Both));
        });
    }

    /// A peer behind this network, for which ICE gives up after these times.
    fn peer_config(&self, disconnected: Duration, failed: Duration) -> PeerConfig {
        PeerConfig {
            ice_timeouts: Some(IceTimeouts {
                disconnected,
                failed,
                keep_alive: Duration::from_millis(50),
            }),
            runtime: Some(self.clone().into_runtime()),
            prompt: true,
            ..PeerConfig::loopback()
        }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network")
    }
}

impl RuntimeLayer for Network {
    fn below(&self) -> &Arc<dyn Runtime> {
        &self.runtime
    }

    fn wrap_udp_socket(&self, socket: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        Ok(Arc::new(Socket {
            socket: self.runtime.wrap_udp_socket(socket)?,
            network: self.clone(),
        }))
    }
}

#[derive(Debug)]
struct Socket {
    socket: Arc<dyn AsyncUdpSocket>,
    network: Network,
}

impl AsyncUdpSocket for Socket {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    fn poll_send(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        // RTP and no RTCP (RFC 5761 §4).
        if let [128..=191, 0..=191 | 224.., ..] = transmit.contents {
            self.network.video_packets.fetch_add(1, Ordering::AcqRel);
        }
        match self.network.udp_fails.load(Ordering::Acquire) {
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
}

/// A server and a client that receives its video, with a network between them.
struct Watching {
    network: Network,
    server: TestServer,
    session: JoinHandle<(SessionReport, Result<(), ClientSessionError>)>,
    stop: oneshot::Sender<()>,
    frames: LatestFrame,
    _videos: Receiver<LatestFrame>,
}

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(60);

impl Watching {
    /// ICE of the client and of the server are disconnected for these times before they fail.
    fn start(client: Duration, server: Duration) -> Self {
        let network = Network::new();
        let failed = server;
        let server = TestServer::start_with(|config| {
            config.peer_config = network.peer_config(SHORT, failed);
        });
        let address = network.forward(server.address);
        let url = endpoint(&format!("http://{address}/whep")).expect("a web address");
        let (display, videos) = sync_channel(1);
        let session = ClientSession {
            name: "watch",
            client: HttpClient::new(url, None),
            media: Box::new(IncomingMedia::new(display, true, PlayoutDelay::Auto, None)),
            peer_config: network.peer_config(SHORT, client),
        };
        let (stop, stopped) = oneshot::channel();
        let session = server.network.spawn(session.run(stopped));
        let frames = videos.recv_timeout(Duration::from_secs(30));
        let frames = frames.expect("the video comes");
        let mut watching = Self {
            network,
            server,
            session,
            stop,
            frames,
            _videos: videos,
        };
        watching.until_frame();
        watching
    }

    fn next_frame(&mut self, limit: Duration) -> bool {
        matches!(self.frames.next(limit), NextFrame::Frame(_))
    }

    fn until_frame(&mut self) {
        until("a frame", || self.next_frame(Duration::from_millis(100)));
    }

    fn until_silence(&mut self) {
        until("the end of the frames", || !self.next_frame(SHORT));
    }

    fn stop(self) -> (SessionReport, SessionReport) {
        self.stop.send(()).expect("the session goes on until now");
        let (watched, ran) = self
            .server
            .network
            .block_on(self.session)
            .expect("no panic");
        ran.expect("it ended in order");
        until("the end of the session", || {
            self.server.session_count() == 0
        });
        let served = self.server.stop().pop().expect("there was a session");
        (watched, served)
    }
}

#[test]
fn frames_come_again_after_an_outage() {
    let _rule = SESSION.rule("an outage does not end a session: no response is not 404");
    let mut watching = Watching::start(LONG, LONG);
    watching.network.set(true, true);
    watching.until_silence();
    // ICE is disconnected, and the requests to the server have failed.
    assert!(!watching.next_frame(Duration::from_secs(3)));
    watching.network.set(false, false);
    watching.until_frame();
    let (watched, _) = watching.stop();
    assert_eq!(watched.ice_restarts, 0, "ICE recovers by itself");
}

#[test]
fn ice_that_has_failed_is_restarted() {
    let _rule = SESSION.rule("ICE that failed is restarted by a PATCH (RFC 9725 §4.3.3)");
    let mut watching = Watching::start(SHORT, LONG);
    watching.network.set(true, true);
    watching.until_silence();
    assert!(
        !watching.next_frame(2 * SHORT),
        "ICE of the client has failed"
    );
    watching.network.set(false, false);
    watching.until_frame();
    let (watched, served) = watching.stop();
    assert!(watched.ice_restarts > 0 && served.ice_restarts > 0);
}

#[test]
fn ice_that_does_not_recover_is_restarted_before_it_fails() {
    let _rule = SESSION.rule("ICE is restarted when the server answers and ICE does not recover");
    let mut watching = Watching::start(LONG, LONG);
    watching.network.set(true, false);
    watching.until_silence();
    let restarts = Arc::clone(&watching.network.restarts);
    until("a PATCH", || restarts.load(Ordering::Acquire) > 0);
    watching.network.set(false, false);
    watching.until_frame();
    let (watched, served) = watching.stop();
    assert!(watched.ice_restarts > 0 && served.ice_restarts > 0);
}

#[test]
fn a_session_that_the_server_has_ended_during_an_outage_ends() {
    let _rule = SESSION.rule("only 404 and 410 say that a session has ended (RFC 9110 §15.5)");
    let mut watching = Watching::start(LONG, SHORT);
    watching.network.set(true, true);
    watching.until_silence();
    until("the end of the session", || {
        watching.server.session_count() == 0
    });
    watching.network.set(false, false);
    let (report, ran) = watching
        .server
        .network
        .block_on(watching.session)
        .expect("no panic");
    let error = ran.expect_err("the session is gone").to_string();
    insta::assert_snapshot!(error, @"the server has ended the session: start again");
    assert_eq!(report.ended, error);
}

#[test]
fn a_client_that_closes_its_peer_without_delete_ends_its_session() {
    let _rule = SERVED.rule("the end of the DTLS connection ends a session (RFC 9725 §4.2)");
    let watching = Watching::start(LONG, LONG);
    watching.network.set(false, true);
    let (_, served) = watching.stop();
    assert_eq!(served.ended, "the client closed its peer");
}

#[test]
fn no_video_is_sent_to_a_client_that_does_not_answer() {
    let _rule =
        MEDIA.rule("video pauses while the connection is disconnected (W3C webrtc-pc §4.3.3)");
    let mut watching = Watching::start(LONG, LONG);
    watching.network.set(true, true);
    watching.until_silence();
    let packets = Arc::clone(&watching.network.video_packets);
    until("the pause", || {
        let before = packets.load(Ordering::Acquire);
        watching.next_frame(SHORT);
        packets.load(Ordering::Acquire) == before
    });
    watching.network.set(false, false);
    watching.until_frame();
    watching.stop();
}
