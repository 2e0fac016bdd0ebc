//! Step 03: how two peers find a path to each other.

use std::fmt::Display;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use step_01_capture::program;
use step_01_capture::program::arguments::CommonArguments;
use step_01_capture::program::console::Console;
use step_01_capture::program::stop_signal::{StopReason, StopSignal};
use step_01_capture::{MediaStream, Timeline};
use step_02_peer::labs::mystery::{Mystery, MysteryArguments};
use step_02_peer::{
    OutgoingVideo, PacketCapture, PeerConfig, VideoCodec, labs, run_with_local_video,
};
use step_03_ice::capture::capture_arguments::CaptureArguments;
use step_03_ice::capture::capture_file::CaptureFile;
use step_03_ice::lesson::connect_two_peers;
use step_03_ice::report::report_arguments::ReportArguments;
use step_03_ice::report::run_report::{Environment, RunReport};
use step_03_ice::{IceArguments, Lab, LabReport, RemoteCall, RendezvousArguments};

/// Two processes call each other until one of them ends, or until this time is over.
const LONGEST_CALL: Duration = Duration::from_secs(600);

/// Step 03: ICE candidates, how they are exchanged, and which pair is chosen
#[derive(Clone, Parser)]
#[command(name = "step-03-ice")]
struct Arguments {
    #[command(flatten)]
    common: CommonArguments,

    #[command(flatten)]
    ice: IceArguments,

    #[command(flatten)]
    rendezvous: RendezvousArguments,

    #[command(flatten)]
    report: ReportArguments,

    #[command(flatten)]
    capture: CaptureArguments,

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
    if arguments.lab == Some(Lab::List) {
        console.print(labs::list::<Lab>());
        return Ok(());
    }
    let mystery = Mystery::of(arguments.lab, &arguments.mystery)?;
    let fault = mystery.as_ref().map(|it| it.fault);
    let mut common = arguments.common.clone();
    if arguments.rendezvous.rendezvous().is_some() {
        common.seconds.get_or_insert(LONGEST_CALL);
    }
    let file = arguments.report.create()?;
    let capture = arguments.capture.create()?;
    let title = "Step 03: local video";
    let shown = run_with_local_video(&common, title, console, stop, |stream, timeline| {
        let video = OutgoingVideo::new(stream, VideoCodec::H264, rand::random());
        let environment = environment(arguments, stream);
        let (arguments, console, stop) = (arguments.clone(), console.clone(), stop.clone());
        async move {
            let packets = capture.as_ref().map(CaptureFile::packets);
            let ran = match fault.or(arguments.lab) {
                Some(lab) => run_lab(lab, fault.is_some(), video, timeline.clone(), stop).await,
                None => lesson(arguments, video, packets, timeline.clone(), console, stop).await,
            };
            let captured = capture.map_or(Ok(()), CaptureFile::finish);
            let shown = ran?;
            if let Some(file) = file {
                let as_it_is = str::to_owned;
                file.write(&RunReport::new(environment, &shown, &timeline, as_it_is))?;
            }
            captured?;
            anyhow::Ok(shown)
        }
    })?;
    if let Some(mystery) = mystery {
        mystery.ask(&shown.to_string(), console, stop);
    }
    Ok(())
}

/// What the report says of this run.
fn environment(arguments: &Arguments, stream: &MediaStream) -> Environment {
    let environment = Environment::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let environment = environment.with_video(stream).with("ICE", &arguments.ice);
    match arguments.lab {
        Some(lab) => environment.with("lab", labs::name_and_summary(&lab).0),
        None => environment,
    }
}

async fn run_lab(
    lab: Lab,
    is_mystery: bool,
    video: OutgoingVideo,
    timeline: Timeline,
    stop: StopSignal,
) -> anyhow::Result<Box<dyn Display + Send>> {
    let mut report = LabReport::run(lab, video, timeline, stop.clone()).await?;
    if is_mystery {
        report.lab = None;
    }
    // A lab ends the program, even if the local video is shown.
    stop.stop(StopReason::Done);
    Ok(Box::new(report))
}

async fn lesson(
    arguments: Arguments,
    video: OutgoingVideo,
    capture: Option<Arc<dyn PacketCapture>>,
    timeline: Timeline,
    console: Console,
    stop: StopSignal,
) -> anyhow::Result<Box<dyn Display + Send>> {
    let servers = arguments.ice.start().await?;
    let mut config = servers.configure(PeerConfig::every_interface());
    config.capture = capture;
    let result: anyhow::Result<Box<dyn Display + Send>> = match arguments.rendezvous.rendezvous() {
        Some(rendezvous) => {
            let print = move |report| console.print(report);
            let call = RemoteCall::run(rendezvous, video, config, timeline, print, stop).await;
            call.map(|call| Box::new(call) as _).map_err(Into::into)
        }
        None => {
            let report = connect_two_peers(video, config, timeline, stop).await;
            report
                .map(|report| Box::new(report) as _)
                .map_err(Into::into)
        }
    };
    servers.close().await;
    result
}
