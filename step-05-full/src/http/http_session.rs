//! One session of the server: a peer that was called over HTTP.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use step_02_peer::{Peer, PeerEvent, PeerEvents};
use step_03_ice::{CandidatePair, Negotiator};
use step_04_sdp::SlowMotion;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep_until, timeout};
use webrtc::peer_connection::{
    RTCIceCandidateInit, RTCIceGatheringState, RTCPeerConnectionState, RTCSessionDescription,
};

use super::candidate_lines::arrange_candidates;
use super::ice_restart::restarted_offer;
use super::refusal::Refusal;
use super::session_media::SessionMedia;
use super::trickle_fragment::TrickleFragment;
use crate::call_stats::CallStats;

/// The response waits for the candidates (RFC 9725 §4.3.2), but no longer: a STUN server may be silent.
const GATHER_PATIENCE: Duration = Duration::from_secs(2);

/// Each candidate is an address to which checks go: a stranger shall not let them go to the whole world.
const MOST_CANDIDATES: usize = 128;

/// A network that changes every minute for an hour.
const MOST_RESTARTS: u32 = 60;

/// The answer to an offer, for the response to the `POST` or to the `PATCH` that restarted ICE.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The whole description.
    pub sdp: String,
    /// Names this generation of ICE (RFC 9725 §4.3.1): quoted, as in the header `ETag`.
    pub entity_tag: String,
}

/// What a `PATCH` asks for.
pub struct Patch {
    /// The body.
    pub fragment: TrickleFragment,
    /// `If-Match`: an entity tag, or `*` for an ICE restart.
    pub if_match: String,
    /// None stands for 204: the candidates were taken.
    pub reply: oneshot::Sender<Result<Option<Answered>, Refusal>>,
}

/// What may be asked of a session that runs.
pub enum Command {
    /// `PATCH`.
    Patch(Patch),
    /// `DELETE`, or the end of the program: the reason is for the report.
    End(&'static str),
}

/// A session before its peer is there.
pub struct HttpSession {
    /// `whep-1`, `whip-2`, and so on.
    pub peer: Peer,
    /// What happens to the peer.
    pub events: PeerEvents,
    /// The video.
    pub media: Box<dyn SessionMedia>,
    /// The offer of the `POST`.
    pub offer: String,
    /// The address of this machine that the client has reached.
    pub reached_at: IpAddr,
    /// What is asked of the session.
    pub commands: mpsc::Receiver<Command>,
    /// How long the client may take to connect.
    pub connect_patience: Duration,
}

/// What is known when a session has ended.
pub struct Ended {
    /// Why.
    pub reason: String,
    /// How often ICE was restarted.
    pub ice_restarts: u32,
    /// The figures.
    pub stats: CallStats,
}

impl HttpSession {
    /// Answers the offer, and runs the session to its end.
    pub async fn run(self, answered: oneshot::Sender<Result<Answered, Refusal>>) -> Ended {
        let began = Instant::now();
        let mut running = Running {
            peer: self.peer,
            events: self.events,
            media: self.media,
            offer: self.offer.clone(),
            reached_at: self.reached_at,
            entity_tag: String::new(),
            ice_restarts: 0,
            candidates: 0,
            deadline: began + self.connect_patience,
            began,
            connected: false,
            stats: CallStats::default(),
        };
        let first = running.first_answer().await;
        let refused = first.is_err();
        // The client may be gone already. Then it will not connect either.
        let _ = answered.send(first);
        let reason = match refused {
            true => "the offer was refused".to_owned(),
            false => running.until_end(self.commands).await,
        };
        running.media.end(&mut running.stats).await;
        Ended {
            reason,
            ice_restarts: running.ice_restarts,
            stats: running.stats,
        }
    }
}

/// Whether `If-Match` names this entity tag: a list of tags, or `*` for any (RFC 9110 §13.1.1). The example of RFC 9725
/// §4.3.3 has `*` in quotes, so clients may send it so.
fn names(if_match: &str, entity_tag: &str) -> bool {
    let mut tags = if_match.split(',').map(str::trim);
    tags.any(|tag| matches!(tag, "*" | "\"*\"") || tag == entity_tag)
}

struct Running {
    peer: Peer,
    events: PeerEvents,
    media: Box<dyn SessionMedia>,
    offer: String,
    reached_at: IpAddr,
    entity_tag: String,
    ice_restarts: u32,
    candidates: usize,
    began: Instant,
    deadline: Instant,
    connected: bool,
    stats: CallStats,
}

impl Running {
    async fn first_answer(&mut self) -> Result<Answered, Refusal> {
        let attached = self.media.attach(&self.peer).await;
        attached.map_err(|error| {
            tracing::error!(peer = self.peer.name(), "{error}");
            Refusal::broken_session()
        })?;
        self.answer(self.offer.clone()).await
    }

    /// 2-3 and 2-4, and then 1-3 up to the last candidate.
    async fn answer(&mut self, offer: String) -> Result<Answered, Refusal> {
        let refuse = |error: &dyn std::fmt::Display| {
            let reason = format!("no answer to this offer: {error}");
            Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, reason)
        };
        let offer = RTCSessionDescription::offer(offer);
        let offer = offer.map_err(|error| refuse(&error))?;
        let negotiator = Arc::new(SlowMotion::default());
        let answer = negotiator.receive(&self.peer, offer).await;
        let answer = answer.map_err(|error| refuse(&error))?;
        let answer = answer.ok_or_else(|| refuse(&"it is none"))?;
        let gathered = timeout(GATHER_PATIENCE, self.gather()).await;
        if gathered.is_err() {
            tracing::warn!(
                peer = self.peer.name(),
                "not all candidates were found in time"
            );
        }
        let complete = self.peer.connection().local_description().await;
        self.entity_tag = format!("\"{:016x}\"", rand::random::<u64>());
        Ok(Answered {
            sdp: arrange_candidates(&complete.unwrap_or(answer).sdp, Some(self.reached_at)),
            entity_tag: self.entity_tag.clone(),
        })
    }

    async fn gather(&mut self) {
        while let Some(event) = self.events.recv().await {
            if matches!(
                event,
                PeerEvent::IceGatheringState(RTCIceGatheringState::Complete)
            ) {
                return;
            }
            let _ = self.hear(event).await;
        }
    }

    async fn until_end(&mut self, mut commands: mpsc::Receiver<Command>) -> String {
        loop {
            tokio::select! {
                event = self.events.recv() => match event {
                    Some(event) => if let Err(reason) = self.hear(event).await {
                        return reason;
                    },
                    None => return "the peer was closed".to_owned(),
                },
                command = commands.recv() => match command {
                    Some(Command::Patch(patch)) => {
                        let patched = self.patch(&patch.fragment, &patch.if_match).await;
                        let _ = patch.reply.send(patched);
                    }
                    Some(Command::End(reason)) => return reason.to_owned(),
                    None => return "the server was stopped".to_owned(),
                },
                () = sleep_until(self.deadline.into()), if !self.connected => {
                    return "the client did not connect in time".to_owned();
                }
            }
        }
    }

    /// # Errors
    /// Why the session ends.
    async fn hear(&mut self, event: PeerEvent) -> Result<(), String> {
        use RTCPeerConnectionState::{Closed, Connected, Failed};
        let heard = self.media.hear(&event).await;
        match event {
            PeerEvent::ConnectionState(Connected) if !self.connected => {
                self.connected = true;
                self.stats.setup = Some(self.began.elapsed());
                self.note_selected_pair().await;
            }
            // webrtc 0.21 makes the receiver, and with it the way to its transport, with the first packet.
            PeerEvent::Track(_) => self.note_selected_pair().await,
            PeerEvent::ConnectionState(Failed) => {
                let failure = "ICE failed: the client cannot be reached any more".to_owned();
                self.stats.failure = Some(failure.clone());
                return Err(failure);
            }
            PeerEvent::ConnectionState(Closed) => {
                return Err("the client closed its peer".to_owned());
            }
            _ => {}
        }
        heard.map_err(|error| error.to_string())
    }

    async fn note_selected_pair(&mut self) {
        let selected = CandidatePair::selected(&self.peer).await;
        self.stats.selected_pair = selected.map(|pair| pair.to_string());
    }

    async fn patch(
        &mut self,
        fragment: &TrickleFragment,
        if_match: &str,
    ) -> Result<Option<Answered>, Refusal> {
        if !names(if_match, &self.entity_tag) {
            return Err(Refusal::new(
                StatusCode::PRECONDITION_FAILED,
                "this is for another ICE session: If-Match does not name the present one",
            ));
        }
        let known = TrickleFragment::of_description(&self.offer);
        let same = fragment.ufrag == known.ufrag && fragment.pwd == known.pwd;
        match same {
            // New credentials are an ICE restart, whatever else the request says (RFC 9725 §4.3.3).
            false if self.ice_restarts == MOST_RESTARTS => Err(Refusal::too_many("ICE restarts")),
            false => self.restart(fragment).await.map(Some),
            true if self.candidates + fragment.candidates.len() > MOST_CANDIDATES => {
                Err(Refusal::too_many("candidates"))
            }
            true => {
                self.add_candidates(fragment).await;
                Ok(None)
            }
        }
    }

    /// RFC 9725 §4.3.3.
    async fn restart(&mut self, fragment: &TrickleFragment) -> Result<Answered, Refusal> {
        tracing::info!(
            peer = self.peer.name(),
            "ICE restart: a new ice-ufrag and ice-pwd"
        );
        let offer = restarted_offer(&self.offer, fragment);
        let answered = self.answer(offer.clone()).await?;
        self.offer = offer;
        self.ice_restarts += 1;
        self.candidates = 0;
        self.add_candidates(fragment).await;
        Ok(answered)
    }

    /// 1-5.
    async fn add_candidates(&mut self, fragment: &TrickleFragment) {
        self.candidates += fragment.candidates.len();
        for candidate in &fragment.candidates {
            let init = RTCIceCandidateInit {
                candidate: candidate.clone(),
                sdp_mline_index: Some(0),
                username_fragment: Some(fragment.ufrag.clone()),
                ..Default::default()
            };
            // A name that ends in .local needs multicast to be found; the client's own checks reach us all the same.
            match self.peer.connection().add_ice_candidate(init).await {
                Ok(()) => {
                    tracing::info!(peer = self.peer.name(), "1-5 addIceCandidate: {candidate}")
                }
                Err(error) => tracing::debug!(peer = self.peer.name(), "1-5 {candidate}: {error}"),
            }
        }
    }
}
