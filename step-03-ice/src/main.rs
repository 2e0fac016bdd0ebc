//! Step 03: how two peers find a way to each other. The library does the work, this only wires it.

use std::process::ExitCode;

use clap::Parser;
use step_01_capture::arguments::CommonArguments;
use step_01_capture::console::Console;
use step_01_capture::program;
use step_01_capture::stop_signal::StopSignal;
use step_02_peer::{OutgoingVideo, PeerConfig, VideoCodec, beside_local_video};
use step_03_ice::IceArguments;
use step_03_ice::lesson::Lesson;

/// Step 03: ICE candidates, how they are exchanged, and which pair is chosen
#[derive(Parser)]
#[command(name = "step-03-ice")]
struct Arguments {
    #[command(flatten)]
    common: CommonArguments,

    #[command(flatten)]
    ice: IceArguments,
}

impl AsRef<CommonArguments> for Arguments {
    fn as_ref(&self) -> &CommonArguments {
        &self.common
    }
}

fn main() -> ExitCode {
    program::run(run)
}

fn run(arguments: &Arguments, console: &Console, stop: &StopSignal) -> anyhow::Result<()> {
    let title = "Step 03: local video";
    beside_local_video(
        &arguments.common,
        title,
        console,
        stop,
        |stream, timeline| {
            let video = OutgoingVideo::new(stream, VideoCodec::H264, rand::random());
            let (ice, stop) = (arguments.ice.clone(), stop.clone());
            async move {
                let servers = ice.start().await?;
                let config = servers.configure(PeerConfig::every_interface());
                let lesson = Lesson::run(video, config, timeline, stop).await;
                servers.close().await;
                anyhow::Ok(lesson?)
            }
        },
    )?;
    Ok(())
}
