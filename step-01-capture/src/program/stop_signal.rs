//! When and why the program ends.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

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
    /// The lesson is complete.
    Done,
}

type Callback = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct State {
    reason: Option<StopReason>,
    deadline: Option<Instant>,
    callbacks: Vec<Callback>,
    exits_on_interrupt: bool,
}

/// The signal that the program shall end. Clones share it.
///
/// It has no thread of its own: whoever asks for the reason notices that the time is up. The display loop on the main
/// thread asks all the time, so callbacks are never late.
#[derive(Clone, Default)]
pub struct StopSignal(Arc<Mutex<State>>);

impl StopSignal {
    /// A signal that nothing has raised yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks everyone to stop. The first reason counts; true if it was this one.
    pub fn stop(&self, reason: StopReason) -> bool {
        let mut state = self.0.lock();
        if state.reason.is_some() {
            return false;
        }
        state.reason = Some(reason);
        let callbacks = std::mem::take(&mut state.callbacks);
        drop(state);
        for callback in callbacks {
            callback();
        }
        true
    }

    /// Stops when `time` is over, counted from now. The last call counts.
    pub fn stop_after(&self, time: Duration) {
        self.0.lock().deadline = Instant::now().checked_add(time);
    }

    /// Stops at Ctrl-C, SIGTERM and SIGHUP. A second one ends the process at once with status 130, for a lesson that
    /// hangs. Only one signal in a process can have them.
    ///
    /// # Errors
    /// When the system rejects the handler, or another signal of this process has it.
    pub fn stop_on_interrupt(&self) -> Result<(), ctrlc::Error> {
        let mut is_second = self.clone().interrupt_handler();
        ctrlc::set_handler(move || {
            if is_second() {
                std::process::exit(130);
            }
        })
    }

    /// Stops at each call, and says whether it is the second. What stopped the program before does not count: one Ctrl-C
    /// when the time of `--seconds` is over must not cost the report.
    fn interrupt_handler(self) -> impl FnMut() -> bool {
        let mut interrupted = false;
        move || {
            self.stop(StopReason::Interrupted);
            std::mem::replace(&mut interrupted, true) || self.0.lock().exits_on_interrupt
        }
    }

    /// From now on, the first interrupt ends the process at once: nothing is open any more, and the program waits for a key.
    pub fn exit_on_interrupt(&self) {
        self.0.lock().exits_on_interrupt = true;
    }

    /// Runs `callback` once when the program shall end; at once if it shall already. It runs on the thread that
    /// raised the signal, so it must be quick: wake a task, restore the terminal.
    pub fn on_stop(&self, callback: impl FnOnce() + Send + 'static) {
        let mut state = self.0.lock();
        if state.reason.is_none() {
            state.callbacks.push(Box::new(callback));
            return;
        }
        drop(state);
        callback();
    }

    /// Why the program ends, or none while it goes on.
    pub fn reason(&self) -> Option<StopReason> {
        let deadline = self.0.lock().deadline;
        if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            self.stop(StopReason::TimeIsUp);
        }
        self.0.lock().reason
    }

    /// Whether the program shall end.
    pub fn is_stopped(&self) -> bool {
        self.reason().is_some()
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
    fn time_that_is_up_stops_and_runs_the_callbacks() {
        let stop = StopSignal::new();
        let (called, callback) = mpsc::channel();
        stop.on_stop(move || called.send(()).unwrap_or_default());
        stop.stop_after(Duration::ZERO);
        assert!(stop.is_stopped());
        assert_eq!(stop.reason(), Some(StopReason::TimeIsUp));
        assert!(callback.try_recv().is_ok(), "the callback did not run");
    }

    #[test]
    fn only_a_second_interrupt_ends_the_process_at_once() {
        let stop = StopSignal::new();
        let mut is_second = stop.clone().interrupt_handler();
        stop.stop(StopReason::TimeIsUp);
        assert!(!is_second(), "it came after --seconds, but is the first");
        assert!(is_second());
    }

    #[test]
    fn a_program_that_waits_for_a_key_ends_at_the_first_interrupt() {
        let stop = StopSignal::new();
        let mut ends = stop.clone().interrupt_handler();
        stop.exit_on_interrupt();
        assert!(ends());
    }

    #[test]
    fn a_callback_that_comes_late_runs_at_once() {
        let stop = StopSignal::new();
        stop.stop(StopReason::Done);
        let (called, callback) = mpsc::channel();
        stop.on_stop(move || called.send(()).unwrap_or_default());
        assert!(callback.try_recv().is_ok(), "the callback did not run");
    }
}
