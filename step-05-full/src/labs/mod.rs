//! `--lab NAME`: one thing broken on purpose.

mod bare_call;
pub mod lab_report;
mod loss;
pub mod lossy_network;
mod no_keyframe;
pub mod wire;
mod wrong_payload_type;

use std::str::FromStr;
use std::sync::mpsc::sync_channel;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use step_01_capture::display::{Display, page};
use step_01_capture::latest_frame::{LatestFrameWriter, latest_frame};
use step_01_capture::program::stop_signal::{StopReason, StopSignal};
use step_01_capture::{MediaStream, Timeline};
use tokio::runtime::Handle;

use crate::call_error::CallError;
use crate::http::two_videos::TwoVideos;
use crate::labs::lab_report::LabReport;
use crate::window::app_window::Layout;

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
    ) -> Result<LabReport, CallError> {
        let (remote_frames, remote_video) = latest_frame();
        let (to_page, remote_videos) = sync_channel(1);
        // The channel has room for the only one.
        let _ = to_page.send(remote_video);
        let mut page = TwoVideos::new(Some(stream), remote_videos, layout);
        std::thread::scope(|scope| {
            let lab = scope.spawn(|| {
                let report = network.block_on(self.run(stream, remote_frames, timeline, stop));
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

    /// Breaks it, and counts what happens. The remote video is shown in `remote_frames`. Ends by itself within 5 s, earlier
    /// when `stop` is raised.
    ///
    /// # Errors
    /// [`CallError`] when something else breaks as well.
    pub async fn run(
        self,
        stream: &MediaStream,
        remote_frames: LatestFrameWriter,
        timeline: &Timeline,
        stop: &StopSignal,
    ) -> Result<LabReport, CallError> {
        match self {
            Self::List => Ok(LabReport::new(list(), "")),
            Self::Loss(percent) => loss::run(percent, stream, remote_frames, timeline, stop).await,
            Self::WrongPayloadType => {
                wrong_payload_type::run(stream, remote_frames, timeline, stop).await
            }
            Self::NoKeyframe => no_keyframe::run(stream, remote_frames, timeline, stop).await,
        }
    }
}
