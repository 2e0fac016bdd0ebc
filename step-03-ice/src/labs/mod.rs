//! One thing broken on purpose, and what a reader would see of it in the wild.

pub mod faulty_signaling;
pub mod lab_report;

use std::str::FromStr;

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lab {
    /// A STUN server that does not answer.
    StunDown,
    /// A TURN server that is given the wrong password.
    TurnWrongPassword,
    /// Relayed candidates alone, and a relay that dies.
    RelayOnly,
    /// Candidates that are lost on their way.
    NoCandidates,
    /// Candidates that are added to the peer that they came from.
    WrongPeer,
    /// A candidate that comes before its description.
    EarlyCandidate,
}

/// What `--lab` is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabChoice {
    /// Name them all.
    List,
    /// Run one.
    Run(Lab),
}

impl Lab {
    /// All of them.
    pub const ALL: [Lab; 6] = [
        Self::NoCandidates,
        Self::WrongPeer,
        Self::EarlyCandidate,
        Self::StunDown,
        Self::TurnWrongPassword,
        Self::RelayOnly,
    ];

    /// What `--lab` calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoCandidates => "no-candidates",
            Self::WrongPeer => "wrong-peer",
            Self::EarlyCandidate => "early-candidate",
            Self::StunDown => "stun-down",
            Self::TurnWrongPassword => "turn-wrong-password",
            Self::RelayOnly => "relay-only",
        }
    }

    /// What is broken, in one line.
    pub fn broken(self) -> &'static str {
        match self {
            Self::NoCandidates => "the candidates are lost on their way to the other peer",
            Self::WrongPeer => "every candidate is added to the peer that it came from",
            Self::EarlyCandidate => "a candidate comes before the description that it belongs to",
            Self::StunDown => "the STUN server does not answer",
            Self::TurnWrongPassword => "the TURN server is given a wrong password",
            Self::RelayOnly => "only relayed candidates may be used, and then the relay dies",
        }
    }

    /// What to learn from it.
    pub fn moral(self) -> &'static str {
        match self {
            Self::NoCandidates => {
                "The peers agree on everything and never learn where the other one is. Offer and answer alone do not\n\
                 connect: look whether icecandidate is sent (1-4), and added at the other side (1-5)."
            }
            Self::WrongPeer => {
                "Each peer checks its own addresses and hears itself. The codelab's getOtherPeer() is there for this:\n\
                 what local finds is added to remote."
            }
            Self::EarlyCandidate => {
                "A candidate belongs to a description: without one, addIceCandidate() is refused. Candidates and\n\
                 descriptions come on ways of their own, so keep the early ones until the description is set (Trickle)."
            }
            Self::StunDown => {
                "There is no srflx candidate, and nothing else changes: the call goes on with what there is. Behind a\n\
                 NAT that may not be enough, so look for icecandidateerror before you look anywhere else."
            }
            Self::TurnWrongPassword => {
                "There is no relay candidate. It will not be missed until two peers meet that have no other way, which\n\
                 is when nobody thinks of a password any more: look for icecandidateerror 401."
            }
            Self::RelayOnly => {
                "With iceTransportPolicy relay the other peer learns no address of this machine, and everything hangs on\n\
                 the relay. ICE is disconnected as soon as answers stay away, and failed when they do not come back."
            }
        }
    }

    /// The names, with one line each.
    pub fn list() -> String {
        let line = |lab: &Lab| format!("{:<20} {}", lab.name(), lab.broken());
        Self::ALL.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

impl FromStr for LabChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "list" {
            return Ok(Self::List);
        }
        let found = Lab::ALL.into_iter().find(|lab| lab.name() == text);
        found.map(Self::Run).ok_or_else(|| {
            let names = Lab::ALL.map(Lab::name).join(", ");
            format!("no such lab: write list, or one of {names}")
        })
    }
}
