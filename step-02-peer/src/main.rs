//! Step 02: two peers, and what a track changes.

use std::process::ExitCode;

use clap::Parser;
use step_01_capture::Timeline;
use step_01_capture::program;
use step_01_capture::program::arguments::CommonArguments;
use step_01_capture::program::console::Console;
use step_01_capture::program::stop_signal::StopSignal;
use step_02_peer::labs::no_track::NoTrack;
use step_02_peer::labs::{self, Lab};
use step_02_peer::lesson::Lesson;
use step_02_peer::{OutgoingVideo, PeerConfig, VideoCodec, run_with_local_video};
use tokio::runtime::Runtime;

/// Step 02: two RTCPeerConnections, and what addTrack() changes
#[derive(Parser)]
#[command(name = "step-02-peer")]
struct Arguments {
    #[command(flatten)]
    common: CommonArguments,

    /// Make one mistake on purpose, and see what becomes of it; `--lab list` names the labs
    #[arg(long, value_name = "NAME", hide_possible_values = true)]
    lab: Option<Lab>,
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
    match arguments.lab {
        Some(Lab::List) => console.print(labs::list::<Lab>()),
        Some(Lab::NoTrack) => {
            let lab = NoTrack::run(config, Timeline::new(), stop.clone());
            console.print(Runtime::new()?.block_on(lab)?);
        }
        None => {
            let title = "Step 02: local video";
            run_with_local_video(common, title, console, stop, |stream, timeline| {
                let video = OutgoingVideo::new(stream, VideoCodec::H264, rand::random());
                Lesson::run(video, config, timeline, stop.clone())
            })?;
        }
    }
    Ok(())
}
