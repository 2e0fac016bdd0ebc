//! Step 01: a live video on the screen.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use step_01_capture::display::Display;
use step_01_capture::display::playback::{self, AtEnd};
use step_01_capture::program::arguments::CommonArguments;
use step_01_capture::program::console::Console;
use step_01_capture::program::report::{Section, describe_cameras, describe_track};
use step_01_capture::program::stop_signal::StopSignal;
use step_01_capture::{Timeline, get_user_media, list_cameras, media_section, program, write_png};

/// Step 01: getUserMedia() opens a camera and shows its video.
#[derive(Parser)]
#[command(name = "step-01-capture")]
struct Arguments {
    #[command(flatten)]
    common: CommonArguments,

    /// List the cameras with what they can do, and end
    #[arg(long)]
    list_cameras: bool,

    /// Write the last frame as a PNG file
    #[arg(long, value_name = "FILE.png")]
    snapshot: Option<PathBuf>,
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
    if arguments.list_cameras {
        console.print(describe_cameras(&list_cameras()));
        return Ok(());
    }
    let common = &arguments.common;
    let timeline = Timeline::new();
    let mut stream = get_user_media(&common.constraints(), &timeline)?;
    console.print(Section::new("Track", describe_track(&stream)));
    let heading = "What it could add to the session description";
    console.print(Section::new(heading, media_section(&stream)));

    let mut video = playback::local_video(&stream);
    let size = playback::canvas_size(stream.video_track().settings().resolution);
    let mut display = Display::open(common.display, "Step 01: local video", size, console)?;
    if let Some(time) = common.running_time(&display) {
        stop.stop_after(time);
    }
    let played = playback::play(&mut display, &mut video, stop, AtEnd::Stop);
    // The camera first: others can use it before anything is printed.
    stream.video_track_mut().stop();
    drop(display);
    played?;

    console.print(Section::new("Frames", video.counts()));
    console.print(Section::new("Timeline", &timeline).to_string().trim_end());
    if let (Some(path), Some(frame)) = (&arguments.snapshot, video.frame()) {
        write_png(frame, path)?;
        tracing::info!(peer = "local", "snapshot: {}", path.display());
    }
    match stream.video_track().failure() {
        Some(failure) => Err(failure.into()),
        None => Ok(()),
    }
}
