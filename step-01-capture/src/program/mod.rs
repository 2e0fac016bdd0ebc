//! What every step does before and after its own work.

pub mod arguments;
pub mod console;
mod pinned_frame;
pub mod report;
pub mod stop_signal;
pub mod trace;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

use arguments::CommonArguments;
use console::Console;
use stop_signal::StopSignal;

/// Reads the command line, starts the trace, listens for Ctrl-C, runs `body`, and tells its error in one line.
///
/// The exit status is 0, or 1 after an error, or 2 after wrong usage.
pub fn run<A, E>(body: impl FnOnce(&A, &Console, &StopSignal) -> Result<(), E>) -> ExitCode
where
    A: Parser + AsRef<CommonArguments>,
    E: Into<Box<dyn Error + Send + Sync>>,
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
    console.connect_stop_signal(&stop);
    match body(&arguments, &console, &stop) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console.print_error(format_args!("error: {}", in_one_line(&*error.into())));
            ExitCode::FAILURE
        }
    }
}

/// An error and its causes. A message that quotes its cause already is not followed by it again.
fn in_one_line(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let told = error.to_string();
        if !line.contains(&told) {
            line = format!("{line}: {told}");
        }
        cause = error.source();
    }
    line
}

#[cfg(test)]
mod tests {
    use std::io::{Error as IoError, ErrorKind};

    use super::in_one_line;

    #[derive(Debug, thiserror::Error)]
    #[error("{says}")]
    struct Told {
        says: &'static str,
        source: IoError,
    }

    fn told(says: &'static str) -> String {
        let source = IoError::new(ErrorKind::AddrInUse, "the port is taken");
        in_one_line(&Told { says, source })
    }

    #[test]
    fn each_cause_is_told_once() {
        assert_eq!(told("cannot listen"), "cannot listen: the port is taken");
        let with_its_cause = "cannot listen: the port is taken: choose another";
        assert_eq!(told(with_its_cause), with_its_cause);
    }
}
