//! `--serve`, `--publish` and `--watch`: the other peer is another program.

use std::env::current_exe;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use step_01_capture::display::{Display, DisplayError, page};
use step_01_capture::program::arguments::CommonArguments;
use step_01_capture::program::console::Console;
use step_01_capture::program::stop_signal::{StopReason, StopSignal};
use step_01_capture::{
    GetUserMediaError, LatestFrame, MediaStream, Resolution, SourceError, Timeline, get_user_media,
};
use step_02_peer::PeerConfig;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use url::Url;

use super::address::{AccessError, check_address, serve_address};
use super::bearer_token::BearerToken;
use super::client_session::{ClientSession, ClientSessionError};
use super::host_candidates::without_loopback;
use super::http_client::{HttpClient, endpoint, is_loopback};
use super::incoming_media::IncomingMedia;
use super::outgoing_media::OutgoingMedia;
use super::server::{ServeError, Server, ServerConfig};
use super::session_media::SessionMedia;
use super::session_report::{BroadcastReport, SessionReport};
use super::sessions::DEFAULT_LIMIT;
use super::shared_encoder::SharedEncoder;
use super::two_videos::TwoVideos;
use crate::figures::plots::PLOTS;
use crate::figures::report::SourceReport;
use crate::receive::jitter_buffer::PlayoutDelay;
use crate::window::app_window::Layout;
use step_03_ice::report::report_file::{ReportError, ReportFile};
use step_03_ice::report::run_report::Environment;

/// How many remote videos may wait for the main thread to show them.
const WAITING_VIDEOS: usize = DEFAULT_LIMIT;

/// The options of a call with another program.
#[derive(Debug, Clone, clap::Args)]
pub struct BroadcastArguments {
    /// Serve a page for a browser, WHEP at /whep and WHIP at /whip, as in 127.0.0.1:8080
    #[arg(long, value_name = "ADDRESS", value_parser = serve_address, conflicts_with_all = ["publish", "watch"])]
    pub serve: Option<SocketAddr>,

    /// Send the local video to a WHIP server
    #[arg(long, value_name = "URL", value_parser = endpoint, conflicts_with = "watch")]
    pub publish: Option<Url>,

    /// Show the video of a WHEP server
    #[arg(long, value_name = "URL", value_parser = endpoint)]
    pub watch: Option<Url>,

    /// The token of the server: requests without it are refused
    #[arg(long, value_name = "SECRET")]
    pub token: Option<BearerToken>,

    /// How long frames that come in wait before they are shown, so that they are at equal distances: auto, off, or milliseconds
    #[arg(long, value_name = "MS", default_value = "auto")]
    pub jitter_buffer: PlayoutDelay,

    /// How many sessions --serve permits at the same time
    #[arg(long, value_name = "N", default_value_t = DEFAULT_LIMIT as u8, value_parser = clap::value_parser!(u8).range(1..=64), requires = "serve")]
    pub sessions: u8,
}

impl BroadcastArguments {
    /// Whether any of them was given.
    pub fn are_given(&self) -> bool {
        self.serve.is_some() || self.publish.is_some() || self.watch.is_some()
    }

    /// Checks for wrong usage.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn check(&self) -> Result<(), AccessError> {
        self.serve.map_or(Ok(()), |address| {
            check_address(address, self.token.as_ref())
        })
    }
}

/// Why a call with another program failed.
#[derive(Debug, thiserror::Error)]
pub enum BroadcastError {
    /// There is no local video.
    #[error(transparent)]
    GetUserMedia(#[from] GetUserMediaError),
    /// The camera failed.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The display could not be opened, or is gone.
    #[error(transparent)]
    Display(#[from] DisplayError),
    /// `--serve`.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// `--publish`, `--watch`.
    #[error(transparent)]
    Session(#[from] ClientSessionError),
    /// The video of others is decoded in a process of this program.
    #[error("the path of this program is unknown: {0}")]
    Program(std::io::Error),
    /// `--report`.
    #[error(transparent)]
    Report(#[from] ReportError),
}

/// Runs until the user stops the program, `--seconds` are over, or the session of a client ends.
///
/// # Errors
/// [`BroadcastError`]; sessions are ended and the source closed all the same.
pub fn run(
    arguments: &BroadcastArguments,
    common: &CommonArguments,
    peer_config: &PeerConfig,
    (report, environment): (Option<ReportFile>, &Environment),
    network: &Handle,
    console: &Console,
    stop: &StopSignal,
) -> Result<(), BroadcastError> {
    let stream = match arguments.watch {
        Some(_) => None,
        None => Some(Arc::new(get_user_media(
            &common.constraints(),
            &Timeline::new(),
        )?)),
    };
    let layout = Layout::new(common.size.unwrap_or(Resolution::VGA));
    let mut display = Display::open(common.display, "Step 05: the call", layout.size(), console)?;
    // Without a display, a server and its clients run until they are stopped.
    if let Some(time) = common.seconds {
        stop.stop_after(time);
    }
    let mut broadcast = Broadcast {
        arguments,
        peer_config,
        network,
        stop,
        stream,
        reports: Vec::new(),
    };
    let (remote, remote_videos) = sync_channel(WAITING_VIDEOS);
    let mut page = TwoVideos::new(broadcast.stream.as_deref(), remote_videos, layout);
    let mut show = |status| {
        page.status = status;
        page::show(&mut page, &mut display, stop)
    };
    let ran = match arguments.serve {
        Some(address) => broadcast.serve(address, remote, &mut show, console),
        None => broadcast.connect(remote, &mut show),
    };
    drop((page, display));
    let stream = broadcast.stream.take();
    let source = stream.as_deref().map(SourceReport::of);
    let failure = stream
        .as_deref()
        .and_then(|stream| stream.video_track().failure());
    // All sessions have ended, so this is the last owner: dropping it closes the camera.
    drop(stream);
    if let Some(file) = report {
        let report = BroadcastReport::new(source, broadcast.reports, environment);
        file.with(PLOTS).write(&report)?;
    }
    ran?;
    failure.map_or(Ok(()), |failure| Err(failure.into()))
}

/// Shows both videos with a status line until the program is stopped.
type Show<'a> = dyn FnMut(String) -> Result<(), DisplayError> + 'a;

struct Broadcast<'a> {
    arguments: &'a BroadcastArguments,
    peer_config: &'a PeerConfig,
    network: &'a Handle,
    stop: &'a StopSignal,
    stream: Option<Arc<MediaStream>>,
    reports: Vec<SessionReport>,
}

impl Broadcast<'_> {
    fn serve(
        &mut self,
        address: SocketAddr,
        remote: SyncSender<LatestFrame>,
        show: &mut Show<'_>,
        console: &Console,
    ) -> Result<(), BroadcastError> {
        let Some(stream) = self.stream.clone() else {
            return Ok(());
        };
        let config = ServerConfig {
            token: self.arguments.token.clone(),
            peer_config: self.peer_config.clone(),
            playout: self.arguments.jitter_buffer,
            decoder_program: Some(current_exe().map_err(BroadcastError::Program)?),
            limit: self.arguments.sessions.into(),
            ..ServerConfig::new(address)
        };
        let server = self
            .network
            .block_on(Server::start(config, stream, remote))?;
        let address = server.address();
        console.print(format_args!(
            "Open http://{address}/ in a browser.   WHEP: http://{address}/whep   WHIP: http://{address}/whip"
        ));
        let shown = show(format!("http://{address}/   Q: Quit"));
        self.reports = self.network.block_on(server.stop());
        Ok(shown?)
    }

    fn connect(
        &mut self,
        remote: SyncSender<LatestFrame>,
        show: &mut Show<'_>,
    ) -> Result<(), BroadcastError> {
        let (publish, watch) = (&self.arguments.publish, &self.arguments.watch);
        let (name, url, media): (_, _, Box<dyn SessionMedia>) = match (&self.stream, publish, watch)
        {
            (Some(stream), Some(url), _) => (
                "publish",
                url,
                Box::new(OutgoingMedia::new(stream, SharedEncoder::of(stream))),
            ),
            (_, _, Some(url)) => (
                "watch",
                url,
                Box::new(IncomingMedia::new(
                    remote,
                    true,
                    self.arguments.jitter_buffer,
                    Some(current_exe().map_err(BroadcastError::Program)?),
                )),
            ),
            _ => return Ok(()),
        };
        let session = ClientSession {
            name,
            client: HttpClient::new(url.clone(), self.arguments.token.clone()),
            media,
            peer_config: match is_loopback(url) {
                true => self.peer_config.clone(),
                false => without_loopback(self.peer_config),
            },
        };
        let (hang_up, hung_up) = oneshot::channel();
        let stop = self.stop.clone();
        let running = self.network.spawn(async move {
            let ran = session.run(hung_up).await;
            stop.stop(StopReason::Done);
            ran
        });
        let shown = show(format!("{name} {url}   Q: Quit"));
        let _ = hang_up.send(());
        let ended = self.network.block_on(running);
        let (report, ran) = ended.map_err(|panic| ClientSessionError::Peer(panic.into()))?;
        self.reports.push(report);
        shown?;
        Ok(ran?)
    }
}
