//! The URL of a STUN or TURN server.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use IceServerUrlError as E;

/// The port of both protocols (RFC 8489 §18.6, RFC 8656 §4.1).
pub const DEFAULT_PORT: u16 = 3478;

/// What the server is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IceScheme {
    /// How it sees this machine (STUN, RFC 7064).
    Stun,
    /// To relay everything (TURN, RFC 7065).
    Turn,
}

impl fmt::Display for IceScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Stun => "stun",
            Self::Turn => "turn",
        })
    }
}

/// `stun:host[:port]` (RFC 7064 §3.1) or `turn:host[:port][?transport=udp]` (RFC 7065 §3.1), over UDP.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IceServerUrl {
    /// STUN or TURN.
    pub scheme: IceScheme,
    /// A name or an address; an IPv6 address without its brackets.
    pub host: String,
    /// The UDP port, 3478 if the URL names none.
    pub port: u16,
}

/// Why a text is no URL of a server that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IceServerUrlError {
    /// Neither `stun:` nor `turn:`.
    #[error(
        "{0:?} is no STUN or TURN URL: write stun:HOST or turn:HOST, as in stun:192.0.2.1:3478"
    )]
    Scheme(String),
    /// `stuns:` and `turns:` are TLS.
    #[error("{0}s: needs TLS, and webrtc 0.21 skips such a server: use {0}: over UDP")]
    Tls(IceScheme),
    /// `?transport=tcp`.
    #[error("transport=tcp: webrtc 0.21 skips a server over TCP: use UDP")]
    Tcp,
    /// A query that is not `?transport=udp` of a TURN URL.
    #[error("{0:?} is no query: only turn: has one, and it is ?transport=udp")]
    Query(String),
    /// As in a web address.
    #[error("{0}:// is for web pages: write {0}:HOST, without the slashes (RFC 7064 §3.1)")]
    Slashes(IceScheme),
    /// Nothing, or characters that no name has.
    #[error("{0:?} is no host: write a name, an IPv4 address, or an IPv6 address in brackets")]
    Host(String),
    /// Not a number from 1 to 65535.
    #[error("{0:?} is no port: write a number from 1 to 65535")]
    Port(String),
}

impl FromStr for IceServerUrl {
    type Err = IceServerUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, rest) = text.split_once(':').ok_or_else(|| E::Scheme(cut(text)))?;
        let scheme = match name.to_ascii_lowercase().as_str() {
            "stun" => IceScheme::Stun,
            "turn" => IceScheme::Turn,
            "stuns" => return Err(E::Tls(IceScheme::Stun)),
            "turns" => return Err(E::Tls(IceScheme::Turn)),
            _ => return Err(E::Scheme(cut(text))),
        };
        if rest.starts_with("//") {
            return Err(E::Slashes(scheme));
        }
        let (authority, query) = split_once(rest, '?');
        match (scheme, query) {
            (_, None) | (IceScheme::Turn, Some("transport=udp")) => {}
            (_, Some("transport=tcp")) => return Err(E::Tcp),
            (_, Some(query)) => return Err(E::Query(cut(query))),
        }
        let (host, port) = parse_authority(authority)?;
        Ok(Self { scheme, host, port })
    }
}

/// Host and port, without the brackets of an IPv6 address (RFC 3986 §3.2.2).
fn parse_authority(authority: &str) -> Result<(String, u16), IceServerUrlError> {
    let host_error = || E::Host(cut(authority));
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (address, after) = rest.split_once(']').ok_or_else(host_error)?;
        let address: Ipv6Addr = address.parse().map_err(|_| host_error())?;
        let ("", port) = split_once(after, ':') else {
            return Err(host_error());
        };
        (address.to_string(), port)
    } else {
        let (host, port) = split_once(authority, ':');
        if !is_host_name(host) {
            return Err(host_error());
        }
        (host.to_ascii_lowercase(), port)
    };
    Ok((host, port.map_or(Ok(DEFAULT_PORT), parse_port)?))
}

/// What stands before the separator and, if there is one, what stands after it.
fn split_once(text: &str, separator: char) -> (&str, Option<&str>) {
    match text.split_once(separator) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

/// Letters, digits, hyphens and dots, at most as many as DNS allows (RFC 1035 §2.3.4).
fn is_host_name(host: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    let mut labels = host.trim_end_matches('.').split('.');
    host.len() <= 253 && host.chars().all(allowed) && labels.all(|label| !label.is_empty())
}

fn parse_port(text: &str) -> Result<u16, IceServerUrlError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let port = text.parse().ok().filter(|port| digits && *port > 0);
    port.ok_or_else(|| E::Port(cut(text)))
}

/// Enough of a text for a message.
fn cut(text: &str) -> String {
    text.chars().take(80).collect()
}

impl IceServerUrl {
    /// `host:port`, as a resolver takes it.
    pub fn authority(&self) -> String {
        match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        }
    }
}

impl fmt::Display for IceServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.scheme, self.authority())
    }
}
