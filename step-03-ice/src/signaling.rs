//! 1-4: signaling, the messages of two peers that are not connected yet.
//!
//! WebRTC leaves signaling to the application (RFC 9429 §3.1): anything that transports text will do. Here it is a pair
//! of channels in memory. They carry text too, so that the peers exchange only what can be serialized.

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use webrtc::peer_connection::{RTCIceCandidateInit, RTCSdpType, RTCSessionDescription};

/// Messages that may wait. A peer has a description and a handful of candidates to send.
const CAPACITY: usize = 32;

/// A message from one peer to the other, in the form of W3C's dictionaries.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
#[allow(clippy::large_enum_variant)] // A call makes a handful of them.
pub enum SignalingMessage {
    /// `RTCSessionDescriptionInit`: `{"type": "offer", "sdp": "v=0…"}` (W3C webrtc-pc §4.6.2).
    Description(RTCSessionDescription),
    /// `RTCIceCandidateInit`: `{"candidate": "candidate:…", "sdpMLineIndex": 0}` (W3C webrtc-pc §4.8.1).
    Candidate(RTCIceCandidateInit),
}

/// Why a message could not be sent or read.
#[derive(Debug, thiserror::Error)]
pub enum SignalingError {
    /// The text is neither of the messages.
    #[error("no signaling message: {text:?}: expected {{\"type\", \"sdp\"}} or {{\"candidate\"}}")]
    Malformed {
        /// What was received, cut to a readable length.
        text: String,
    },
    /// The other end is gone.
    #[error("the other peer has closed the signaling channel")]
    Closed,
}

/// One end of a signaling channel.
pub struct SignalingChannel {
    sender: mpsc::Sender<String>,
    receiver: mpsc::Receiver<String>,
}

/// Two ends in one process; what one sends, the other receives.
pub fn signaling_channel() -> (SignalingChannel, SignalingChannel) {
    let (to_remote, from_local) = mpsc::channel(CAPACITY);
    let (to_local, from_remote) = mpsc::channel(CAPACITY);
    (
        SignalingChannel {
            sender: to_remote,
            receiver: from_remote,
        },
        SignalingChannel {
            sender: to_local,
            receiver: from_local,
        },
    )
}

impl SignalingMessage {
    /// What it is, in the words of the standard.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Description(description) => match description.sdp_type {
                RTCSdpType::Offer => "offer",
                RTCSdpType::Answer => "answer",
                _ => "description",
            },
            Self::Candidate(_) => "candidate",
        }
    }

    /// The message as one line of JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("strings and numbers alone always have a JSON form")
    }

    /// Reads one line of JSON.
    ///
    /// # Errors
    /// [`SignalingError::Malformed`].
    pub fn from_json(text: &str) -> Result<Self, SignalingError> {
        serde_json::from_str(text).map_err(|_| SignalingError::Malformed {
            text: text.chars().take(80).collect(),
        })
    }
}

impl SignalingChannel {
    /// An end that sends into `sender` and receives from `receiver`.
    pub(crate) fn new(sender: mpsc::Sender<String>, receiver: mpsc::Receiver<String>) -> Self {
        Self { sender, receiver }
    }

    /// Sends a message to the other peer.
    ///
    /// # Errors
    /// [`SignalingError::Closed`].
    pub async fn send(&self, message: &SignalingMessage) -> Result<(), SignalingError> {
        self.send_text(message.to_json()).await
    }

    /// Sends a text as it is.
    ///
    /// # Errors
    /// [`SignalingError::Closed`].
    pub async fn send_text(&self, text: String) -> Result<(), SignalingError> {
        let sent = self.sender.send(text).await;
        sent.map_err(|_| SignalingError::Closed)
    }

    /// The next text from the other peer; none when it is gone.
    pub async fn recv(&mut self) -> Option<String> {
        self.receiver.recv().await
    }
}
