//! A server with the test pattern, and a client that sends whatever a test wants to send.
#![allow(dead_code)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use step_01_capture::{
    LatestFrame, MediaStream, MediaStreamConstraints, SourceChoice, Timeline, get_user_media,
};
use step_02_peer::{OutgoingVideo, Peer, PeerConfig, VideoCodec};
use step_05_full::http::server::{Server, ServerConfig};
use step_05_full::http::session_report::SessionReport;
use tokio::runtime::Runtime;

/// No response takes as long, not even on a machine with other work.
const TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) const SDP: &str = "application/sdp";
pub(crate) const FRAGMENT: &str = "application/trickle-ice-sdpfrag";

/// A server that a test owns.
pub(crate) struct TestServer {
    pub(crate) network: Runtime,
    pub(crate) stream: Arc<MediaStream>,
    pub(crate) display: Receiver<LatestFrame>,
    pub(crate) address: SocketAddr,
    server: Option<Server>,
}

pub(crate) fn pattern() -> MediaStream {
    let constraints = MediaStreamConstraints {
        source: SourceChoice::Pattern,
        ..Default::default()
    };
    get_user_media(&constraints, &Timeline::new()).expect("the pattern is always there")
}

impl TestServer {
    pub(crate) fn start() -> Self {
        Self::start_with(|_| {})
    }

    pub(crate) fn start_with(change: impl FnOnce(&mut ServerConfig)) -> Self {
        Self::start_showing(pattern(), change)
    }

    pub(crate) fn start_showing(
        stream: MediaStream,
        change: impl FnOnce(&mut ServerConfig),
    ) -> Self {
        let network = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("the system has threads");
        let mut config = ServerConfig::new(([127, 0, 0, 1], 0).into());
        config.peer_config = PeerConfig::loopback();
        change(&mut config);
        let stream = Arc::new(stream);
        let (sender, display) = sync_channel(8);
        let started = Server::start(config, Arc::clone(&stream), sender);
        let server = network.block_on(started).expect("a free port on loopback");
        Self {
            network,
            stream,
            display,
            address: server.address(),
            server: Some(server),
        }
    }

    pub(crate) fn session_count(&self) -> usize {
        self.server.as_ref().map_or(0, Server::session_count)
    }

    pub(crate) fn take_reports(&self) -> Vec<SessionReport> {
        self.server
            .as_ref()
            .map_or_else(Vec::new, Server::take_reports)
    }

    pub(crate) fn stop(mut self) -> Vec<SessionReport> {
        let server = self.server.take().expect("a test stops its server once");
        self.network.block_on(server.stop())
    }

    /// An offer of a peer of our own that wants to watch, or to send.
    pub(crate) fn offer(&self, direction: &str) -> String {
        self.network.block_on(async {
            let (peer, _events) = Peer::new("test", PeerConfig::loopback(), &Timeline::new())
                .await
                .expect("a peer on loopback");
            let video = OutgoingVideo::new(&self.stream, VideoCodec::H264, 1);
            peer.add_track(&video).await.expect("a track");
            let offer = peer.create_offer().await.expect("an offer").sdp;
            peer.close().await.expect("closed");
            offer.replace("a=sendrecv", &format!("a={direction}"))
        })
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> TestRequest {
        TestRequest {
            address: self.address,
            text: format!("{method} {path} HTTP/1.1\r\n"),
            host: self.address.to_string(),
            body: Vec::new(),
        }
    }

    pub(crate) fn post(&self, path: &str, offer: &str) -> Response {
        self.request("POST", path).content(SDP, offer).send()
    }

    /// Opens a WHEP session; its path and entity tag.
    pub(crate) fn open_session(&self) -> (String, String) {
        let created = self.post("/whep", &self.offer("recvonly"));
        assert_eq!(created.status, 201, "{}", created.body);
        (created.header("location"), created.header("etag"))
    }
}

/// A request, byte by byte: what a library for HTTP would not send must be sent too.
pub(crate) struct TestRequest {
    address: SocketAddr,
    text: String,
    host: String,
    body: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl TestRequest {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.text += &format!("{name}: {value}\r\n");
        self
    }

    pub(crate) fn host(mut self, host: &str) -> Self {
        self.host = host.to_owned();
        self
    }

    pub(crate) fn content(self, media_type: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref().to_vec();
        let length = body.len().to_string();
        let mut request = self
            .header("Content-Type", media_type)
            .header("Content-Length", &length);
        request.body = body;
        request
    }

    pub(crate) fn send(self) -> Response {
        let Self {
            address,
            text,
            host,
            body,
        } = self;
        let head = format!("{text}Host: {host}\r\nConnection: close\r\n\r\n");
        exchange(address, &[head.as_bytes(), &body].concat())
    }
}

/// Sends bytes, reads the response to its end.
pub(crate) fn exchange(address: SocketAddr, bytes: &[u8]) -> Response {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream
        .set_read_timeout(Some(TIMEOUT))
        .expect("a timeout above zero");
    // A server that refuses early closes the connection before it has read everything.
    let _ = stream.write_all(bytes);
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text);
    let text = String::from_utf8_lossy(&text).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    Response {
        status: status.unwrap_or(0),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

impl Response {
    /// The value of a header, or nothing.
    pub(crate) fn header(&self, name: &str) -> String {
        let lines = self
            .head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "));
        let mut found = lines.filter(|(found, _)| found.eq_ignore_ascii_case(name));
        found
            .next()
            .map(|(_, value)| value.to_owned())
            .unwrap_or_default()
    }

    /// The status code and the body.
    pub(crate) fn summary(&self) -> String {
        format!("{} {}", self.status, self.body.trim_end())
    }
}

/// Waits for something that comes for sure, bounded.
pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + TIMEOUT;
    while !condition() {
        assert!(std::time::Instant::now() < deadline, "{what} did not come");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// What Chromium offers to watch with, cut to two codecs.
pub(crate) const CHROMIUM: &str = "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
a=extmap-allow-mixed\r\na=msid-semantic: WMS\r\nm=video 9 UDP/TLS/RTP/SAVPF 96 97 103 104\r\nc=IN IP4 0.0.0.0\r\n\
a=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:PQlU\r\na=ice-pwd:0123456789012345678901ab\r\na=ice-options:trickle\r\n\
a=fingerprint:sha-256 7B:8B:F0:65:5F:78:E2:51:3B:AC:6F:F3:3F:46:1B:35:DC:B8:5F:64:1A:24:C2:43:F0:A1:58:D0:A1:2C:19:08\r\n\
a=setup:actpass\r\na=mid:0\r\na=extmap:1 urn:ietf:params:rtp-hdrext:toffset\r\n\
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\r\na=extmap:3 urn:3gpp:video-orientation\r\n\
a=recvonly\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 goog-remb\r\na=rtcp-fb:96 nack pli\r\n\
a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=rtpmap:103 H264/90000\r\na=rtcp-fb:103 nack\r\na=rtcp-fb:103 nack pli\r\n\
a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\na=rtpmap:104 rtx/90000\r\na=fmtp:104 apt=103\r\n";
