//! The command line that all steps share.

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use clap::error::ErrorKind;

use crate::display::{Display, DisplayChoice};
use crate::program::console::Console;
use crate::{MediaStreamConstraints, Resolution, SourceChoice};

/// Without a display nothing shows that the program runs, so it ends by itself.
const SECONDS_WITHOUT_DISPLAY: Duration = Duration::from_secs(3);

/// For errors that do not say by themselves what would be right.
const SEE_HELP: &str = ": --help lists the options";

/// The options of every step. Put it into a step's own arguments with `#[command(flatten)]`.
#[derive(Debug, Clone, clap::Args)]
pub struct CommonArguments {
    /// Where the picture comes from: auto, camera, camera:N, pattern or FILE.y4m.
    ///
    /// auto takes the first camera that opens, else the test pattern, and says which.
    #[arg(long, value_name = "SOURCE", default_value = "auto")]
    pub source: SourceChoice,

    /// Size of the picture, such as 640x480 [default: what the source has nearest to it]
    #[arg(long, value_name = "WIDTHxHEIGHT")]
    pub size: Option<Resolution>,

    /// Frames a second, 1 to 120 [default: what the source has nearest to 30]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=120))]
    pub fps: Option<u32>,

    /// Where to show it: auto, window, terminal or none.
    ///
    /// auto takes a window, else the terminal, else none, and says why.
    #[arg(long, value_name = "DISPLAY", default_value = "auto")]
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

/// What to print instead of running, and with which exit status.
#[derive(Debug, PartialEq, Eq)]
pub struct Usage {
    /// The help text, or one line that says what is wrong.
    pub text: String,
    /// 0 for `--help`, 2 for wrong usage.
    pub status: u8,
}

impl Usage {
    /// Prints the text where it belongs: help to standard output, wrong usage to standard error.
    pub fn print(&self, console: &Console) -> ExitCode {
        match self.status {
            0 => console.say(&self.text),
            _ => console.print_error(&self.text),
        }
        ExitCode::from(self.status)
    }
}

/// Reads the command line of a step.
///
/// # Errors
/// [`Usage`] when the step shall not run. Wrong usage is told in one line, as every error of the tutorial is.
pub fn parse<A: Parser>(words: impl IntoIterator<Item = OsString>) -> Result<A, Usage> {
    A::try_parse_from(words).map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Usage {
            text: error.to_string().trim_end().to_owned(),
            status: 0,
        },
        kind => Usage {
            text: match kind {
                ErrorKind::UnknownArgument => one_line(&error.to_string()) + SEE_HELP,
                _ => one_line(&error.to_string()),
            },
            status: 2,
        },
    })
}

/// Keeps what clap says before its usage summary, in one line.
fn one_line(message: &str) -> String {
    let said = message
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"))
        .filter(|line| !line.is_empty());
    said.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Parser)]
    #[command(name = "step")]
    struct Step {
        #[command(flatten)]
        common: CommonArguments,
    }

    fn step(line: &str) -> Result<CommonArguments, Usage> {
        let words = format!("step {line}");
        let words = words.split_whitespace().map(OsString::from);
        parse::<Step>(words).map(|step| step.common)
    }

    fn refusal(line: &str) -> String {
        let usage = step(line).expect_err("this command line should be refused");
        assert_eq!(usage.status, 2, "wrong usage is exit status 2");
        usage.text
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
        let describe_constraints = common.constraints();
        assert_eq!(describe_constraints.source, SourceChoice::Camera(Some(2)));
        assert_eq!(
            describe_constraints.resolution,
            Resolution::new(1280, 720).ok()
        );
        assert_eq!(describe_constraints.frame_rate, Some(25));
        assert_eq!(common.seconds, Some(Duration::from_millis(2500)));
        assert_eq!(common.verbose, 2);
    }

    #[test]
    fn wrong_usage_is_one_line_that_says_what_would_be_right() {
        insta::assert_snapshot!(refusal("--size 641x1"), @"error: invalid value '641x1' for '--size <WIDTHxHEIGHT>': 641x1 is not even: H.264 halves the colour planes, so use 640x16");
        insta::assert_snapshot!(refusal("--fps 0"), @"error: invalid value '0' for '--fps <N>': 0 is not in 1..=120");
        insta::assert_snapshot!(refusal("--seconds 0"), @"error: invalid value '0' for '--seconds <N>': write a number of seconds above 0 and up to 1000000, such as 2.5");
        insta::assert_snapshot!(refusal("--seconds nan"), @"error: invalid value 'nan' for '--seconds <N>': write a number of seconds above 0 and up to 1000000, such as 2.5");
        insta::assert_snapshot!(refusal("--display screen"), @r#"error: invalid value 'screen' for '--display <DISPLAY>': "screen" is no display: write auto, window, terminal or none"#);
        insta::assert_snapshot!(refusal("--source photo.jpg"), @r#"error: invalid value 'photo.jpg' for '--source <SOURCE>': "photo.jpg" is no source: write auto, camera, camera:N, pattern or the path of a .y4m file"#);
        insta::assert_snapshot!(refusal("--fsp 30"), @"error: unexpected argument '--fsp' found: --help lists the options");
    }

    #[test]
    fn help_goes_to_standard_output_and_wrong_usage_to_standard_error() {
        for (status, on_output, on_error) in [(0, "text\n", ""), (2, "", "text\n")] {
            let (console, output, error) = Console::for_tests();
            let text = "text".to_owned();
            let code = Usage { text, status }.print(&console);
            assert_eq!(code, ExitCode::from(status), "the exit status");
            assert_eq!(output.text(), on_output, "status {status}");
            assert_eq!(error.text(), on_error, "status {status}");
        }
    }

    #[test]
    fn help_is_no_error() {
        let usage = step("--help").expect_err("help is printed instead of running");
        assert_eq!(usage.status, 0);
        assert!(
            usage.text.contains("--source"),
            "help lists the options: {}",
            usage.text
        );
    }
}
