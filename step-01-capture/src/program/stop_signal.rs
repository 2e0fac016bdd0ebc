//! The one place that knows when the program shall end.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Why the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// Ctrl-C, or the system's SIGTERM or SIGHUP.
    Interrupted,
    /// The time of `--seconds` is over.
    TimeIsUp,
    /// The reader closed the window or pressed Q.
    WindowClosed,
    /// Nobody reads standard output any more, as after `| head -1`.
    OutputClosed,
    /// The lesson is through.
    Done,
}

impl std::fmt::Display for StopReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Interrupted => "interrupted",
            Self::TimeIsUp => "the time is up",
            Self::WindowClosed => "the window was closed",
            Self::OutputClosed => "standard output was closed",
            Self::Done => "done",
        })
    }
}

type Callback = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct State {
    reason: Option<StopReason>,
    deadline: Option<Instant>,
    callbacks: Vec<Callback>,
}

/// Tells every thread that the program shall end. Clones share it.
///
/// It has no thread of its own: whoever looks notices that the time is up. The display loop on the main thread
/// looks all the time, so callbacks are never late.
#[derive(Clone, Default)]
pub struct StopSignal(Arc<(Mutex<State>, Condvar)>);

impl StopSignal {
    /// A signal that nothing has raised yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The callbacks run without the lock, so no panic can leave the state half written.
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks everyone to stop. The first reason counts; true if it was this one.
    pub fn stop(&self, reason: StopReason) -> bool {
        let mut state = self.lock();
        if state.reason.is_some() {
            return false;
        }
        state.reason = Some(reason);
        let callbacks = std::mem::take(&mut state.callbacks);
        drop(state);
        self.0.1.notify_all();
        for callback in callbacks {
            callback();
        }
        true
    }

    /// Stops when `time` is over, counted from now. The last call counts.
    pub fn stop_after(&self, time: Duration) {
        self.lock().deadline = Instant::now().checked_add(time);
        self.0.1.notify_all();
    }

    /// Stops at Ctrl-C, SIGTERM and SIGHUP. A second one ends the process at once with status 130, for a lesson that
    /// hangs. Only one signal in a process can have them.
    ///
    /// # Errors
    /// When the system refuses the handler, or another signal of this process has it.
    pub fn stop_on_interrupt(&self) -> Result<(), ctrlc::Error> {
        let signal = self.clone();
        ctrlc::set_handler(move || {
            if !signal.stop(StopReason::Interrupted) {
                std::process::exit(130);
            }
        })
    }

    /// Runs `callback` once when the program shall end; at once if it shall already. It runs on the thread that
    /// raised the signal, so it must be quick: wake a task, restore the terminal.
    pub fn on_stop(&self, callback: impl FnOnce() + Send + 'static) {
        let mut state = self.lock();
        if state.reason.is_none() {
            state.callbacks.push(Box::new(callback));
            return;
        }
        drop(state);
        callback();
    }

    /// Why the program ends, or none while it goes on.
    pub fn reason(&self) -> Option<StopReason> {
        let state = self.lock();
        let time_is_up = state.deadline.is_some_and(|d| d <= Instant::now());
        if state.reason.is_none() && time_is_up {
            drop(state);
            self.stop(StopReason::TimeIsUp);
            return self.lock().reason;
        }
        state.reason
    }

    /// Whether the program shall end.
    pub fn is_stopped(&self) -> bool {
        self.reason().is_some()
    }

    /// Blocks until the program shall end, but no longer than `patience`. True if it shall end.
    pub fn wait_timeout(&self, patience: Duration) -> bool {
        let until = Instant::now().checked_add(patience);
        loop {
            if self.is_stopped() {
                return true;
            }
            let state = self.lock();
            if state.reason.is_some() {
                return true;
            }
            let now = Instant::now();
            let next = [until, state.deadline].into_iter().flatten().min();
            let left = next.map_or(Duration::MAX, |next| next.saturating_duration_since(now));
            if until.is_some_and(|until| until <= now) {
                return false;
            }
            // Woken early, late or for nothing: the loop looks again.
            drop(self.0.1.wait_timeout(state, left));
        }
    }

    /// Blocks until the program shall end.
    pub fn wait(&self) {
        self.wait_timeout(Duration::MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn the_first_reason_counts() {
        let stop = StopSignal::new();
        assert_eq!(stop.reason(), None);
        assert!(stop.stop(StopReason::WindowClosed));
        assert!(!stop.stop(StopReason::Interrupted), "it was stopped before");
        assert_eq!(stop.reason(), Some(StopReason::WindowClosed));
    }

    #[test]
    fn a_waiting_thread_wakes_when_another_stops() {
        let stop = StopSignal::new();
        let waiting = std::thread::spawn({
            let stop = stop.clone();
            move || {
                stop.wait();
                stop.reason()
            }
        });
        stop.stop(StopReason::Done);
        let woken = waiting.join().expect("the waiting thread should return");
        assert_eq!(woken, Some(StopReason::Done), "and not before the stop");
    }

    #[test]
    fn a_reason_prints_as_the_end_of_a_sentence() {
        use StopReason::{Done, Interrupted, OutputClosed, TimeIsUp, WindowClosed};
        let reasons = [Interrupted, TimeIsUp, WindowClosed, OutputClosed, Done];
        assert_eq!(
            reasons.map(|reason| reason.to_string()),
            [
                "interrupted",
                "the time is up",
                "the window was closed",
                "standard output was closed",
                "done"
            ]
        );
    }

    #[test]
    fn time_that_is_up_stops_and_runs_the_callbacks() {
        let stop = StopSignal::new();
        let (told, callback) = mpsc::channel();
        stop.on_stop(move || told.send(()).unwrap_or_default());
        stop.stop_after(Duration::ZERO);
        assert!(stop.wait_timeout(Duration::MAX));
        assert_eq!(stop.reason(), Some(StopReason::TimeIsUp));
        assert!(callback.try_recv().is_ok(), "the callback did not run");
    }

    #[test]
    fn a_callback_that_comes_late_runs_at_once() {
        let stop = StopSignal::new();
        stop.stop(StopReason::Done);
        let (told, callback) = mpsc::channel();
        stop.on_stop(move || told.send(()).unwrap_or_default());
        assert!(callback.try_recv().is_ok(), "the callback did not run");
    }

    #[test]
    fn waiting_ends_when_patience_does() {
        assert!(!StopSignal::new().wait_timeout(Duration::ZERO));
    }
}
