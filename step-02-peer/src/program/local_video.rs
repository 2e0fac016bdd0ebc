//! A lesson that runs while the local video is shown.

use std::fmt::Display as Shows;
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
use tokio::task::JoinError;

/// Why a lesson was not told to its end.
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
/// What the lesson returns is printed as soon as it is there; the video goes on until the reader stops it. Without a
/// display there is nothing to wait for after the lesson.
///
/// # Errors
/// [`LocalVideoError`].
pub fn run_with_local_video<T, E, F>(
    common: &CommonArguments,
    title: &str,
    console: &Console,
    stop: &StopSignal,
    lesson: impl FnOnce(&MediaStream, Timeline) -> F,
) -> Result<(), LocalVideoError<E>>
where
    T: Shows + 'static,
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
    let told = network.spawn(tell(
        lesson,
        console.clone(),
        stop.clone(),
        matches!(display, Display::None),
    ));
    let played = playback::play(&mut display, &mut video, stop, AtEnd::KeepLastFrame);
    let told = network.block_on(told);
    // The system looks for a name as long as it likes, and a lookup cannot be taken back: the program does not wait.
    network.shutdown_background();
    stream.video_track_mut().stop();
    drop(display);
    played?;
    match told.map_err(JoinError::try_into_panic) {
        Ok(Some(error)) => return Err(LocalVideoError::Lesson(error)),
        Ok(None) => {}
        // A lesson that panics is a defect, or an exercise that is not done: the program must not end as if all was told.
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        // Nobody aborts a lesson.
        Err(Err(_)) => {}
    }
    stream
        .video_track()
        .failure()
        .map_or(Ok(()), |failure| Err(failure.into()))
}

/// Prints what the lesson tells, or returns why it could not.
async fn tell<T: Shows, E>(
    lesson: impl Future<Output = Result<T, E>>,
    console: Console,
    stop: StopSignal,
    nothing_to_watch: bool,
) -> Option<E> {
    let error = match lesson.await {
        Ok(text) => {
            console.print(text);
            None
        }
        Err(error) => Some(error),
    };
    if nothing_to_watch || error.is_some() {
        stop.stop(StopReason::Done);
    }
    error
}

/// Waits until the program shall end: for the `select!` of a lesson that has peers to close.
pub async fn stopped(stop: &StopSignal) {
    let raised = Arc::new(Notify::new());
    stop.on_stop({
        let raised = Arc::clone(&raised);
        move || raised.notify_one()
    });
    raised.notified().await;
}
