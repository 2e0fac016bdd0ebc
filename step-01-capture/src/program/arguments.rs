//! The command line that all steps share.

use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind;

use crate::display::{Display, DisplayChoice};
use crate::program::console::Console;
use crate::{MediaStreamConstraints, Resolution, SourceChoice};

/// Without a display nothing shows that the program runs, so it ends by itself.
const SECONDS_WITHOUT_DISPLAY: Duration = Duration::from_secs(3);

/// The options of every step. Put it into a step's own arguments with `#[command(flatten)]`.
#[derive(Debug, Clone, clap::Args)]
pub struct CommonArguments {
    /// Where the video comes from: auto, camera, camera:N, pattern or FILE.y4m.
    ///
    /// auto takes the first camera that opens, else the test pattern, and says which.
    #[arg(long, value_name = "SOURCE", default_value = "auto")]
    pub source: SourceChoice,

    /// Size of the video, such as 640x480 [default: what the source has nearest to it]
    #[arg(long, value_name = "WIDTHxHEIGHT")]
    pub size: Option<Resolution>,

    /// Frames a second, 1 to 120 [default: what the source has nearest to 30]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=120))]
    pub fps: Option<u32>,

    /// Where to show it: auto, window, terminal or none.
    ///
    /// auto takes a window, else the terminal, else none, and says why.
    #[arg(
        long,
        value_name = "DISPLAY",
        default_value = "auto",
        hide_possible_values = true
    )]
    pub display: DisplayChoice,

    /// Stop after N seconds [default: at Ctrl-C or a closed window; 3 without a display]
    #[arg(long, value_name = "N", value_parser = parse_seconds)]
    pub seconds: Option<Duration>,

    /// Trace more: -v for the details of this step, -vv for all that the libraries log
    ///
    /// The variable RUST_LOG goes before it, as in RUST_LOG=webrtc=debug.
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

impl CommonArguments {
    /// What to ask of `get_user_media()`.
    pub fn constraints(&self) -> MediaStreamConstraints {
        MediaStreamConstraints {
            source: self.source.clone(),
            resolution: self.size,
            frame_rate: self.fps,
        }
    }

    /// How long to run: as asked for, else 3 seconds without a display, else until someone stops it (none).
    pub fn running_time(&self, display: &Display) -> Option<Duration> {
        let default = matches!(display, Display::None).then_some(SECONDS_WITHOUT_DISPLAY);
        self.seconds.or(default)
    }
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    /// Over eleven days: nobody waits longer, and every clock can still add it.
    const LONGEST: f64 = 1_000_000.0;
    let seconds: f64 = text.parse().unwrap_or(f64::NAN);
    if seconds > 0.0 && seconds <= LONGEST {
        return Ok(Duration::from_secs_f64(seconds));
    }
    Err(format!(
        "write a number of seconds above 0 and up to {LONGEST}, such as 2.5"
    ))
}

/// Prints why a step does not run: help on standard output, wrong usage in one line on standard error.
pub(super) fn print_usage(error: &clap::Error, console: &Console) -> ExitCode {
    if error.exit_code() == 0 {
        console.print(error.to_string().trim_end());
        return ExitCode::SUCCESS;
    }
    console.print_error(one_line(error));
    ExitCode::from(2)
}

/// Keeps what clap prints before its usage summary, in one line.
fn one_line(error: &clap::Error) -> String {
    let message = error.to_string();
    let lines = message
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"))
        .filter(|line| !line.is_empty());
    let line = lines.collect::<Vec<_>>().join("; ");
    match error.kind() {
        // The others say by themselves what would be right.
        ErrorKind::UnknownArgument => line + ": --help lists the options",
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    #[command(name = "step")]
    struct Step {
        #[command(flatten)]
        common: CommonArguments,
    }

    fn step(line: &str) -> Result<CommonArguments, clap::Error> {
        let words = format!("step {line}");
        Step::try_parse_from(words.split_whitespace()).map(|step| step.common)
    }

    /// What the command line prints to standard output and to standard error, with which exit status.
    fn printed(line: &str) -> (String, String, ExitCode) {
        let (console, output, error) = Console::for_tests();
        let usage = step(line).expect_err("this is printed instead of running");
        let status = print_usage(&usage, &console);
        (output.text(), error.text(), status)
    }

    fn rejection(line: &str) -> String {
        let (output, error, status) = printed(line);
        assert_eq!(output, "", "wrong usage goes to standard error");
        assert_eq!(status, ExitCode::from(2), "wrong usage is exit status 2");
        error
    }

    #[test]
    fn without_options_everything_is_left_to_the_source() {
        let common = step("").expect("no option is needed");
        assert_eq!(common.constraints(), MediaStreamConstraints::default());
        assert_eq!(common.display, DisplayChoice::Auto);
        assert_eq!(
            common.running_time(&Display::None),
            Some(SECONDS_WITHOUT_DISPLAY)
        );
    }

    #[test]
    fn options_become_constraints() {
        let common = step("--source camera:2 --size 1280x720 --fps 25 --seconds 2.5 -vv");
        let common = common.expect("these options are right");
        let constraints = common.constraints();
        assert_eq!(constraints.source, SourceChoice::Camera(Some(2)));
        assert_eq!(constraints.resolution, Resolution::new(1280, 720).ok());
        assert_eq!(constraints.frame_rate, Some(25));
        assert_eq!(common.seconds, Some(Duration::from_millis(2500)));
        assert_eq!(common.verbose, 2);
    }

    #[test]
    fn wrong_usage_is_one_line_that_says_what_would_be_right() {
        insta::assert_snapshot!(rejection("--size 641x1"), @"error: invalid value '641x1' for '--size <WIDTHxHEIGHT>': 641x1 is out of range: both sides must lie between 16 and 4096");
        insta::assert_snapshot!(rejection("--fps 0"), @"error: invalid value '0' for '--fps <N>': 0 is not in 1..=120");
        insta::assert_snapshot!(rejection("--seconds 0"), @"error: invalid value '0' for '--seconds <N>': write a number of seconds above 0 and up to 1000000, such as 2.5");
        insta::assert_snapshot!(rejection("--seconds nan"), @"error: invalid value 'nan' for '--seconds <N>': write a number of seconds above 0 and up to 1000000, such as 2.5");
        insta::assert_snapshot!(rejection("--display screen"), @"error: invalid value 'screen' for '--display <DISPLAY>'; [possible values: auto, window, terminal, none]");
        insta::assert_snapshot!(rejection("--source photo.jpg"), @r#"error: invalid value 'photo.jpg' for '--source <SOURCE>': "photo.jpg" is no source: write auto, camera, camera:N, pattern or the path of a .y4m file"#);
        insta::assert_snapshot!(rejection("--fsp 30"), @"error: unexpected argument '--fsp' found: --help lists the options");
    }

    #[test]
    fn help_is_no_error_and_goes_to_standard_output() {
        let (output, error, status) = printed("--help");
        assert!(
            output.contains("--source"),
            "help lists the options: {output}"
        );
        assert_eq!((error.as_str(), status), ("", ExitCode::SUCCESS));
    }
}
