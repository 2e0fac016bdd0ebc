//! `--lab NAME`: a negotiation with one mistake.

use clap::ValueEnum;
use step_01_capture::Timeline;
use step_02_peer::labs::mystery::Fault;
use step_02_peer::{OutgoingVideo, Peer, PeerConfig, PeerError, PeerPair, VideoCodec};
use webrtc::peer_connection::{RTCIceCandidateInit, RTCSessionDescription};

use crate::lesson::NegotiationReport;
use crate::negotiation_call::NegotiationError;
use crate::tracing_negotiator::TracingNegotiator;

/// The labs of step 04.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lab {
    /// Name the labs of this step
    List,
    /// Make one of these mistakes, and find out which
    Mystery,
    /// The remote peer creates an answer before it has an offer
    AnswerFirst,
    /// The offer is sent, but the remote peer does not call setRemoteDescription() (2-3)
    SkipRemoteDescription,
    /// The remote peer supports only VP8, the local one only H.264
    NoCommonCodec,
    /// Both peers make an offer at the same time
    Glare,
}

impl Lab {
    /// Makes a call with the mistake, on loopback. The error of a call goes into the report.
    ///
    /// # Errors
    /// [`PeerError`] when the peers cannot be created or closed.
    pub async fn run(
        self,
        video: OutgoingVideo,
        timeline: Timeline,
    ) -> Result<NegotiationReport, PeerError> {
        let mut remote = PeerConfig::loopback();
        if self == Self::NoCommonCodec {
            remote.video_codecs = vec![VideoCodec::Vp8];
        }
        let pair = PeerPair::new(PeerConfig::loopback(), remote, &timeline).await?;
        pair.local.add_track(&video).await?;
        let negotiator = TracingNegotiator::default();
        let (local, remote) = (&pair.local, &pair.remote);
        // The first call that fails ends the lab, and the report says why.
        let _ = self.negotiate(&negotiator, local, remote).await;
        pair.close().await?;
        Ok(NegotiationReport::new(&negotiator.steps(), timeline))
    }

    async fn negotiate(
        self,
        negotiator: &TracingNegotiator,
        local: &Peer,
        remote: &Peer,
    ) -> Result<(), NegotiationError> {
        match self {
            Self::List | Self::Mystery => {}
            Self::AnswerFirst => _ = negotiator.create_answer(remote).await?,
            Self::SkipRemoteDescription => {
                negotiator.make_offer(local).await?;
                if let Err(error) = remote.add_ice_candidate(candidate()).await {
                    negotiator.note(format!("1-5  {error}"));
                }
                negotiator.create_answer(remote).await?;
            }
            Self::NoCommonCodec => {
                let offer = negotiator.make_offer(local).await?;
                negotiator.note(media_lines(&offer));
                negotiator.set_remote(remote, offer).await?;
                let answer = negotiator.create_answer(remote).await?;
                negotiator.note(media_lines(&answer));
                negotiator.set_local(remote, answer.clone()).await?;
                negotiator.set_remote(local, answer).await?;
            }
            Self::Glare => {
                let offer = negotiator.make_offer(local).await?;
                negotiator.make_offer(remote).await?;
                // The state does not permit it.
                let _ = negotiator.set_remote(remote, offer.clone()).await;
                let rollback = RTCSessionDescription::rollback(None);
                let rollback = rollback.expect("a rollback has no SDP that could be wrong");
                negotiator.set_local(remote, rollback).await?;
                negotiator.set_remote(remote, offer).await?;
            }
        }
        Ok(())
    }
}

impl Fault for Lab {
    fn clue(self) -> &'static str {
        match self {
            Self::List | Self::Mystery => "",
            Self::AnswerFirst => "remote.createAnswer()                 local stable",
            Self::SkipRemoteDescription => {
                "remote.addIceCandidate(): remote description is not set"
            }
            Self::NoCommonCodec => "m=video 0 ",
            Self::Glare => {
                "InvalidStateError: remote.setRemoteDescription(offer) in have-local-offer"
            }
        }
    }

    fn explanation(self) -> &'static str {
        match self {
            Self::List | Self::Mystery => "",
            Self::AnswerFirst => {
                "An answer is made from an offer: it keeps the offered sections and removes codecs.\n\
                 In practice: the answering code runs before the message with the offer arrives. Wait for it."
            }
            Self::SkipRemoteDescription => {
                "The offer reached the other machine but not its RTCPeerConnection. So there is nothing to answer,\n\
                 and candidates have no description to which they belong. In practice: a message handler that\n\
                 returned early."
            }
            Self::NoCommonCodec => {
                "The answer keeps the m= line in its position and rejects it with port 0 (RFC 3264 §6). A browser\n\
                 accepts that: it is stable and reports no error. webrtc 0.21 rejects the answer: the rejected\n\
                 section has no ice-ufrag. If a call stays black, look at the port first."
            }
            Self::Glare => {
                "Two offers were sent at the same time. One peer must be polite: it rolls its own offer back, answers\n\
                 the other one, and makes its own later. A browser rolls back inside setRemoteDescription(offer)\n\
                 (W3C webrtc-pc §4.4.1.4). The other peer keeps its offer and ignores the one that it receives."
            }
        }
    }
}

fn candidate() -> RTCIceCandidateInit {
    RTCIceCandidateInit {
        candidate: "candidate:1 1 udp 2130706431 127.0.0.1 9 typ host".to_owned(),
        sdp_mline_index: Some(0),
        ..Default::default()
    }
}

fn media_lines(description: &RTCSessionDescription) -> String {
    let lines = description
        .sdp
        .lines()
        .filter(|line| line.starts_with("m="));
    lines.collect::<Vec<_>>().join(" ")
}
