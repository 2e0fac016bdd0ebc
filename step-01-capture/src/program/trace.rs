//! The codelab's `trace()`: who did what, and when.

use std::fmt::{self, Write as _};
use std::time::Instant;

use parking_lot::Mutex;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

use crate::program::console::Console;

/// Writes every event to standard error, as in `  0.123 local  ice: checking => connected`: seconds since this call,
/// the peer (or the crate, when no peer is concerned), the message.
///
/// `verbosity` 0 shows the lesson and the errors of other crates; 1 adds the lesson's details and others' warnings;
/// 2 shows everything. The variable `RUST_LOG` goes before it. What crates such as webrtc write through `log` is
/// included. Only the first call in a process counts.
pub fn init(verbosity: u8, console: &Console) {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(directives(verbosity)));
    let console = console.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .event_format(TraceLine::new())
        .with_writer(move || console.trace_writer())
        .finish();
    // A second call finds the first one's subscriber, which serves as well.
    let _ = tracing_subscriber::util::SubscriberInitExt::try_init(subscriber);
}

/// The crates of the tutorial are all named `step_…`, which a directive matches as a prefix.
fn directives(verbosity: u8) -> &'static str {
    match verbosity {
        0 => "error,step=info",
        // These two warn in every healthy call: no pair of candidates yet, no server name.
        1 => "warn,rtc_ice::agent=error,rtc_dtls::config=error,step=debug",
        _ => "trace",
    }
}

/// How many warnings and errors are printed in one second. Another program that causes one with each packet must not fill
/// the disk.
const MOST_WARNINGS: u32 = 20;

/// How long a warning or an error may be: webrtc prints whole packets.
const MOST_LETTERS: usize = 500;

/// Formats an event as one line.
struct TraceLine {
    /// The time of an event is counted from here.
    began: Instant,
    warnings: Mutex<Warnings>,
}

/// The warnings and errors of one second.
#[derive(Default)]
struct Warnings {
    second: u64,
    printed: u32,
    omitted: u32,
}

impl TraceLine {
    fn new() -> Self {
        Self {
            began: Instant::now(),
            warnings: Mutex::default(),
        }
    }

    /// Whether a warning or an error is printed now, and how many were not in the last second that had any.
    fn admit(&self, second: u64) -> (bool, u32) {
        let mut warnings = self.warnings.lock();
        let omitted = match warnings.second == second {
            true => 0,
            false => std::mem::take(&mut *warnings).omitted,
        };
        warnings.second = second;
        let admitted = warnings.printed < MOST_WARNINGS;
        match admitted {
            true => warnings.printed += 1,
            false => warnings.omitted += 1,
        }
        (admitted, omitted)
    }
}

impl<S, N> FormatEvent<S, N> for TraceLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut out: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let (now, metadata) = (self.began.elapsed(), event.metadata());
        let mut longest = usize::MAX;
        if *metadata.level() <= Level::WARN {
            let (admitted, omitted) = self.admit(now.as_secs());
            if omitted > 0 {
                writeln!(
                    out,
                    "{omitted:>7} more warnings and errors were not printed"
                )?;
            }
            if !admitted {
                return Ok(());
            }
            longest = MOST_LETTERS;
        }
        let mut fields = EventFields::default();
        event.record(&mut fields);
        let line = fields.line(now.as_secs_f64(), *metadata.level(), metadata.target());
        let cut = line.char_indices().nth(longest);
        writeln!(
            out,
            "{}",
            cut.map_or(line.as_str(), |(end, _)| &line[..end])
        )
    }
}

/// The fields of an event. A record of `log` has its target in the field `log.target`.
#[derive(Debug, Default)]
struct EventFields {
    peer: Option<String>,
    log_target: Option<String>,
    message: String,
    others: String,
}

impl EventFields {
    fn line(&self, seconds: f64, level: Level, target: &str) -> String {
        let target = self.log_target.as_deref().unwrap_or(target);
        let who = self.peer.clone().unwrap_or_else(|| short_name(target));
        let severity = match level {
            Level::ERROR => "error: ",
            Level::WARN => "warning: ",
            _ => "",
        };
        let (message, others) = (&self.message, &self.others);
        format!("{seconds:>7.3} {who:<6} {severity}{message}{others}")
    }
}

/// `step_01_capture::display` is `step01`, `rtc_ice::agent` is `rtc_ice`.
fn short_name(target: &str) -> String {
    let name = target.split("::").next().unwrap_or(target);
    match name.strip_prefix("step_") {
        Some(step) => format!("step{}", step.split('_').next().unwrap_or(step)),
        None => name.to_owned(),
    }
}

impl Visit for EventFields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            "peer" => self.peer = Some(format!("{value:?}")),
            "log.target" => self.log_target = Some(format!("{value:?}")),
            name if name.starts_with("log.") => {}
            // Writing to a string cannot fail.
            name => _ = write!(self.others, " {name}={value:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{StateMachine, Timeline};
    use std::io::Write;

    fn fields(peer: Option<&str>, message: &str) -> EventFields {
        EventFields {
            peer: peer.map(str::to_owned),
            message: message.to_owned(),
            ..EventFields::default()
        }
    }

    #[test]
    fn a_line_has_the_seconds_the_peer_and_the_message() {
        let ice = fields(Some("local"), "ice: checking => connected");
        insta::assert_snapshot!(ice.line(0.1234, Level::INFO, "step_03_ice"), @"  0.123 local  ice: checking => connected");
    }

    #[test]
    fn each_v_shows_more() {
        assert_eq!(directives(0), "error,step=info", "the lesson, and errors");
        assert!(
            directives(1).ends_with("step=debug"),
            "the lesson's details"
        );
        assert_eq!(directives(2), "trace", "everything");
        assert_eq!(directives(9), "trace", "there is nothing beyond");
    }

    /// What an event writes, without the seconds.
    fn traced(event: impl FnOnce()) -> String {
        let (console, _, stderr) = Console::for_tests();
        let subscriber = tracing_subscriber::fmt()
            .event_format(TraceLine::new())
            .with_max_level(Level::TRACE)
            .with_writer(move || console.trace_writer())
            .finish();
        tracing::subscriber::with_default(subscriber, event);
        let text = stderr.text();
        text.split_at_checked(8)
            .map_or(text.clone(), |(_, line)| line.to_owned())
    }

    #[test]
    fn fields_follow_the_message_and_those_of_log_are_left_out() {
        let line = traced(|| tracing::info!(peer = "remote", bytes = 7, name = "x", "sent"));
        assert_eq!(line, "remote sent bytes=7 name=x\n");
        let line = traced(|| tracing::info!(peer = ?"remote", "sent"));
        assert_eq!(
            line, "\"remote\" sent\n",
            "a peer may be anything that prints"
        );
        let line = traced(|| {
            tracing::warn!(log.target = "rtc_ice::agent", log.line = 7, "no candidate");
        });
        assert_eq!(line, "rtc_ice warning: no candidate\n");
    }

    #[test]
    fn warnings_are_limited_in_number_and_length() {
        let (console, _, stderr) = Console::for_tests();
        let subscriber = tracing_subscriber::fmt()
            .event_format(TraceLine::new())
            .with_writer(move || console.trace_writer())
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            for _ in 0..1000 {
                tracing::error!("a packet: {}", "7, ".repeat(1000));
            }
        });
        let lines: Vec<_> = stderr.text().lines().map(str::len).collect();
        // The thousand may begin in one second and end in the next.
        assert!((20..=41).contains(&lines.len()), "{} lines", lines.len());
        assert!(
            lines.iter().all(|length| *length <= MOST_LETTERS),
            "{lines:?}"
        );
    }

    #[test]
    fn the_next_second_says_how_many_warnings_were_omitted() {
        let trace = TraceLine::new();
        let admitted = (0..50).filter(|_| trace.admit(1).0).count();
        assert_eq!(admitted, 20);
        assert_eq!(trace.admit(7), (true, 30));
        assert_eq!(trace.admit(7), (true, 0));
    }

    #[test]
    fn without_a_peer_the_crate_is_named() {
        let failure = fields(None, "no route to host");
        insta::assert_snapshot!(failure.line(12.0, Level::WARN, "step_03_ice::stun"), @" 12.000 step03 warning: no route to host");
        insta::assert_snapshot!(failure.line(12.0, Level::ERROR, "rtc_ice::agent"), @" 12.000 rtc_ice error: no route to host");
    }

    #[test]
    fn a_transition_reaches_standard_error_through_the_console() {
        let (console, _, stderr) = Console::for_tests();
        let subscriber = tracing_subscriber::fmt()
            .event_format(TraceLine::new())
            .with_writer(move || console.trace_writer())
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            Timeline::new().record("local", StateMachine::TRACK, "live");
        });
        let text = stderr.text();
        assert!(
            text.ends_with(" local  track: live\n"),
            "the trace was {text:?}"
        );
    }

    #[test]
    fn the_console_takes_a_line_as_one_write() {
        let (console, _, stderr) = Console::for_tests();
        let written = console.trace_writer().write(b"line\n");
        assert_eq!(written.ok(), Some(5));
        assert_eq!(stderr.text(), "line\n");
    }
}
