//! What happened in a call beside the changes of state: its calls, its messages, its packets, its figures over time.
//!
//! The steps to come write into it, and `--report` draws it. It is always there, as the [`Timeline`](crate::Timeline) is,
//! and so it is small: of each kind of event it keeps the first ones, and counts all.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Calls, events and messages of signaling that are kept of one kind. A call makes a few, a stranger may send many.
const MOST_EVENTS: u64 = 100;
/// Text of one event, in bytes: a long description has 10 kB.
const MOST_CONTENTS: usize = 64 * 1024;
/// Measurements that are kept of one figure: 20 minutes at 30 frames a second, 280 kB.
const MOST_SAMPLES: usize = 36_000;
/// Seconds for which packets are counted one by one: an hour.
const MOST_SECONDS: usize = 3600;

/// What an event is to the peer at which it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// A call of the application, or an event that the peer fired.
    Call,
    /// A message or a packet that it sent.
    Sent,
    /// A message or a packet that it received.
    Received,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Since the start of the log.
    pub at: Duration,
    /// Who: `local`, `remote`.
    pub peer: String,
    /// What it is to this peer.
    pub kind: EventKind,
    /// The call, or the kind of the message: `2-1 createOffer()`, `STUN`.
    pub name: &'static str,
    /// The socket of the peer, and the address at the other end; none for what needs no socket.
    pub route: Option<(SocketAddr, SocketAddr)>,
    /// What was passed, sent or received: a text, or a datagram.
    pub contents: Vec<u8>,
}

/// How many events of one kind there were, whether they are kept or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventCount {
    /// Who: `local`, `remote`.
    pub peer: String,
    /// What they are to this peer.
    pub kind: EventKind,
    /// What they have in common.
    pub name: &'static str,
    /// All of them.
    pub total: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many of them are kept as an [`Event`].
    pub kept: u64,
    /// Number and bytes in each second, up to the last one that had any.
    pub seconds: Vec<(u32, u32)>,
}

/// The measurements of one figure, in the order in which they were made.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What was measured, and its unit.
    pub name: &'static str,
    /// When, in units of 0.1 ms, and the value.
    pub samples: Vec<(u32, f32)>,
    /// Measurements that came later and are not kept.
    pub left_out: u64,
}

/// The log of one program. Clones share it.
#[derive(Debug, Clone)]
pub struct CallLog {
    started: Instant,
    recorded: Arc<Mutex<Recorded>>,
}

#[derive(Debug, Default)]
struct Recorded {
    events: Vec<Event>,
    counts: Vec<EventCount>,
    series: Vec<Series>,
}

impl CallLog {
    /// An empty log; times are counted from `started`.
    pub fn new(started: Instant) -> Self {
        Self {
            started,
            recorded: Arc::default(),
        }
    }

    /// Records a call of `peer`, or an event that it fired, with the text that belongs to it.
    pub fn call(&self, peer: &str, name: &'static str, text: &str) {
        self.record(
            peer,
            EventKind::Call,
            name,
            None,
            text.as_bytes(),
            MOST_EVENTS,
        );
    }

    /// Records a message of signaling, which may take any way.
    pub fn message(&self, peer: &str, kind: EventKind, name: &'static str, text: &str) {
        self.record(peer, kind, name, None, text.as_bytes(), MOST_EVENTS);
    }

    /// Records a datagram, the first `keep` of this name with their contents.
    pub fn datagram(
        &self,
        peer: &str,
        kind: EventKind,
        name: &'static str,
        route: (SocketAddr, SocketAddr),
        datagram: &[u8],
        keep: u64,
    ) {
        self.record(peer, kind, name, Some(route), datagram, keep);
    }

    fn record(
        &self,
        peer: &str,
        kind: EventKind,
        name: &'static str,
        route: Option<(SocketAddr, SocketAddr)>,
        contents: &[u8],
        keep: u64,
    ) {
        let at = self.started.elapsed();
        let mut recorded = self.recorded.lock();
        let count = recorded.count(peer, kind, name);
        count.add(at, contents.len());
        if count.kept == keep {
            return;
        }
        count.kept += 1;
        recorded.events.push(Event {
            at,
            peer: peer.to_owned(),
            kind,
            name,
            route,
            contents: contents[..contents.len().min(MOST_CONTENTS)].to_vec(),
        });
    }

    /// Adds a measurement of a figure, made now.
    pub fn sample(&self, name: &'static str, value: f64) {
        // 119 hours of tenths of milliseconds; more are not kept anyway.
        let at = (self.started.elapsed().as_micros() / 100) as u32;
        let mut recorded = self.recorded.lock();
        let series = recorded.series(name);
        match series.samples.len() < MOST_SAMPLES {
            true => series.samples.push((at, value as f32)),
            false => series.left_out += 1,
        }
    }

    /// The events that are kept, in the order in which they happened.
    pub fn events(&self) -> Vec<Event> {
        self.recorded.lock().events.clone()
    }

    /// How many events of each kind there were.
    pub fn counts(&self) -> Vec<EventCount> {
        self.recorded.lock().counts.clone()
    }

    /// The figures over time.
    pub fn all_series(&self) -> Vec<Series> {
        self.recorded.lock().series.clone()
    }
}

impl Recorded {
    fn count(&mut self, peer: &str, kind: EventKind, name: &'static str) -> &mut EventCount {
        let known =
            |count: &EventCount| count.kind == kind && count.name == name && count.peer == peer;
        let index = self.counts.iter().position(known).unwrap_or_else(|| {
            self.counts.push(EventCount {
                peer: peer.to_owned(),
                kind,
                name,
                total: 0,
                bytes: 0,
                kept: 0,
                seconds: Vec::new(),
            });
            self.counts.len() - 1
        });
        &mut self.counts[index]
    }

    fn series(&mut self, name: &'static str) -> &mut Series {
        let known = |series: &Series| series.name == name;
        let index = self.series.iter().position(known).unwrap_or_else(|| {
            self.series.push(Series {
                name,
                samples: Vec::new(),
                left_out: 0,
            });
            self.series.len() - 1
        });
        &mut self.series[index]
    }
}

impl EventCount {
    fn add(&mut self, at: Duration, bytes: usize) {
        self.total += 1;
        self.bytes += bytes as u64;
        let second = at.as_secs() as usize;
        if second >= MOST_SECONDS {
            return;
        }
        if self.seconds.len() <= second {
            self.seconds.resize(second + 1, (0, 0));
        }
        let (number, sum) = &mut self.seconds[second];
        *number += 1;
        *sum = sum.saturating_add(bytes as u32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: &str = "see step-01-capture/src/call_log/mod.rs";

    #[test]
    fn the_first_events_of_a_kind_are_kept_and_all_are_counted() {
        let log = CallLog::new(Instant::now());
        let route = (([127, 0, 0, 1], 1).into(), ([127, 0, 0, 1], 2).into());
        for _ in 0..5 {
            log.datagram("local", EventKind::Sent, "RTP", route, &[0; 100], 2);
        }
        log.call("local", "2-1 createOffer()", "");
        let counts = log.counts();
        let counted = |it: &EventCount| (it.name, it.total, it.bytes, it.kept);
        let counted: Vec<_> = counts.iter().map(counted).collect();
        let expected = [("RTP", 5, 500, 2), ("2-1 createOffer()", 1, 0, 1)];
        assert_eq!(counted, expected, "{LOOK}");
        assert_eq!(counts[0].seconds, [(5, 500)], "one second; {LOOK}");
        let events: Vec<_> = log.events().into_iter().map(|event| event.name).collect();
        assert_eq!(events, ["RTP", "RTP", "2-1 createOffer()"], "{LOOK}");
    }

    #[test]
    fn peers_and_directions_are_counted_apart() {
        let log = CallLog::new(Instant::now());
        log.message("local", EventKind::Sent, "offer", "v=0");
        log.message("remote", EventKind::Received, "offer", "v=0");
        assert_eq!(log.counts().len(), 2, "{LOOK}");
    }

    #[test]
    fn neither_a_long_text_nor_a_long_call_fills_the_memory() {
        let log = CallLog::new(Instant::now());
        log.call(
            "local",
            "2-3 setRemoteDescription(offer)",
            &"x".repeat(1 << 20),
        );
        assert_eq!(log.events()[0].contents.len(), MOST_CONTENTS, "{LOOK}");
        for _ in 0..MOST_SAMPLES + 3 {
            log.sample("frame sent", 1.0);
        }
        let series = &log.all_series()[0];
        assert_eq!(
            (series.samples.len(), series.left_out),
            (MOST_SAMPLES, 3),
            "{LOOK}"
        );
    }
}
