//! What a candidate line says.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// How the address of a candidate was learned (RFC 8445 §5.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CandidateType {
    /// An address of this machine.
    Host,
    /// How a STUN server sees this machine: the address outside of its NAT.
    ServerReflexive,
    /// How the other peer sees this machine: learned from a connectivity check.
    PeerReflexive,
    /// An address of a TURN server that passes everything on.
    Relay,
}

impl CandidateType {
    /// In plain words.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Host => "an address of this machine",
            Self::ServerReflexive => "this machine as a STUN server sees it, outside of its NAT",
            Self::PeerReflexive => "this machine as the other peer sees it",
            Self::Relay => "an address on a TURN server, which passes everything on",
        }
    }
}

impl fmt::Display for CandidateType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Host => "host",
            Self::ServerReflexive => "srflx",
            Self::PeerReflexive => "prflx",
            Self::Relay => "relay",
        })
    }
}

impl FromStr for CandidateType {
    type Err = CandidateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "host" => Ok(Self::Host),
            "srflx" => Ok(Self::ServerReflexive),
            "prflx" => Ok(Self::PeerReflexive),
            "relay" => Ok(Self::Relay),
            _ => Err(CandidateError::Field {
                field: "type",
                value: text.chars().take(80).collect(),
            }),
        }
    }
}

/// The parts of a `candidate:` attribute (RFC 8839 §5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Equal for candidates of the same type, interface and server: pairs that will succeed or fail alike
    /// (RFC 8445 §5.1.1.3).
    pub foundation: String,
    /// 1 for RTP; 2 for RTCP, which nobody uses any more since both share one port (RFC 8834 §4.5).
    pub component: u16,
    /// `udp` or `tcp`.
    pub transport: String,
    /// Higher is preferred (RFC 8445 §5.1.2).
    pub priority: u32,
    /// An IP address, or a name that ends in `.local` and hides one.
    pub address: String,
    /// The port that belongs to the address.
    pub port: u16,
    /// How the address was learned.
    pub kind: CandidateType,
    /// For candidates that are not of this machine: the address behind them (`raddr`, `rport`).
    pub related: Option<(String, u16)>,
}

/// Why a text is no candidate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CandidateError {
    /// Fewer words than RFC 8839 §5.1 demands.
    #[error(
        "no candidate: {0:?}: expected \"candidate:FOUNDATION COMPONENT TRANSPORT PRIORITY ADDRESS PORT typ TYPE\""
    )]
    Syntax(String),
    /// A word that is not what its place demands.
    #[error("no candidate: {field} {value:?} is not possible")]
    Field {
        /// Which word.
        field: &'static str,
        /// What stands there.
        value: String,
    },
}

impl FromStr for Candidate {
    type Err = CandidateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let attribute = text.strip_prefix("a=").unwrap_or(text);
        let words: Vec<&str> = attribute.split_ascii_whitespace().collect();
        let syntax = || CandidateError::Syntax(text.chars().take(120).collect());
        let [
            first,
            component,
            transport,
            priority,
            address,
            port,
            "typ",
            kind,
            extensions @ ..,
        ] = &words[..]
        else {
            return Err(syntax());
        };
        let foundation = first.strip_prefix("candidate:").ok_or_else(syntax)?;
        Ok(Self {
            foundation: word("foundation", foundation)?.to_owned(),
            component: number("component", component)?,
            transport: word("transport", transport)?.to_ascii_lowercase(),
            priority: number("priority", priority)?,
            address: host(address)?,
            port: number("port", port)?,
            kind: kind.parse()?,
            related: related(extensions)?,
        })
    }
}

fn impossible(field: &'static str, value: &str) -> CandidateError {
    let value = value.chars().take(80).collect();
    CandidateError::Field { field, value }
}

fn number<T: FromStr>(field: &'static str, value: &str) -> Result<T, CandidateError> {
    value.parse().map_err(|_| impossible(field, value))
}

/// Up to 32 letters, digits, `+` and `/` (RFC 8839 §5.1, `ice-char`); a stranger's line must not reach a terminal.
fn word<'a>(field: &'static str, value: &'a str) -> Result<&'a str, CandidateError> {
    let ice_char = |c: char| c.is_ascii_alphanumeric() || "+/".contains(c);
    match (1..=32).contains(&value.len()) && value.chars().all(ice_char) {
        true => Ok(value),
        false => Err(impossible(field, value)),
    }
}

fn host(value: &str) -> Result<String, CandidateError> {
    let hidden = value.strip_suffix(".local");
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if value.parse::<IpAddr>().is_ok() || hidden.is_some_and(|name| name.chars().all(is_name)) {
        return Ok(value.to_owned());
    }
    Err(impossible("address", value))
}

/// Extensions come in pairs of a name and a value (RFC 8839 §5.1); these two go together.
fn related(extensions: &[&str]) -> Result<Option<(String, u16)>, CandidateError> {
    let value = |name| {
        let mut pairs = extensions.chunks_exact(2);
        pairs.find(|pair| pair[0] == name).map(|pair| pair[1])
    };
    match (value("raddr"), value("rport")) {
        (Some(address), Some(port)) => Ok(Some((host(address)?, number("rport", port)?))),
        _ => Ok(None),
    }
}

impl Candidate {
    /// The three numbers that the priority is made of: type preference, local preference, component
    /// (`2^24 * type + 2^8 * local + (256 - component)`, RFC 8445 §5.1.2.1).
    pub fn preferences(&self) -> (u32, u32, u32) {
        let component = 256 - (self.priority & 0xff);
        (
            self.priority >> 24,
            (self.priority >> 8) & 0xffff,
            component,
        )
    }

    /// The address and the port together.
    pub fn socket(&self) -> String {
        match self.address.contains(':') {
            true => format!("[{}]:{}", self.address, self.port),
            false => format!("{}:{}", self.address, self.port),
        }
    }
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, local, component) = self.preferences();
        writeln!(
            f,
            "{:<5} {:<21} {}",
            self.kind,
            self.socket(),
            self.kind.meaning()
        )?;
        if let Some((address, port)) = &self.related {
            writeln!(f, "      behind it: {address}:{port}")?;
        }
        writeln!(
            f,
            "      priority {} = type {kind} · 2^24 + local {local} · 2^8 + 256 - component {component}",
            self.priority
        )?;
        write!(
            f,
            "      foundation {}, {}",
            self.foundation, self.transport
        )
    }
}
