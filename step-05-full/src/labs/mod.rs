//! `--lab NAME`: one thing broken on purpose.

mod bare_call;
pub mod lab_report;
mod loss;
pub mod lossy_network;
mod no_keyframe;
pub mod wire;
mod wrong_payload_type;

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use step_01_capture::program::stop_signal::StopSignal;
use step_01_capture::{MediaStream, Timeline};

use crate::call_error::CallError;
use crate::labs::lab_report::LabReport;

/// The labs of step 05.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lab {
    /// Names the labs.
    List,
    /// So many of 100 packets are lost, 1 to 50.
    Loss(u8),
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
            Self::Loss(10),
            Self::WrongPayloadType,
            Self::NoKeyframe,
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, line) = match self {
            Self::List => ("list", "Names the labs"),
            Self::Loss(_) => (
                "loss=10",
                "Loses 10 of 100 packets at random, or as many as you write: NACK at work, and from about 30 on PLI too",
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
    #[error("{0:?} is no lab: write list, loss=10, wrong-payload-type or no-keyframe")]
    Unknown(String),
    /// A loss that is none, or that leaves nothing to see.
    #[error("{0:?} is no loss in percent: write loss=N with N from 1 to 50")]
    Loss(String),
}

impl FromStr for Lab {
    type Err = LabError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix("loss=") {
            Some(percent) => match percent.parse() {
                Ok(percent @ 1..=50) => Ok(Self::Loss(percent)),
                _ => Err(LabError::Loss(percent.to_owned())),
            },
            None => {
                ValueEnum::from_str(text, false).map_err(|_| LabError::Unknown(text.to_owned()))
            }
        }
    }
}

/// As it is written on the command line.
impl fmt::Display for Lab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loss(percent) => write!(f, "loss={percent}"),
            lab => f.write_str(&step_02_peer::labs::name_and_summary(lab).0),
        }
    }
}

impl Lab {
    /// Breaks it, and counts what happens. Ends by itself within 5 s, earlier when `stop` is raised.
    ///
    /// # Errors
    /// [`CallError`] when something else breaks as well.
    pub async fn run(
        self,
        stream: &MediaStream,
        timeline: &Timeline,
        stop: &StopSignal,
    ) -> Result<LabReport, CallError> {
        match self {
            Self::List => Ok(LabReport::new(list(), "")),
            Self::Loss(percent) => loss::run(percent, stream, timeline, stop).await,
            Self::WrongPayloadType => wrong_payload_type::run(stream, timeline, stop).await,
            Self::NoKeyframe => no_keyframe::run(stream, timeline, stop).await,
        }
    }
}
