//! One event of a call in words, for the ladder.

use std::net::SocketAddr;

use rtc::rtp;
use rtc::shared::marshal::Unmarshal;
use step_01_capture::call_log::{Event, EventKind};

use crate::candidate::Candidate;
use crate::observing::wire_packet::channel_data;
use crate::report::dtls_text::DtlsText;
use crate::report::stun_text::StunText;
use crate::signaling::SignalingMessage;

/// What the ladder shows of an event.
#[derive(Default)]
pub(crate) struct EventText {
    /// The protocol, or `call`.
    pub(crate) kind: &'static str,
    /// The number that the note gives it.
    pub(crate) number: &'static str,
    /// A few words.
    pub(crate) label: String,
    /// What was passed or sent, explained.
    pub(crate) details: String,
    /// Whether it is a check that nominates its pair.
    pub(crate) nominates: bool,
    /// The STUN transaction, and whether this is its request.
    pub(crate) transaction: Option<([u8; 12], bool)>,
    /// What the other end is, if this asks a server.
    pub(crate) server: Option<&'static str>,
    /// The address that a TURN server allocated.
    pub(crate) relayed: Option<SocketAddr>,
}

impl EventText {
    /// Reads an event. `explain` explains a session description.
    pub(crate) fn of(event: &Event, explain: &dyn Fn(&str) -> String) -> Self {
        match event.route {
            Some(_) => of_datagram(event.name, &event.contents),
            None if event.kind == EventKind::Call => of_call(event, explain),
            None => of_message(event, explain),
        }
    }
}

fn of_call(event: &Event, explain: &dyn Fn(&str) -> String) -> EventText {
    let text = String::from_utf8_lossy(&event.contents);
    let (number, label) = match event.name.split_once(' ') {
        Some((number, call)) if is_number(number) => (number, call),
        _ => ("", event.name),
    };
    EventText {
        kind: "call",
        number,
        label: label.to_owned(),
        details: explained(&text, explain),
        ..EventText::default()
    }
}

/// As in `2-3`.
fn is_number(text: &str) -> bool {
    matches!(text.as_bytes(), [b'1'..=b'2', b'-', b'1'..=b'5'])
}

fn of_message(event: &Event, explain: &dyn Fn(&str) -> String) -> EventText {
    let text = String::from_utf8_lossy(&event.contents);
    let details = match SignalingMessage::from_json(&text) {
        Ok(SignalingMessage::Description(description)) => explained(&description.sdp, explain),
        Ok(SignalingMessage::Candidate(init)) => {
            format!("{text}\n\n{}", explained(&init.candidate, explain))
        }
        // Over HTTP, a description is sent as it is.
        Err(_) => explained(&text, explain),
    };
    EventText {
        kind: "signaling",
        number: match event.name {
            "offer" => "2-2, 2-3",
            "answer" => "2-4, 2-5",
            "candidate" => "1-4",
            _ => "",
        },
        label: event.name.to_owned(),
        details,
        ..EventText::default()
    }
}

/// A description, a candidate, or any other text.
fn explained(text: &str, explain: &dyn Fn(&str) -> String) -> String {
    if text.starts_with("v=0") {
        return explain(text);
    }
    match text.parse::<Candidate>() {
        Ok(candidate) => format!("{text}\n\n{candidate}"),
        Err(_) => text.to_owned(),
    }
}

fn of_datagram(name: &'static str, datagram: &[u8]) -> EventText {
    let inner = channel_data(datagram).unwrap_or(datagram);
    let mut text = match name.trim_end_matches(", relayed") {
        "STUN" => of_stun(inner),
        "DTLS" => {
            let dtls = DtlsText::read(inner);
            EventText {
                kind: "DTLS",
                label: format!("DTLS {}", dtls.name),
                details: dtls.records,
                ..EventText::default()
            }
        }
        "RTP" | "RTP again" => of_rtp(name, inner),
        _ => EventText {
            kind: "RTCP",
            label: name.to_owned(),
            details: "encrypted (SRTCP), except its first header".to_owned(),
            ..EventText::default()
        },
    };
    if datagram.len() > inner.len() {
        text.label += ", in a channel of the relay";
    }
    text.details += &format!("\n{} bytes", datagram.len());
    text
}

fn of_stun(datagram: &[u8]) -> EventText {
    let Some(stun) = StunText::read(datagram) else {
        return EventText {
            kind: "STUN",
            label: "STUN, malformed".to_owned(),
            ..EventText::default()
        };
    };
    let label = match (stun.is_check, stun.nominates) {
        (true, true) => "check, nominates (USE-CANDIDATE)".to_owned(),
        (true, false) => "check".to_owned(),
        _ => stun.name.clone(),
    };
    let transaction: String = stun
        .transaction
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    EventText {
        kind: if stun.is_check { "check" } else { "STUN" },
        label,
        details: format!(
            "{}, transaction {transaction}\n\n{}",
            stun.name, stun.attributes
        ),
        nominates: stun.nominates,
        transaction: Some((stun.transaction, stun.is_request)),
        server: stun.server,
        relayed: stun.relayed.and_then(|address| address.parse().ok()),
        ..EventText::default()
    }
}

fn of_rtp(name: &'static str, mut datagram: &[u8]) -> EventText {
    let Ok(header) = rtp::Header::unmarshal(&mut datagram) else {
        return EventText::default();
    };
    let (number, kind) = (header.sequence_number, header.payload_type);
    EventText {
        kind: "RTP",
        label: match name.starts_with("RTP again") {
            true => format!("RTP {number} again"),
            false => "RTP, the first packet".to_owned(),
        },
        details: format!(
            "sequence number {number}\ntimestamp {}\npayload type {kind}\nSSRC {}\nmarker {}\n\
             the payload is encrypted (SRTP)",
            header.timestamp, header.ssrc, header.marker
        ),
        ..EventText::default()
    }
}
