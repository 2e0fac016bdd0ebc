//! How the STUN and TURN servers of one peer do.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rtc::stun::message::TransactionId;
use webrtc::peer_connection::{RTCIceServer, RTCPeerConnectionIceErrorEvent};

use crate::servers::ice_server_url::{IceScheme, IceServerUrl};

/// A server that has not answered for so long is given up at the next repetition of the request, after 1.4 s (TURN)
/// or 1.8 s (STUN). No call could be made over a way that takes longer.
pub(crate) const SILENCE: Duration = Duration::from_millis(1300);
/// "The server could not be reached" (W3C webrtc-pc §4.8.2); it is no code of STUN, which stop at 699.
pub(crate) const UNREACHABLE: u16 = 701;
/// RFC 8489 §14.8.
const UNAUTHORIZED: u16 = 401;

/// The servers of one peer and the requests that they were sent.
#[derive(Default)]
pub(crate) struct ServerLog {
    servers: Vec<Server>,
    sockets: Vec<SocketAddr>,
}

struct Server {
    url: IceServerUrl,
    username: String,
    addresses: Vec<SocketAddr>,
    attempts: HashMap<SocketAddr, Attempt>,
    reported: bool,
}

/// What one local socket had from one server.
struct Attempt {
    request: TransactionId,
    signed: bool,
    since: Instant,
    outcome: Outcome,
}

enum Outcome {
    Waiting,
    Helped,
    Failed { code: u16, text: String },
}

impl ServerLog {
    pub(crate) fn new(servers: &[RTCIceServer]) -> Self {
        let servers = servers.iter().flat_map(|server| {
            let urls = server.urls.iter().filter_map(|url| url.parse().ok());
            urls.map(|url| Server {
                url,
                username: server.username.clone(),
                addresses: Vec::new(),
                attempts: HashMap::new(),
                reported: false,
            })
        });
        Self {
            servers: servers.collect(),
            sockets: Vec::new(),
        }
    }

    pub(crate) fn opened(&mut self, local: SocketAddr) {
        self.sockets.push(local);
    }

    /// How many names there are to look up.
    pub(crate) fn count(&self) -> usize {
        self.servers.len()
    }

    pub(crate) fn resolved(
        &mut self,
        authority: &str,
        addresses: &io::Result<Vec<SocketAddr>>,
    ) -> Vec<RTCPeerConnectionIceErrorEvent> {
        let mut errors = Vec::new();
        for server in &mut self.servers {
            if server.url.authority() != authority || server.reported {
                continue;
            }
            let error = match addresses {
                Err(error) => format!("{} does not resolve: {error}", server.url.host),
                Ok(found) => {
                    server.addresses.clone_from(found);
                    let reaches = |s: &SocketAddr| found.iter().any(|a| a.is_ipv4() == s.is_ipv4());
                    if self.sockets.iter().any(reaches) {
                        continue;
                    }
                    "none of its addresses is of the kind that this machine has".to_owned()
                }
            };
            server.reported = true;
            errors.push(server.error(UNREACHABLE, error, None));
        }
        errors
    }

    /// Notes a request to a server. Err when the server is given up: the socket then refuses to send.
    pub(crate) fn sending(
        &mut self,
        now: Instant,
        local: SocketAddr,
        to: SocketAddr,
        (scheme, request, signed): (IceScheme, TransactionId, bool),
    ) -> Result<(), Vec<RTCPeerConnectionIceErrorEvent>> {
        let Some(server) = self.server(scheme, to) else {
            return Ok(());
        };
        let attempt = server.attempts.entry(local).or_insert(Attempt {
            request,
            signed,
            since: now,
            outcome: Outcome::Waiting,
        });
        if attempt.request != request {
            (attempt.request, attempt.signed, attempt.since) = (request, signed, now);
        }
        let waited = now.saturating_duration_since(attempt.since);
        if !matches!(attempt.outcome, Outcome::Waiting) || waited < SILENCE {
            return Ok(());
        }
        attempt.outcome = Outcome::Failed {
            code: UNREACHABLE,
            text: "no answer: is the server up, and does a firewall let UDP pass?".to_owned(),
        };
        Err(self.take_new_failures())
    }

    /// Notes that the system did not send a request.
    pub(crate) fn not_sent(
        &mut self,
        local: SocketAddr,
        to: SocketAddr,
        scheme: IceScheme,
        error: &io::Error,
    ) -> Vec<RTCPeerConnectionIceErrorEvent> {
        let attempt = self
            .server(scheme, to)
            .and_then(|server| server.attempts.get_mut(&local));
        if let Some(attempt) = attempt.filter(|a| matches!(a.outcome, Outcome::Waiting)) {
            let text = error.to_string();
            let code = UNREACHABLE;
            attempt.outcome = Outcome::Failed { code, text };
        }
        self.take_new_failures()
    }

    /// Notes an answer: Ok is help, Err a code with its reason.
    pub(crate) fn answered(
        &mut self,
        request: TransactionId,
        answer: Result<(), (u16, &str)>,
    ) -> Vec<RTCPeerConnectionIceErrorEvent> {
        let mut attempts = self
            .servers
            .iter_mut()
            .flat_map(|s| s.attempts.values_mut());
        if let Some(attempt) = attempts.find(|attempt| attempt.request == request) {
            match answer {
                Ok(()) => attempt.outcome = Outcome::Helped,
                // The first request comes without a password, to learn what the password is for (RFC 8489 §9.2.4).
                Err((UNAUTHORIZED, _)) if !attempt.signed => {}
                Err((code, reason)) => {
                    let text = reason.to_owned();
                    attempt.outcome = Outcome::Failed { code, text };
                }
            }
        }
        self.take_new_failures()
    }

    fn server(&mut self, scheme: IceScheme, address: SocketAddr) -> Option<&mut Server> {
        let mut servers = self.servers.iter_mut();
        servers.find(|s| s.url.scheme == scheme && s.addresses.contains(&address))
    }

    /// The servers that have failed for every socket, each told of once. A socket on loopback reaches no server
    /// elsewhere: as long as another one does, nobody misses anything.
    fn take_new_failures(&mut self) -> Vec<RTCPeerConnectionIceErrorEvent> {
        let mut errors = Vec::new();
        for server in self.servers.iter_mut().filter(|server| !server.reported) {
            let able = |socket: &&SocketAddr| {
                server
                    .addresses
                    .iter()
                    .any(|a| a.is_ipv4() == socket.is_ipv4())
            };
            let sockets = self.sockets.iter().filter(able).count();
            if let Some(error) = server.failure(sockets) {
                server.reported = true;
                errors.push(error);
            }
        }
        errors
    }
}

impl Server {
    /// The most telling of the failures, if nothing but failures came back.
    fn failure(&self, sockets: usize) -> Option<RTCPeerConnectionIceErrorEvent> {
        let mut failures = Vec::new();
        for (local, attempt) in &self.attempts {
            match &attempt.outcome {
                Outcome::Failed { code, text } => failures.push((local, *code, text)),
                Outcome::Waiting | Outcome::Helped => return None,
            }
        }
        if failures.len() < sockets.max(1) {
            return None;
        }
        // A server's own words say more than silence, and silence more than a socket that could not send.
        let telling = failures.into_iter().min_by_key(|(local, code, text)| {
            (
                *code == UNREACHABLE,
                !text.starts_with("no answer"),
                **local,
            )
        });
        telling.map(|(local, code, text)| {
            let text = match code {
                UNAUTHORIZED => format!("{text}: wrong password, or no user {:?}", self.username),
                _ => text.clone(),
            };
            self.error(code, text, Some(*local))
        })
    }

    /// W3C's event: the server, and the local address for which it failed.
    fn error(
        &self,
        error_code: u16,
        error_text: String,
        local: Option<SocketAddr>,
    ) -> RTCPeerConnectionIceErrorEvent {
        RTCPeerConnectionIceErrorEvent {
            address: local
                .map(|local| local.ip().to_string())
                .unwrap_or_default(),
            port: local.map_or(0, |local| local.port()),
            url: self.url.to_string(),
            error_code,
            error_text,
        }
    }
}

#[cfg(test)]
#[path = "server_log_tests.rs"]
mod tests;
