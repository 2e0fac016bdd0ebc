//! What `cargo run -p step-04-sdp` shows: how two peers negotiate a call.

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

/// Negotiates and connects a call (2-1 to 2-5 of the note), and closes it again, earlier when `stop` is raised.
///
/// # Errors
/// [`SessionError`] when a peer cannot be created or used, or the peers do not agree.
pub async fn negotiate_call(
    video: OutgoingVideo,
    local: PeerConfig,
    remote: PeerConfig,
    timeline: Timeline,
    stop: StopSignal,
) -> Result<NegotiationReport, SessionError> {
    let (pair, _) = new_observed_pair(local, remote, &timeline).await?;
    pair.local.add_track(&video).await?;
    let negotiator = Arc::new(TracingNegotiator::default());
    let mut pair = ConnectedPair::connect(pair, negotiator.clone());
    tokio::select! {
        () = pair.until_connected_or_failed(|_| {}) => {}
        () = stopped(&stop) => {}
    }
    pair.close().await?;
    let mut report = NegotiationReport::new(&negotiator.steps(), timeline);
    for (heading, sdp) in [
        ("2-2, 2-3  The offer, line by line", negotiator.offer()),
        ("2-4, 2-5  The answer, line by line", negotiator.answer()),
    ] {
        let explanation = explain(&sdp.unwrap_or_default());
        let text = explanation.as_ref();
        report.add(
            heading,
            text.map_or_else(ToString::to_string, Explanation::to_string),
        );
    }
    Ok(report)
}

/// The calls of a negotiation, what else was to be seen, and the states of both peers.
pub struct NegotiationReport {
    sections: Vec<(&'static str, String)>,
    /// The states of both peers.
    pub timeline: Timeline,
}

impl NegotiationReport {
    pub(crate) fn new(steps: &[NegotiationStep], timeline: Timeline) -> Self {
        let heading =
            "The negotiation, call by call, and the signaling state of both peers after each";
        let sections = vec![(heading, table(steps))];
        Self { sections, timeline }
    }

    /// Adds what else was to be seen.
    pub fn add(&mut self, heading: &'static str, text: impl Into<String>) {
        self.sections.push((heading, text.into()));
    }
}

/// One line for each call: its number, the call, and the states of both peers after it. Below it, its notes.
fn table(steps: &[NegotiationStep]) -> String {
    let (mut local, mut remote) = (SignalingState::Stable, SignalingState::Stable);
    let mut lines = Vec::new();
    for step in steps {
        match step.peer.as_str() {
            "local" => local = step.state,
            _ => remote = step.state,
        }
        let number = step.call.number();
        let call = format!("{}.{}", step.peer, step.call);
        lines.push(format!(
            "{number}  {call:<37} local {local:<16}  remote {remote}"
        ));
        lines.extend(step.notes.iter().map(|note| format!("     {note}")));
    }
    lines.join("\n")
}

impl fmt::Display for NegotiationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (heading, text) in &self.sections {
            writeln!(f, "{}", Section::new(heading, text))?;
        }
        let timeline = Section::new("Timeline", &self.timeline).to_string();
        f.write_str(timeline.trim_end())
    }
}
