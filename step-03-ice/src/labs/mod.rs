//! `--lab NAME`: one mistake on purpose, and its symptoms.

pub mod faulty_signaling;
pub mod lab_report;

use clap::ValueEnum;
use step_02_peer::labs::mystery::Fault;

/// The labs of step 03.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lab {
    /// The candidates are lost on their way to the other peer
    NoCandidates,
    /// Every candidate is added to the peer that it came from
    WrongPeer,
    /// A candidate comes before the description that it belongs to
    EarlyCandidate,
    /// The STUN server does not answer
    StunDown,
    /// The TURN server is given a wrong password
    TurnWrongPassword,
    /// Only relayed candidates may be used, and then the relay stops
    RelayOnly,
    /// Make one of these mistakes, and find out which
    Mystery,
    /// Name the labs of this step
    List,
}

impl Fault for Lab {
    fn clue(self) -> &'static str {
        match self {
            Self::NoCandidates => "none: there was no pair of candidates to check",
            Self::WrongPeer => "-> prflx",
            Self::EarlyCandidate => "remote description is not set",
            Self::StunDown => "icecandidateerror 701",
            Self::TurnWrongPassword => "icecandidateerror 401",
            Self::RelayOnly => "connected => disconnected",
            Self::Mystery | Self::List => "",
        }
    }

    fn explanation(self) -> &'static str {
        match self {
            Self::NoCandidates => {
                "The peers agree on everything and never learn each other's addresses. Offer and answer alone do not\n\
                 connect: check that icecandidate is sent (1-4), and added at the other side (1-5)."
            }
            Self::WrongPeer => {
                "Each peer checks its own addresses and receives its own checks. The codelab's getOtherPeer() prevents\n\
                 this: what local finds is added to remote."
            }
            Self::EarlyCandidate => {
                "A candidate belongs to a description: without one, addIceCandidate() is rejected. Candidates may arrive\n\
                 before descriptions, so keep the early ones until the description is set (Trickle)."
            }
            Self::StunDown => {
                "There is no srflx candidate, and nothing else changes: the call goes on with the others. Behind a NAT\n\
                 they may not be enough, so look for icecandidateerror first."
            }
            Self::TurnWrongPassword => {
                "There is no relay candidate. Nobody misses it until two peers need one, perhaps long after the password\n\
                 was changed: look for icecandidateerror 401."
            }
            Self::RelayOnly => {
                "With iceTransportPolicy relay everything depends on the relay. ICE is disconnected soon after answers\n\
                 stop, and failed when they do not come back. The policy hides no address: raddr has one."
            }
            Self::Mystery | Self::List => "",
        }
    }
}
