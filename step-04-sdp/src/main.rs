//! Step 04: what two peers agree on, and in which order. The library does the work, this only wires it.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use step_01_capture::program;
use step_01_capture::program::arguments::CommonArguments;
use step_01_capture::program::console::Console;
use step_01_capture::program::stop_signal::{StopReason, StopSignal};
use step_02_peer::{OutgoingVideo, PeerConfig, VideoCodec, labs, run_with_local_video};
use step_03_ice::IceArguments;
use step_04_sdp::Lab;
use step_04_sdp::explain::explain;
use step_04_sdp::lesson::Lesson;

/// More than any browser's description; a file that is larger is something else.
const LARGEST_SDP: u64 = 256 * 1024;

/// Step 04: offer and answer in slow motion, and every line of both explained
#[derive(Parser)]
#[command(name = "step-04-sdp")]
struct Arguments {
    #[command(flatten)]
    common: CommonArguments,

    #[command(flatten)]
    ice: IceArguments,

    /// Explain the session description in a file, or on standard input with -, and end
    #[arg(long, value_name = "FILE|-")]
    explain: Option<PathBuf>,

    /// Break one thing on purpose and see what happens
    #[arg(long, value_name = "NAME")]
    lab: Option<Lab>,
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
    if let Some(path) = &arguments.explain {
        console.print(explain(&read(path)?)?);
        return Ok(());
    }
    if arguments.lab == Some(Lab::List) {
        console.print(labs::list::<Lab>());
        return Ok(());
    }
    let title = "Step 04: local video";
    let common = &arguments.common;
    if let Some(lab) = arguments.lab {
        run_with_local_video(common, title, console, stop, |stream, timeline| {
            let video = OutgoingVideo::new(stream, VideoCodec::H264, rand::random());
            let done = stop.clone();
            async move {
                let report = lab.run(video, timeline).await;
                // A lab is over when it is told: no picture is left to look at.
                done.stop(StopReason::Done);
                report
            }
        })?;
        return Ok(());
    }
    run_with_local_video(common, title, console, stop, |stream, timeline| {
        let video = OutgoingVideo::new(stream, VideoCodec::H264, rand::random());
        let (ice, stop) = (arguments.ice.clone(), stop.clone());
        async move {
            let servers = ice.start().await?;
            // Without servers the call stays on loopback, and the descriptions are short.
            let config = match servers.servers.is_empty() {
                true => PeerConfig::loopback(),
                false => servers.configure(PeerConfig::every_interface()),
            };
            let lesson = Lesson::run(video, config.clone(), config, timeline, stop).await;
            servers.close().await;
            anyhow::Ok(lesson?)
        }
    })?;
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    let read = match path.to_str() {
        Some("-") => std::io::stdin()
            .lock()
            .take(LARGEST_SDP)
            .read_to_string(&mut text),
        _ => std::fs::File::open(path)
            .and_then(|file| file.take(LARGEST_SDP).read_to_string(&mut text)),
    };
    read.with_context(|| format!("cannot read {}", path.display()))?;
    Ok(text)
}
