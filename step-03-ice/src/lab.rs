//! One thing broken on purpose, and what a reader would see of it in the wild.

use std::fmt;
use std::net::{Ipv4Addr, UdpSocket};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use step_01_capture::Timeline;
use step_01_capture::stop_signal::StopSignal;
use step_02_peer::{IceTimeouts, OutgoingVideo, PeerConfig, stopped};
use webrtc::peer_connection::{RTCIceCandidateInit, RTCIceServer, RTCIceTransportPolicy};

use crate::courier::Courier;
use crate::envelope::Envelope;
use crate::ice_arguments::TurnServer;
use crate::ice_server_url::IceScheme;
use crate::lesson::Lesson;
use crate::local_servers::{LocalServers, LocalServersError};
use crate::observations::Observations;
use crate::peer_pair::{ConnectedPair, PeerPair};
use crate::report;
use crate::session::SessionError;

/// ICE gives up after 30 s; a reader shall not wait so long to see it.
const SOON: IceTimeouts = IceTimeouts {
    disconnected: Duration::from_secs(1),
    failed: Duration::from_secs(1),
    keep_alive: Duration::from_millis(100),
};

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

/// Why a lab did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// A peer could not be made or used.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// There is no server to break.
    #[error(transparent)]
    Servers(#[from] LocalServersError),
    /// There is no socket to be silent on.
    #[error("no socket on 127.0.0.1: {0}")]
    Socket(#[from] std::io::Error),
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
    fn moral(self) -> &'static str {
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

    /// Breaks it, on loopback, and ends by itself.
    ///
    /// # Errors
    /// [`LabError`].
    pub async fn run(
        self,
        video: OutgoingVideo,
        timeline: Timeline,
        stop: StopSignal,
    ) -> Result<LabReport, LabError> {
        let lab = async {
            match self {
                Self::StunDown => stun_down(&video, &timeline).await,
                Self::TurnWrongPassword => turn_wrong_password(&video, &timeline).await,
                Self::RelayOnly => relay_only(&video, &timeline).await,
                Self::NoCandidates => {
                    badly_carried(Courier::LosesCandidates, &video, &timeline).await
                }
                Self::WrongPeer => {
                    badly_carried(Courier::ReturnsCandidates, &video, &timeline).await
                }
                Self::EarlyCandidate => early_candidate(&video, &timeline).await,
            }
        };
        let (lesson, remark) = tokio::select! {
            told = lab => told?,
            () = stopped(&stop) => (Lesson::empty(&timeline), None),
        };
        Ok(LabReport {
            lab: self,
            remark,
            lesson,
        })
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

type Told = Result<(Lesson, Option<String>), LabError>;

/// Connects two peers, waits until both are settled, and closes them.
async fn call(config: PeerConfig, video: &OutgoingVideo, timeline: &Timeline) -> Told {
    let pair = pair(config, video, timeline).await?;
    watch(pair.connect(Arc::new(Envelope)), timeline).await
}

async fn pair(
    config: PeerConfig,
    video: &OutgoingVideo,
    timeline: &Timeline,
) -> Result<PeerPair, LabError> {
    let pair = PeerPair::new(config.clone(), config, timeline).await;
    let pair = pair.map_err(SessionError::from)?;
    pair.local
        .add_track(video)
        .await
        .map_err(SessionError::from)?;
    Ok(pair)
}

async fn watch(mut pair: ConnectedPair, timeline: &Timeline) -> Told {
    let mut seen = Observations::default();
    seen.until_settled(&mut pair).await;
    Ok((Lesson::close(pair, seen, timeline.clone()).await?, None))
}

async fn stun_down(video: &OutgoingVideo, timeline: &Timeline) -> Told {
    // A socket that nobody reads: the requests arrive, and that is all.
    let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let config = PeerConfig {
        ice_servers: vec![RTCIceServer {
            urls: vec![format!("stun:{}", silent.local_addr()?)],
            ..Default::default()
        }],
        ..PeerConfig::loopback()
    };
    call(config, video, timeline).await
}

async fn turn_wrong_password(video: &OutgoingVideo, timeline: &Timeline) -> Told {
    let servers = LocalServers::start().await?;
    let wrong = TurnServer::new(servers.url(IceScheme::Turn), "reader", "guessed");
    let config = PeerConfig {
        ice_servers: vec![wrong.ice_server()],
        ..PeerConfig::loopback()
    };
    let told = call(config, video, timeline).await;
    servers.close().await;
    told
}

async fn relay_only(video: &OutgoingVideo, timeline: &Timeline) -> Told {
    let servers = LocalServers::start().await?;
    let config = PeerConfig {
        ice_servers: servers.ice_servers().into(),
        ice_transport_policy: RTCIceTransportPolicy::Relay,
        ice_timeouts: Some(SOON),
        ..PeerConfig::loopback()
    };
    let mut pair = pair(config, video, timeline)
        .await?
        .connect(Arc::new(Envelope));
    let mut seen = Observations::default();
    seen.until_settled(&mut pair).await;
    tracing::info!("the relay dies");
    servers.close().await;
    while seen.failed < 2
        && let Some(observed) = pair.next_event().await
    {
        seen.note(observed);
    }
    Ok((Lesson::close(pair, seen, timeline.clone()).await?, None))
}

async fn badly_carried(courier: Courier, video: &OutgoingVideo, timeline: &Timeline) -> Told {
    let config = PeerConfig {
        ice_timeouts: Some(SOON),
        ..PeerConfig::loopback()
    };
    let pair = pair(config, video, timeline).await?;
    let pair = pair.connect_over(Arc::new(Envelope), courier.channel());
    watch(pair, timeline).await
}

async fn early_candidate(video: &OutgoingVideo, timeline: &Timeline) -> Told {
    let pair = pair(PeerConfig::loopback(), video, timeline).await?;
    let early = RTCIceCandidateInit {
        candidate: "candidate:1 1 udp 2130706431 127.0.0.1 9 typ host".to_owned(),
        sdp_mline_index: Some(0),
        ..Default::default()
    };
    let refused = pair.remote.connection().add_ice_candidate(early).await;
    let remark = refused
        .err()
        .map(|error| format!("remote.addIceCandidate() before setRemoteDescription(): {error}"));
    let pair = pair.connect_over(Arc::new(Envelope), Courier::CandidatesFirst.channel());
    let (lesson, _) = watch(pair, timeline).await?;
    Ok((lesson, remark))
}

/// What was to be seen.
pub struct LabReport {
    /// Which lab it was.
    pub lab: Lab,
    /// What else was tried.
    pub remark: Option<String>,
    /// What the peers did.
    pub lesson: Lesson,
}

impl fmt::Display for LabReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Lesson {
            seen,
            checks,
            timeline,
        } = &self.lesson;
        writeln!(f, "Lab {}: {}\n", self.lab.name(), self.lab.broken())?;
        writeln!(f, "{}", report::candidates(seen, "local"))?;
        write!(f, "{}", report::failed_servers(seen))?;
        if let Some(remark) = &self.remark {
            writeln!(f, "{remark}\n")?;
        }
        writeln!(f, "{}", report::checks("local", checks, timeline))?;
        writeln!(f, "{}", report::timeline(timeline))?;
        write!(f, "{}", self.lab.moral())
    }
}
