//! `--lab mystery`: a broken call, and the figures that every call has.

use std::time::Duration;

use step_01_capture::call_log::EventKind;
use step_01_capture::program::stop_signal::StopSignal;
use step_01_capture::{CallLog, MediaStream, Timeline};
use step_02_peer::labs::mystery::Fault;

use crate::bandwidth_estimate::BandwidthEstimate;
use crate::call_error::CallError;
use crate::labs::lab_report::LabReport;
use crate::labs::screen::Screen;
use crate::labs::{Lab, jitter, loss, narrow_line, no_keyframe, wrong_payload_type};
use crate::receive::jitter_buffer::PlayoutDelay;

impl Lab {
    /// Breaks it in one call, and counts what can be counted in any call: the counts do not name the lab.
    ///
    /// # Errors
    /// Those of [`Lab::run`].
    pub async fn run_unnamed(
        self,
        stream: &MediaStream,
        screen: &Screen,
        timeline: &Timeline,
        stop: &StopSignal,
    ) -> Result<LabReport, CallError> {
        match self {
            Self::List | Self::Mystery | Self::BurstLoss | Self::BandwidthDrop => {}
            Self::Loss(percent) => {
                loss::run(percent, 0.0, stream, screen, timeline, stop).await?;
            }
            Self::Bandwidth(kilobits) => {
                let control = BandwidthEstimate::bandwidth();
                let kilobits = [kilobits; 2];
                narrow_line::call(kilobits, control, stream, screen, timeline, stop).await?;
            }
            Self::Jitter(milliseconds) => {
                let jitter = Duration::from_millis(milliseconds.into());
                jitter::call(jitter, PlayoutDelay::Off, stream, screen, timeline, stop).await?;
            }
            Self::WrongPayloadType => {
                wrong_payload_type::run(false, stream, screen, timeline, stop).await?;
            }
            Self::NoKeyframe => {
                no_keyframe::run(false, stream, screen, timeline, stop).await?;
            }
        }
        Ok(LabReport::new(seen(timeline.call_log()), ""))
    }
}

/// The same four lines for every call.
fn seen(log: &CallLog) -> String {
    let count = |peer, kind, name| {
        let mut counts = log.counts().into_iter();
        let found = counts.find(|it| (it.peer.as_str(), it.kind, it.name) == (peer, kind, name));
        found.map_or(0, |it| it.total)
    };
    let sent = count("local", EventKind::Sent, "RTP");
    let lost = sent.saturating_sub(count("remote", EventKind::Received, "RTP"));
    let few_are_lost = lost * 100 < sent * 3;
    let packets = match sent {
        0 => "none was sent".to_owned(),
        _ if few_are_lost => format!("{sent} sent, and nearly all of them arrived"),
        _ => format!("{sent} sent, {lost} of them did not arrive at the first try"),
    };
    let frames = match values(log, "frame decoded, bytes").len() {
        0 => match count("remote", EventKind::Sent, "PLI") {
            0 => "none decoded, and no key frame requested".to_owned(),
            requests => format!("none decoded, {requests} requests for a key frame"),
        },
        decoded => format!("{decoded} decoded"),
    };
    let bitrate = values(log, "bitrate asked for, bit/s");
    let (first, last) = (
        bitrate.first().unwrap_or(&0.0),
        bitrate.last().unwrap_or(&0.0),
    );
    let falls = *last < first * 0.9;
    let bitrate = match falls {
        _ if bitrate.is_empty() => "not controlled".to_owned(),
        true => format!(
            "went down from {:.0} to {:.0} kbit/s",
            first / 1e3,
            last / 1e3
        ),
        false => format!("stayed at {:.0} kbit/s", last / 1e3),
    };
    let mut latency = values(log, "latency, ms");
    latency.sort_by(f32::total_cmp);
    let latency = match latency.get(latency.len() / 10) {
        None => "none".to_owned(),
        Some(least @ 20.0..) if few_are_lost && !falls => {
            format!("{least:.0} ms or more, at a bitrate that stays")
        }
        Some(least) => format!("{least:.0} ms or more for nine of ten frames"),
    };
    format!(
        "RTP packets  {packets}\nframes       {frames}\nbitrate      {bitrate}\nlatency      {latency}"
    )
}

fn values(log: &CallLog, name: &str) -> Vec<f32> {
    let series = log.all_series().into_iter().find(|it| it.name == name);
    let samples = series.map(|it| it.samples).unwrap_or_default();
    samples.into_iter().map(|(_, value)| value).collect()
}

impl Fault for Lab {
    fn clue(self) -> &'static str {
        match self {
            Self::List | Self::Mystery => "",
            // One call shows no difference between these and `Loss` and `Bandwidth`.
            Self::BurstLoss | Self::BandwidthDrop => "",
            Self::Loss(_) => "did not arrive at the first try",
            Self::Bandwidth(_) => "bitrate      went down",
            Self::Jitter(_) => "at a bitrate that stays",
            Self::WrongPayloadType => "none was sent",
            Self::NoKeyframe => "requests for a key frame",
        }
    }

    fn explanation(self) -> &'static str {
        match self {
            Self::List | Self::Mystery => "",
            Self::BurstLoss | Self::Loss(_) => loss::EXPLANATION,
            Self::BandwidthDrop | Self::Bandwidth(_) => narrow_line::EXPLANATION,
            Self::Jitter(_) => jitter::EXPLANATION,
            Self::WrongPayloadType => wrong_payload_type::EXPLANATION,
            Self::NoKeyframe => no_keyframe::EXPLANATION,
        }
    }
}
