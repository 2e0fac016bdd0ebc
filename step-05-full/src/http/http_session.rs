//! One session of the server: a client called it over HTTP.

use std::fmt::Display;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use step_03_ice::Negotiator;
use step_03_ice::trickle::add_ice_candidate;
use step_04_sdp::TracingNegotiator;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{interval, sleep_until};
use webrtc::peer_connection::{RTCIceCandidateInit, RTCPeerConnectionState, RTCSessionDescription};

use super::host_candidates::{Connection, order_candidates};
use super::peer_session::{CLOSE_CHECK_INTERVAL, PeerSession};
use super::rejection::Rejection;
use super::trickle_fragment::TrickleFragment;

/// The response waits for the candidates (RFC 9725 §4.3.2), but no longer: a STUN server may be silent.
const GATHER_TIMEOUT: Duration = Duration::from_secs(2);

/// Each candidate is an address to which checks go: a client must not direct them at many others.
const MOST_CANDIDATES: usize = 128;

/// A network that changes every minute for an hour.
const MOST_RESTARTS: u32 = 60;

/// The answer to an offer, for the response to the `POST` or to the `PATCH` that restarted ICE.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The whole description.
    pub sdp: String,
    /// Names this ICE session (RFC 9725 §4.3.1): quoted, as in the header `ETag`.
    pub entity_tag: String,
}

/// What a request asks of a session that runs.
pub enum Command {
    /// `PATCH`.
    Patch {
        /// The body.
        fragment: TrickleFragment,
        /// `If-Match`: an entity tag, or `*` for an ICE restart.
        if_match: String,
        /// Takes the result. None stands for 204: the candidates were added.
        reply: oneshot::Sender<Result<Option<Answer>, Rejection>>,
    },
    /// `DELETE`, or the end of the program: the reason is for the report.
    End(&'static str),
}

/// The server's side of a session.
pub struct HttpSession {
    session: PeerSession,
    client: Connection,
    offer: String,
    entity_tag: String,
    candidates: usize,
    deadline: Instant,
}

impl HttpSession {
    /// A session whose client must connect before `deadline`.
    pub fn new(session: PeerSession, client: Connection, offer: String, deadline: Instant) -> Self {
        Self {
            session,
            client,
            offer,
            entity_tag: String::new(),
            candidates: 0,
            deadline,
        }
    }

    /// Answers the offer, runs the session to its end, and returns its peer with the reason.
    pub async fn run(
        mut self,
        answer: oneshot::Sender<Result<Answer, Rejection>>,
        commands: mpsc::Receiver<Command>,
    ) -> (PeerSession, String) {
        let first = self.answer(self.offer.clone()).await;
        let accepted = first.is_ok();
        // A client that is gone already will not connect either.
        let _ = answer.send(first);
        let reason = match accepted {
            true => self.until_end(commands).await,
            false => "the offer was refused".to_owned(),
        };
        (self.session, reason)
    }

    /// 2-3 and 2-4, and then 1-3 up to the last candidate.
    async fn answer(&mut self, offer: String) -> Result<Answer, Rejection> {
        let refuse = |error: &dyn Display| {
            let reason = format!("no answer to this offer: {error}");
            Rejection::new(StatusCode::UNPROCESSABLE_ENTITY, reason)
        };
        let offer = RTCSessionDescription::offer(offer).map_err(|error| refuse(&error))?;
        self.session.gathered = false;
        let peer = self.session.peer.clone();
        let answer = TracingNegotiator::default().receive(&peer, offer).await;
        let answer = answer.map_err(|error| refuse(&error))?;
        let answer = answer.ok_or_else(|| refuse(&"it is no offer"))?;
        if !self.session.gather(GATHER_TIMEOUT).await {
            tracing::warn!(peer = peer.name(), "not all candidates were found in time");
        }
        let complete = peer
            .connection()
            .local_description()
            .await
            .unwrap_or(answer);
        self.entity_tag = format!("\"{:016x}\"", rand::random::<u64>());
        Ok(Answer {
            sdp: order_candidates(&complete.sdp, Some(self.client.local.ip().to_canonical())),
            entity_tag: self.entity_tag.clone(),
        })
    }

    async fn until_end(&mut self, mut commands: mpsc::Receiver<Command>) -> String {
        let mut close_check = interval(CLOSE_CHECK_INTERVAL);
        loop {
            if self.session.connection == RTCPeerConnectionState::Failed {
                let failure = "ICE failed: the client cannot be reached any more".to_owned();
                self.session.stats.failure = Some(failure.clone());
                return failure;
            }
            let connected = self.session.was_connected();
            tokio::select! {
                event = self.session.events.recv() => match event {
                    Some(event) => if let Err(error) = self.session.handle(&event).await {
                        return error.to_string();
                    },
                    None => return "the peer was closed".to_owned(),
                },
                command = commands.recv() => match command {
                    Some(Command::Patch { fragment, if_match, reply }) => {
                        let _ = reply.send(self.patch(&fragment, &if_match).await);
                    }
                    Some(Command::End(reason)) => return reason.to_owned(),
                    None => return "the server was stopped".to_owned(),
                },
                _ = close_check.tick() => if self.session.is_closed_by_peer().await {
                    return "the client closed its peer".to_owned();
                },
                () = sleep_until(self.deadline.into()), if !connected => {
                    return "the client did not connect in time".to_owned();
                }
            }
        }
    }

    async fn patch(
        &mut self,
        fragment: &TrickleFragment,
        if_match: &str,
    ) -> Result<Option<Answer>, Rejection> {
        let same = fragment.ufrag == TrickleFragment::of_description(&self.offer).ufrag;
        let conflict = |reason| Err(Rejection::new(StatusCode::CONFLICT, reason));
        match if_match {
            "*" if same => conflict(
                "an ICE restart brings a new ice-ufrag and ice-pwd (RFC 8839 §4.4.1.1.1); these are the old ones",
            ),
            "*" if self.session.ice_restarts == MOST_RESTARTS => {
                Err(Rejection::too_many("ICE restarts"))
            }
            "*" => self.restart(fragment).await.map(Some),
            tag if tag != self.entity_tag => Err(Rejection::new(
                StatusCode::PRECONDITION_FAILED,
                "these candidates are for another ICE session: If-Match does not name the present one",
            )),
            _ if !same => {
                conflict("another ice-ufrag is an ICE restart: send it with \"If-Match: *\"")
            }
            _ if self.candidates + fragment.candidates.len() > MOST_CANDIDATES => {
                Err(Rejection::too_many("candidates"))
            }
            _ => {
                self.add_candidates(fragment).await;
                Ok(None)
            }
        }
    }

    /// RFC 9725 §4.3.3.
    async fn restart(&mut self, fragment: &TrickleFragment) -> Result<Answer, Rejection> {
        let peer = self.session.peer.name();
        tracing::info!(peer, "ICE restart: a new ice-ufrag and ice-pwd");
        let credentials = TrickleFragment {
            candidates: Vec::new(),
            ..fragment.clone()
        };
        let offer = credentials.replace_ice_of(&self.offer);
        let answer = self.answer(offer.clone()).await?;
        self.offer = offer;
        self.session.ice_restarts += 1;
        self.candidates = 0;
        self.add_candidates(fragment).await;
        Ok(answer)
    }

    /// 1-5.
    async fn add_candidates(&mut self, fragment: &TrickleFragment) {
        self.candidates += fragment.candidates.len();
        let peer = &self.session.peer;
        for candidate in &fragment.candidates {
            let init = RTCIceCandidateInit {
                candidate: candidate.clone(),
                sdp_mline_index: Some(0),
                username_fragment: Some(fragment.ufrag.clone()),
                ..Default::default()
            };
            // A name that ends in .local needs multicast to be found; the client's own checks reach us all the same.
            if let Err(error) = add_ice_candidate(peer, init).await {
                tracing::debug!(peer = peer.name(), "1-5 {error}");
            }
        }
    }
}
