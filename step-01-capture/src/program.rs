//! What every step does before and after its own work.

use std::fmt::Display;
use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{self, CommonArguments};
use crate::console::Console;
use crate::stop_signal::StopSignal;
use crate::trace;

/// Reads the command line, starts the trace, listens for Ctrl-C, runs `body`, and tells its error in one line.
///
/// The exit status is 0, or 1 after an error, or 2 after wrong usage.
pub fn run<A, E>(body: impl FnOnce(&A, &Console, &StopSignal) -> Result<(), E>) -> ExitCode
where
    A: Parser + AsRef<CommonArguments>,
    E: Display,
{
    let console = Console::new();
    let arguments = match arguments::parse::<A>(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(usage) => return usage.print(&console),
    };
    trace::init(arguments.as_ref().verbose, &console);
    let stop = StopSignal::new();
    if let Err(error) = stop.stop_on_interrupt() {
        tracing::warn!("Ctrl-C ends the program without order: {error}");
    }
    console.obey(&stop);
    match body(&arguments, &console, &stop) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console.complain(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
