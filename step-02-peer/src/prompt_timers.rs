//! A runtime that does not let a new connection wait.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use webrtc::peer_connection::RTCPeerConnectionState;
use webrtc::runtime::{
    AsyncInterval, AsyncTcpListener, AsyncTcpStream, AsyncUdpSocket, JoinHandle, Runtime,
};

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How far along a connection is, and so how long one of its timers may sleep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Nothing is negotiated: `addTrack()` shall be answered with `negotiationneeded` while a reader watches.
    Idle,
    /// Candidates are checked and keys are agreed on: every millisecond counts.
    SettingUp,
    /// The timers are as long as the protocols want them.
    Settled,
}

impl Pace {
    /// The pace of a connection in this state (W3C webrtc-pc §4.3.3).
    pub fn of(state: RTCPeerConnectionState) -> Self {
        match state {
            RTCPeerConnectionState::New => Self::Idle,
            RTCPeerConnectionState::Connecting => Self::SettingUp,
            _ => Self::Settled,
        }
    }

    fn longest_sleep(self) -> Duration {
        match self {
            Self::Idle => Duration::from_millis(10),
            Self::SettingUp => Duration::from_millis(2),
            Self::Settled => Duration::MAX,
        }
    }
}

/// Wraps a runtime and shortens its sleeps until a connection is set up.
///
/// webrtc 0.21 does not wake its driver when a track or a remote candidate is added, and sends the first DTLS flight only when the
/// next ICE timer fires, 200 ms later. A driver that wakes early looks around, finds the work and does it: setting
/// up a call inside one machine then takes 15 ms in the place of several hundred. Once connected, sleeps are as long
/// as they were asked for.
#[derive(Clone)]
pub struct PromptTimers {
    runtime: Arc<dyn Runtime>,
    pace: Arc<Mutex<Pace>>,
}

impl PromptTimers {
    /// Wraps `runtime` for a connection that is [`Pace::Idle`].
    pub fn new(runtime: Arc<dyn Runtime>) -> Self {
        Self {
            runtime,
            pace: Arc::new(Mutex::new(Pace::Idle)),
        }
    }

    /// How long the sleeps that begin from now on may be.
    pub fn set_pace(&self, pace: Pace) {
        *self.pace() = pace;
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for PromptTimers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PromptTimers({:?})", self.runtime)
    }
}

impl Runtime for PromptTimers {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let longest = self.pace().longest_sleep();
        self.runtime.sleep(duration.min(longest))
    }

    fn spawn(&self, future: BoxFuture<'static, ()>) -> Box<dyn JoinHandle> {
        self.runtime.spawn(future)
    }

    fn wrap_udp_socket(&self, socket: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        self.runtime.wrap_udp_socket(socket)
    }

    fn wrap_tcp_listener(
        &self,
        listener: std::net::TcpListener,
    ) -> io::Result<Arc<dyn AsyncTcpListener>> {
        self.runtime.wrap_tcp_listener(listener)
    }

    fn connect_tcp<'a>(
        &'a self,
        address: SocketAddr,
    ) -> BoxFuture<'a, io::Result<Arc<dyn AsyncTcpStream>>> {
        self.runtime.connect_tcp(address)
    }

    fn resolve_host<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        self.runtime.resolve_host(host)
    }

    fn now(&self) -> Instant {
        self.runtime.now()
    }

    fn interval(&self, period: Duration) -> Box<dyn AsyncInterval> {
        self.runtime.interval(period)
    }

    fn block_on(&self, future: Pin<Box<dyn Future<Output = ()> + '_>>) {
        self.runtime.block_on(future);
    }

    fn name(&self) -> &'static str {
        self.runtime.name()
    }
}
