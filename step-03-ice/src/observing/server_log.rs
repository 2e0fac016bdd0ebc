//! The requests that one peer sent to its STUN and TURN servers, and the servers that failed.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rtc::stun::message::TransactionId;
use webrtc::peer_connection::{RTCIceServer, RTCPeerConnectionIceErrorEvent};

use crate::observing::check_log::Pair;
use crate::servers::ice_server_url::{IceScheme, IceServerUrl};

/// A server that has not answered for so long fails at the next repetition of the request, after 1.4 s (TURN) or 1.8 s
/// (STUN). A path with longer delays is of no use for a call.
pub(crate) const ANSWER_TIMEOUT: Duration = Duration::from_millis(1300);
/// "The server could not be reached" (W3C webrtc-pc §4.8.3); it is no code of STUN, which stop at 699.
pub(crate) const UNREACHABLE: u16 = 701;
/// RFC 8489 §14.8.
const UNAUTHORIZED: u16 = 401;

/// A request to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ServerRequest {
    pub(crate) scheme: IceScheme,
    pub(crate) id: TransactionId,
    /// Whether it proves that the peer knows the password.
    pub(crate) signed: bool,
}

/// The servers of one peer and the requests to them.
#[derive(Default)]
pub(crate) struct ServerLog {
    servers: Vec<Server>,
    sockets: Vec<SocketAddr>,
}

struct Server {
    url: IceServerUrl,
    username: String,
    addresses: Vec<SocketAddr>,
    /// Why there is no address to send to.
    lookup_failure: Option<String>,
    attempts: HashMap<SocketAddr, Attempt>,
    reported: bool,
}

/// The requests of one local socket to one server.
struct Attempt {
    request: ServerRequest,
    since: Instant,
    outcome: Outcome,
}

enum Outcome {
    Waiting,
    Succeeded,
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
                lookup_failure: None,
                attempts: HashMap::new(),
                reported: false,
            })
        });
        Self {
            servers: servers.collect(),
            sockets: Vec::new(),
        }
    }

    /// Notes that a local socket was opened.
    pub(crate) fn opened(&mut self, local: SocketAddr) {
        self.sockets.push(local);
    }

    /// How many names there are to look up.
    pub(crate) fn count(&self) -> usize {
        self.servers.len()
    }

    /// Notes the result of a lookup.
    pub(crate) fn resolved(&mut self, authority: &str, result: &io::Result<Vec<SocketAddr>>) {
        let found = |server: &&mut Server| server.url.authority() == authority;
        for server in self.servers.iter_mut().filter(found) {
            match result {
                Err(error) => {
                    let failure = format!("{} does not resolve: {error}", server.url.host);
                    server.lookup_failure = Some(failure);
                }
                Ok(addresses) => {
                    server.addresses.clone_from(addresses);
                    if server.sockets_of_its_family(&self.sockets) == 0 {
                        let failure = "this machine has no address of the same family (IPv4, IPv6)";
                        server.lookup_failure = Some(failure.to_owned());
                    }
                }
            }
        }
    }

    /// Notes a request. False when the server has failed: the socket then refuses to send.
    pub(crate) fn sending(
        &mut self,
        now: Instant,
        (local, to): Pair,
        request: ServerRequest,
    ) -> bool {
        let Some(server) = self.server(request.scheme, to) else {
            return true;
        };
        let attempt = server.attempts.entry(local).or_insert(Attempt {
            request,
            since: now,
            outcome: Outcome::Waiting,
        });
        if attempt.request.id != request.id {
            (attempt.request, attempt.since) = (request, now);
        }
        let waited = now.saturating_duration_since(attempt.since);
        if !matches!(attempt.outcome, Outcome::Waiting) || waited < ANSWER_TIMEOUT {
            return true;
        }
        attempt.outcome = Outcome::Failed {
            code: UNREACHABLE,
            text: "no answer: is the server up, and does a firewall let UDP pass?".to_owned(),
        };
        false
    }

    /// Notes that the system did not send a request.
    pub(crate) fn not_sent(&mut self, (local, to): Pair, scheme: IceScheme, error: &io::Error) {
        let server = self.server(scheme, to);
        let attempt = server.and_then(|server| server.attempts.get_mut(&local));
        if let Some(attempt) = attempt.filter(|a| matches!(a.outcome, Outcome::Waiting)) {
            attempt.outcome = Outcome::Failed {
                code: UNREACHABLE,
                text: error.to_string(),
            };
        }
    }

    /// Notes an answer: success, or an error code with its reason.
    pub(crate) fn answered(&mut self, request: TransactionId, answer: Result<(), (u16, &str)>) {
        let servers = self.servers.iter_mut();
        let mut attempts = servers.flat_map(|server| server.attempts.values_mut());
        let Some(attempt) = attempts.find(|attempt| attempt.request.id == request) else {
            return;
        };
        match answer {
            Ok(()) => attempt.outcome = Outcome::Succeeded,
            // The first request comes without a password; its 401 says what the password is for (RFC 8489 §9.2.4).
            Err((UNAUTHORIZED, _)) if !attempt.request.signed => {}
            Err((code, reason)) => {
                let text = reason.to_owned();
                attempt.outcome = Outcome::Failed { code, text };
            }
        }
    }

    fn server(&mut self, scheme: IceScheme, address: SocketAddr) -> Option<&mut Server> {
        let mut servers = self.servers.iter_mut();
        servers.find(|s| s.url.scheme == scheme && s.addresses.contains(&address))
    }

    /// The servers that have failed for every socket, each once. A socket on loopback reaches no server elsewhere: as
    /// long as another one does, no candidate is missing.
    pub(crate) fn take_new_failures(&mut self) -> Vec<RTCPeerConnectionIceErrorEvent> {
        let mut errors = Vec::new();
        for server in self.servers.iter_mut().filter(|server| !server.reported) {
            if let Some(error) = server.failure(&self.sockets) {
                server.reported = true;
                errors.push(error);
            }
        }
        errors
    }
}

impl Server {
    fn sockets_of_its_family(&self, sockets: &[SocketAddr]) -> usize {
        let same = |s: &&SocketAddr| self.addresses.iter().any(|a| a.is_ipv4() == s.is_ipv4());
        sockets.iter().filter(same).count()
    }

    /// The failure that says most, if there are failures only.
    fn failure(&self, sockets: &[SocketAddr]) -> Option<RTCPeerConnectionIceErrorEvent> {
        if let Some(text) = &self.lookup_failure {
            return Some(self.error(UNREACHABLE, text.clone(), None));
        }
        let mut failures = Vec::new();
        for (local, attempt) in &self.attempts {
            match &attempt.outcome {
                Outcome::Failed { code, text } => failures.push((local, *code, text)),
                Outcome::Waiting | Outcome::Succeeded => return None,
            }
        }
        if failures.len() < self.sockets_of_its_family(sockets).max(1) {
            return None;
        }
        // A server's own error says more than no answer, and no answer more than a socket that could not send.
        let (local, code, text) = failures.into_iter().min_by_key(|(local, code, text)| {
            let no_answer = text.starts_with("no answer");
            (*code == UNREACHABLE, !no_answer, **local)
        })?;
        let text = match code {
            UNAUTHORIZED => format!("{text}: wrong password, or no user {:?}", self.username),
            _ => text.clone(),
        };
        Some(self.error(code, text, Some(*local)))
    }

    /// W3C's event: the server, and the local address for which it failed.
    fn error(
        &self,
        error_code: u16,
        error_text: String,
        local: Option<SocketAddr>,
    ) -> RTCPeerConnectionIceErrorEvent {
        let address = local.map(|local| local.ip().to_string());
        RTCPeerConnectionIceErrorEvent {
            address: address.unwrap_or_default(),
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
