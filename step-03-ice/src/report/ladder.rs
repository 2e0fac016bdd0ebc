//! The ladder of a call: who did what, what travelled between whom, in the order in which it happened.
//!
//! Nothing is in it that was not seen: each row is a [`Transition`](step_01_capture::Transition) of the timeline or an
//! event of the [`CallLog`](step_01_capture::CallLog).

use std::collections::{HashMap, VecDeque};

use serde::Serialize;
use step_01_capture::Timeline;
use step_01_capture::call_log::{Event, EventCount, EventKind};

use crate::report::event_text::EventText;
use crate::report::lanes::{Lane, Lanes};

/// A clock that stands still for two sockets may tick between them.
const SAME_TIME_MS: f64 = 0.5;

/// All rows, and the texts to which they refer.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Ladder {
    /// The peers and servers, from left to right.
    pub lanes: Vec<Lane>,
    /// What happened, in order.
    pub rows: Vec<Row>,
    /// What travelled: [`Row::text`] is an index.
    pub texts: Vec<String>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Since the start of the timeline.
    pub at_ms: f64,
    /// `state`, `call`, or the protocol of an arrow: `signaling`, `STUN`, `check`, `DTLS`, `RTP`, `RTCP`.
    pub kind: &'static str,
    /// The lane at which it happened, or from which the arrow starts; none for what concerns the page alone.
    pub from: Option<usize>,
    /// Where an arrow ends, which may be where it starts; none for a state or a call.
    pub to: Option<usize>,
    /// The number that the note gives it: `1-1` to `2-5`.
    pub number: &'static str,
    /// A few words.
    pub label: String,
    /// What was passed or sent, as an index.
    pub text: Option<usize>,
    /// The state machine, and the state that it entered, of a `state`.
    pub state: Option<(&'static str, String)>,
    /// When an arrow was seen at its end.
    pub arrived_ms: Option<f64>,
    /// An arrow to a peer of this program that was not seen there.
    pub lost: bool,
    /// A check that nominates its pair.
    pub nominates: bool,
    /// The row of the request to which this is the response.
    pub answers: Option<usize>,
    /// The two sockets of an arrow.
    pub route: Option<(String, String)>,
}

impl Ladder {
    /// Draws the ladder of what `timeline` has. `explain` explains a session description.
    pub fn new(timeline: &Timeline, explain: &dyn Fn(&str) -> String) -> Self {
        let log = timeline.call_log();
        let (events, counts) = (log.events(), log.counts());
        let texts: Vec<EventText> = events.iter().map(|e| EventText::of(e, explain)).collect();
        let lanes = Lanes::of(&events, &texts, timeline);
        let mut drawing = Drawing {
            lanes: &lanes,
            texts: Vec::new(),
            rows: transitions(timeline, &lanes),
        };
        drawing.add_events(&events, texts, &counts);
        let mut rows = drawing.rows;
        rows.sort_by(|a, b| a.0.at_ms.total_cmp(&b.0.at_ms));
        Self {
            rows: connect_answers(rows),
            texts: drawing.texts,
            lanes: lanes.lanes,
        }
    }
}

/// A row, and the transaction to which it belongs.
type NewRow = (Row, Option<Transaction>);

/// A STUN transaction, and whether this row is its request.
#[derive(Clone, Copy)]
struct Transaction {
    id: [u8; 12],
    is_request: bool,
}

fn milliseconds(time: std::time::Duration) -> f64 {
    time.as_micros() as f64 / 1e3
}

fn transitions(timeline: &Timeline, lanes: &Lanes) -> Vec<NewRow> {
    let transitions = timeline.transitions().into_iter();
    let rows = transitions.map(|t| {
        let label = match &t.from {
            Some(from) => format!("{}: {from} => {}", t.machine, t.to),
            None => format!("{}: {}", t.machine, t.to),
        };
        let row = Row {
            state: Some((t.machine.0, t.to)),
            ..Row::at(milliseconds(t.at), "state", lanes.peer(&t.peer), label)
        };
        (row, None)
    });
    rows.collect()
}

struct Drawing<'a> {
    lanes: &'a Lanes,
    texts: Vec<String>,
    rows: Vec<NewRow>,
}

impl Drawing<'_> {
    /// A message that both ends saw is one arrow.
    fn add_events(&mut self, events: &[Event], texts: Vec<EventText>, counts: &[EventCount]) {
        let mut arrivals = Arrivals::new(events, counts);
        let texts = events.iter().zip(texts);
        let (received, others): (Vec<_>, Vec<_>) =
            texts.partition(|(event, _)| event.kind == EventKind::Received);
        for (event, text) in others {
            let arrival = match event.kind {
                EventKind::Sent => arrivals.take(event),
                _ => None,
            };
            let lost = arrival.is_none() && self.is_lost(event, &arrivals);
            self.add(event, text, arrival, lost);
        }
        for (event, text) in received {
            if !arrivals.is_taken(event) {
                self.add(event, text, None, false);
            }
        }
    }

    /// Whether a message should have been seen at its end, and was not.
    fn is_lost(&self, event: &Event, arrivals: &Arrivals<'_>) -> bool {
        let to = self.lanes.other_end(event);
        let observed = to.and_then(|lane| self.lanes.lanes.get(lane));
        event.kind == EventKind::Sent
            && observed
                .is_some_and(|lane| lane.observed && arrivals.are_complete(event, &lane.name))
    }

    fn add(&mut self, event: &Event, text: EventText, arrival: Option<&Event>, lost: bool) {
        let at = milliseconds(event.at);
        let peer = self.lanes.peer(&event.peer);
        let other = self.lanes.other_end(event);
        let (from, to) = match event.kind {
            EventKind::Call => (peer, None),
            EventKind::Sent => match arrival {
                Some(arrival) if arrival.peer == event.peer => (peer, peer),
                _ => (peer, other),
            },
            EventKind::Received => (other, peer),
        };
        let arrived = arrival.map(|arrival| milliseconds(arrival.at));
        // A socket says that it has sent when the other one may have received.
        let sent = arrived.map_or(at, |arrived| at.min(arrived));
        let row = Row {
            to,
            number: text.number,
            text: self.index_of(text.details),
            arrived_ms: arrived.filter(|arrived| *arrived >= sent - SAME_TIME_MS),
            lost,
            nominates: text.nominates,
            route: event.route.map(|(socket, other)| match event.kind {
                EventKind::Received => (other.to_string(), socket.to_string()),
                _ => (socket.to_string(), other.to_string()),
            }),
            ..Row::at(sent, text.kind, from, text.label)
        };
        let transaction = text
            .transaction
            .map(|(id, is_request)| Transaction { id, is_request });
        self.rows.push((row, transaction));
    }

    /// The same text is kept once.
    fn index_of(&mut self, text: String) -> Option<usize> {
        if text.is_empty() {
            return None;
        }
        let known = self.texts.iter().position(|known| *known == text);
        Some(known.unwrap_or_else(|| {
            self.texts.push(text);
            self.texts.len() - 1
        }))
    }
}

impl Row {
    fn at(at_ms: f64, kind: &'static str, from: Option<usize>, label: String) -> Self {
        Self {
            at_ms,
            kind,
            from,
            to: None,
            number: "",
            label,
            text: None,
            state: None,
            arrived_ms: None,
            lost: false,
            nominates: false,
            answers: None,
            route: None,
        }
    }
}

/// What was received, by its contents, until the arrow that brought it is found.
struct Arrivals<'a> {
    waiting: HashMap<&'a [u8], VecDeque<&'a Event>>,
    counts: &'a [EventCount],
}

impl<'a> Arrivals<'a> {
    fn new(events: &'a [Event], counts: &'a [EventCount]) -> Self {
        let mut waiting: HashMap<&[u8], VecDeque<&Event>> = HashMap::new();
        for event in events.iter().filter(|e| e.kind == EventKind::Received) {
            waiting.entry(&event.contents).or_default().push_back(event);
        }
        Self { waiting, counts }
    }

    /// What another peer received of this message, or what came back to the one that sent it.
    fn take(&mut self, sent: &Event) -> Option<&'a Event> {
        let waiting = self.waiting.get_mut(&sent.contents[..])?;
        let arrived = |is_self| {
            let by = move |e: &&Event| (e.peer == sent.peer) == is_self && e.name == sent.name;
            waiting.iter().position(by)
        };
        let index = arrived(false).or_else(|| arrived(true))?;
        waiting.remove(index)
    }

    fn is_taken(&self, received: &Event) -> bool {
        let waiting = self.waiting.get(&received.contents[..]);
        !waiting.is_some_and(|waiting| waiting.iter().any(|it| std::ptr::eq(*it, received)))
    }

    /// Whether everything of this kind that `peer` received is kept: only then is what is not there lost.
    fn are_complete(&self, sent: &Event, peer: &str) -> bool {
        let same = |count: &&EventCount| {
            count.peer == peer && count.kind == EventKind::Received && count.name == sent.name
        };
        let count = self.counts.iter().find(same);
        count.is_none_or(|count| count.kept == count.total)
    }
}

/// A response names the row of its request. webrtc sends one transaction to all its servers, so the sockets count too; a
/// relay has others towards each peer.
fn connect_answers(rows: Vec<NewRow>) -> Vec<Row> {
    let mut requests: HashMap<_, Vec<usize>> = HashMap::new();
    let mut connected: Vec<Row> = Vec::with_capacity(rows.len());
    for (mut row, transaction) in rows {
        match transaction {
            Some(Transaction {
                id,
                is_request: true,
            }) => {
                requests.entry(id).or_default().push(connected.len());
            }
            Some(Transaction { id, .. }) => {
                let asked = requests.get(&id).map(Vec::as_slice).unwrap_or_default();
                let way_back = row.route.clone().map(|(from, to)| (to, from));
                let mut newest_first = asked.iter().rev();
                let asked_there = newest_first.find(|index| connected[**index].route == way_back);
                row.answers = asked_there.or(asked.last()).copied();
                let is_check = |index: usize| connected.get(index).map(|request| request.kind);
                if let Some("check") = row.answers.and_then(is_check) {
                    row.kind = "check";
                    row.label = row.label.replace("Binding success response", "answer");
                }
            }
            None => {}
        }
        connected.push(row);
    }
    connected
}
