//! A signaling channel that does what no signaling channel should.

use crate::signaling::{SignalingChannel, SignalingMessage, signaling_channel};

/// How a courier treats candidates. Descriptions arrive with every one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultySignaling {
    /// Loses them.
    LosesCandidates,
    /// Brings them back to the peer that they came from.
    ReturnsCandidates,
    /// Brings the first of them before the description that they belong to.
    CandidatesFirst,
}

impl FaultySignaling {
    /// Both ends of a channel on which this courier works until they are dropped. Must be called on a tokio runtime.
    pub fn channel(self) -> (SignalingChannel, SignalingChannel) {
        let (at_local, left) = signaling_channel();
        let (right, at_remote) = signaling_channel();
        tokio::spawn(self.work(left, right));
        (at_local, at_remote)
    }

    async fn work(self, mut left: SignalingChannel, mut right: SignalingChannel) {
        let (mut to_right, mut to_left) = (Vec::new(), Vec::new());
        loop {
            // The channel ends for both when one of them is done.
            let carried = tokio::select! {
                text = left.recv() => match text {
                    Some(text) => self.carry(text, &mut to_right, &left, &right).await,
                    None => return,
                },
                text = right.recv() => match text {
                    Some(text) => self.carry(text, &mut to_left, &right, &left).await,
                    None => return,
                },
            };
            if carried.is_err() {
                return;
            }
        }
    }

    async fn carry(
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
