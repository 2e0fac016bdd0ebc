//! Standard output, standard error and the video in the terminal.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::program::keyboard::Keyboard;
use crate::program::pinned_frame::PinnedFrame;
use crate::program::stop_signal::{StopReason, StopSignal};

/// All text of the program goes through this. Clones share it.
///
/// The lesson's result goes to standard output, the trace to standard error. When the video is shown in the terminal,
/// it stays below both: a new line erases the frame, is written, and the frame is drawn again, so that every line stays
/// in the scroll-back. A closed pipe ends the program quietly, never with a panic.
#[derive(Clone)]
pub struct Console(Arc<Mutex<Streams>>);

struct Streams {
    output: Stream,
    error: Stream,
    frame: PinnedFrame,
    keyboard: Keyboard,
    stop: Option<StopSignal>,
}

struct Stream {
    writer: Box<dyn Write + Send>,
    is_terminal: bool,
    /// Why it cannot be written any more.
    failure: Option<io::Error>,
}

impl Stream {
    fn new(writer: impl Write + Send + 'static, is_terminal: bool) -> Self {
        Self {
            writer: Box::new(writer),
            is_terminal,
            failure: None,
        }
    }

    /// Everything after the first failure is dropped.
    fn write(&mut self, text: &str) {
        if self.failure.is_none() {
            let written = self.writer.write_all(text.as_bytes());
            self.failure = written.and_then(|()| self.writer.flush()).err();
        }
    }
}

impl Streams {
    /// Writes to one of the streams. If it is the terminal that shows a frame, the text goes above the frame.
    fn write(&mut self, stream: fn(&mut Self) -> &mut Stream, text: &str) {
        let above_frame = stream(self).is_terminal && self.frame.is_shown();
        if above_frame {
            let columns = terminal_size::terminal_size().map_or(80, |(width, _)| width.0);
            self.output.write(&self.frame.erase(columns.into()));
        }
        stream(self).write(text);
        if above_frame {
            self.output.write(&self.frame.draw());
        }
    }
}

impl Default for Console {
    fn default() -> Self {
        Self::new()
    }
}

impl Console {
    /// The console of this process. Make one and clone it: two would not know of each other's frame.
    pub fn new() -> Self {
        let output = Stream::new(io::stdout(), io::stdout().is_terminal());
        let error = Stream::new(io::stderr(), io::stderr().is_terminal());
        let console = Self::with(output, error);
        console.0.lock().keyboard = Keyboard::new();
        console
    }

    fn with(output: Stream, error: Stream) -> Self {
        Self(Arc::new(Mutex::new(Streams {
            output,
            error,
            frame: PinnedFrame::default(),
            keyboard: Keyboard::default(),
            stop: None,
        })))
    }

    /// Raises `stop` when standard output is closed or Q is typed, and makes the terminal what it was as soon as the
    /// program shall end.
    pub fn connect_stop_signal(&self, stop: &StopSignal) {
        self.0.lock().stop = Some(stop.clone());
        let console = self.clone();
        stop.on_stop(move || {
            console.release_frame();
            console.0.lock().keyboard.end();
        });
    }

    /// Whether standard output is a terminal.
    pub fn is_terminal(&self) -> bool {
        self.0.lock().output.is_terminal
    }

    /// Writes lines of the lesson to standard output.
    pub fn print(&self, text: impl Display) {
        let mut streams = self.0.lock();
        streams.write(|streams| &mut streams.output, &format!("{text}\n"));
        let stop = match streams.output.failure {
            Some(_) => streams.stop.take(),
            None => None,
        };
        // Stopping calls back into the console, so unlock it first.
        drop(streams);
        if let Some(stop) = stop {
            stop.stop(StopReason::OutputClosed);
        }
    }

    /// Checks that everything that was printed was written.
    ///
    /// # Errors
    /// Why standard output lost something: a full disk, for instance. A closed pipe is no error, as its reader has what it
    /// wanted.
    pub fn check_output(&self) -> io::Result<()> {
        let failure = self.0.lock().output.failure.take();
        match failure.filter(|failure| failure.kind() != io::ErrorKind::BrokenPipe) {
            Some(failure) => {
                let message = format!("standard output cannot be written: {failure}");
                Err(io::Error::new(failure.kind(), message))
            }
            None => Ok(()),
        }
    }

    /// Writes one line to standard error, without the trace's time and peer: an error or wrong usage.
    pub fn print_error(&self, text: impl Display) {
        let text = format!("{text}\n");
        self.0.lock().write(|streams| &mut streams.error, &text);
    }

    /// A writer to standard error for one event of the trace.
    pub fn trace_writer(&self) -> TraceWriter {
        TraceWriter(self.clone())
    }

    /// Shows a frame below the text, in the place of the one before. `columns` is the width of the terminal for which
    /// it was made.
    pub fn show_frame(&self, lines: Vec<String>, columns: usize) {
        let mut streams = self.0.lock();
        streams.keyboard.take();
        let text = streams.frame.replace(lines, columns);
        streams.output.write(&text);
        let stop = match streams.keyboard.is_quit_typed() {
            true => streams.stop.clone(),
            false => None,
        };
        // Stopping calls back into the console, so unlock it first.
        drop(streams);
        if let Some(stop) = stop {
            stop.stop(StopReason::WindowClosed);
        }
    }

    /// Leaves the frame where it is, as text, and shows the cursor again. What comes later is below it.
    pub fn release_frame(&self) {
        let streams = &mut *self.0.lock();
        let text = streams.frame.release();
        streams.output.write(text);
        streams.keyboard.release();
    }
}

/// Writes one event of the trace to standard error.
pub struct TraceWriter(Console);

impl Write for TraceWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        self.0.0.lock().write(|streams| &mut streams.error, &text);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
#[path = "console_tests.rs"]
pub(crate) mod tests;
