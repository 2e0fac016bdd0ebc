//! A runtime with short sleeps while a connection is set up.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use parking_lot::Mutex;
use webrtc::peer_connection::RTCPeerConnectionState;
use webrtc::runtime::Runtime;

use crate::webrtc_gaps::runtime_layer::{BoxFuture, RuntimeLayer};

/// How far along a connection is, and so how long one of its timers may sleep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Nothing is negotiated. `addTrack()` must fire `negotiationneeded` soon.
    Idle,
    /// Candidates are checked and keys are agreed on: every millisecond counts.
    SettingUp,
    /// The timers are as long as the protocols want them.
    Settled,
    /// `close()` waits up to 100 ms for the driver to release its relays. That is a sleep of this runtime too, and must
    /// neither be shortened nor be skipped for an extra poll.
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

/// How often the driver polls again after a packet. webrtc 0.21 hands what it sends through a relay to the TURN client,
/// which the next poll finds; a packet that comes from a relay takes one poll more.
const EXTRA_POLLS: u32 = 3;

/// Wraps a runtime and shortens its sleeps until a connection is set up.
///
/// webrtc 0.21 does not wake its driver when a track or a remote candidate is added, and sends the first DTLS flight
/// only when the next ICE timer fires, 200 ms later. A driver that wakes early finds the work and does it: setting up a
/// call in one machine then takes 15 ms instead of several hundred. Once connected, sleeps are as long as requested,
/// except that the driver of a call with a relay polls again after every packet.
#[derive(Clone)]
pub struct PromptTimers {
    runtime: Arc<dyn Runtime>,
    state: Arc<Mutex<State>>,
}

struct State {
    pace: Pace,
    may_relay: bool,
    extra_polls: u32,
}

impl PromptTimers {
    /// Wraps `runtime` for a connection that is [`Pace::Idle`]. `may_relay` says whether it has a TURN server.
    pub fn new(runtime: Arc<dyn Runtime>, may_relay: bool) -> Self {
        let state = State {
            pace: Pace::Idle,
            may_relay,
            extra_polls: 0,
        };
        Self {
            runtime,
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// Limits the sleeps that begin from now on.
    pub fn set_pace(&self, pace: Pace) {
        self.state.lock().pace = pace;
    }
}

/// A sleep that knows whether it ended. The driver drops it earlier when a packet arrives.
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
        let mut state = self.state.lock();
        if !self.ended && state.may_relay {
            state.extra_polls = EXTRA_POLLS;
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

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let mut state = self.state.lock();
        if state.pace != Pace::Closing && state.extra_polls > 0 {
            state.extra_polls -= 1;
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
