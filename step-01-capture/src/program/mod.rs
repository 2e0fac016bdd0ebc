//! What the `main.rs` of every step needs: arguments, console, trace and stop signal.

pub mod arguments;
pub mod console;
pub mod exercise;
mod keyboard;
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

/// Reads the command line, starts the trace, listens for Ctrl-C, runs `body`, and prints its error in one line.
///
/// The exit status is 0, or 1 after an error, or 2 after wrong usage.
pub fn run<A, E>(body: impl FnOnce(&A, &Console, &StopSignal) -> Result<(), E>) -> ExitCode
where
    A: Parser + AsRef<CommonArguments>,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let console = Console::new();
    let arguments = match A::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return arguments::print_usage(&error, &console),
    };
    exercise::end_at_todo(&console);
    trace::init(arguments.as_ref().verbose, &console);
    let stop = StopSignal::new();
    if let Err(error) = stop.stop_on_interrupt() {
        tracing::warn!("Ctrl-C ends the program without closing anything: {error}");
    }
    console.connect_stop_signal(&stop);
    let ran = body(&arguments, &console, &stop).map_err(Into::into);
    match ran.and_then(|()| Ok(console.check_output()?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console.print_error(format_args!("error: {}", in_one_line(&*error)));
            ExitCode::FAILURE
        }
    }
}

/// An error and its causes. A message that already quotes its cause is not followed by it again.
fn in_one_line(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = error.to_string();
        if !line.contains(&message) {
            line = format!("{line}: {message}");
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
    #[error("{message}")]
    struct ListenError {
        message: &'static str,
        source: IoError,
    }

    fn line(message: &'static str) -> String {
        let source = IoError::new(ErrorKind::AddrInUse, "the port is taken");
        in_one_line(&ListenError { message, source })
    }

    #[test]
    fn each_cause_is_printed_once() {
        assert_eq!(line("cannot listen"), "cannot listen: the port is taken");
        let with_its_cause = "cannot listen: the port is taken: choose another";
        assert_eq!(line(with_its_cause), with_its_cause);
    }
}
