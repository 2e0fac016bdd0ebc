//! `--lab NAME`: a negotiation with one mistake in it.

use std::fmt;

use clap::ValueEnum;
use step_01_capture::Timeline;
use step_01_capture::program::report::Section;
use step_02_peer::{OutgoingVideo, Peer, PeerConfig, PeerError, PeerPair, VideoCodec};
use webrtc::peer_connection::{RTCIceCandidateInit, RTCSessionDescription};

use crate::negotiation_error::NegotiationError;
use crate::offer_answer::{
    create_answer, create_offer, set_local_description, set_remote_description,
};
use crate::rollback::roll_back;
use crate::signaling_state::SignalingState;

/// What can be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lab {
    /// name the labs
    List,
    /// the remote peer answers before it was asked
    AnswerFirst,
    /// the offer is sent, and nobody tells the remote peer's connection of it (2-3 is left out)
    SkipRemoteDescription,
    /// the remote peer speaks VP8 only, the local one H.264 only
    NoCommonCodec,
    /// both peers make an offer at the same time
    Glare,
}

/// What a lab showed.
pub struct LabReport {
    told: Vec<String>,
    meaning: &'static str,
    /// The states of both peers.
    pub timeline: Timeline,
}

/// Two peers, and what was tried with them.
struct Bench {
    local: Peer,
    remote: Peer,
    told: Vec<String>,
}

impl Lab {
    /// Makes two peers, the mistake, and closes both. Every call that fails is told, not returned.
    ///
    /// # Errors
    /// [`PeerError`] when the peers cannot be made or closed.
    pub async fn run(
        self,
        video: OutgoingVideo,
        timeline: Timeline,
    ) -> Result<LabReport, PeerError> {
        let local = PeerConfig::loopback();
        let mut remote = PeerConfig::loopback();
        if self == Self::NoCommonCodec {
            remote.video_codecs = vec![VideoCodec::Vp8];
        }
        let pair = PeerPair::new(local, remote, &timeline).await?;
        pair.local.add_track(&video).await?;
        let mut bench = Bench {
            local: pair.local.clone(),
            remote: pair.remote.clone(),
            told: Vec::new(),
        };
        // The first call that fails ends the experiment: that is what the lab is about.
        let _ = match self {
            Self::List => Ok(()),
            Self::AnswerFirst => bench.answer_first().await,
            Self::SkipRemoteDescription => bench.skip_remote_description().await,
            Self::NoCommonCodec => bench.no_common_codec().await,
            Self::Glare => bench.glare().await,
        };
        pair.close().await?;
        Ok(LabReport {
            told: bench.told,
            meaning: self.meaning(),
            timeline,
        })
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::List => "",
            Self::AnswerFirst => {
                "An answer is made of an offer: it keeps the sections that were offered and takes codecs away.\n\
                 In the wild: the callee's code runs before the offer's message came. Wait for it."
            }
            Self::SkipRemoteDescription => {
                "The offer reached the other machine but not its RTCPeerConnection, so there is nothing to answer, and\n\
                 candidates have no description to belong to. In the wild: a message handler that returned early."
            }
            Self::NoCommonCodec => {
                "The answer keeps the m= line in its place and refuses it with port 0 (RFC 3264 §6). A browser is content\n\
                 with that: stable, and no error anywhere. webrtc 0.21 misses the ice-ufrag of the section that was\n\
                 refused. Look at the port first when a call stays black."
            }
            Self::Glare => {
                "Two offers crossed. One side must be the polite one: it rolls its own offer back, takes the other's and\n\
                 makes its own later. A browser rolls back inside of setRemoteDescription(offer) (W3C webrtc-pc §4.4.2).\n\
                 The other side keeps its offer and ignores the one that it gets."
            }
        }
    }
}

impl Bench {
    async fn answer_first(&mut self) -> Result<(), NegotiationError> {
        let answer = create_answer(&self.remote).await;
        self.tell("2-4  remote.createAnswer()", answer)
            .await
            .map(|_| ())
    }

    async fn skip_remote_description(&mut self) -> Result<(), NegotiationError> {
        self.offer_of_local().await?;
        self.told
            .push("2-3  remote.setRemoteDescription(offer)    left out".to_owned());
        let candidate = RTCIceCandidateInit {
            candidate: "candidate:1 1 udp 2130706431 127.0.0.1 9 typ host".to_owned(),
            sdp_mline_index: Some(0),
            ..Default::default()
        };
        let added = self.remote.add_ice_candidate(candidate).await;
        let added = added.map_err(NegotiationError::from);
        let _ = self.tell("1-5  remote.addIceCandidate()", added).await;
        let answer = create_answer(&self.remote).await;
        self.tell("2-4  remote.createAnswer()", answer)
            .await
            .map(|_| ())
    }

    async fn no_common_codec(&mut self) -> Result<(), NegotiationError> {
        let offer = self.offer_of_local().await?;
        self.tell_media("offer:", &offer);
        let set = set_remote_description(&self.remote, offer).await;
        self.tell("2-3  remote.setRemoteDescription(offer)", set)
            .await?;
        let answer = create_answer(&self.remote).await;
        let answer = self.tell("2-4  remote.createAnswer()", answer).await?;
        self.tell_media("answer:", &answer);
        let set = set_local_description(&self.remote, answer.clone()).await;
        self.tell("2-4  remote.setLocalDescription(answer)", set)
            .await?;
        let set = set_remote_description(&self.local, answer).await;
        self.tell("2-5  local.setRemoteDescription(answer)", set)
            .await
    }

    async fn glare(&mut self) -> Result<(), NegotiationError> {
        let offer = self.offer_of_local().await?;
        let other = create_offer(&self.remote).await;
        let other = self.tell("2-1  remote.createOffer()", other).await?;
        let set = set_local_description(&self.remote, other).await;
        self.tell("2-2  remote.setLocalDescription(offer)", set)
            .await?;
        let set = set_remote_description(&self.remote, offer.clone()).await;
        let _ = self
            .tell("2-3  remote.setRemoteDescription(offer)", set)
            .await;
        let back = roll_back(&self.remote).await;
        self.tell("     remote.setLocalDescription(rollback)", back)
            .await?;
        let set = set_remote_description(&self.remote, offer).await;
        self.tell("2-3  remote.setRemoteDescription(offer)", set)
            .await
    }

    async fn offer_of_local(&mut self) -> Result<RTCSessionDescription, NegotiationError> {
        let offer = create_offer(&self.local).await;
        let offer = self.tell("2-1  local.createOffer()", offer).await?;
        let set = set_local_description(&self.local, offer.clone()).await;
        self.tell("2-2  local.setLocalDescription(offer)", set)
            .await?;
        Ok(offer)
    }

    /// Notes what a call gave, and both states after it.
    async fn tell<T>(
        &mut self,
        call: &str,
        result: Result<T, NegotiationError>,
    ) -> Result<T, NegotiationError> {
        let local = SignalingState::announced(&self.local).await;
        let remote = SignalingState::announced(&self.remote).await;
        self.told
            .push(format!("{call:<42} local {local:<16}  remote {remote}"));
        if let Err(error) = &result {
            self.told.push(format!("     {error}"));
        }
        result
    }

    fn tell_media(&mut self, what: &str, description: &RTCSessionDescription) {
        let media = description
            .sdp
            .lines()
            .filter(|line| line.starts_with("m="));
        self.told
            .extend(media.map(|line| format!("     {what:<7} {line}")));
    }
}

impl fmt::Display for LabReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heading =
            "The negotiation, call by call, and the signaling state of both peers after each";
        writeln!(f, "{}", Section::new(heading, self.told.join("\n")))?;
        writeln!(f, "{}", Section::new("What it means", self.meaning))?;
        write!(
            f,
            "{}",
            Section::new("Timeline", &self.timeline)
                .to_string()
                .trim_end()
        )
    }
}
