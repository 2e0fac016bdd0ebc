//! One session of the server: a client called it over HTTP.

use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use step_01_capture::EventKind;
use step_03_ice::trickle::add_ice_candidate;
use step_03_ice::{Candidate, Negotiator};
use step_04_sdp::TracingNegotiator;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{interval, sleep_until};
use webrtc::peer_connection::{RTCIceCandidateInit, RTCPeerConnectionState, RTCSessionDescription};

use super::host_candidates::Connection;
use super::offer::Offer;
use super::peer_session::{CLOSE_CHECK_INTERVAL, PeerSession};
use super::rejection::Rejection;
use super::trickle_fragment::TrickleFragment;

/// The response waits for the candidates (RFC 9725 §4.3.2), but no longer: a STUN server may be silent.
const GATHER_TIMEOUT: Duration = Duration::from_secs(2);

/// How many candidates of a client are used. Up to 41 checks from each address of this machine go to each of them, so a
/// client must not direct them at many others.
const MOST_CANDIDATES: usize = 16;

/// How many of them may be of one address. A client behind one NAT has one for each of its interfaces and TURN servers.
const MOST_OF_ONE_ADDRESS: usize = 4;

/// A network that changes every minute for an hour.
const MOST_RESTARTS: u32 = 60;

/// The answer to an offer, for the response to the `POST` or to the `PATCH` that restarted ICE.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    /// The whole description.
    pub(super) sdp: String,
    /// Names this ICE session (RFC 9725 §4.3.1): quoted, as in the header `ETag`.
    pub(super) entity_tag: String,
}

/// What a request asks of a session that runs.
pub(super) enum Command {
    /// `PATCH`.
    Patch {
        /// The body.
        fragment: TrickleFragment,
        /// The value of `If-Match`.
        if_match: String,
        /// Takes the result. None stands for 204: the candidates were added.
        reply: oneshot::Sender<Result<Option<Answer>, Rejection>>,
    },
    /// `DELETE`, or the end of the program: the reason is for the report.
    End(&'static str),
}

/// The server's side of a session.
pub(super) struct HttpSession {
    session: PeerSession,
    client: Connection,
    offer: Offer,
    entity_tag: String,
    /// The addresses of the candidates that are used.
    candidates: Vec<IpAddr>,
    deadline: Instant,
}

impl HttpSession {
    /// A session whose client must connect before `deadline`.
    pub(super) fn new(
        session: PeerSession,
        client: Connection,
        offer: Offer,
        deadline: Instant,
    ) -> Self {
        Self {
            session,
            client,
            offer,
            entity_tag: String::new(),
            candidates: Vec::new(),
            deadline,
        }
    }

    /// Answers the offer, runs the session to its end, and returns its peer with the reason.
    pub(super) async fn run(
        mut self,
        answer: oneshot::Sender<Result<Answer, Rejection>>,
        commands: mpsc::Receiver<Command>,
    ) -> (PeerSession, String) {
        let offer = self.offer.clone();
        let session = &self.session;
        session.record_message(EventKind::Received, "offer", &offer.sdp);
        let first = self.answer(&offer).await;
        let accepted = first.is_ok();
        if let Ok(answer) = &first {
            let session = &self.session;
            session.record_message(EventKind::Sent, "answer", &answer.sdp);
        }
        // A client that is gone already will not connect either.
        let _ = answer.send(first);
        let reason = match accepted {
            true => self.until_end(commands).await,
            false => "the offer was refused".to_owned(),
        };
        (self.session, reason)
    }

    /// 2-3 and 2-4, and then 1-3 up to the last candidate.
    async fn answer(&mut self, offer: &Offer) -> Result<Answer, Rejection> {
        let refuse = |error: &dyn Display| {
            let reason = format!("no answer to this offer: {error}");
            Rejection::new(StatusCode::UNPROCESSABLE_ENTITY, reason)
        };
        let description = RTCSessionDescription::offer(offer.sdp.clone());
        let description = description.map_err(|error| refuse(&error))?;
        self.session.gathered = false;
        let peer = self.session.peer.clone();
        let answer = TracingNegotiator::default()
            .receive(&peer, description)
            .await;
        answer.map_err(|error| refuse(&error))?;
        self.add_candidates(&offer.ice).await;
        if !self.session.gather(GATHER_TIMEOUT).await {
            tracing::warn!(peer = peer.name(), "not all candidates were found in time");
        }
        let first = self.client.local.ip().to_canonical();
        let mut sdp = self.session.local_description(Some(first)).await;
        if offer.sdp.contains("a=setup:active") {
            // webrtc 0.21 waits for a client that begins the DTLS handshake, but its answer says that it begins itself
            // (RFC 8842 §5.3).
            sdp = sdp.replace("a=setup:active", "a=setup:passive");
        }
        self.entity_tag = format!("\"{:016x}\"", rand::random::<u64>());
        let entity_tag = self.entity_tag.clone();
        Ok(Answer { sdp, entity_tag })
    }

    async fn until_end(&mut self, mut commands: mpsc::Receiver<Command>) -> String {
        let mut close_check = interval(CLOSE_CHECK_INTERVAL);
        loop {
            if self.session.connection == RTCPeerConnectionState::Failed {
                let failure = match self.session.was_reached && !self.session.was_connected() {
                    true => "the client was reached, but the keys were not agreed on (DTLS)",
                    false => "ICE failed: the client cannot be reached any more",
                };
                let failure = failure.to_owned();
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
                _ = close_check.tick() => {
                    if let Err(failure) = self.session.check_media() {
                        self.session.stats.failure = Some(failure.to_string());
                        return failure.to_string();
                    }
                    if self.session.is_closed_by_peer().await {
                        return "the client closed its peer".to_owned();
                    }
                }
                () = sleep_until(self.deadline.into()), if !connected => {
                    return match self.session.was_reached {
                        true => "the client was reached, but the keys were not agreed on in time (DTLS)".to_owned(),
                        false => "the client did not connect in time".to_owned(),
                    };
                }
            }
        }
    }

    async fn patch(
        &mut self,
        fragment: &TrickleFragment,
        if_match: &str,
    ) -> Result<Option<Answer>, Rejection> {
        // A list of entity tags, or * for any (RFC 9110 §13.1.1). The example of RFC 9725 §4.3.3 has quotes around the *.
        let matches = |tag: &str| tag == self.entity_tag || tag == "*" || tag == "\"*\"";
        if !if_match.split(',').map(str::trim).any(matches) {
            let reason = "this is for another ICE session: If-Match does not name the present one";
            return Err(Rejection::new(StatusCode::PRECONDITION_FAILED, reason));
        }
        // New credentials restart ICE, whatever If-Match says (RFC 9725 §4.3.3).
        let ice = &self.offer.ice;
        let text = fragment.to_string();
        self.session
            .record_message(EventKind::Received, "PATCH", &text);
        if fragment.ufrag == ice.ufrag && fragment.pwd == ice.pwd {
            self.add_candidates(fragment).await;
            return Ok(None);
        }
        if self.session.ice_restarts == MOST_RESTARTS {
            return Err(Rejection::too_many_restarts());
        }
        self.restart(fragment).await.map(Some)
    }

    /// RFC 9725 §4.3.3.
    async fn restart(&mut self, fragment: &TrickleFragment) -> Result<Answer, Rejection> {
        let peer = self.session.peer.name();
        tracing::info!(peer, "ICE restart: a new ice-ufrag and ice-pwd");
        let credentials = TrickleFragment {
            candidates: Vec::new(),
            ..fragment.clone()
        };
        let offer = Offer {
            sdp: credentials.replace_ice_of(&self.offer.sdp),
            ice: fragment.clone(),
        };
        let answer = self.answer(&offer).await?;
        self.offer = offer;
        self.session.ice_restarts += 1;
        Ok(answer)
    }

    /// 1-5. Not all candidates are added: those that webrtc cannot use (RFC 9725 §4.3.2 leaves them out silently), and
    /// those above the limit. The client's own checks reach this peer all the same, and make peer-reflexive candidates.
    async fn add_candidates(&mut self, ice: &TrickleFragment) {
        let peer = self.session.peer.clone();
        for candidate in &ice.candidates {
            let Some(address) = usable_address(candidate) else {
                continue;
            };
            let same = self.candidates.iter().filter(|used| **used == address);
            if self.candidates.len() == MOST_CANDIDATES || same.count() == MOST_OF_ONE_ADDRESS {
                tracing::debug!(
                    peer = peer.name(),
                    "1-5 too many candidates of {address}, or in all"
                );
                continue;
            }
            self.candidates.push(address);
            let init = RTCIceCandidateInit {
                candidate: candidate.clone(),
                sdp_mline_index: Some(0),
                username_fragment: Some(ice.ufrag.clone()),
                ..Default::default()
            };
            if let Err(error) = add_ice_candidate(&peer, init).await {
                tracing::debug!(peer = peer.name(), "1-5 {error}");
            }
        }
    }
}

/// The address of a candidate to which webrtc can send checks, if they go to one machine.
fn usable_address(candidate: &str) -> Option<IpAddr> {
    let candidate = candidate.parse::<Candidate>().ok()?;
    // A name that ends in .local would have to be found by multicast.
    let address: IpAddr = candidate.address.parse().ok()?;
    let usable = candidate.transport == "udp"
        && candidate.component == 1
        && !address.is_unspecified()
        && !address.is_multicast()
        && address != IpAddr::from(Ipv4Addr::BROADCAST);
    usable.then_some(address)
}
