//! The codelab's page: two videos, three buttons, and what they do.

use std::sync::Arc;
use std::time::Duration;

use step_01_capture::display::playback;
use step_01_capture::display::video_element::{Refresh, VideoElement};
use step_01_capture::latest_frame::latest_frame;
use step_01_capture::program::report::Section;
use step_01_capture::{
    GetUserMediaError, MediaStream, MediaStreamTrackState, SourceError, Timeline,
};
use step_02_peer::PeerConfig;
use tokio::runtime::Handle;
use tokio::sync::oneshot::{self, error::TryRecvError};

use crate::call::{Call, LocalVideo};
use crate::call_error::CallError;
use crate::figures::call_stats::CallStats;
use crate::figures::report::{Report, SourceReport};
use crate::window::buttons::{BUTTONS, Button, Enabled};

/// Why a button did not do what it says.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Start: there is no local video.
    #[error(transparent)]
    GetUserMedia(#[from] GetUserMediaError),
    /// Call, or Hang Up.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The work of a button ended in a panic.
    #[error("{0} broke off, which is a fault of this program: the lines above tell where")]
    BrokenOff(&'static str),
}

/// How Start gets its stream: [`get_user_media`](step_01_capture::get_user_media) with the reader's wishes, or what a
/// test has in its place. It is called on a thread that may block.
type OpenStream = dyn Fn(&Timeline) -> Result<MediaStream, GetUserMediaError> + Send + Sync;

/// What the program is busy with. Opening a camera may take seconds, and the window must not freeze meanwhile.
enum Pending {
    Start(oneshot::Receiver<Result<MediaStream, GetUserMediaError>>),
    Call(oneshot::Receiver<Result<Call, CallError>>),
    HangUp(oneshot::Receiver<(CallStats, Result<(), CallError>)>),
}

/// The state behind the window, or behind a run without one. It lives on the main thread; the work is done elsewhere.
pub struct App {
    open_stream: Arc<OpenStream>,
    peer_config: PeerConfig,
    network: Handle,
    timeline: Timeline,
    stream: Option<MediaStream>,
    source: Option<SourceReport>,
    call: Option<Call>,
    ended_calls: Vec<CallStats>,
    pending: Option<Pending>,
    /// The `<video>` on the left.
    pub local_video: VideoElement,
    /// The `<video>` on the right.
    pub remote_video: VideoElement,
}

impl App {
    /// A page on which nothing has been pressed. `open_stream` is what Start does; it may block.
    pub fn new(
        open_stream: impl Fn(&Timeline) -> Result<MediaStream, GetUserMediaError>
        + Send
        + Sync
        + 'static,
        peer_config: PeerConfig,
        network: Handle,
        timeline: Timeline,
    ) -> Self {
        let app = Self {
            open_stream: Arc::new(open_stream),
            peer_config,
            network,
            timeline,
            stream: None,
            source: None,
            call: None,
            ended_calls: Vec::new(),
            pending: None,
            local_video: VideoElement::new("local"),
            remote_video: VideoElement::new("remote"),
        };
        app.timeline.record("app", BUTTONS, app.enabled());
        app
    }

    /// Which button can be pressed now: Call only after Start, Hang Up only during a call, Call again after Hang Up.
    /// A source that ended by itself can be started again: a track never comes back to life, so it takes a new one.
    pub fn enabled(&self) -> Enabled {
        Enabled(match (&self.pending, &self.call, &self.stream) {
            (Some(_), _, _) => None,
            (None, Some(_), _) => Some(Button::HangUp),
            (None, None, Some(stream)) if is_live(stream) => Some(Button::Call),
            (None, None, _) => Some(Button::Start),
        })
    }

    /// Presses a button. A button that is not enabled does nothing.
    pub fn press(&mut self, button: Button) {
        if !self.enabled().has(button) {
            return;
        }
        match button {
            Button::Start => self.start_action(),
            Button::Call => self.call_action(),
            Button::HangUp => self.hangup_action(),
        }
        self.timeline.record("app", BUTTONS, self.enabled());
    }

    /// 1-2: the codelab's `startAction()`.
    fn start_action(&mut self) {
        let (done, pending) = oneshot::channel();
        let (open_stream, timeline) = (Arc::clone(&self.open_stream), self.timeline.clone());
        self.network.spawn_blocking(move || {
            // Nobody waits for it any more when the program ends: the stream is dropped, and its source closed.
            let _ = done.send(open_stream(&timeline));
        });
        self.pending = Some(Pending::Start(pending));
    }

    /// The codelab's `callAction()`.
    fn call_action(&mut self) {
        let Some(stream) = &self.stream else { return };
        tracing::info!(peer = "app", "Starting call.");
        let (done, pending) = oneshot::channel();
        let (pictures, frames) = latest_frame();
        self.remote_video.attach(frames);
        let video = LocalVideo::new(stream, rand::random());
        let (config, timeline) = (self.peer_config.clone(), self.timeline.clone());
        self.network.spawn(async move {
            let _ = done.send(Call::start(video, config, &timeline, pictures).await);
        });
        self.pending = Some(Pending::Call(pending));
    }

    /// The codelab's `hangupAction()`.
    fn hangup_action(&mut self) {
        let Some(call) = self.call.take() else { return };
        tracing::info!(peer = "app", "Ending call.");
        let (done, pending) = oneshot::channel();
        self.network.spawn(async move {
            let _ = done.send(call.hang_up().await);
        });
        self.pending = Some(Pending::HangUp(pending));
    }

    /// Takes over what was finished meanwhile. True if anything was.
    ///
    /// # Errors
    /// [`AppError`] of the button that was pressed last; the page goes on in the state before it.
    pub fn poll(&mut self) -> Result<bool, AppError> {
        let Some(pending) = self.pending.take() else {
            return Ok(false);
        };
        let finished = self.try_finish(pending);
        self.timeline.record("app", BUTTONS, self.enabled());
        finished
    }

    fn try_finish(&mut self, pending: Pending) -> Result<bool, AppError> {
        match pending {
            Pending::Start(mut done) => match ended(&mut done, "Start")? {
                Some(stream) => self.got_local_media_stream(stream?),
                None => self.pending = Some(Pending::Start(done)),
            },
            Pending::Call(mut done) => match ended(&mut done, "Call")? {
                Some(Ok(call)) => self.call = Some(call),
                Some(Err(error)) => {
                    self.remote_video.clear();
                    return Err(error.into());
                }
                None => self.pending = Some(Pending::Call(done)),
            },
            Pending::HangUp(mut done) => match ended(&mut done, "the call")? {
                Some((stats, result)) => {
                    self.ended_calls.push(stats);
                    self.remote_video.clear();
                    result?;
                }
                None => self.pending = Some(Pending::HangUp(done)),
            },
        }
        Ok(self.pending.is_none())
    }

    /// 1-2: the codelab's `gotLocalMediaStream()`.
    fn got_local_media_stream(&mut self, stream: MediaStream) {
        tracing::info!(peer = "local", "Received local stream.");
        self.local_video = playback::local_video(&stream);
        self.source = Some(SourceReport::of(&stream));
        self.stream = Some(stream);
    }

    /// Whether the program is busy with a button.
    pub fn is_busy(&self) -> bool {
        self.pending.is_some()
    }

    /// Shows the newest pictures; waits for one, but no longer than `patience`. True if there is anything to draw.
    pub fn refresh(&mut self, patience: Duration) -> bool {
        // One thread can wait for one track only; the other picture is at most this wait late.
        let local = self.local_video.refresh(patience);
        let remote = self.remote_video.refresh(Duration::ZERO);
        if local == Refresh::Ended {
            self.timeline.record("app", BUTTONS, self.enabled());
        }
        local != Refresh::Nothing || remote != Refresh::Nothing
    }

    /// The figures of the call that goes on, else of the last one.
    pub fn call_stats(&self) -> Option<CallStats> {
        let current = self.call.as_ref().map(Call::stats);
        current.or_else(|| self.ended_calls.last().cloned())
    }

    /// Why the call that goes on has no pictures any more.
    pub fn call_failure(&self) -> Option<String> {
        self.call.as_ref()?.failure()
    }

    /// Why the local source ended by itself, if it did.
    pub fn source_failure(&self) -> Option<SourceError> {
        self.stream.as_ref()?.video_track().failure()
    }

    /// What the calls measured, one section each.
    pub fn summary(&self) -> Vec<Section<'static>> {
        let heading = match (&self.source, self.ended_calls.len()) {
            (_, 1..) => "Call",
            (Some(_), 0) => return vec![Section::new("Call", "none: Call was never pressed")],
            (None, 0) => {
                return vec![Section::new(
                    "Call",
                    "none: Start was never pressed, or opened no source",
                )];
            }
        };
        self.ended_calls
            .iter()
            .map(|call| Section::new(heading, call))
            .collect()
    }

    /// All that happened.
    pub fn report(&self) -> Report {
        Report::new(self.source.clone(), &self.ended_calls, &self.timeline)
    }

    /// Stops the local video: the camera is free for others when this returns.
    pub fn stop_local_video(&mut self) {
        if let Some(stream) = &mut self.stream {
            stream.video_track_mut().stop();
        }
    }
}

fn is_live(stream: &MediaStream) -> bool {
    stream.video_track().ready_state() == MediaStreamTrackState::Live
}

/// What became of the work of a button; none while it goes on.
fn ended<T>(done: &mut oneshot::Receiver<T>, what: &'static str) -> Result<Option<T>, AppError> {
    match done.try_recv() {
        Ok(result) => Ok(Some(result)),
        Err(TryRecvError::Empty) => Ok(None),
        Err(TryRecvError::Closed) => Err(AppError::BrokenOff(what)),
    }
}
