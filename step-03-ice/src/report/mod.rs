//! What step 03 prints on standard output, and what `--report` writes in every step from here on.

mod dtls_text;
mod event_text;
pub mod ladder;
mod lanes;
pub mod page;
pub mod report_arguments;
pub mod report_file;
pub mod run_report;
mod stun_text;

use std::fmt;

use step_01_capture::Timeline;
use step_01_capture::program::report::Section;
use step_02_peer::{CONNECTION, ICE, PeerEvent};
use webrtc::peer_connection::{RTCIceCandidateInit, RTCPeerConnectionIceErrorEvent};

use crate::candidate::{Candidate, CandidateType};
use crate::check_list::CheckList;
use crate::observing::check_log::Check;
use crate::session::{Observed, Role};
use crate::signaling::SignalingMessage;
use crate::trickle::candidate_message;

/// What the peers of a call found, sent and checked.
pub struct IceReport {
    /// Every candidate, in the order in which it was found.
    pub candidates: Vec<SentCandidate>,
    /// Every server that failed.
    pub failed_servers: Vec<FailedServer>,
    /// The pairs that were checked.
    pub checks: CheckList,
    /// The states of the peers.
    pub timeline: Timeline,
}

/// A candidate, the peer that found it, and the message to the other peer.
pub struct SentCandidate {
    /// The peer that found it.
    pub from: String,
    /// Its parts.
    pub candidate: Candidate,
    /// The message as a line of JSON.
    pub message: String,
}

/// A STUN or TURN server that failed, and the peer that needed it.
pub struct FailedServer {
    /// The peer that needed it.
    pub peer: String,
    /// W3C's event.
    pub error: RTCPeerConnectionIceErrorEvent,
}

impl IceReport {
    /// A report on a call that has not begun.
    pub fn new(timeline: Timeline) -> Self {
        Self {
            candidates: Vec::new(),
            failed_servers: Vec::new(),
            checks: CheckList::new(&[], &[], &[], Role::Offerer),
            timeline,
        }
    }

    /// Adds an event if it is a candidate or a failed server.
    pub fn add_event(&mut self, Observed { peer, event }: Observed) {
        match event {
            PeerEvent::IceCandidate(candidate) => {
                if let Ok(message) = candidate_message(&candidate) {
                    self.add_message(&peer, &message);
                }
            }
            PeerEvent::IceCandidateError(error) => {
                self.failed_servers.push(FailedServer { peer, error });
            }
            _ => {}
        }
    }

    /// Adds a message of the peer `from` if it is a candidate.
    pub fn add_message(&mut self, from: &str, message: &SignalingMessage) {
        if let SignalingMessage::Candidate(RTCIceCandidateInit { candidate, .. }) = message
            && let Ok(candidate) = candidate.parse()
        {
            self.candidates.push(SentCandidate {
                from: from.to_owned(),
                candidate,
                message: message.to_json(),
            });
        }
    }

    /// Adds the checks of the first peer, which has this role.
    pub fn add_checks(&mut self, checks: &[Check], (peer, other): (&str, &str), role: Role) {
        let (local, remote) = (self.candidates_of(peer), self.candidates_of(other));
        self.checks = CheckList::new(checks, &local, &remote, role);
    }

    /// What one peer found.
    pub fn candidates_of(&self, peer: &str) -> Vec<Candidate> {
        let found = self.candidates.iter().filter(|sent| sent.from == peer);
        found.map(|sent| sent.candidate.clone()).collect()
    }

    /// 1-3: what one peer found, and what the kinds of candidates mean.
    pub fn candidates_section(&self, peer: &str) -> String {
        let found = self.candidates_of(peer);
        let count = match found.len() {
            1 => "1 candidate".to_owned(),
            count => format!("{count} candidates"),
        };
        let heading = format!("1-3  What {peer} found: {count}");
        let mut lines: Vec<String> = found.iter().map(ToString::to_string).collect();
        lines.extend(notes(&found));
        Section::new(&heading, lines.join("\n")).to_string()
    }

    /// The servers that failed; empty if none did.
    pub fn failed_servers_section(&self) -> String {
        if self.failed_servers.is_empty() {
            return String::new();
        }
        let mut failed: Vec<_> = self.failed_servers.iter().collect();
        failed.sort_by_key(|failed| (&failed.peer, &failed.error.url));
        let lines = failed.into_iter().map(|FailedServer { peer, error }| {
            let (code, url, text) = (error.error_code, &error.url, &error.error_text);
            format!("{peer:<6} icecandidateerror {code}  {url}  {text}")
        });
        let heading = "Servers that failed; the call goes on with the candidates that there are";
        let lines = lines.collect::<Vec<_>>().join("\n");
        Section::new(heading, lines).to_string() + "\n"
    }

    /// 1-4 and 1-5: the messages.
    pub fn messages_section(&self) -> String {
        let sent = self.candidates.iter();
        let lines = sent.map(|sent| format!("{} -> {}", sent.from, sent.message));
        let heading = "1-4, 1-5  What was sent, and added to the other peer";
        Section::new(heading, lines.collect::<Vec<_>>().join("\n")).to_string()
    }

    /// 1-5: the checks of one peer, and the pair that was nominated.
    pub fn checks_section(&self, peer: &str) -> String {
        let heading = format!("1-5  The pairs that {peer} checked, in this order");
        let checks = Section::new(&heading, &self.checks);
        let chosen = Section::new("The path that ICE chose", self.chosen_path(peer));
        format!("{checks}\n{chosen}")
    }

    fn chosen_path(&self, peer: &str) -> String {
        let Some(pair) = self.checks.nominated() else {
            return "none: no pair of candidates was answered".to_owned();
        };
        let end = |c: &Candidate| format!("{} {}", c.kind, c.socket());
        let (local, remote) = (end(&pair.local), end(&pair.remote));
        let how = match pair.is_relayed() {
            true => "through a relay",
            false => "straight from peer to peer",
        };
        let mut text = format!("{local} <-> {remote}, {how}");
        if let Some(time) = pair.round_trip {
            text += &format!(", round trip {:.1} ms", time.as_secs_f64() * 1e3);
        }
        let reached = |machine, state| self.timeline.reached(peer, machine, state);
        for (machine, meaning) in [
            (ICE, "the nominated pair was answered"),
            (CONNECTION, "keys are agreed on (DTLS), media may flow"),
        ] {
            if let (Some(at), Some(from)) =
                (reached(machine, "connected"), reached(ICE, "checking"))
            {
                let took = at.saturating_sub(from).as_secs_f64() * 1e3;
                text += &format!(
                    "\n{took:.1} ms after the first check: {machine} connected, {meaning}"
                );
            }
        }
        text
    }

    /// The sections on both peers, of which the first is in this process, without the timeline.
    pub fn sections_of(&self, (peer, other): (&str, &str)) -> String {
        [
            self.candidates_section(peer) + "\n",
            self.candidates_section(other) + "\n",
            self.failed_servers_section(),
            self.checks_section(peer),
        ]
        .concat()
    }

    /// The states of all peers.
    pub fn timeline_section(&self) -> String {
        Section::new("Timeline", &self.timeline).to_string()
    }
}

/// What the candidates of a peer say about NATs and servers.
fn notes(found: &[Candidate]) -> Vec<String> {
    let of = |kind| {
        let same = found.iter().filter(move |candidate| candidate.kind == kind);
        same.map(Candidate::socket).collect::<Vec<_>>()
    };
    let (hosts, reflexive) = (of(CandidateType::Host), of(CandidateType::ServerReflexive));
    let mut notes: Vec<String> = reflexive
        .iter()
        .map(|socket| match hosts.contains(socket) {
            true => format!(
                "{socket} is the host candidate again: there is no NAT between this machine and the STUN server."
            ),
            false => format!("{socket} is what a NAT makes of it: others reach this machine there."),
        })
        .collect();
    if reflexive.is_empty() && !hosts.is_empty() {
        notes.push(
            "no srflx: that is an address outside of a NAT, and only a STUN server outside sees it."
                .to_owned(),
        );
    }
    if of(CandidateType::Relay).is_empty() {
        notes.push("no relay: only a TURN server has such addresses.".to_owned());
    }
    notes
}

impl fmt::Display for IceReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.candidates_section("local"))?;
        writeln!(f, "{}", self.candidates_section("remote"))?;
        write!(f, "{}", self.failed_servers_section())?;
        writeln!(f, "{}", self.messages_section())?;
        writeln!(f, "{}", self.checks_section("local"))?;
        write!(f, "{}", self.timeline_section().trim_end())
    }
}
