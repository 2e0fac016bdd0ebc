//! Step 05: the whole call. The library does the work, this only wires it.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use step_01_capture::arguments::CommonArguments;
use step_01_capture::console::Console;
use step_01_capture::display::Display;
use step_01_capture::report::Section;
use step_01_capture::stop_signal::StopSignal;
use step_01_capture::{Resolution, SourceError, Timeline, program};
use step_02_peer::PeerConfig;
use step_05_full::app::App;
use step_05_full::app_window::Layout;
use step_05_full::http::broadcast::{self, BroadcastArguments};
use step_05_full::run;

/// Step 05: two videos, three buttons, one call
#[derive(Parser)]
#[command(name = "step-05-full")]
struct Arguments {
    #[command(flatten)]
    common: CommonArguments,

    /// Write what happened, with all figures, as JSON
    #[arg(long, value_name = "FILE.json")]
    report: Option<PathBuf>,

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
    let common = &arguments.common;
    if let Err(error) = arguments.broadcast.check() {
        console.complain(format_args!("error: {error}"));
        // Wrong usage that clap cannot see, because it is in two options together.
        std::process::exit(2);
    }
    let network = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("the network cannot be started")?;
    if arguments.broadcast.are_given() {
        return Ok(broadcast::run(
            &arguments.broadcast,
            common,
            &PeerConfig::every_interface(),
            arguments.report.as_deref(),
            network.handle(),
            console,
            stop,
        )?);
    }
    let timeline = Timeline::new();
    let layout = Layout::new(common.size.unwrap_or(Resolution::VGA));
    let mut display = Display::open(common.display, "Step 05: the call", layout.size(), console)?;
    let seconds = common.running_time(&display);

    let config = PeerConfig::loopback();
    let handle = network.handle().clone();
    let mut app = App::new(common.constraints(), config, handle, timeline.clone());
    let ran = run::run(&mut app, &mut display, &layout, stop, seconds);
    drop(display);

    let report = app.report();
    for call in &report.calls {
        console.say(Section::new("Call", serde_json::to_string_pretty(call)?));
    }
    console.say(Section::new("Timeline", &timeline).to_string().trim_end());
    if let Some(path) = &arguments.report {
        report.write(path)?;
    }
    ran?;
    app.source_failure()
        .map_or(Ok(()), |failure: SourceError| Err(failure.into()))
}
