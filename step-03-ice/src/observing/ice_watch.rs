//! What the sockets of a peer show about its servers and its connectivity checks.
//!
//! webrtc 0.21 reports neither: a server that fails reaches its log alone, and of all checked pairs its statistics have
//! only the selected one. So the sockets are observed ([`new_observed_peer`](super::observed_peer::new_observed_peer)),
//! and no server is asked twice.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;
use step_01_capture::CallLog;
use step_02_peer::IceErrorReporter;
use webrtc::peer_connection::RTCIceServer;

use crate::observing::check_log::{Check, CheckLog, Pair};
use crate::observing::server_log::ServerLog;
use crate::observing::stun_packet::{PeerName, StunPacket};

/// Channels that a relay may open for one peer; there is one for each address of the other peer.
const MOST_CHANNELS: usize = 512;

/// What a peer's sockets have shown. Clones share it.
#[derive(Clone)]
pub struct IceWatch(Arc<Mutex<Watched>>);

#[derive(Default)]
struct Watched {
    servers: ServerLog,
    checks: CheckLog,
    /// The address that relays for a local socket at a server.
    relays: HashMap<Pair, SocketAddr>,
    channels: HashMap<(SocketAddr, u16), SocketAddr>,
    reporter: Option<IceErrorReporter>,
    /// Where round trips are recorded.
    log: Option<CallLog>,
}

impl IceWatch {
    /// A watch of a peer with these servers, whose sockets are not open yet.
    pub fn new(servers: &[RTCIceServer], log: &CallLog) -> Self {
        Self(Arc::new(Mutex::new(Watched {
            servers: ServerLog::new(servers),
            log: Some(log.clone()),
            ..Watched::default()
        })))
    }

    /// The pairs that the peer has checked, in the order of their first check.
    pub fn checks(&self) -> Vec<Check> {
        self.0.lock().checks.checks()
    }

    /// Fires `icecandidateerror` for servers that fail, and for those that have failed.
    pub(crate) fn report_to(&self, reporter: IceErrorReporter) {
        let mut watched = self.0.lock();
        watched.reporter = Some(reporter);
        watched.report_failures();
    }

    pub(crate) fn opened(&self, local: SocketAddr) {
        self.0.lock().servers.opened(local);
    }

    pub(crate) fn server_count(&self) -> usize {
        self.0.lock().servers.count()
    }

    pub(crate) fn resolved(&self, authority: &str, addresses: &io::Result<Vec<SocketAddr>>) {
        let mut watched = self.0.lock();
        watched.servers.resolved(authority, addresses);
        watched.report_failures();
    }

    /// Reads a datagram that is about to be sent. The error is for the sender: the server has failed.
    pub(crate) fn sending(&self, now: Instant, pair: Pair, datagram: &[u8]) -> io::Result<()> {
        let Some(packet) = StunPacket::read(datagram) else {
            return Ok(());
        };
        let mut watched = self.0.lock();
        let StunPacket::ServerRequest(request) = packet else {
            watched.sent(now, pair, packet);
            return Ok(());
        };
        if watched.servers.sending(now, pair, request) {
            return Ok(());
        }
        watched.report_failures();
        let reason = "the server does not answer";
        Err(io::Error::new(io::ErrorKind::TimedOut, reason))
    }

    /// Notes that the system did not send a datagram. True if it was a request to a server.
    pub(crate) fn not_sent(&self, pair: Pair, datagram: &[u8], error: &io::Error) -> bool {
        let Some(StunPacket::ServerRequest(request)) = StunPacket::read(datagram) else {
            return false;
        };
        let mut watched = self.0.lock();
        watched.servers.not_sent(pair, request.scheme, error);
        watched.report_failures();
        true
    }

    /// Reads a datagram that was received.
    pub fn received(&self, now: Instant, pair: Pair, datagram: &[u8]) {
        if let Some(packet) = StunPacket::read(datagram) {
            let mut watched = self.0.lock();
            watched.received(now, pair, packet);
            watched.report_failures();
        }
    }
}

impl Watched {
    fn sent(&mut self, now: Instant, pair: Pair, packet: StunPacket) {
        match packet {
            StunPacket::Check { id, nominates, .. } => self.checks.sent(now, pair, id, nominates),
            StunPacket::ChannelBind { channel, peer } if self.channels.len() < MOST_CHANNELS => {
                self.channels.insert((pair.0, channel), peer);
            }
            StunPacket::Relayed { peer, packet } => {
                if let Some((relayed_pair, inner)) = self.unwrap(pair, peer, &packet) {
                    self.sent(now, relayed_pair, inner);
                }
            }
            _ => {}
        }
    }

    fn received(&mut self, now: Instant, pair: Pair, packet: StunPacket) {
        match packet {
            StunPacket::Check {
                priority,
                nominates,
                ..
            } => self.checks.received(pair, priority, nominates),
            StunPacket::Success { id, relayed } => {
                if let Some(relay) = relayed {
                    self.relays.insert(pair, relay);
                }
                let took = self.checks.answered(now, id);
                if let (Some(took), Some(log)) = (took, &self.log) {
                    log.sample("round trip, ms", took.as_secs_f64() * 1e3);
                }
                self.servers.answered(id, Ok(()));
            }
            StunPacket::Error { id, code, reason } => {
                self.servers.answered(id, Err((code, &reason)));
            }
            StunPacket::Relayed { peer, packet } => {
                if let Some((relayed_pair, inner)) = self.unwrap(pair, peer, &packet) {
                    self.received(now, relayed_pair, inner);
                }
            }
            StunPacket::ServerRequest(_) | StunPacket::ChannelBind { .. } => {}
        }
    }

    /// The packet in a relayed packet, and the addresses between which it is sent. A relayed packet in a relayed one is
    /// ignored.
    fn unwrap(&self, pair: Pair, peer: PeerName, packet: &[u8]) -> Option<(Pair, StunPacket)> {
        let relay = *self.relays.get(&pair)?;
        let peer = match peer {
            PeerName::Address(address) => address,
            PeerName::Channel(channel) => *self.channels.get(&(pair.0, channel))?,
        };
        let inner = StunPacket::read(packet)?;
        let nested = matches!(inner, StunPacket::Relayed { .. });
        (!nested).then_some(((relay, peer), inner))
    }

    /// Failures from before the peer was created wait for its reporter.
    fn report_failures(&mut self) {
        if let Some(reporter) = &self.reporter {
            for error in self.servers.take_new_failures() {
                reporter.report(error);
            }
        }
    }
}
