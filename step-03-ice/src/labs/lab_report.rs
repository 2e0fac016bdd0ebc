//! A lab at work: the call that it breaks, and what was to be seen.

use std::fmt;
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use step_01_capture::Timeline;
use step_01_capture::program::stop_signal::StopSignal;
use step_02_peer::{IceTimeouts, OutgoingVideo, PeerConfig, stopped};
use webrtc::peer_connection::{RTCIceCandidateInit, RTCIceServer, RTCIceTransportPolicy};

use crate::labs::Lab;
use crate::labs::faulty_signaling::FaultySignaling;
use crate::lesson::Lesson;
use crate::peer_pair::{ConnectedPair, PeerPair};
use crate::report;
use crate::report::observations::Observations;
use crate::servers::ice_arguments::TurnServer;
use crate::servers::ice_server_url::IceScheme;
use crate::servers::local_servers::{LocalServers, LocalServersError};
use crate::session::SessionError;
use crate::silent_negotiator::SilentNegotiator;

/// ICE gives up after 30 s; a reader shall not wait so long to see it.
const SOON: IceTimeouts = IceTimeouts {
    disconnected: Duration::from_secs(1),
    failed: Duration::from_secs(1),
    keep_alive: Duration::from_millis(100),
};

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
                    badly_carried(FaultySignaling::LosesCandidates, &video, &timeline).await
                }
                Self::WrongPeer => {
                    badly_carried(FaultySignaling::ReturnsCandidates, &video, &timeline).await
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

type LabOutcome = Result<(Lesson, Option<String>), LabError>;

/// Connects two peers, waits until both are settled, and closes them.
async fn call(config: PeerConfig, video: &OutgoingVideo, timeline: &Timeline) -> LabOutcome {
    let pair = pair(config, video, timeline).await?;
    watch(pair.connect(Arc::new(SilentNegotiator)), timeline).await
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

async fn watch(mut pair: ConnectedPair, timeline: &Timeline) -> LabOutcome {
    let mut seen = Observations::default();
    seen.until_settled(&mut pair).await;
    Ok((Lesson::close(pair, seen, timeline.clone()).await?, None))
}

async fn stun_down(video: &OutgoingVideo, timeline: &Timeline) -> LabOutcome {
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

async fn turn_wrong_password(video: &OutgoingVideo, timeline: &Timeline) -> LabOutcome {
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

async fn relay_only(video: &OutgoingVideo, timeline: &Timeline) -> LabOutcome {
    let servers = LocalServers::start().await?;
    let config = PeerConfig {
        ice_servers: servers.ice_servers().into(),
        ice_transport_policy: RTCIceTransportPolicy::Relay,
        ice_timeouts: Some(SOON),
        ..PeerConfig::loopback()
    };
    let mut pair = pair(config, video, timeline)
        .await?
        .connect(Arc::new(SilentNegotiator));
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

async fn badly_carried(
    courier: FaultySignaling,
    video: &OutgoingVideo,
    timeline: &Timeline,
) -> LabOutcome {
    let config = PeerConfig {
        ice_timeouts: Some(SOON),
        ..PeerConfig::loopback()
    };
    let pair = pair(config, video, timeline).await?;
    let pair = pair.connect_over(Arc::new(SilentNegotiator), courier.channel());
    watch(pair, timeline).await
}

async fn early_candidate(video: &OutgoingVideo, timeline: &Timeline) -> LabOutcome {
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
    let pair = pair.connect_over(
        Arc::new(SilentNegotiator),
        FaultySignaling::CandidatesFirst.channel(),
    );
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
