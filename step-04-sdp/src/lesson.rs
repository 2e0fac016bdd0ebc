//! What `cargo run -p step-04-sdp` shows.

use std::fmt;
use std::sync::Arc;

use step_01_capture::Timeline;
use step_01_capture::program::report::Section;
use step_01_capture::program::stop_signal::StopSignal;
use step_02_peer::{OutgoingVideo, PeerConfig, stopped};
use step_03_ice::{ConnectedPair, SessionError, new_observed_pair};

use crate::explain::{Explanation, explain};
use crate::signaling_state::SignalingState;
use crate::tracing_negotiator::{NegotiationStep, TracingNegotiator};

/// How two peers agreed.
pub struct Lesson {
    /// The calls, in order.
    pub steps: Vec<NegotiationStep>,
    /// What the local peer proposed.
    pub offer: String,
    /// What the remote peer accepted.
    pub answer: String,
    /// The states of both peers.
    pub timeline: Timeline,
}

impl Lesson {
    /// Negotiates and connects a call (2-1 to 2-5 of the note), and closes it again.
    ///
    /// # Errors
    /// [`SessionError`] when a peer cannot be made, used or agree.
    pub async fn run(
        video: OutgoingVideo,
        local: PeerConfig,
        remote: PeerConfig,
        timeline: Timeline,
        stop: StopSignal,
    ) -> Result<Lesson, SessionError> {
        let (pair, _) = new_observed_pair(local, remote, &timeline).await?;
        pair.local.add_track(&video).await?;
        let tracing_negotiator = Arc::new(TracingNegotiator::default());
        let mut pair = ConnectedPair::connect(pair, tracing_negotiator.clone());
        tokio::select! {
            () = pair.until_connected_or_failed(|_| {}) => {}
            () = stopped(&stop) => {}
        }
        pair.close().await?;
        Ok(Lesson {
            steps: tracing_negotiator.steps(),
            offer: tracing_negotiator.offer().unwrap_or_default(),
            answer: tracing_negotiator.answer().unwrap_or_default(),
            timeline,
        })
    }
}

impl Lesson {
    /// One line for each call: its number, the call, and both state machines after it.
    fn tracing_negotiator(&self) -> String {
        let (mut local, mut remote) = (SignalingState::Stable, SignalingState::Stable);
        let mut lines = Vec::new();
        for step in &self.steps {
            match step.peer.as_str() {
                "local" => local = step.state,
                _ => remote = step.state,
            }
            let call = format!("{}.{}", step.peer, step.call);
            let number = step.call.number();
            lines.push(format!(
                "{number}  {call:<36} local {local:<16}  remote {remote}"
            ));
        }
        lines.join("\n")
    }
}

impl fmt::Display for Lesson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heading =
            "The negotiation, call by call, and the signaling state of both peers after each";
        writeln!(f, "{}", Section::new(heading, self.tracing_negotiator()))?;
        for (heading, sdp) in [
            ("2-2, 2-3  The offer, line by line", &self.offer),
            ("2-4, 2-5  The answer, line by line", &self.answer),
        ] {
            writeln!(f, "{}", Section::new(heading, explained(sdp)))?;
        }
        write!(
            f,
            "{}",
            Section::new("Timeline", &self.timeline)
                .to_string()
                .trim_end()
        )
    }
}

fn explained(sdp: &str) -> String {
    explain(sdp)
        .as_ref()
        .map_or_else(ToString::to_string, Explanation::to_string)
}
