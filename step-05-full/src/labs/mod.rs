//! `--lab NAME`: one thing broken on purpose.

mod bare_call;
mod loss;
pub mod lossy_network;
mod no_keyframe;
pub mod wire;
mod wrong_payload_type;

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;
use step_01_capture::program::report::Section;
use step_01_capture::program::stop_signal::StopSignal;
use step_01_capture::{MediaStream, Timeline};

use crate::call_error::CallError;

/// The labs of step 05.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lab {
    /// So many of 100 packets are lost, 1 to 50.
    Loss(u8),
    /// The packets carry a payload type that nobody has agreed on.
    WrongPayloadType,
    /// The first key frame is lost, and nobody makes another one.
    NoKeyframe,
}

/// `--lab`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabChoice {
    /// Names the labs.
    List,
    /// Shows one.
    Lab(Lab),
}

/// The names on the command line.
#[derive(Clone, ValueEnum)]
enum LabName {
    /// Names the labs
    List,
    /// Loses 10 of 100 packets at random, or as many as you write: NACK at work, and from about 30 on PLI too
    #[value(name = "loss=10")]
    Loss,
    /// Sends with a payload type that was not negotiated: no error, no picture
    WrongPayloadType,
    /// Loses the first key frame and answers no PLI: packets arrive, and no picture
    NoKeyframe,
}

/// The labs with one line each.
pub fn list() -> String {
    step_02_peer::labs::list::<LabName>()
}

/// The text is no lab.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabChoiceError {
    /// No such name.
    #[error("{0:?} is no lab: write list, loss=10, wrong-payload-type or no-keyframe")]
    Unknown(String),
    /// A loss that is none, or that leaves nothing to see.
    #[error("{0:?} is no loss in percent: write loss=N with N from 1 to 50")]
    Loss(String),
}

impl FromStr for LabChoice {
    type Err = LabChoiceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(percent) = text.strip_prefix("loss=") {
            return match percent.parse() {
                Ok(percent @ 1..=50) => Ok(Self::Lab(Lab::Loss(percent))),
                _ => Err(LabChoiceError::Loss(percent.to_owned())),
            };
        }
        match text {
            "list" => Ok(Self::List),
            "wrong-payload-type" => Ok(Self::Lab(Lab::WrongPayloadType)),
            "no-keyframe" => Ok(Self::Lab(Lab::NoKeyframe)),
            _ => Err(LabChoiceError::Unknown(text.to_owned())),
        }
    }
}

impl Lab {
    /// Breaks it, and watches what happens. Ends by itself within 5 s, earlier when `stop` is raised.
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
            Self::Loss(percent) => loss::run(percent, stream, timeline, stop).await,
            Self::WrongPayloadType => wrong_payload_type::run(stream, timeline, stop).await,
            Self::NoKeyframe => no_keyframe::run(stream, timeline, stop).await,
        }
    }
}

/// What a lab has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabReport {
    /// The counts, one line each.
    pub seen: String,
    /// Why it was so, in two or three sentences.
    pub explanation: &'static str,
}

impl fmt::Display for LabReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", Section::new("What was seen", &self.seen))?;
        write!(f, "{}", Section::new("Why", self.explanation))
    }
}
