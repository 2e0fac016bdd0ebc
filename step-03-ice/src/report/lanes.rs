//! The columns of the ladder: who takes part in a call.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde::Serialize;
use step_01_capture::Timeline;
use step_01_capture::call_log::{Event, EventKind};

use crate::report::event_text::EventText;

/// A window has no room for more servers; those beyond share a column.
const MOST_SERVERS: usize = 3;

/// A peer or a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lane {
    /// Its name, or its address.
    pub name: String,
    /// Whether it is in this program: what another one does, nobody here sees.
    pub observed: bool,
}

/// The columns, from left to right: a peer, the servers, the other peer.
pub(crate) struct Lanes {
    pub(crate) lanes: Vec<Lane>,
    /// The addresses of the servers, those included at which a server relays.
    servers: BTreeMap<SocketAddr, usize>,
}

impl Lanes {
    /// Who takes part in these events.
    pub(crate) fn of(events: &[Event], texts: &[EventText], timeline: &Timeline) -> Self {
        let mut servers: Vec<(SocketAddr, Vec<&str>)> = Vec::new();
        let mut relays = Vec::new();
        for (event, text) in events.iter().zip(texts) {
            let Some((_, other)) = event.route else {
                continue;
            };
            let known = servers.iter_mut().find(|(address, _)| *address == other);
            match (text.server, known) {
                (Some(kind), Some((_, kinds))) if !kinds.contains(&kind) => kinds.push(kind),
                (Some(kind), None) if event.kind == EventKind::Sent => {
                    servers.push((other, vec![kind]));
                }
                _ => {}
            }
            if let Some(relay) = text.relayed {
                relays.push((relay, other));
            }
        }
        let [first, second] = peers(timeline);
        let mut lanes = vec![first];
        let mut columns = BTreeMap::new();
        for (index, (address, kinds)) in servers.iter().enumerate() {
            columns.insert(*address, 1 + index.min(MOST_SERVERS - 1));
            let name = format!("{} {address}", kinds.join("/"));
            match lanes.get_mut(MOST_SERVERS) {
                Some(last) => last.name += &format!("; {name}"),
                None => lanes.push(Lane {
                    name,
                    observed: false,
                }),
            }
        }
        for (relay, server) in relays {
            if let Some(column) = columns.get(&server).copied() {
                columns.insert(relay, column);
            }
        }
        lanes.push(second);
        Self {
            lanes,
            servers: columns,
        }
    }

    /// The column of a peer; none for the page around it.
    pub(crate) fn peer(&self, name: &str) -> Option<usize> {
        self.lanes.iter().position(|lane| lane.name == name)
    }

    /// The column at the other end of a message.
    pub(crate) fn other_end(&self, event: &Event) -> Option<usize> {
        let server = event.route.and_then(|(_, other)| self.servers.get(&other));
        if let Some(server) = server {
            return Some(*server);
        }
        let last = self.lanes.len().checked_sub(1)?;
        match self.peer(&event.peer)? {
            0 => Some(last),
            _ => Some(0),
        }
    }
}

/// The two peers. What is not in this program has not been seen, but it is there.
fn peers(timeline: &Timeline) -> [Lane; 2] {
    let mut seen: Vec<String> = Vec::new();
    for transition in timeline.transitions() {
        if transition.peer != "app" && !seen.contains(&transition.peer) {
            seen.push(transition.peer);
        }
    }
    let lane = |name: &str, observed| Lane {
        name: name.to_owned(),
        observed,
    };
    match &seen[..] {
        [first, second, ..] => [lane(first, true), lane(second, true)],
        [only] if only == "remote" => [lane("local", false), lane(only, true)],
        [only] if only == "local" => [lane(only, true), lane("remote", false)],
        [only] => [lane(only, true), lane("other peer", false)],
        [] => [lane("local", false), lane("remote", false)],
    }
}
