//! `--lab NAME`: one thing broken on purpose.

mod bare_call;
mod jitter;
pub mod lab_report;
pub mod line;
mod loss;
pub mod lossy_network;
mod mystery;
mod narrow_line;
mod no_keyframe;
pub mod screen;
pub mod wire;
mod wrong_payload_type;

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use step_01_capture::display::{Display, page};
use step_01_capture::program::stop_signal::{StopReason, StopSignal};
use step_01_capture::{MediaStream, Timeline};
use tokio::runtime::Handle;

use crate::call_error::CallError;
use crate::http::two_videos::TwoVideos;
use crate::labs::lab_report::LabReport;
use crate::labs::screen::Screen;
use crate::window::app_window::Layout;

/// The labs of step 05.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lab {
    /// Names the labs.
    List,
    /// One of these without its name.
    Mystery,
    /// So many of 100 packets are lost, 1 to 50.
    Loss(u8),
    /// As many of 100 packets are lost as with `Loss(10)`, but in a row.
    BurstLoss,
    /// The line carries so many thousand bits a second, 50 to 5000.
    Bandwidth(u32),
    /// The line becomes narrow in the middle of the call.
    BandwidthDrop,
    /// Packets are late by up to so many milliseconds, 10 to 300.
    Jitter(u16),
    /// The packets carry a payload type that was not negotiated.
    WrongPayloadType,
    /// The first key frame is lost, and the encoder makes no other one.
    NoKeyframe,
}

/// The names and lines of `--lab list`.
impl ValueEnum for Lab {
    fn value_variants<'a>() -> &'a [Self] {
        &[
            Self::List,
            Self::Mystery,
            Self::Loss(10),
            Self::BurstLoss,
            Self::Bandwidth(300),
            Self::BandwidthDrop,
            Self::Jitter(80),
            Self::WrongPayloadType,
            Self::NoKeyframe,
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, line) = match self {
            Self::List => ("list", "Names the labs"),
            Self::Mystery => ("mystery", "Breaks one of these, and you find out which"),
            Self::Loss(_) => (
                "loss=10",
                "Loses 10 of 100 packets at random, or as many as you write: NACK at work, and from about 30 on PLI too",
            ),
            Self::BurstLoss => (
                "burst-loss",
                "Loses 10 of 100 packets, five in a row on average: one NACK asks for several",
            ),
            Self::Bandwidth(_) => (
                "bandwidth=300k",
                "Calls over a line of 300 kbit/s, or as many as you write, without and with congestion control",
            ),
            Self::BandwidthDrop => (
                "bandwidth-drop",
                "Calls over a line that falls from 2000 to 300 kbit/s, without and with congestion control",
            ),
            Self::Jitter(_) => (
                "jitter=80ms",
                "Delays packets by up to 80 ms, or as many as you write, without and with a jitter buffer",
            ),
            Self::WrongPayloadType => (
                "wrong-payload-type",
                "Sends with a payload type that was not negotiated: no error, no frame",
            ),
            Self::NoKeyframe => (
                "no-keyframe",
                "Loses the first key frame and answers no PLI: packets arrive, and no frame",
            ),
        };
        Some(PossibleValue::new(name).help(line))
    }
}

/// The labs with one line each.
pub fn list() -> String {
    step_02_peer::labs::list::<Lab>()
}

/// The text is no lab.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabError {
    /// No such name.
    #[error(
        "{0:?} is no lab: write list, mystery, loss=10, burst-loss, bandwidth=300k, bandwidth-drop, jitter=80ms, wrong-payload-type or no-keyframe"
    )]
    Unknown(String),
    /// A loss that is none, or that leaves nothing to see.
    #[error("{0:?} is no loss in percent: write loss=N with N from 1 to 50")]
    Loss(String),
    /// A bandwidth that is none, or on which there is nothing to see.
    #[error("{0:?} is no bandwidth in kbit/s: write bandwidth=Nk with N from 50 to 5000")]
    Bandwidth(String),
    /// A jitter that is none, or with which there is no call.
    #[error("{0:?} is no jitter in ms: write jitter=Nms with N from 10 to 300")]
    Jitter(String),
}

impl FromStr for Lab {
    type Err = LabError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some(("loss", percent)) => match percent.parse() {
                Ok(percent @ 1..=50) => Ok(Self::Loss(percent)),
                _ => Err(LabError::Loss(percent.to_owned())),
            },
            Some(("bandwidth", rate)) => match number(rate, "k") {
                Some(kilobits @ 50..=5000) => Ok(Self::Bandwidth(kilobits)),
                _ => Err(LabError::Bandwidth(rate.to_owned())),
            },
            Some(("jitter", time)) => match number(time, "ms") {
                Some(milliseconds @ 10..=300) => Ok(Self::Jitter(milliseconds)),
                _ => Err(LabError::Jitter(time.to_owned())),
            },
            _ => ValueEnum::from_str(text, false).map_err(|_| LabError::Unknown(text.to_owned())),
        }
    }
}

/// As it is written on the command line.
impl fmt::Display for Lab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loss(percent) => write!(f, "loss={percent}"),
            Self::Bandwidth(kilobits) => write!(f, "bandwidth={kilobits}k"),
            Self::Jitter(milliseconds) => write!(f, "jitter={milliseconds}ms"),
            lab => f.write_str(&step_02_peer::labs::name_and_summary(lab).0),
        }
    }
}

fn number<T: FromStr>(text: &str, unit: &str) -> Option<T> {
    text.strip_suffix(unit)?.parse().ok()
}

impl Lab {
    /// Runs the lab on `network` and shows both videos on `display` meanwhile. Raises `stop` when the lab is over. Call it on
    /// the main thread.
    ///
    /// # Errors
    /// Those of [`Lab::run`].
    pub fn show(
        self,
        (display, layout): (&mut Display, Layout),
        (stream, timeline): (&MediaStream, &Timeline),
        stop: &StopSignal,
        network: &Handle,
        is_mystery: bool,
    ) -> Result<LabReport, CallError> {
        let (screen, remote_videos) = Screen::new();
        let mut page = TwoVideos::new(Some(stream), remote_videos, layout);
        std::thread::scope(|scope| {
            let lab = scope.spawn(|| {
                let report = match is_mystery {
                    true => network.block_on(self.run_unnamed(stream, &screen, timeline, stop)),
                    false => network.block_on(self.run(stream, &screen, timeline, stop)),
                };
                stop.stop(StopReason::Done);
                report
            });
            if let Err(error) = page::show(&mut page, display, stop) {
                tracing::warn!("{error}");
            }
            lab.join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// Breaks it, and counts what happens. The remote video is shown on `screen`. Ends by itself within 12 s, earlier
    /// when `stop` is raised.
    ///
    /// # Errors
    /// [`CallError`] when something else breaks as well.
    pub async fn run(
        self,
        stream: &MediaStream,
        screen: &Screen,
        timeline: &Timeline,
        stop: &StopSignal,
    ) -> Result<LabReport, CallError> {
        match self {
            Self::List | Self::Mystery => Ok(LabReport::new(list(), "")),
            Self::Loss(percent) => loss::run(percent, 0.0, stream, screen, timeline, stop).await,
            Self::BurstLoss => loss::run(10, 5.0, stream, screen, timeline, stop).await,
            Self::Bandwidth(kilobits) => {
                narrow_line::run([kilobits; 2], stream, screen, timeline, stop).await
            }
            Self::BandwidthDrop => {
                narrow_line::run([2000, 300], stream, screen, timeline, stop).await
            }
            Self::Jitter(milliseconds) => {
                jitter::run(milliseconds, stream, screen, timeline, stop).await
            }
            Self::WrongPayloadType => {
                wrong_payload_type::run(true, stream, screen, timeline, stop).await
            }
            Self::NoKeyframe => no_keyframe::run(true, stream, screen, timeline, stop).await,
        }
    }
}
