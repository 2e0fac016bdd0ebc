//! Step 05: the whole call. The library does the work, this only wires it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use step_01_capture::display::Display;
use step_01_capture::program::arguments::CommonArguments;
use step_01_capture::program::console::Console;
use step_01_capture::program::report::Section;
use step_01_capture::program::stop_signal::StopSignal;
use step_01_capture::{
    GetUserMediaError, MediaStream, Resolution, Timeline, get_user_media, program,
};
use step_02_peer::PeerConfig;
use step_03_ice::IceArguments;
use step_05_full::app::App;
use step_05_full::figures::report::ReportFile;
use step_05_full::http::broadcast::{self, BroadcastArguments};
use step_05_full::labs::{self, Lab, LabChoice};
use step_05_full::window::app_window::Layout;
use step_05_full::window::run;
use tokio::runtime::Handle;

/// How long the program waits for what hangs, when everything else has ended.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);

/// Step 05: two videos, three buttons, one call
#[derive(Parser)]
#[command(name = "step-05-full")]
struct Arguments {
    #[command(flatten)]
    common: CommonArguments,

    /// Write what happened, with all figures, as JSON
    #[arg(long, value_name = "FILE.json")]
    report: Option<PathBuf>,

    /// Break one thing on purpose and see what happens; --lab list names them
    #[arg(long, value_name = "NAME")]
    lab: Option<LabChoice>,

    #[command(flatten)]
    ice: IceArguments,

    #[command(flatten)]
    broadcast: BroadcastArguments,
}

impl AsRef<CommonArguments> for Arguments {
    fn as_ref(&self) -> &CommonArguments {
        &self.common
    }
}

fn main() -> ExitCode {
    program::run(run)
}

fn run(arguments: &Arguments, console: &Console, stop: &StopSignal) -> anyhow::Result<()> {
    if let Err(error) = arguments.broadcast.check() {
        console.print_error(format_args!("error: {error}"));
        // Wrong usage that clap cannot see, because it is in two options together.
        std::process::exit(2);
    }
    let network = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("the network cannot be started")?;
    let ran = match arguments.lab {
        Some(LabChoice::List) => {
            console.print(labs::list());
            Ok(())
        }
        Some(LabChoice::Lab(lab)) => show_lab(lab, arguments, console, stop, network.handle()),
        None => with_servers(arguments, console, stop, network.handle()),
    };
    // A camera that hangs while it is being opened must not hold the program.
    network.shutdown_timeout(SHUTDOWN_TIMEOUT);
    ran
}

/// Everything that talks to a peer, with the STUN and TURN servers that were asked for.
fn with_servers(
    arguments: &Arguments,
    console: &Console,
    stop: &StopSignal,
    network: &Handle,
) -> anyhow::Result<()> {
    let report = arguments.report.as_deref().map(ReportFile::create);
    let report = report.transpose()?;
    let servers = network.block_on(arguments.ice.start())?;
    let ran = if arguments.broadcast.are_given() {
        let config = servers.configure(PeerConfig::every_interface());
        let (broadcast, common) = (&arguments.broadcast, &arguments.common);
        broadcast::run(broadcast, common, &config, report, network, console, stop)
            .map_err(anyhow::Error::from)
    } else {
        // Without servers the call stays on loopback.
        let config = match servers.servers.is_empty() {
            true => PeerConfig::loopback(),
            false => servers.configure(PeerConfig::every_interface()),
        };
        show_call(arguments, config, report, console, stop, network)
    };
    network.block_on(servers.close());
    ran
}

fn show_call(
    arguments: &Arguments,
    config: PeerConfig,
    report_file: Option<ReportFile>,
    console: &Console,
    stop: &StopSignal,
    network: &Handle,
) -> anyhow::Result<()> {
    let common = &arguments.common;
    let timeline = Timeline::new();
    let layout = Layout::new(common.size.unwrap_or(Resolution::VGA));
    let mut display = Display::open(common.display, "Step 05: the call", layout.size(), console)?;
    let seconds = common.running_time(&display);

    let open = opener(common);
    let mut app = App::new(open, config, network.clone(), timeline.clone());
    let ran = run::run(&mut app, &mut display, &layout, stop, seconds);
    drop(display);

    for section in app.summary() {
        console.print(section);
    }
    console.print(Section::new("Timeline", &timeline).to_string().trim_end());
    if let Some(file) = report_file {
        file.write(&app.report())?;
    }
    Ok(ran?)
}

/// What Start does: `getUserMedia()` with the wishes of the command line.
fn opener(
    common: &CommonArguments,
) -> impl Fn(&Timeline) -> Result<MediaStream, GetUserMediaError> + Send + Sync + 'static {
    let constraints = common.constraints();
    move |timeline| get_user_media(&constraints, timeline)
}

fn show_lab(
    lab: Lab,
    arguments: &Arguments,
    console: &Console,
    stop: &StopSignal,
    network: &Handle,
) -> anyhow::Result<()> {
    let timeline = Timeline::new();
    let mut stream = opener(&arguments.common)(&timeline)?;
    let seen = network.block_on(lab.run(&stream, &timeline, stop));
    stream.video_track_mut().stop();
    console.print(seen?);
    console.print(Section::new("Timeline", &timeline).to_string().trim_end());
    Ok(())
}
