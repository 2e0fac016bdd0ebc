//! 1-4: the way on which two peers find each other before there is a connection.
//!
//! WebRTC leaves signaling to the application (RFC 8829 §3.1): any way to hand a text over will do. Here it is a pair
//! of channels in memory, and what goes through them is text all the same, so that nothing but what can be serialized
//! ever passes from one peer to the other.

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use webrtc::peer_connection::{RTCIceCandidateInit, RTCSessionDescription};

/// Messages that may wait. A peer has a description and a handful of candidates to send.
const CAPACITY: usize = 32;

/// What two peers have to say to each other, in the shapes of W3C's dictionaries.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
#[allow(clippy::large_enum_variant)] // A call makes a handful of them.
pub enum SignalingMessage {
    /// `RTCSessionDescriptionInit`: `{"type": "offer", "sdp": "v=0…"}` (W3C webrtc-pc §4.6.1).
    Description(RTCSessionDescription),
    /// `RTCIceCandidateInit`: `{"candidate": "candidate:…", "sdpMLineIndex": 0}` (W3C webrtc-pc §4.8.1.1).
    Candidate(RTCIceCandidateInit),
}

/// Why a message did not arrive or could not be read.
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
    /// The message as one line of JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("strings and numbers alone always have a JSON form")
    }

    /// Reads one line of JSON.
    ///
    /// # Errors
    /// [`SignalingError::Malformed`]; what a stranger sends must not end anything.
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
