//! The labs at work: a call with one mistake, and what it showed.

use std::fmt;
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use step_01_capture::Timeline;
use step_01_capture::program::stop_signal::StopSignal;
use step_02_peer::labs::mystery::Fault;
use step_02_peer::{CONNECTION, IceTimeouts, OutgoingVideo, PeerConfig, PeerError, labs, stopped};
use webrtc::peer_connection::{RTCIceCandidateInit, RTCIceServer, RTCIceTransportPolicy};

use crate::connected_pair::ConnectedPair;
use crate::labs::Lab;
use crate::labs::faulty_signaling::FaultySignaling;
use crate::negotiator::SilentNegotiator;
use crate::observing::observed_peer::new_observed_pair;
use crate::report::IceReport;
use crate::servers::local_servers::{LocalServers, LocalServersError};
use crate::session::{Role, SessionError};
use crate::signaling::{SignalingChannel, signaling_channel};

/// ICE fails after 30 s; that is too long for a lab.
const SHORT_TIMEOUTS: IceTimeouts = IceTimeouts {
    disconnected: Duration::from_secs(1),
    failed: Duration::from_secs(1),
    keep_alive: Duration::from_millis(100),
};

/// What a lab showed.
pub struct LabReport {
    /// Which lab it was; none as long as the reader is to find out.
    pub lab: Option<Lab>,
    /// The error of a method that was called on purpose.
    pub rejection: Option<String>,
    /// What the peers did.
    pub report: IceReport,
}

/// Why a lab did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// A peer could not be created or used.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// The peers could not exchange descriptions, or could not be closed.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The local servers did not start.
    #[error(transparent)]
    Servers(#[from] LocalServersError),
    /// The socket of the silent STUN server could not be opened.
    #[error("no socket on 127.0.0.1: {0}")]
    Socket(#[from] std::io::Error),
}

impl LabReport {
    /// Makes a call with the mistake of `lab`, on loopback, and ends by itself.
    ///
    /// # Errors
    /// [`LabError`].
    pub async fn run(
        lab: Lab,
        video: OutgoingVideo,
        timeline: Timeline,
        stop: StopSignal,
    ) -> Result<LabReport, LabError> {
        let mut report = LabReport {
            lab: Some(lab),
            rejection: None,
            report: IceReport::new(timeline),
        };
        tokio::select! {
            called = report.call(lab, &video) => called?,
            () = stopped(&stop) => {}
        }
        Ok(report)
    }

    async fn call(&mut self, lab: Lab, video: &OutgoingVideo) -> Result<(), LabError> {
        let mistake = Mistake::of(lab).await?;
        let (config, timeline) = (mistake.config, &self.report.timeline);
        let (pair, watch) = new_observed_pair(config.clone(), config, timeline).await?;
        pair.local.add_track(video).await?;
        if lab == Lab::EarlyCandidate {
            let added = pair.remote.add_ice_candidate(early_candidate()).await;
            self.rejection = added.err().map(|error| error.to_string());
        }
        let negotiator = Arc::new(SilentNegotiator);
        let mut pair = ConnectedPair::connect_over(pair, negotiator, mistake.channel);
        pair.until_connected_or_failed(|event| self.report.add_event(event))
            .await;
        if let Some(servers) = mistake.servers {
            servers.close().await;
        }
        if lab == Lab::RelayOnly {
            self.until_both_failed(&mut pair).await;
        }
        let report = &mut self.report;
        report.add_checks(&watch.checks(), ("local", "remote"), Role::Offerer);
        Ok(pair.close().await?)
    }

    async fn until_both_failed(&mut self, pair: &mut ConnectedPair) {
        let timeline = self.report.timeline.clone();
        let failed = |peer| timeline.state(peer, CONNECTION).as_deref() == Some("failed");
        while !(failed("local") && failed("remote"))
            && let Some(observed) = pair.next_event().await
        {
            self.report.add_event(observed);
        }
    }
}

/// What differs from a call that works.
struct Mistake {
    config: PeerConfig,
    channel: (SignalingChannel, SignalingChannel),
    servers: Option<LocalServers>,
    /// A server that does not answer: nobody reads its socket.
    _silent_server: Option<UdpSocket>,
}

impl Mistake {
    async fn of(lab: Lab) -> Result<Self, LabError> {
        let mut config = PeerConfig::loopback();
        let mut channel = signaling_channel();
        let (mut servers, mut silent_server) = (None, None);
        match lab {
            Lab::NoCandidates => {
                channel = FaultySignaling::LosesCandidates.channel();
                config.ice_timeouts = Some(SHORT_TIMEOUTS);
            }
            Lab::WrongPeer => {
                channel = FaultySignaling::ReturnsCandidates.channel();
                config.ice_timeouts = Some(SHORT_TIMEOUTS);
            }
            Lab::EarlyCandidate => channel = FaultySignaling::CandidatesFirst.channel(),
            Lab::StunDown => {
                let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
                config.ice_servers = vec![RTCIceServer {
                    urls: vec![format!("stun:{}", socket.local_addr()?)],
                    ..Default::default()
                }];
                silent_server = Some(socket);
            }
            Lab::TurnWrongPassword => {
                let servers = servers.insert(LocalServers::start().await?);
                let [_, mut turn] = servers.ice_servers();
                turn.credential = "guessed".to_owned();
                config.ice_servers = vec![turn];
            }
            Lab::RelayOnly => {
                let servers = servers.insert(LocalServers::start().await?);
                config.ice_servers = servers.ice_servers().into();
                config.ice_transport_policy = RTCIceTransportPolicy::Relay;
                config.ice_timeouts = Some(SHORT_TIMEOUTS);
            }
            Lab::Mystery | Lab::List => {}
        }
        Ok(Self {
            config,
            channel,
            servers,
            _silent_server: silent_server,
        })
    }
}

fn early_candidate() -> RTCIceCandidateInit {
    RTCIceCandidateInit {
        candidate: "candidate:1 1 udp 2130706431 127.0.0.1 9 typ host".to_owned(),
        sdp_mline_index: Some(0),
        ..Default::default()
    }
}

impl fmt::Display for LabReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = &self.report;
        if let Some(lab) = self.lab {
            let (name, summary) = labs::name_and_summary(&lab);
            writeln!(f, "Lab {name}: {summary}\n")?;
        }
        writeln!(f, "{}", report.candidates_section("local"))?;
        write!(f, "{}", report.failed_servers_section())?;
        if let Some(rejection) = &self.rejection {
            writeln!(f, "Before setRemoteDescription(): {rejection}\n")?;
        }
        writeln!(f, "{}", report.checks_section("local"))?;
        writeln!(f, "{}", report.timeline_section())?;
        f.write_str(self.lab.map_or("", Fault::explanation))
    }
}
