//! ICE: options and candidates.

use step_03_ice::{Candidate, CandidateType};

use super::explained_line::{ExplainedLine, ICE, line, malformed};

pub(super) fn options(value: &str) -> ExplainedLine {
    // `ice-char`: a letter, a digit, `+` or `/`.
    let is_tag = |tag: &str| {
        tag.chars()
            .all(|c| c.is_ascii_alphanumeric() || "+/".contains(c))
    };
    let tags: Vec<&str> = value.split_ascii_whitespace().collect();
    if tags.is_empty() || !tags.iter().all(|tag| is_tag(tag)) {
        return malformed(
            "ice-options:<option> ..., separated by spaces",
            "RFC 8839 §5.6",
        );
    }
    let explained = tags.iter().map(|tag| match *tag {
        "trickle" => "candidates can follow one by one (trickle)".to_owned(),
        "ice2" => "ICE as defined in RFC 8445 (ice2)".to_owned(),
        "renomination" => "the selected pair can change later (renomination)".to_owned(),
        other => format!("{other}, not explained here"),
    });
    line(
        format!("ICE options: {}.", explained.collect::<Vec<_>>().join("; ")),
        ICE,
        match tags.contains(&"trickle") {
            true => {
                "The other peer adds each candidate when it arrives, and does not wait for all of them."
            }
            false => "The other peer uses the options that it supports.",
        },
        "RFC 8839 §5.6, RFC 8838 §3",
    )
}

pub(super) fn candidate(value: &str) -> ExplainedLine {
    let Ok(candidate) = format!("candidate:{value}").parse::<Candidate>() else {
        let form =
            "candidate:<foundation> <component> <transport> <priority> <address> <port> typ <type>";
        return malformed(form, "RFC 8839 §5.1");
    };
    let mut words = value.split_ascii_whitespace();
    let is_active = words.any(|word| word == "tcptype") && words.next() == Some("active");
    let mut text = match is_active {
        true => format!(
            "This peer opens TCP connections from {} and accepts none (tcptype active; port {} is a placeholder)",
            candidate.address, candidate.port
        ),
        false => format!(
            "This peer can be reached at {} over {}",
            candidate.socket(),
            candidate.transport
        ),
    };
    text += match candidate.kind {
        CandidateType::Host => ": an address of its machine (host)",
        CandidateType::ServerReflexive => {
            ": its address as a STUN server sees it, outside of its NAT (srflx)"
        }
        CandidateType::PeerReflexive => ": its address as the other peer sees it (prflx)",
        CandidateType::Relay => ": an address of a TURN server, which relays everything (relay)",
    };
    if candidate.address.ends_with(".local") {
        text += ", with an mDNS name instead of the IP address";
    }
    if let Some((address, port)) = &candidate.related {
        text += &format!(", related to {address}:{port}");
    }
    let component = match candidate.component {
        1 => "Component 1, RTP".to_owned(),
        2 => "Component 2, RTCP without rtcp-mux".to_owned(),
        other => format!("Component {other}"),
    };
    let (kind, local, _) = candidate.preferences();
    text += &format!(
        ". {component}. Priority {}: type preference {kind}, local preference {local}. Foundation {}.",
        candidate.priority, candidate.foundation
    );
    match is_active {
        true => line(
            text,
            ICE,
            "The other peer waits for a connection at its own passive TCP candidates.",
            "RFC 6544 §4.5 and §6.2",
        ),
        false => line(
            text,
            ICE,
            "The other peer pairs it with its own candidates and checks the pairs, those of high \
             priority first.",
            "RFC 8839 §5.1, RFC 8445 §5.1.2",
        ),
    }
}
