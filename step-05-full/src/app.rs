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
use tokio::task::JoinHandle;

use crate::call::{Call, LocalVideo};
use crate::call_error::CallError;
use crate::figures::call_stats::CallStats;
use crate::figures::report::{Report, SourceReport};
use crate::window::buttons::{BUTTONS, Button};

/// Why a button did not do what its label says.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Start: there is no local video.
    #[error(transparent)]
    GetUserMedia(#[from] GetUserMediaError),
    /// Call, or Hang Up.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The action of a button panicked.
    #[error("{} panicked: the lines above say where", .0.label())]
    Panicked(Button),
}

/// What Start calls: [`get_user_media`](step_01_capture::get_user_media), or what a test has in its place. It may block.
type OpenStream = dyn Fn(&Timeline) -> Result<MediaStream, GetUserMediaError> + Send + Sync;

/// The result of an action. Opening a camera may take seconds, and the window must not freeze meanwhile.
enum Action {
    Start(Result<MediaStream, GetUserMediaError>),
    Call(Result<Call, CallError>),
    HangUp(Box<CallStats>, Result<(), CallError>),
}

/// The state of the page, in a window or without one. It lives on the main thread; the actions run elsewhere.
pub struct App {
    open_stream: Arc<OpenStream>,
    peer_config: PeerConfig,
    network: Handle,
    timeline: Timeline,
    stream: Option<MediaStream>,
    call: Option<Call>,
    ended_calls: Vec<CallStats>,
    /// The button that was pressed last, while its action runs.
    running: Option<(Button, JoinHandle<Action>)>,
    /// The `<video>` on the left.
    pub local_video: VideoElement,
    /// The `<video>` on the right.
    pub remote_video: VideoElement,
}

impl App {
    /// A page on which no button has been pressed. Start calls `open_stream`, which may block.
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
            call: None,
            ended_calls: Vec::new(),
            running: None,
            local_video: VideoElement::new("local"),
            remote_video: VideoElement::new("remote"),
        };
        app.record_buttons();
        app
    }

    /// Which button can be pressed now: Call only after Start, Hang Up only during a call, Call again after Hang Up; none
    /// while the action of one runs. When the source has ended, Start opens it again: an ended track never becomes live.
    pub fn enabled(&self) -> Option<Button> {
        match (&self.running, &self.call, &self.stream) {
            (Some(_), _, _) => None,
            (None, Some(_), _) => Some(Button::HangUp),
            (None, None, Some(stream)) if is_live(stream) => Some(Button::Call),
            (None, None, _) => Some(Button::Start),
        }
    }

    fn record_buttons(&self) {
        let label = self.enabled().map_or("busy", Button::label);
        self.timeline.record("app", BUTTONS, label);
    }

    /// Presses a button. A button that is not enabled does nothing.
    pub fn press(&mut self, button: impl Into<Option<Button>>) {
        let Some(button) = button.into().filter(|b| self.enabled() == Some(*b)) else {
            return;
        };
        let task = match button {
            Button::Start => self.start_action(),
            Button::Call => self.call_action(),
            Button::HangUp => self.hangup_action(),
        };
        self.running = task.map(|task| (button, task));
        self.record_buttons();
    }

    /// 1-2: the codelab's `startAction()`.
    fn start_action(&mut self) -> Option<JoinHandle<Action>> {
        let (open_stream, timeline) = (Arc::clone(&self.open_stream), self.timeline.clone());
        let open = move || Action::Start(open_stream(&timeline));
        Some(self.network.spawn_blocking(open))
    }

    /// The codelab's `callAction()`.
    fn call_action(&mut self) -> Option<JoinHandle<Action>> {
        let video = LocalVideo::new(self.stream.as_ref()?, rand::random());
        tracing::info!(peer = "app", "Starting call.");
        let (remote_frames, frames) = latest_frame();
        self.remote_video.attach(frames);
        let (config, timeline) = (self.peer_config.clone(), self.timeline.clone());
        Some(self.network.spawn(async move {
            Action::Call(Call::start(video, config, &timeline, remote_frames).await)
        }))
    }

    /// The codelab's `hangupAction()`.
    fn hangup_action(&mut self) -> Option<JoinHandle<Action>> {
        let call = self.call.take()?;
        tracing::info!(peer = "app", "Ending call.");
        Some(self.network.spawn(async move {
            let (stats, result) = call.hang_up().await;
            Action::HangUp(Box::new(stats), result)
        }))
    }

    /// Takes the result of the action that was running. True if it has ended.
    ///
    /// # Errors
    /// [`AppError`] of that action; the page is then in the state before it.
    pub fn poll(&mut self) -> Result<bool, AppError> {
        let ended = self.running.take_if(|(_, task)| task.is_finished());
        let Some((button, task)) = ended else {
            return Ok(false);
        };
        let result = match self.network.block_on(task) {
            Ok(action) => self.take_result(action),
            // Nobody aborts an action.
            Err(_) => Err(AppError::Panicked(button)),
        };
        self.record_buttons();
        result.map(|()| true)
    }

    fn take_result(&mut self, action: Action) -> Result<(), AppError> {
        match action {
            Action::Start(stream) => self.got_local_media_stream(stream?),
            Action::Call(Ok(call)) => self.call = Some(call),
            Action::Call(Err(error)) => {
                self.remote_video.clear();
                return Err(error.into());
            }
            Action::HangUp(stats, result) => {
                self.ended_calls.push(*stats);
                self.remote_video.clear();
                result?;
            }
        }
        Ok(())
    }

    /// 1-2: the codelab's `gotLocalMediaStream()`.
    fn got_local_media_stream(&mut self, stream: MediaStream) {
        tracing::info!(peer = "local", "Received local stream.");
        self.local_video = playback::local_video(&stream);
        self.stream = Some(stream);
    }

    /// Whether the action of a button runs.
    pub fn is_busy(&self) -> bool {
        self.running.is_some()
    }

    /// Takes the newest frames of both videos; waits for one, but no longer than `timeout`. True if there is anything to draw.
    pub fn refresh(&mut self, timeout: Duration) -> bool {
        // One thread can wait for one track only; a frame of the other one is late by this wait at most.
        let local = self.local_video.refresh(timeout);
        let remote = self.remote_video.refresh(Duration::ZERO);
        if local == Refresh::Ended {
            self.record_buttons();
        }
        local != Refresh::Nothing || remote != Refresh::Nothing
    }

    /// The figures of the present call, else of the last one.
    pub fn call_stats(&self) -> Option<CallStats> {
        let present = self.call.as_ref().map(Call::stats);
        present.or_else(|| self.ended_calls.last().cloned())
    }

    /// Why no frames of the present call arrive any more.
    pub fn call_failure(&self) -> Option<String> {
        self.call.as_ref()?.failure()
    }

    /// Why the local source ended by itself, if it did.
    pub fn source_failure(&self) -> Option<SourceError> {
        self.stream.as_ref()?.video_track().failure()
    }

    /// What the calls measured, one section each.
    pub fn summary(&self) -> Vec<Section<'static>> {
        if self.ended_calls.is_empty() {
            return vec![Section::new(
                "Call",
                match self.stream {
                    Some(_) => "none: Call was never pressed",
                    None => "none: Start was never pressed, or opened no source",
                },
            )];
        }
        let sections = self.ended_calls.iter();
        sections.map(|call| Section::new("Call", call)).collect()
    }

    /// All that happened.
    pub fn report(&self) -> Report {
        let source = self.stream.as_ref().map(SourceReport::of);
        Report::new(source, &self.ended_calls, &self.timeline)
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
