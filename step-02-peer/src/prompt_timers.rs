//! A runtime that does not let a new connection wait.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use webrtc::peer_connection::RTCPeerConnectionState;
use webrtc::runtime::{AsyncUdpSocket, Runtime};

use crate::receiving_socket::{ReceivingSocket, enlarge_receive_buffer};
use crate::runtime_layer::{BoxFuture, RuntimeLayer};

/// How far along a connection is, and so how long one of its timers may sleep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Nothing is negotiated: `addTrack()` shall be answered with `negotiationneeded` while a reader watches.
    Idle,
    /// Candidates are checked and keys are agreed on: every millisecond counts.
    SettingUp,
    /// The timers are as long as the protocols want them.
    Settled,
    /// The same, and the driver takes leave in its own time: it tells a TURN server that the relay is free.
    Closing,
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
            Self::Settled | Self::Closing => Duration::MAX,
        }
    }
}

/// How often the driver looks around once more after something has happened. webrtc 0.21 hands what it sends through a
/// relay to the TURN client, which the next look around finds; what comes from a relay takes one look more.
const LOOKS: u32 = 3;

/// Lies on a runtime and shortens its sleeps until a connection is set up.
///
/// webrtc 0.21 does not wake its driver when a track or a remote candidate is added, and sends the first DTLS flight only when the
/// next ICE timer fires, 200 ms later. A driver that wakes early looks around, finds the work and does it: setting
/// up a call inside one machine then takes 15 ms in the place of several hundred. Once connected, sleeps are as long
/// as they were asked for, except that a call with a relay has its driver look around after every packet.
#[derive(Clone)]
pub struct PromptTimers {
    runtime: Arc<dyn Runtime>,
    state: Arc<Mutex<State>>,
}

struct State {
    pace: Pace,
    may_relay: bool,
    looks: u32,
}

impl PromptTimers {
    /// Wraps `runtime` for a connection that is [`Pace::Idle`]. `may_relay` says whether it knows a TURN server.
    pub fn new(runtime: Arc<dyn Runtime>, may_relay: bool) -> Self {
        Self {
            runtime,
            state: Arc::new(Mutex::new(State {
                pace: Pace::Idle,
                may_relay,
                looks: 0,
            })),
        }
    }

    /// How long the sleeps that begin from now on may be.
    pub fn set_pace(&self, pace: Pace) {
        lock(&self.state).pace = pace;
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A sleep that tells whether it was slept to its end. Whoever gave up sleeping had something to do.
struct PromptSleep {
    sleep: BoxFuture<'static, ()>,
    ended: bool,
    state: Arc<Mutex<State>>,
}

impl Future for PromptSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let slept = self.sleep.as_mut().poll(cx);
        self.ended = slept.is_ready();
        slept
    }
}

impl Drop for PromptSleep {
    fn drop(&mut self) {
        let mut state = lock(&self.state);
        if !self.ended && state.may_relay {
            state.looks = LOOKS;
        }
    }
}

impl fmt::Debug for PromptTimers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PromptTimers({:?})", self.runtime)
    }
}

impl RuntimeLayer for PromptTimers {
    fn below(&self) -> &Arc<dyn Runtime> {
        &self.runtime
    }

    fn wrap_udp_socket(&self, socket: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        enlarge_receive_buffer(&socket)?;
        let below = self.runtime.wrap_udp_socket(socket)?;
        Ok(Arc::new(ReceivingSocket::new(below)))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let mut state = lock(&self.state);
        if state.pace != Pace::Closing && state.looks > 0 {
            state.looks -= 1;
            return Box::pin(std::future::ready(()));
        }
        let longest = state.pace.longest_sleep();
        drop(state);
        Box::pin(PromptSleep {
            sleep: self.runtime.sleep(duration.min(longest)),
            ended: false,
            state: self.state.clone(),
        })
    }
}
