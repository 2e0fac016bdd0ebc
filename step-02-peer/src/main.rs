//! Step 02: two peers, and what a track changes.

use std::process::ExitCode;

use clap::Parser;
use step_01_capture::MediaStream;
use step_01_capture::program;
use step_01_capture::program::arguments::CommonArguments;
use step_01_capture::program::console::Console;
use step_01_capture::program::stop_signal::{StopReason, StopSignal};
use step_02_peer::labs::lab_report::LabReport;
use step_02_peer::labs::mystery::{Mystery, MysteryArguments};
use step_02_peer::labs::{self, Lab};
use step_02_peer::lesson::Lesson;
use step_02_peer::{OutgoingVideo, PeerConfig, VideoCodec, run_with_local_video};

/// Step 02: two RTCPeerConnections, and what addTrack() changes
#[derive(Parser)]
#[command(name = "step-02-peer")]
struct Arguments {
    #[command(flatten)]
    common: CommonArguments,

    /// Make one mistake on purpose, and see what becomes of it; `--lab list` names the labs
    #[arg(long, value_name = "NAME", hide_possible_values = true)]
    lab: Option<Lab>,

    #[command(flatten)]
    mystery: MysteryArguments,
}

impl AsRef<CommonArguments> for Arguments {
    fn as_ref(&self) -> &CommonArguments {
        &self.common
    }
}

fn main() -> ExitCode {
    if cfg!(feature = "exercise") {
        program::exercise::announce(env!("CARGO_PKG_NAME"));
    }
    program::run(run)
}

fn run(arguments: &Arguments, console: &Console, stop: &StopSignal) -> anyhow::Result<()> {
    let (common, config) = (&arguments.common, PeerConfig::loopback());
    let title = "Step 02: local video";
    if arguments.lab == Some(Lab::List) {
        console.print(labs::list::<Lab>());
        return Ok(());
    }
    let mystery = Mystery::of(arguments.lab, &arguments.mystery)?;
    let Some(lab) = mystery.as_ref().map(|it| it.fault).or(arguments.lab) else {
        run_with_local_video(common, title, console, stop, |stream, timeline| {
            Lesson::run(outgoing(stream), config, timeline, stop.clone())
        })?;
        return Ok(());
    };
    let is_mystery = mystery.is_some();
    let report = run_with_local_video(common, title, console, stop, |stream, timeline| {
        let (video, stop) = (outgoing(stream), stop.clone());
        async move {
            let report = LabReport::run(lab, video, config, timeline, stop.clone()).await;
            // A lab ends the program, even if the local video is shown.
            stop.stop(StopReason::Done);
            report.map(|report| LabReport {
                lab: report.lab.filter(|_| !is_mystery),
                ..report
            })
        }
    })?;
    if let Some(mystery) = mystery {
        mystery.ask(&report.to_string(), console, stop);
    }
    Ok(())
}

fn outgoing(stream: &MediaStream) -> OutgoingVideo {
    OutgoingVideo::new(stream, VideoCodec::H264, rand::random())
}
