//! A signaling channel that loses, returns or delays messages.

use crate::signaling::{SignalingChannel, SignalingMessage, signaling_channel};

/// What happens to candidates. Descriptions arrive in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultySignaling {
    /// They are lost.
    LosesCandidates,
    /// They go back to the peer that they came from.
    ReturnsCandidates,
    /// The first arrives before the description that it belongs to.
    CandidatesFirst,
}

impl FaultySignaling {
    /// Both ends of a channel with this fault. Must be called on a tokio runtime, whose task ends with the channel.
    pub fn channel(self) -> (SignalingChannel, SignalingChannel) {
        let (at_local, left) = signaling_channel();
        let (right, at_remote) = signaling_channel();
        tokio::spawn(self.forward(left, right));
        (at_local, at_remote)
    }

    async fn forward(self, mut left: SignalingChannel, mut right: SignalingChannel) {
        let (mut to_right, mut to_left) = (Vec::new(), Vec::new());
        loop {
            // The channel ends for both when one of them closes it.
            let delivered = tokio::select! {
                text = left.recv() => match text {
                    Some(text) => self.deliver(text, &mut to_right, &left, &right).await,
                    None => return,
                },
                text = right.recv() => match text {
                    Some(text) => self.deliver(text, &mut to_left, &right, &left).await,
                    None => return,
                },
            };
            if delivered.is_err() {
                return;
            }
        }
    }

    async fn deliver(
        self,
        text: String,
        kept: &mut Vec<String>,
        sender: &SignalingChannel,
        receiver: &SignalingChannel,
    ) -> Result<(), crate::SignalingError> {
        let message = SignalingMessage::from_json(&text);
        let is_candidate = matches!(message, Ok(SignalingMessage::Candidate(_)));
        match (self, is_candidate) {
            (Self::LosesCandidates, true) => Ok(()),
            (Self::ReturnsCandidates, true) => sender.send_text(text).await,
            (Self::CandidatesFirst, true) => {
                receiver.send_text(text).await?;
                for description in kept.drain(..) {
                    receiver.send_text(description).await?;
                }
                Ok(())
            }
            (Self::CandidatesFirst, false) => {
                kept.push(text);
                Ok(())
            }
            (_, false) => receiver.send_text(text).await,
        }
    }
}
