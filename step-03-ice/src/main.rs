//! Step 03: how two peers find a way to each other. The library does the work, this only wires it.

use std::fmt::Display;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use step_01_capture::Timeline;
use step_01_capture::program;
use step_01_capture::program::arguments::CommonArguments;
use step_01_capture::program::console::Console;
use step_01_capture::program::stop_signal::{StopReason, StopSignal};
use step_02_peer::{OutgoingVideo, PeerConfig, VideoCodec, run_with_local_video};
use step_03_ice::lesson::Lesson;
use step_03_ice::{IceArguments, Lab, LabChoice, RemoteCall, Rendezvous};

/// Two processes call each other until one of them ends; without a window somebody must end them.
const LONGEST_CALL: Duration = Duration::from_secs(600);

/// Step 03: ICE candidates, how they are exchanged, and which pair is chosen
#[derive(Clone, Parser)]
#[command(name = "step-03-ice")]
struct Arguments {
    #[command(flatten)]
    common: CommonArguments,

    #[command(flatten)]
    ice: IceArguments,

    /// Wait for another process at this address, and answer its call
    #[arg(long, value_name = "ADDR", conflicts_with_all = ["connect", "lab"])]
    listen: Option<SocketAddr>,

    /// Call the process that waits at this address
    #[arg(long, value_name = "HOST:PORT", conflicts_with = "lab")]
    connect: Option<String>,

    /// Break one thing on purpose: list names the labs
    #[arg(long, value_name = "NAME")]
    lab: Option<LabChoice>,
}

impl Arguments {
    /// How to find the other process, if there is one.
    fn meeting(&self) -> Option<Rendezvous> {
        let listen = self.listen.map(Rendezvous::Listen);
        listen.or_else(|| self.connect.clone().map(Rendezvous::Connect))
    }
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
    if arguments.lab == Some(LabChoice::List) {
        console.print(Lab::list());
        return Ok(());
    }
    let mut common = arguments.common.clone();
    if arguments.meeting().is_some() {
        // The other process needs a moment, on another host even more.
        common.seconds.get_or_insert(LONGEST_CALL);
    }
    let title = "Step 03: local video";
    run_with_local_video(&common, title, console, stop, |stream, timeline| {
        let video = OutgoingVideo::new(stream, VideoCodec::H264, rand::random());
        lesson(
            arguments.clone(),
            video,
            timeline,
            (console.clone(), stop.clone()),
        )
    })?;
    Ok(())
}

async fn lesson(
    arguments: Arguments,
    video: OutgoingVideo,
    timeline: Timeline,
    (console, stop): (Console, StopSignal),
) -> anyhow::Result<Box<dyn Display + Send>> {
    if let Some(LabChoice::Run(lab)) = arguments.lab {
        let report = lab.run(video, timeline, stop.clone()).await?;
        // A lab ends by itself, with a picture beside it or without.
        stop.stop(StopReason::Done);
        return Ok(Box::new(report));
    }
    let servers = arguments.ice.start().await?;
    let config = servers.configure(PeerConfig::every_interface());
    let told: anyhow::Result<Box<dyn Display + Send>> = match arguments.meeting() {
        Some(meeting) => {
            let tell = move |text| console.print(text);
            let call = RemoteCall::run(meeting, video, config, timeline, (tell, stop)).await;
            call.map(|call| Box::new(call) as _).map_err(Into::into)
        }
        None => {
            let lesson = Lesson::run(video, config, timeline, stop).await;
            lesson
                .map(|lesson| Box::new(lesson) as _)
                .map_err(Into::into)
        }
    };
    servers.close().await;
    told
}
