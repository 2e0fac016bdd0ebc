//! How the peers find a way to each other.

use step_03_ice::Candidate;

use super::line_explanation::{LineExplanation, explained, from, malformed};

pub(super) fn explain(name: &str, value: &str) -> Option<LineExplanation> {
    match name {
        "ice-ufrag" => explained(
            format!("This side's name in connectivity checks: {value}."),
            from::ICE,
            "The other side begins the USERNAME of its checks with this name, and adds its own.",
            "RFC 8839 §5.4, RFC 8445 §7.2.2",
        ),
        "ice-pwd" => explained(
            format!(
                "The password for connectivity checks, {} characters.",
                value.chars().count()
            ),
            from::ICE,
            "The other side signs the checks that it sends here with it. A new name and \
             password mean an ICE restart.",
            "RFC 8839 §5.4",
        ),
        "ice-options" => options(value),
        "ice-lite" => explained(
            "This side only answers checks and makes none: a server with a public address.",
            from::ICE,
            "The other side makes the checks and takes the controlling role.",
            "RFC 8839 §5.3, RFC 8445 §2.5",
        ),
        "ice-pacing" => explained(
            format!("Checks should be at least {value} ms apart."),
            from::ICE,
            "Both sides take the larger of the two values.",
            "RFC 8839 §5.5",
        ),
        "candidate" => candidate(value),
        "remote-candidates" => explained(
            format!("The other side's candidates that were chosen: {value}."),
            from::ICE,
            "The other side compares them with the pair that it has nominated.",
            "RFC 8839 §5.2",
        ),
        "end-of-candidates" => explained(
            "No more candidates will come.",
            from::ICE,
            "The other side may declare ICE failed when all these have failed, instead of \
             waiting for more.",
            "RFC 8840 §8",
        ),
        _ => None,
    }
}

fn options(value: &str) -> Option<LineExplanation> {
    let clauses: Vec<String> = value
        .split_ascii_whitespace()
        .map(|option| match option {
            "trickle" => "candidates may follow one by one (trickle)".to_owned(),
            "ice2" => "ICE as of RFC 8445 (ice2)".to_owned(),
            "renomination" => "the chosen pair may be changed later (renomination)".to_owned(),
            other => format!("{other}, not explained here"),
        })
        .collect();
    if clauses.is_empty() {
        return malformed("ice-options:<option> ...", "RFC 8839 §5.6");
    }
    explained(
        format!("ICE extensions: {}.", clauses.join("; ")),
        from::ICE,
        "With trickle, the other side need not wait for all candidates: it takes each as it comes.",
        "RFC 8839 §5.6, RFC 8838 §3",
    )
}

fn candidate(value: &str) -> Option<LineExplanation> {
    let Ok(info) = format!("candidate:{value}").parse::<Candidate>() else {
        return malformed(
            "candidate:<foundation> <component> <transport> <priority> <address> <port> typ <type>",
            "RFC 8839 §5.1",
        );
    };
    let (kind, local, _) = info.preferences();
    let component = match info.component {
        1 => "RTP".to_owned(),
        2 => "RTCP, if that is not on RTP's port".to_owned(),
        other => format!("component {other}"),
    };
    let behind = match &info.related {
        Some((address, port)) => format!(", behind it {address}:{port}"),
        None => String::new(),
    };
    let hidden = match info.address.ends_with(".local") {
        true => ", its IP hidden behind an mDNS name",
        false => "",
    };
    explained(
        format!(
            "Reach this side at {} over {}: {} ({}){hidden}{behind}. For {component}. Priority \
             {}: type {kind}, local {local}. Foundation {}.",
            info.socket(),
            info.transport,
            info.kind.meaning(),
            info.kind,
            info.priority,
            info.foundation,
        ),
        from::ICE,
        "The other side pairs it with its own candidates and checks the pairs, high priority \
         first.",
        "RFC 8839 §5.1, RFC 8445 §5.1.2",
    )
}
