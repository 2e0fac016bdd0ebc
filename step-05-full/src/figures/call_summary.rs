//! What a call measured, in words.

use std::fmt;
use std::time::Duration;

use crate::figures::call_stats::CallStats;

impl CallStats {
    /// One line while the call goes on: what the codelab shows below its videos, and how well the call goes.
    pub fn status_line(&self) -> String {
        let rate = self
            .bits_per_second()
            .map_or(String::new(), |rate| format!("   {:.2} Mbit/s", rate / 1e6));
        format!(
            "Setup time: {}   latency: {}   frames: {} of {}{rate}",
            milliseconds(self.setup, "..."),
            milliseconds(self.latency_p50, "..."),
            self.frames.decoded,
            self.frames.captured,
        )
    }
}

/// The lines that tell of a call when it is over.
impl fmt::Display for CallStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let frames = self.frames;
        writeln!(
            f,
            "Setup time          {}",
            milliseconds(self.setup, "never connected")
        )?;
        let first = self.first_remote_frame;
        let first = first.map(|first| format!("{} after Call", milliseconds(Some(first), "")));
        writeln!(
            f,
            "first remote frame  {}",
            first.as_deref().unwrap_or("never came")
        )?;
        write!(
            f,
            "frames              {} captured, {} sent, {} decoded",
            frames.captured, frames.sent, frames.decoded
        )?;
        match self.decoded_per_second() {
            Some(rate) => writeln!(f, ", {rate:.1} a second")?,
            None => writeln!(f)?,
        }
        let latency = self.latency_p50.zip(self.latency_p99).map(|(p50, p99)| {
            let [p50, p99] = [p50, p99].map(|latency| milliseconds(Some(latency), ""));
            format!("{p50} p50, {p99} p99, from capture to decoded")
        });
        writeln!(
            f,
            "latency             {}",
            latency.as_deref().unwrap_or("none")
        )?;
        let rate = self.bits_per_second();
        let rate = rate.map_or("none".to_owned(), |rate| {
            format!("{:.2} Mbit/s of H.264", rate / 1e6)
        });
        writeln!(f, "bitrate             {rate}")?;
        writeln!(
            f,
            "selected pair       {}",
            self.selected_pair.as_deref().unwrap_or("none")
        )?;
        match &self.failure {
            Some(failure) => writeln!(f, "failure             {failure}"),
            None => Ok(()),
        }
    }
}

fn milliseconds(time: Option<Duration>, none: &str) -> String {
    time.map_or(none.to_owned(), |time| {
        format!("{:.1} ms", time.as_secs_f64() * 1e3)
    })
}
