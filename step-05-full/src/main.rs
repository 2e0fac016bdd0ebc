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
use step_02_peer::labs::mystery::Mystery;
use step_03_ice::capture::capture_file::CaptureFile;
use step_03_ice::report::report_file::ReportFile;
use step_03_ice::report::run_report::{Environment, RunReport, WithFigures};
use step_04_sdp::explain::explanation_or_text;
use step_05_full::app::App;
use step_05_full::figures::plots::PLOTS;
use step_05_full::http::broadcast;
use step_05_full::labs::{self, Lab};
use step_05_full::program::Arguments;
use step_05_full::receive::decoder_process::child;
use step_05_full::window::app_window::Layout;
use step_05_full::window::run;
use tokio::runtime::Handle;

/// How long the program waits for what hangs, when everything else has ended.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    if child::is_child() {
        return child::run();
    }
    if cfg!(feature = "exercise") {
        program::exercise::announce(env!("CARGO_PKG_NAME"));
    }
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
    let report = arguments.report.create()?;
    let capture = arguments.capture.create()?;
    let servers = network.block_on(arguments.ice.start())?;
    // Without servers, and with both peers in this process, the call stays on loopback.
    let mut config = match servers.servers.is_empty() && !others.are_given() {
        true => PeerConfig::loopback(),
        false => servers.configure(PeerConfig::every_interface()),
    };
    config.capture = capture.as_ref().map(CaptureFile::packets);
    let ran = match others.are_given() {
        true => {
            let environment = environment(arguments);
            let report = (report, &environment);
            broadcast::run(others, common, &config, report, network, console, stop)
                .map_err(anyhow::Error::from)
        }
        false => run_page(arguments, config, report, console, stop, network),
    };
    network.block_on(servers.close());
    let captured = capture.map_or(Ok(()), CaptureFile::finish);
    if let (Err(_), Err(error)) = (&ran, &captured) {
        tracing::error!("{error}");
    }
    ran.and(captured.map_err(Into::into))
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
    let mut sections: Vec<String> = app.summary().iter().map(ToString::to_string).collect();
    sections.push(Section::new("Timeline", &timeline).to_string());
    let shown = sections.join("\n");
    console.print(shown.trim_end());
    if let Some(file) = report {
        let figures = app.report();
        let environment = match &figures.source {
            Some(source) => environment(arguments).with("video", source),
            None => environment(arguments),
        };
        let run = RunReport::new(environment, &shown, &timeline, explanation_or_text);
        file.with(PLOTS).write(&WithFigures { figures, run })?;
    }
    Ok(ran?)
}

/// What the report says of this run.
fn environment(arguments: &Arguments) -> Environment {
    let environment = Environment::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    environment.with("ICE", &arguments.ice)
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
    let mystery = Mystery::of(Some(lab), &arguments.mystery)?;
    let (fault, is_mystery) = (
        mystery.as_ref().map_or(lab, |it| it.fault),
        mystery.is_some(),
    );
    let (common, timeline) = (&arguments.common, Timeline::new());
    let file = arguments.report.create()?;
    let mut stream = get_user_media(&common.constraints(), &timeline)?;
    let layout = Layout::new(common.size.unwrap_or(Resolution::VGA));
    let mut display = Display::open(common.display, "Step 05: a lab", layout.size(), console)?;
    let videos = (&stream, &timeline);
    let shown = fault.show((&mut display, layout), videos, stop, network, is_mystery);
    drop(display);
    stream.video_track_mut().stop();
    let timeline_section = Section::new("Timeline", &timeline).to_string();
    let shown = format!("{}\n{timeline_section}", shown?);
    console.print(shown.trim_end());
    if let Some(file) = file {
        let environment = environment(arguments).with_video(&stream).with("lab", lab);
        file.with(PLOTS).write(&RunReport::new(
            environment,
            &shown,
            &timeline,
            explanation_or_text,
        ))?;
    }
    if let Some(mystery) = mystery {
        mystery.ask(&shown, console, stop);
    }
    Ok(())
}
