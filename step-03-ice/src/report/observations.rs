//! What the peers of a lesson experienced, as far as it has to do with ICE.

use step_02_peer::PeerEvent;
use webrtc::peer_connection::{
    RTCIceGatheringState, RTCPeerConnectionIceErrorEvent, RTCPeerConnectionState,
};

use crate::candidate::Candidate;
use crate::session::Observed;
use crate::signaling::SignalingMessage;
use crate::trickle::candidate_message;

/// A candidate, who found it, and the message that carried it over.
pub struct SentCandidate {
    /// The peer that found it.
    pub from: String,
    /// What it says.
    pub info: Candidate,
    /// The line of JSON in which it travelled.
    pub message: String,
}

/// A server that did not help, and whom.
pub struct FailedServer {
    /// The peer that asked it.
    pub peer: String,
    /// W3C's event.
    pub error: RTCPeerConnectionIceErrorEvent,
}

/// The events of the peers that matter here, in the order in which they happened.
#[derive(Default)]
pub struct Observations {
    /// Every candidate that was found.
    pub candidates: Vec<SentCandidate>,
    /// Every server that failed.
    pub failed_servers: Vec<FailedServer>,
    /// How many peers have found all of their candidates.
    pub gathered: usize,
    /// How many peers are connected, or have given up.
    pub settled: usize,
    /// How many peers have given up.
    pub failed: usize,
}

impl Observations {
    /// Takes an event in.
    pub fn note(&mut self, Observed { peer, event }: Observed) {
        use RTCPeerConnectionState::{Connected, Failed};
        match event {
            PeerEvent::IceCandidate(candidate) => {
                if let Ok(message) = candidate_message(&candidate) {
                    self.note_candidate(peer, &message);
                }
            }
            PeerEvent::IceCandidateError(error) => {
                self.failed_servers.push(FailedServer { peer, error });
            }
            PeerEvent::IceGatheringState(RTCIceGatheringState::Complete) => self.gathered += 1,
            PeerEvent::ConnectionState(state @ (Connected | Failed)) => {
                self.settled += 1;
                self.failed += usize::from(state == Failed);
            }
            _ => {}
        }
    }

    /// Takes in a candidate that `peer` has told of.
    pub fn note_candidate(&mut self, peer: String, message: &SignalingMessage) {
        if let SignalingMessage::Candidate(init) = message
            && let Ok(info) = init.candidate.parse()
        {
            let message = message.to_json();
            self.candidates.push(SentCandidate {
                from: peer,
                info,
                message,
            });
        }
    }

    /// Whether this many peers have gathered all of their candidates and are connected, or have failed.
    pub fn are_settled(&self, peers: usize) -> bool {
        self.gathered >= peers && self.settled >= peers
    }

    /// What one peer found.
    pub fn candidates_of(&self, peer: &str) -> Vec<Candidate> {
        let found = self.candidates.iter().filter(|found| found.from == peer);
        found.map(|found| found.info.clone()).collect()
    }
}
