//! A lesson that runs while the local video is shown.

use std::fmt::Display as Printable;
use std::future::Future;
use std::io;
use std::sync::Arc;

use step_01_capture::display::playback::{self, AtEnd};
use step_01_capture::display::{Display, DisplayError};
use step_01_capture::program::arguments::CommonArguments;
use step_01_capture::program::console::Console;
use step_01_capture::program::stop_signal::{StopReason, StopSignal};
use step_01_capture::{GetUserMediaError, MediaStream, SourceError, Timeline, get_user_media};
use tokio::sync::Notify;

/// Why a lesson did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum LocalVideoError<E> {
    /// There is no local video (1-2).
    #[error(transparent)]
    GetUserMedia(#[from] GetUserMediaError),
    /// There is nothing to show it on.
    #[error(transparent)]
    Display(#[from] DisplayError),
    /// The system gives no threads.
    #[error("the network cannot be started: {0}")]
    Runtime(#[from] io::Error),
    /// The camera failed while the lesson ran.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The lesson itself failed.
    #[error("{0}")]
    Lesson(E),
}

/// Opens the local video and shows it on this thread, the main one, while `lesson` runs on the threads of the network.
/// The lesson's result is printed as soon as it is there, and returned; the video goes on until the reader stops it.
/// Without a display the program ends with the lesson.
///
/// # Errors
/// [`LocalVideoError`].
pub fn run_with_local_video<T, E, F>(
    common: &CommonArguments,
    title: &str,
    console: &Console,
    stop: &StopSignal,
    lesson: impl FnOnce(&MediaStream, Timeline) -> F,
) -> Result<T, LocalVideoError<E>>
where
    T: Printable + Send + 'static,
    E: Send + 'static,
    F: Future<Output = Result<T, E>> + Send + 'static,
{
    let timeline = Timeline::new();
    let mut stream = get_user_media(&common.constraints(), &timeline)?;
    let mut video = playback::local_video(&stream);
    let size = playback::canvas_size(stream.video_track().settings().resolution);
    let mut display = Display::open(common.display, title, size, console)?;
    if let Some(time) = common.running_time(&display) {
        stop.stop_after(time);
    }

    let network = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let lesson = lesson(&stream, timeline);
    let ends_program = matches!(display, Display::None);
    let lesson = network.spawn(print_result(
        lesson,
        console.clone(),
        stop.clone(),
        ends_program,
    ));
    let played = playback::play(&mut display, &mut video, stop, AtEnd::KeepLastFrame);
    let lesson = network.block_on(lesson);
    // A name lookup of the system cannot be cancelled and may take long: the program does not wait for it.
    network.shutdown_background();
    stream.video_track_mut().stop();
    drop(display);
    played?;
    // A lesson that panics is a defect, or an exercise that is not done: the program must not exit with status 0. Nobody
    // aborts a lesson.
    let lesson = lesson.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
    let shown = lesson.map_err(LocalVideoError::Lesson)?;
    let failure = stream.video_track().failure();
    failure.map_or(Ok(shown), |failure| Err(failure.into()))
}

/// Prints the result of a lesson and returns it, or why there is none.
async fn print_result<T: Printable, E>(
    lesson: impl Future<Output = Result<T, E>>,
    console: Console,
    stop: StopSignal,
    ends_program: bool,
) -> Result<T, E> {
    let result = lesson.await.inspect(|text| console.print(text));
    if ends_program || result.is_err() {
        stop.stop(StopReason::Done);
    }
    result
}

/// Waits until `stop` is raised: for the `select!` of a lesson that has peers to close.
pub async fn stopped(stop: &StopSignal) {
    let raised = Arc::new(Notify::new());
    stop.on_stop({
        let raised = Arc::clone(&raised);
        move || raised.notify_one()
    });
    raised.notified().await;
}
