//! The codelab's `trace()`: who did what, and when.

use std::fmt::{self, Write as _};
use std::time::Instant;

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
        .event_format(TraceLine(Instant::now()))
        .with_writer(move || console.trace_writer())
        .finish();
    // A second call finds the first one's subscriber, which serves as well.
    let _ = tracing_subscriber::util::SubscriberInitExt::try_init(subscriber);
}

/// The crates of the tutorial are all named `step_…`, which a directive matches as a prefix.
fn directives(verbosity: u8) -> &'static str {
    match verbosity {
        0 => "error,step=info",
        1 => "warn,step=debug",
        _ => "trace",
    }
}

/// Formats an event as one line. Its time is counted from this instant.
struct TraceLine(Instant);

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
        let mut fields = EventFields::default();
        event.record(&mut fields);
        let (seconds, metadata) = (self.0.elapsed().as_secs_f64(), event.metadata());
        let line = fields.line(seconds, *metadata.level(), metadata.target());
        writeln!(out, "{line}")
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
        assert_eq!(directives(1), "warn,step=debug", "the lesson's details");
        assert_eq!(directives(2), "trace", "everything");
        assert_eq!(directives(9), "trace", "there is nothing beyond");
    }

    /// What an event writes, without the seconds.
    fn traced(event: impl FnOnce()) -> String {
        let (console, _, stderr) = Console::for_tests();
        let subscriber = tracing_subscriber::fmt()
            .event_format(TraceLine(Instant::now()))
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
    fn without_a_peer_the_crate_is_named() {
        let failure = fields(None, "no route to host");
        insta::assert_snapshot!(failure.line(12.0, Level::WARN, "step_03_ice::stun"), @" 12.000 step03 warning: no route to host");
        insta::assert_snapshot!(failure.line(12.0, Level::ERROR, "rtc_ice::agent"), @" 12.000 rtc_ice error: no route to host");
    }

    #[test]
    fn a_transition_reaches_standard_error_through_the_console() {
        let (console, _, stderr) = Console::for_tests();
        let subscriber = tracing_subscriber::fmt()
            .event_format(TraceLine(Instant::now()))
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
