//! Looks over a peer's shoulder while it asks servers and checks pairs.
//!
//! webrtc 0.21 does both, and tells little of it: a server that fails reaches its log alone, and of all the checked
//! pairs its statistics know the chosen one. So the sockets of a peer are watched ([`WatchedRuntime`]): what goes
//! through them is the truth, and no server is asked twice.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rtc::stun::message::TransactionId;
use step_01_capture::Timeline;
use step_02_peer::{
    IceErrorReporter, Peer, PeerConfig, PeerError, PeerEvents, RuntimeLayer, tokio_runtime,
};
use webrtc::peer_connection::RTCPeerConnectionIceErrorEvent;

use crate::observing::check_log::{Check, CheckLog};
use crate::observing::server_log::ServerLog;
use crate::observing::stun_packet::{self, StunPacket};
use crate::observing::watched_runtime::WatchedRuntime;
use crate::servers::ice_server_url::IceScheme;

/// Channels that a relay may open for one peer; there is one for each address of the other peer.
const MOST_CHANNELS: usize = 512;

/// What a peer's sockets told. Clones share it.
#[derive(Clone, Default)]
pub struct IceWatch(Arc<Mutex<Watched>>);

#[derive(Default)]
struct Watched {
    servers: ServerLog,
    checks: CheckLog,
    /// The address that relays for a local socket at a server.
    relays: HashMap<(SocketAddr, SocketAddr), SocketAddr>,
    channels: HashMap<(SocketAddr, u16), SocketAddr>,
    reporter: Option<IceErrorReporter>,
    unreported: Vec<RTCPeerConnectionIceErrorEvent>,
}

impl IceWatch {
    /// Makes a peer (1-1) and watches it. Servers that fail show as `icecandidateerror` among its events.
    ///
    /// # Errors
    /// [`PeerError::Create`].
    pub async fn new_peer(
        name: &str,
        mut config: PeerConfig,
        timeline: &Timeline,
    ) -> Result<(Peer, PeerEvents, IceWatch), PeerError> {
        let watch = IceWatch::default();
        watch.lock().servers = ServerLog::new(&config.ice_servers);
        config.prompt |= config.runtime.is_none();
        let runtime = config.runtime.take().unwrap_or_else(tokio_runtime);
        config.runtime = Some(WatchedRuntime::new(runtime, watch.clone()).into_runtime());
        let (peer, events) = Peer::new(name, config, timeline).await?;
        let mut watched = watch.lock();
        watched.reporter = Some(peer.ice_error_reporter());
        watched.report(Vec::new());
        drop(watched);
        Ok((peer, events, watch))
    }

    /// The pairs that the peer has checked, in the order of their first check.
    pub fn checks(&self) -> Vec<Check> {
        self.lock().checks.checks()
    }

    fn lock(&self) -> MutexGuard<'_, Watched> {
        // Every change is a single insertion: a panic elsewhere leaves the state whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn opened(&self, local: SocketAddr) {
        self.lock().servers.opened(local);
    }

    pub(crate) fn server_count(&self) -> usize {
        self.lock().servers.count()
    }

    pub(crate) fn resolved(&self, authority: &str, addresses: &io::Result<Vec<SocketAddr>>) {
        let mut watched = self.lock();
        let errors = watched.servers.resolved(authority, addresses);
        watched.report(errors);
    }

    /// Looks at a datagram that is about to be sent. The error is for the sender: the server is given up.
    pub(crate) fn sending(
        &self,
        now: Instant,
        local: SocketAddr,
        to: SocketAddr,
        datagram: &[u8],
    ) -> io::Result<()> {
        let Some(packet) = StunPacket::read(datagram) else {
            return Ok(());
        };
        let mut watched = self.lock();
        let sent = match server_request(&packet) {
            Some(request) => watched.servers.sending(now, local, to, request),
            None => {
                watched.sent(now, local, to, packet);
                Ok(())
            }
        };
        sent.map_err(|errors| {
            watched.report(errors);
            io::Error::new(io::ErrorKind::TimedOut, "the server does not answer")
        })
    }

    /// Notes that the system did not send a datagram. True if it was for a server, which is then given up.
    pub(crate) fn not_sent(
        &self,
        local: SocketAddr,
        to: SocketAddr,
        datagram: &[u8],
        error: &io::Error,
    ) -> bool {
        let packet = StunPacket::read(datagram);
        let Some((scheme, ..)) = packet.as_ref().and_then(server_request) else {
            return false;
        };
        let mut watched = self.lock();
        let errors = watched.servers.not_sent(local, to, scheme, error);
        watched.report(errors);
        true
    }

    pub(crate) fn received(
        &self,
        now: Instant,
        local: SocketAddr,
        from: SocketAddr,
        datagram: &[u8],
    ) {
        if let Some(packet) = StunPacket::read(datagram) {
            self.lock().received(now, local, from, packet);
        }
    }
}

/// What a request asks of a server; none for all other messages.
fn server_request(packet: &StunPacket) -> Option<(IceScheme, TransactionId, bool)> {
    match packet {
        StunPacket::Binding(id) => Some((IceScheme::Stun, *id, false)),
        StunPacket::Allocate { id, signed } => Some((IceScheme::Turn, *id, *signed)),
        _ => None,
    }
}

impl Watched {
    fn sent(&mut self, now: Instant, local: SocketAddr, to: SocketAddr, packet: StunPacket) {
        match packet {
            StunPacket::Check { id, nominates, .. } => {
                self.checks.sent(now, (local, to), id, nominates);
            }
            StunPacket::ChannelBind { channel, peer } if self.channels.len() < MOST_CHANNELS => {
                self.channels.insert((local, channel), peer);
            }
            StunPacket::Relayed { peer, packet } => {
                if let Some((relay, peer, inner)) = self.unwrap(local, to, peer, &packet) {
                    self.sent(now, relay, peer, inner);
                }
            }
            _ => {}
        }
    }

    fn received(&mut self, now: Instant, local: SocketAddr, from: SocketAddr, packet: StunPacket) {
        let errors = match packet {
            StunPacket::Check {
                priority,
                nominates,
                ..
            } => {
                self.checks.heard((local, from), priority, nominates);
                return;
            }
            StunPacket::Success { id, relayed } => {
                if let Some(relay) = relayed {
                    self.relays.insert((local, from), relay);
                }
                self.checks.answered(now, id);
                self.servers.answered(id, Ok(()))
            }
            StunPacket::Error { id, code, reason } => {
                self.servers.answered(id, Err((code, &reason)))
            }
            StunPacket::Relayed { peer, packet } => {
                if let Some((relay, peer, inner)) = self.unwrap(local, from, peer, &packet) {
                    self.received(now, relay, peer, inner);
                }
                return;
            }
            _ => return,
        };
        self.report(errors);
    }

    /// What is inside a relayed packet, between which addresses. A relayed packet inside a relayed one is nothing.
    fn unwrap(
        &self,
        local: SocketAddr,
        server: SocketAddr,
        peer: stun_packet::Peer,
        packet: &[u8],
    ) -> Option<(SocketAddr, SocketAddr, StunPacket)> {
        let relay = *self.relays.get(&(local, server))?;
        let peer = match peer {
            stun_packet::Peer::Address(address) => address,
            stun_packet::Peer::Channel(channel) => *self.channels.get(&(local, channel))?,
        };
        let inner = StunPacket::read(packet)?;
        let nested = matches!(inner, StunPacket::Relayed { .. });
        (!nested).then_some((relay, peer, inner))
    }

    /// Errors that come before the peer is made wait for it.
    fn report(&mut self, errors: Vec<RTCPeerConnectionIceErrorEvent>) {
        self.unreported.extend(errors);
        if let Some(reporter) = &self.reporter {
            for error in self.unreported.drain(..) {
                reporter.report(error);
            }
        }
    }
}
