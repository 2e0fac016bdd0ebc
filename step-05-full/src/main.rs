//! Step 05: the whole call. The library does the work, this only wires it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use step_01_capture::arguments::CommonArguments;
use step_01_capture::console::Console;
use step_01_capture::display::Display;
use step_01_capture::report::{Section, wishes};
use step_01_capture::stop_signal::StopSignal;
use step_01_capture::{
    GetUserMediaError, MediaStream, Resolution, Timeline, get_user_media, program,
};
use step_02_peer::PeerConfig;
use step_05_full::app::App;
use step_05_full::app_window::Layout;
use step_05_full::lab::{self, Lab, LabChoice};
use step_05_full::report::ReportFile;
use step_05_full::run;
use tokio::runtime::Handle;

/// How long the program waits for what hangs, when everything else has ended.
const LAST_PATIENCE: Duration = Duration::from_secs(1);

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
    let network = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("the network cannot be started")?;
    let ran = match arguments.lab {
        Some(LabChoice::List) => {
            console.say(lab::list());
            Ok(())
        }
        Some(LabChoice::Lab(lab)) => show_lab(lab, arguments, console, stop, network.handle()),
        None => show_call(arguments, console, stop, network.handle()),
    };
    // A camera that hangs while it is being opened must not hold the program.
    network.shutdown_timeout(LAST_PATIENCE);
    ran
}

fn show_call(
    arguments: &Arguments,
    console: &Console,
    stop: &StopSignal,
    network: &Handle,
) -> anyhow::Result<()> {
    let common = &arguments.common;
    let report_file = arguments
        .report
        .as_deref()
        .map(ReportFile::create)
        .transpose()?;
    let timeline = Timeline::new();
    let layout = Layout::new(common.size.unwrap_or(Resolution::VGA));
    let mut display = Display::open(common.display, "Step 05: the call", layout.size(), console)?;
    let seconds = common.running_time(&display);

    let open = opener(common);
    let mut app = App::new(
        open,
        PeerConfig::loopback(),
        network.clone(),
        timeline.clone(),
    );
    let ran = run::run(&mut app, &mut display, &layout, stop, seconds);
    drop(display);

    for section in app.summary() {
        console.say(section);
    }
    console.say(Section::new("Timeline", &timeline).to_string().trim_end());
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
    move |timeline| {
        tracing::info!(peer = "local", "1-2 getUserMedia: {}", wishes(&constraints));
        get_user_media(&constraints, timeline)
    }
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
    console.say(seen?);
    console.say(Section::new("Timeline", &timeline).to_string().trim_end());
    Ok(())
}
