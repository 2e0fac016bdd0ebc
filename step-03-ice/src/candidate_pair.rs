//! The pairs that ICE checked, and the one it chose.

use std::fmt;
use std::time::{Duration, Instant};

use rtc::statistics::stats::ice_candidate_pair::RTCStatsIceCandidatePairState as PairState;
use step_02_peer::Peer;
use webrtc::peer_connection::{RTCStatsReport, RTCStatsReportEntry, StatsSelector};

/// One end of a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairEnd {
    /// `host`, `srflx`, `prflx` or `relay`.
    pub kind: String,
    /// Address and port.
    pub socket: String,
}

/// A candidate of this peer with one of the other's, as the checks left it (W3C webrtc-stats §8.21
/// `RTCIceCandidatePairStats`).
#[derive(Debug, Clone, PartialEq)]
pub struct CandidatePair {
    /// This peer's candidate.
    pub local: PairEnd,
    /// The other peer's.
    pub remote: PairEnd,
    /// `waiting`, `in-progress`, `failed` or `succeeded` (RFC 8445 §6.1.2.6).
    pub state: String,
    /// Whether the controlling side has nominated it (RFC 8445 §8.1.1).
    pub nominated: bool,
    /// Whether media takes this way.
    pub selected: bool,
    /// From a check to its answer; none while no check was answered.
    pub round_trip: Option<Duration>,
}

impl CandidatePair {
    /// All pairs of `peer` that webrtc tells of (W3C webrtc-pc §8.2 `getStats()`).
    pub async fn all(peer: &Peer) -> Vec<CandidatePair> {
        let stats = peer
            .connection()
            .get_stats(Instant::now(), StatsSelector::None)
            .await;
        let selected = stats
            .transport()
            .map(|t| t.selected_candidate_pair_id.clone());
        let pairs = stats.candidate_pairs().filter_map(|pair| {
            let round_trip = pair.current_round_trip_time;
            Some(CandidatePair {
                local: pair_end(&stats, &pair.local_candidate_id)?,
                remote: pair_end(&stats, &pair.remote_candidate_id)?,
                state: state_name(pair.state).to_owned(),
                nominated: pair.nominated,
                selected: selected.as_deref() == Some(&*pair.stats.id),
                round_trip: (round_trip > 0.0).then(|| Duration::from_secs_f64(round_trip)),
            })
        });
        pairs.collect()
    }

    /// The pair on which `peer` sends, once there is one.
    pub async fn selected(peer: &Peer) -> Option<CandidatePair> {
        Self::all(peer).await.into_iter().find(|pair| pair.selected)
    }
}

fn state_name(state: PairState) -> &'static str {
    match state {
        PairState::Frozen => "frozen",
        PairState::InProgress => "in-progress",
        PairState::Failed => "failed",
        PairState::Succeeded => "succeeded",
        _ => "waiting",
    }
}

fn pair_end(stats: &RTCStatsReport, id: &str) -> Option<PairEnd> {
    stats.iter().find_map(|entry| match entry {
        RTCStatsReportEntry::LocalCandidate(c) | RTCStatsReportEntry::RemoteCandidate(c)
            if c.stats.id.ends_with(id) =>
        {
            let address = c.address.clone().unwrap_or_default();
            Some(PairEnd {
                kind: c.candidate_type.to_string(),
                socket: format!("{address}:{}", c.port),
            })
        }
        _ => None,
    })
}

impl fmt::Display for PairEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.socket)
    }
}

impl fmt::Display for CandidatePair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} <-> {}  {}", self.local, self.remote, self.state)?;
        if let Some(round_trip) = self.round_trip {
            write!(f, ", round trip {:.1} ms", round_trip.as_secs_f64() * 1e3)?;
        }
        Ok(())
    }
}
