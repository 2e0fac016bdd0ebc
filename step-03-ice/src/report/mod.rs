//! What step 03 prints on standard output.

pub mod observations;

use std::fmt::Write;

use step_01_capture::Timeline;
use step_01_capture::program::report::Section;
use step_02_peer::{CONNECTION, ICE};

use crate::candidate::{Candidate, CandidateType};
use crate::check_list::CheckList;
use crate::report::observations::Observations;

/// 1-3: what one peer found, and what the kinds of candidates are good for.
pub fn candidates(seen: &Observations, peer: &str) -> String {
    let found = seen.candidates_of(peer);
    let count = match found.len() {
        1 => "1 candidate".to_owned(),
        count => format!("{count} candidates"),
    };
    let heading = format!("1-3  What {peer} found: {count}");
    let mut lines: Vec<String> = found.iter().map(ToString::to_string).collect();
    lines.extend(notes(&found));
    Section::new(&heading, lines.join("\n")).to_string()
}

/// What stands between this machine and the servers.
fn notes(found: &[Candidate]) -> Vec<String> {
    let mut notes = Vec::new();
    let of = |kind| found.iter().filter(move |candidate| candidate.kind == kind);
    let hosts: Vec<String> = of(CandidateType::Host).map(Candidate::socket).collect();
    for seen in of(CandidateType::ServerReflexive).map(Candidate::socket) {
        notes.push(match hosts.contains(&seen) {
            true => format!(
                "{seen} is the host candidate over again: no NAT stands between this machine and the STUN server."
            ),
            false => format!("{seen} is what a NAT makes of it: others reach this machine there."),
        });
    }
    if of(CandidateType::ServerReflexive).next().is_none() && !hosts.is_empty() {
        notes.push(
            "no srflx: that is an address outside of a NAT, and only a STUN server outside tells it.".to_owned(),
        );
    }
    if of(CandidateType::Relay).next().is_none() {
        notes.push("no relay: only a TURN server has addresses to lend.".to_owned());
    }
    notes
}

/// 1-4 and 1-5: the messages.
pub fn messages(seen: &Observations) -> String {
    let sent = seen.candidates.iter();
    let sent: Vec<String> = sent
        .map(|c| format!("{} -> {}", c.from, c.message))
        .collect();
    let heading = "1-4, 1-5  What was sent, and added to the other peer";
    Section::new(heading, sent.join("\n")).to_string()
}

/// The servers that did not help; empty if all did.
pub fn failed_servers(seen: &Observations) -> String {
    if seen.failed_servers.is_empty() {
        return String::new();
    }
    let mut failed: Vec<_> = seen.failed_servers.iter().collect();
    failed.sort_by_key(|failed| (&failed.peer, &failed.error.url));
    let failed = failed.into_iter().map(|failed| {
        let (code, url, text) = (
            failed.error.error_code,
            &failed.error.url,
            &failed.error.error_text,
        );
        format!("{:<6} icecandidateerror {code}  {url}  {text}", failed.peer)
    });
    let lines = failed.collect::<Vec<_>>().join("\n");
    let heading = "Servers that did not help; the call goes on with the candidates that there are";
    Section::new(heading, lines).to_string() + "\n"
}

/// 1-5: the checks, and the way that they found.
pub fn checks(peer: &str, checks: &CheckList, timeline: &Timeline) -> String {
    let heading = format!("1-5  The pairs that {peer} checked, in this order");
    let mut text = Section::new(&heading, checks).to_string();
    let chosen = chosen(peer, checks, timeline);
    // Writing into a String cannot fail.
    let _ = write!(text, "\n{}", Section::new("The way that ICE chose", chosen));
    text
}

fn chosen(peer: &str, checks: &CheckList, timeline: &Timeline) -> String {
    let Some(pair) = checks.nominated() else {
        return "none: no pair of candidates was answered".to_owned();
    };
    let round_trip = pair.round_trip.map_or_else(String::new, |time| {
        format!(", round trip {:.1} ms", time.as_secs_f64() * 1e3)
    });
    let how = match pair.is_relayed() {
        true => "through a relay",
        false => "straight from peer to peer",
    };
    let (local, remote) = (&pair.local, &pair.remote);
    let mut lines = vec![format!(
        "{} {} <-> {} {}, {how}{round_trip}",
        local.kind, local.socket, remote.kind, remote.socket
    )];
    for (machine, state, meaning) in [
        (ICE, "connected", "the nominated pair was answered"),
        (
            CONNECTION,
            "connected",
            "keys are agreed on (DTLS), media may flow",
        ),
    ] {
        if let (Some(at), Some(from)) = (
            timeline.reached(peer, machine, state),
            timeline.reached(peer, ICE, "checking"),
        ) {
            let took = (at.saturating_sub(from)).as_secs_f64() * 1e3;
            lines.push(format!(
                "{took:.1} ms after the first check: {machine} {state}, {meaning}"
            ));
        }
    }
    lines.join("\n")
}

/// The states of all peers.
pub fn timeline(timeline: &Timeline) -> String {
    Section::new("Timeline", timeline).to_string()
}
