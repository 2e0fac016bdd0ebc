//! Step 05: the whole call. The library does the work, this only wires it.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use step_01_capture::display::Display;
use step_01_capture::program::console::Console;
use step_01_capture::program::report::Section;
use step_01_capture::program::stop_signal::StopSignal;
use step_01_capture::{Resolution, Timeline, get_user_media, program};
use step_02_peer::PeerConfig;
use step_05_full::app::App;
use step_05_full::figures::report_file::ReportFile;
use step_05_full::http::broadcast;
use step_05_full::labs::{self, Lab};
use step_05_full::program::Arguments;
use step_05_full::window::app_window::Layout;
use step_05_full::window::run;
use tokio::runtime::Handle;

/// How long the program waits for what hangs, when everything else has ended.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);

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
        Some(lab) => run_lab(lab, arguments, console, stop, network.handle()),
        None => run_call(arguments, console, stop, network.handle()),
    };
    // A camera that hangs while it is being opened must not hold the program.
    network.shutdown_timeout(SHUTDOWN_TIMEOUT);
    ran
}

/// A call, with the STUN and TURN servers that were asked for.
fn run_call(
    arguments: &Arguments,
    console: &Console,
    stop: &StopSignal,
    network: &Handle,
) -> anyhow::Result<()> {
    let (common, others) = (&arguments.common, &arguments.broadcast);
    let report = arguments.report.as_deref().map(ReportFile::create);
    let report = report.transpose()?;
    let servers = network.block_on(arguments.ice.start())?;
    // Without servers, and with both peers in this process, the call stays on loopback.
    let config = match servers.servers.is_empty() && !others.are_given() {
        true => PeerConfig::loopback(),
        false => servers.configure(PeerConfig::every_interface()),
    };
    let ran = match others.are_given() {
        true => broadcast::run(others, common, &config, report, network, console, stop)
            .map_err(anyhow::Error::from),
        false => run_page(arguments, config, report, console, stop, network),
    };
    network.block_on(servers.close());
    ran
}

/// The codelab's page, in a window or without one.
fn run_page(
    arguments: &Arguments,
    config: PeerConfig,
    report: Option<ReportFile>,
    console: &Console,
    stop: &StopSignal,
    network: &Handle,
) -> anyhow::Result<()> {
    let (common, timeline) = (&arguments.common, Timeline::new());
    let layout = Layout::new(common.size.unwrap_or(Resolution::VGA));
    let mut display = Display::open(common.display, "Step 05: the call", layout.size(), console)?;
    let constraints = common.constraints();
    let open_stream = move |timeline: &Timeline| get_user_media(&constraints, timeline);
    let mut app = App::new(open_stream, config, network.clone(), timeline.clone());
    let seconds = common.running_time(&display);
    let ran = run::run(&mut app, &mut display, &layout, stop, seconds);
    drop(display);
    for section in app.summary() {
        console.print(section);
    }
    console.print(Section::new("Timeline", &timeline).to_string().trim_end());
    if let Some(file) = report {
        file.write(&app.report())?;
    }
    Ok(ran?)
}

fn run_lab(
    lab: Lab,
    arguments: &Arguments,
    console: &Console,
    stop: &StopSignal,
    network: &Handle,
) -> anyhow::Result<()> {
    if lab == Lab::List {
        console.print(labs::list());
        return Ok(());
    }
    let (common, timeline) = (&arguments.common, Timeline::new());
    let mut stream = get_user_media(&common.constraints(), &timeline)?;
    let layout = Layout::new(common.size.unwrap_or(Resolution::VGA));
    let mut display = Display::open(common.display, "Step 05: a lab", layout.size(), console)?;
    let seen = lab.show((&mut display, layout), (&stream, &timeline), stop, network);
    drop(display);
    stream.video_track_mut().stop();
    console.print(seen?);
    console.print(Section::new("Timeline", &timeline).to_string().trim_end());
    Ok(())
}
