//! What `cargo run -p step-03-ice` shows.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use step_01_capture::Timeline;
use step_01_capture::report::Section;
use step_01_capture::stop_signal::StopSignal;
use step_02_peer::{CONNECTION, ICE, OutgoingVideo, PeerConfig, PeerEvent, stopped};
use tokio::time::timeout;
use webrtc::peer_connection::{RTCIceGatheringState, RTCPeerConnectionState};

use crate::candidate_info::CandidateInfo;
use crate::candidate_pair::CandidatePair;
use crate::envelope::Envelope;
use crate::peer_pair::{ConnectedPair, PeerPair};
use crate::session::{Observed, SessionError};
use crate::trickle::candidate_message;

/// ICE gives up by itself 30 s after the last answer; a peer that says nothing at all is given a little more.
const PATIENCE: Duration = Duration::from_secs(35);

/// A candidate, who found it, and the message that carried it over.
pub struct SentCandidate {
    /// The peer that found it.
    pub from: String,
    /// What it says.
    pub info: CandidateInfo,
    /// The line of JSON in which it travelled.
    pub message: String,
}

/// How two peers found a way to each other.
pub struct Lesson {
    /// Every candidate that was sent, in order.
    pub candidates: Vec<SentCandidate>,
    /// The pairs of the local peer, as the checks left them.
    pub pairs: Vec<CandidatePair>,
    /// The states of both peers.
    pub timeline: Timeline,
}

/// What is to be seen before the lesson is over.
#[derive(Default)]
struct Progress {
    candidates: Vec<SentCandidate>,
    gathered: usize,
    settled: usize,
}

impl Lesson {
    /// Connects two peers (1-1 to 1-5 of the note) and closes them again.
    ///
    /// # Errors
    /// [`SessionError`] when a peer cannot be made or used. Peers that find no way to each other are no error: the
    /// lesson tells of it.
    pub async fn run(
        video: OutgoingVideo,
        config: PeerConfig,
        timeline: Timeline,
        stop: StopSignal,
    ) -> Result<Lesson, SessionError> {
        let pair = PeerPair::new(config.clone(), config, &timeline).await?;
        pair.local.add_track(&video).await?;
        let mut pair = pair.connect(Arc::new(Envelope));
        let mut progress = Progress::default();
        tokio::select! {
            _ = timeout(PATIENCE, progress.until_settled(&mut pair)) => {}
            () = stopped(&stop) => {}
        }
        let pairs = CandidatePair::all(&pair.local).await;
        pair.close().await?;
        Ok(Lesson {
            candidates: progress.candidates,
            pairs,
            timeline,
        })
    }
}

impl Progress {
    /// Reads the events of both peers until each has gathered all of its candidates and is connected, or has failed.
    async fn until_settled(&mut self, pair: &mut ConnectedPair) {
        while self.gathered < 2 || self.settled < 2 {
            match pair.next_event().await {
                Some(observed) => self.note(observed),
                None => return,
            }
        }
    }

    fn note(&mut self, Observed { peer, event }: Observed) {
        use RTCPeerConnectionState::{Connected, Failed};
        match event {
            PeerEvent::IceCandidate(candidate) => {
                let Ok(message) = candidate_message(&candidate) else {
                    return;
                };
                let crate::SignalingMessage::Candidate(init) = &message else {
                    return;
                };
                if let Ok(info) = init.candidate.parse() {
                    let message = message.to_json();
                    self.candidates.push(SentCandidate {
                        from: peer,
                        info,
                        message,
                    });
                }
            }
            PeerEvent::IceGatheringState(RTCIceGatheringState::Complete) => self.gathered += 1,
            PeerEvent::ConnectionState(Connected | Failed) => self.settled += 1,
            _ => {}
        }
    }
}

impl fmt::Display for Lesson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for peer in ["local", "remote"] {
            let found = self
                .candidates
                .iter()
                .filter(|candidate| candidate.from == peer);
            let found: Vec<String> = found.map(|candidate| candidate.info.to_string()).collect();
            let heading = format!("1-3  What {peer} found: {} candidates", found.len());
            writeln!(f, "{}", Section::new(&heading, found.join("\n")))?;
        }
        let sent: Vec<String> = self
            .candidates
            .iter()
            .map(|c| format!("{} -> {}", c.from, c.message))
            .collect();
        let heading = "1-4, 1-5  What was sent, and added to the other peer";
        writeln!(f, "{}", Section::new(heading, sent.join("\n")))?;
        writeln!(
            f,
            "{}",
            Section::new("The way that ICE chose", self.chosen())
        )?;
        write!(
            f,
            "{}",
            Section::new("Timeline", &self.timeline)
                .to_string()
                .trim_end()
        )
    }
}

impl Lesson {
    fn chosen(&self) -> String {
        let Some(pair) = self.pairs.iter().find(|pair| pair.selected) else {
            return "none: no pair of candidates answered".to_owned();
        };
        let mut lines = vec![pair.to_string()];
        for (machine, state, meaning) in [
            (ICE, "connected", "the first check was answered"),
            (
                CONNECTION,
                "connected",
                "keys are agreed on (DTLS), media may flow",
            ),
        ] {
            if let (Some(at), Some(from)) = (
                self.timeline.reached("local", machine, state),
                self.timeline.reached("local", ICE, "checking"),
            ) {
                let took = (at.saturating_sub(from)).as_secs_f64() * 1e3;
                lines.push(format!(
                    "{took:.1} ms after the first check: {machine} {state}, {meaning}"
                ));
            }
        }
        lines.join("\n")
    }
}
