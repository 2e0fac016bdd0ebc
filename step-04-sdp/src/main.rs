//! Step 04: what two peers agree on, and in which order.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use step_01_capture::program;
use step_01_capture::program::arguments::CommonArguments;
use step_01_capture::program::console::Console;
use step_01_capture::program::stop_signal::{StopReason, StopSignal};
use step_01_capture::{MediaStream, Timeline};
use step_02_peer::labs::mystery::{Fault, Mystery, MysteryArguments};
use step_02_peer::{OutgoingVideo, PeerConfig, VideoCodec, labs, run_with_local_video};
use step_03_ice::IceArguments;
use step_03_ice::report::report_arguments::ReportArguments;
use step_03_ice::report::run_report::{Environment, RunReport};
use step_04_sdp::explain::{explain, explanation_or_text, read_file};
use step_04_sdp::lesson::negotiate_call;
use step_04_sdp::{Lab, NegotiationReport};

/// Step 04: offer and answer call by call, with every line of both explained
#[derive(Parser)]
#[command(name = "step-04-sdp")]
struct Arguments {
    #[command(flatten)]
    common: CommonArguments,

    #[command(flatten)]
    ice: IceArguments,

    #[command(flatten)]
    report: ReportArguments,

    /// Explain the session description in a file, or on standard input with -, and end
    #[arg(long, value_name = "FILE|-")]
    explain: Option<PathBuf>,

    /// Make one mistake on purpose, and see what becomes of it
    #[arg(long, value_name = "NAME")]
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
    if let Some(path) = &arguments.explain {
        console.print(explain(&read_file(path)?)?);
        return Ok(());
    }
    if arguments.lab == Some(Lab::List) {
        console.print(labs::list::<Lab>());
        return Ok(());
    }
    let mystery = Mystery::of(arguments.lab, &arguments.mystery)?;
    let fault = mystery.as_ref().map(|it| it.fault);
    let file = arguments.report.create()?;
    let (title, lab) = ("Step 04: local video", fault.or(arguments.lab));
    let report = run_with_local_video(
        &arguments.common,
        title,
        console,
        stop,
        |stream, timeline| {
            let video = OutgoingVideo::new(stream, VideoCodec::H264, rand::random());
            let environment = environment(arguments, stream);
            let (ice, stop) = (arguments.ice.clone(), stop.clone());
            async move {
                let report = match lab {
                    None => lesson(ice, video, timeline, stop).await?,
                    Some(lab) => {
                        let mut report = lab.run(video, timeline).await?;
                        if fault.is_none() {
                            report.add("What it means", lab.explanation());
                        }
                        // A lab ends the program, even if the local video is shown.
                        stop.stop(StopReason::Done);
                        report
                    }
                };
                if let Some(file) = file {
                    let timeline = &report.timeline;
                    file.write(&RunReport::new(
                        environment,
                        &report,
                        timeline,
                        explanation_or_text,
                    ))?;
                }
                anyhow::Ok(report)
            }
        },
    )?;
    if let Some(mystery) = mystery {
        mystery.ask(&report.to_string(), console, stop);
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

async fn lesson(
    ice: IceArguments,
    video: OutgoingVideo,
    timeline: Timeline,
    stop: StopSignal,
) -> anyhow::Result<NegotiationReport> {
    let servers = ice.start().await?;
    // Without servers the call stays on loopback, and the descriptions are short.
    let config = match servers.servers.is_empty() {
        true => PeerConfig::loopback(),
        false => servers.configure(PeerConfig::every_interface()),
    };
    let report = negotiate_call(video, config.clone(), config, timeline, stop).await;
    servers.close().await;
    Ok(report?)
}
