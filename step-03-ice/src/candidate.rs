//! 1-3: a candidate line and its parts.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// How the address of a candidate was found (RFC 8445 §5.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CandidateType {
    /// An address of this machine.
    Host,
    /// How a STUN server sees this machine: the address outside of its NAT.
    ServerReflexive,
    /// How the other peer sees this machine: found by a connectivity check.
    PeerReflexive,
    /// An address of a TURN server that relays everything.
    Relay,
}

impl CandidateType {
    const ALL: [Self; 4] = [
        Self::Host,
        Self::ServerReflexive,
        Self::PeerReflexive,
        Self::Relay,
    ];

    /// As it stands in a candidate line, and in plain words.
    fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Host => ("host", "an address of this machine"),
            Self::ServerReflexive => (
                "srflx",
                "this machine as a STUN server sees it, outside of its NAT",
            ),
            Self::PeerReflexive => ("prflx", "this machine as the other peer sees it"),
            Self::Relay => (
                "relay",
                "an address of a TURN server, which relays everything",
            ),
        }
    }

    /// In plain words.
    pub fn meaning(self) -> &'static str {
        self.texts().1
    }
}

impl fmt::Display for CandidateType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.texts().0)
    }
}

impl FromStr for CandidateType {
    type Err = CandidateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|kind| kind.texts().0 == text);
        found.ok_or_else(|| CandidateError::field("type", text))
    }
}

/// The parts of a `candidate:` attribute (RFC 8839 §5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Equal for candidates of the same type, interface and server: pairs that will succeed or fail alike
    /// (RFC 8445 §5.1.1.3).
    pub foundation: String,
    /// 1 for RTP, 2 for RTCP. With rtcp-mux both share component 1 (RFC 8834 §4.5).
    pub component: u16,
    /// `udp` or `tcp`.
    pub transport: String,
    /// Higher is preferred (RFC 8445 §5.1.2).
    pub priority: u32,
    /// An IP address, or a name that ends in `.local` and hides one.
    pub address: String,
    /// The port that belongs to the address.
    pub port: u16,
    /// How the address was found.
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
    /// A word that its position does not allow.
    #[error("no candidate: {field} {value:?} is not possible")]
    Field {
        /// Which word.
        field: &'static str,
        /// What stands there.
        value: String,
    },
}

impl CandidateError {
    fn field(field: &'static str, value: &str) -> Self {
        let value = value.chars().take(80).collect();
        Self::Field { field, value }
    }
}

impl FromStr for Candidate {
    type Err = CandidateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let attribute = text.strip_prefix("a=").unwrap_or(text);
        let words: Vec<&str> = attribute.split_ascii_whitespace().collect();
        let syntax_error = || CandidateError::Syntax(text.chars().take(120).collect());
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
            return Err(syntax_error());
        };
        let foundation = first.strip_prefix("candidate:").ok_or_else(syntax_error)?;
        Ok(Self {
            foundation: parse_word("foundation", foundation)?.to_owned(),
            component: parse_number("component", component)?,
            transport: parse_word("transport", transport)?.to_ascii_lowercase(),
            priority: parse_number("priority", priority)?,
            address: parse_address(address)?,
            port: parse_number("port", port)?,
            kind: kind.parse()?,
            related: parse_related(extensions)?,
        })
    }
}

fn parse_number<T: FromStr>(field: &'static str, value: &str) -> Result<T, CandidateError> {
    let number = value.parse();
    number.map_err(|_| CandidateError::field(field, value))
}

/// Up to 32 letters, digits, `+` and `/` (RFC 8839 §5.1, `ice-char`). A stranger's line may reach a terminal.
fn parse_word<'a>(field: &'static str, value: &'a str) -> Result<&'a str, CandidateError> {
    let ice_char = |c: char| c.is_ascii_alphanumeric() || "+/".contains(c);
    match (1..=32).contains(&value.len()) && value.chars().all(ice_char) {
        true => Ok(value),
        false => Err(CandidateError::field(field, value)),
    }
}

fn parse_address(value: &str) -> Result<String, CandidateError> {
    let name = value.strip_suffix(".local");
    let name_char = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if value.parse::<IpAddr>().is_ok() || name.is_some_and(|name| name.chars().all(name_char)) {
        return Ok(value.to_owned());
    }
    Err(CandidateError::field("address", value))
}

/// Extensions come in pairs of a name and a value (RFC 8839 §5.1); these two go together.
fn parse_related(extensions: &[&str]) -> Result<Option<(String, u16)>, CandidateError> {
    let value = |name| {
        let mut pairs = extensions.chunks_exact(2);
        pairs.find(|pair| pair[0] == name).map(|pair| pair[1])
    };
    match (value("raddr"), value("rport")) {
        (Some(address), Some(port)) => Ok(Some((
            parse_address(address)?,
            parse_number("rport", port)?,
        ))),
        _ => Ok(None),
    }
}

impl Candidate {
    /// The three numbers of which the priority consists: type preference, local preference, component
    /// (`2^24 * type + 2^8 * local + (256 - component)`, RFC 8445 §5.1.2.1).
    pub fn preferences(&self) -> (u32, u32, u32) {
        let local = (self.priority >> 8) & 0xffff;
        (self.priority >> 24, local, 256 - (self.priority & 0xff))
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
        let (socket, meaning) = (self.socket(), self.kind.meaning());
        writeln!(f, "{:<5} {socket:<21} {meaning}", self.kind)?;
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
