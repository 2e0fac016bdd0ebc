//! Two peers with virtual clocks: half a minute passes in a moment.

mod cable;

use std::sync::Arc;
use std::time::Duration;

use cable::Cable;
use step_01_capture::Timeline;
use step_01_capture::timeline::StateMachine;
use step_02_peer::{OutgoingVideo, PeerConfig, RuntimeLayer};
use step_03_ice::{ConnectedPair, SignalingChannel, SilentNegotiator, new_observed_pair};
use webrtc::runtime::mock::VirtualClock;
use webrtc::runtime::{MockRuntime, MockUDPNetwork};

/// How far the clocks move at a time: no timer of ICE is shorter.
const STEP: Duration = Duration::from_millis(50);

/// The drivers of the peers run on threads of their own: how often a test checks whether they sleep.
const POLL_INTERVAL: Duration = Duration::from_millis(1);

/// Far longer than a driver works, in real time: a defect must not hang the tests.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Two peers with a clock each, on a network in memory.
pub(crate) struct VirtualPair {
    pub(crate) timeline: Timeline,
    pub(crate) cable: Cable,
    clocks: [Arc<VirtualClock>; 2],
    pair: ConnectedPair,
}

impl VirtualPair {
    /// The local peer calls the remote one.
    pub(crate) async fn call(
        video: &OutgoingVideo,
        channel: (SignalingChannel, SignalingChannel),
    ) -> Self {
        let network = Arc::new(MockUDPNetwork::new());
        let [local, remote] = [(); 2].map(|()| MockRuntime::with_network(network.clone()));
        let clocks = [local.clock(), remote.clock()];
        let cable = Cable::default();
        let [local, remote] = [local, remote].map(|runtime| PeerConfig {
            runtime: Some(cable.runtime_over(Arc::new(runtime)).into_runtime()),
            ..PeerConfig::loopback()
        });
        let timeline = Timeline::new();
        let peers = new_observed_pair(local, remote, &timeline).await;
        let (peers, _) = peers.expect("1-1: two peers on a network in memory can be created");
        let added = peers.local.add_track(video).await;
        added.expect("1-2: a new peer takes a track");
        Self {
            timeline,
            cable,
            clocks,
            pair: ConnectedPair::connect_over(peers, Arc::new(SilentNegotiator), channel),
        }
    }

    /// Lets time pass until both peers are in this state; how much that was.
    pub(crate) async fn until(&mut self, machine: StateMachine, state: &str) -> Duration {
        let began = self.clocks[0].elapsed();
        while !self.both_are(machine, state) {
            let passed = self.clocks[0].elapsed() - began;
            assert!(
                passed < Duration::from_secs(120),
                "{machine} is not {state} after {passed:?}, see step-02-peer/src/peer_config.rs:\n{}",
                self.timeline
            );
            self.pass(STEP).await;
        }
        self.clocks[0].elapsed() - began
    }

    fn both_are(&self, machine: StateMachine, state: &str) -> bool {
        let now = |peer: &str| self.timeline.state(peer, machine);
        ["local", "remote"]
            .iter()
            .all(|peer| now(peer).as_deref() == Some(state))
    }

    /// Lets time pass.
    pub(crate) async fn pass(&mut self, time: Duration) {
        let end = self.clocks[0].elapsed() + time;
        while self.clocks[0].elapsed() < end {
            for clock in &self.clocks {
                clock.advance(STEP);
            }
            let rest = tokio::time::timeout(TIMEOUT, self.rest()).await;
            rest.expect("both drivers sleep again when they have nothing to do");
        }
    }

    /// Waits until nothing is on its way and both drivers sleep.
    async fn rest(&mut self) {
        loop {
            tokio::select! {
                // Nobody else reads the events, and a session must not wait for its observer.
                Some(_) = self.pair.next_event() => {}
                () = tokio::time::sleep(POLL_INTERVAL) => {
                    let asleep = |clock: &Arc<VirtualClock>| clock.pending_timers() > 0;
                    if self.cable.is_empty() && self.clocks.iter().all(asleep) {
                        return;
                    }
                }
            }
        }
    }

    /// Closes both peers.
    pub(crate) async fn close(self) -> Timeline {
        self.pair.close().await.expect("both peers can be closed");
        self.timeline
    }
}
