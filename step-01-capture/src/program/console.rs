//! Standard output, standard error and the terminal picture, in one hand.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::program::pinned_frame::PinnedFrame;
use crate::program::stop_signal::{StopReason, StopSignal};

/// Where all text of the program goes. Clones share it.
///
/// The lesson's result goes to standard output, the trace to standard error. When the video is shown in the terminal,
/// its picture stays below both: a line that comes erases the picture, is written, and the picture is drawn again, so
/// that every line stays in the scroll-back. A closed pipe ends the program quietly, never with a panic.
#[derive(Clone)]
pub struct Console(Arc<Mutex<Streams>>);

struct Streams {
    output: Stream,
    error: Stream,
    picture: PinnedFrame,
    stop: Option<StopSignal>,
}

struct Stream {
    writer: Box<dyn Write + Send>,
    is_terminal: bool,
    is_broken: bool,
}

impl Stream {
    fn new(writer: impl Write + Send + 'static, is_terminal: bool) -> Self {
        Self {
            writer: Box::new(writer),
            is_terminal,
            is_broken: false,
        }
    }

    /// After the first failure nobody reads any more: everything later is dropped.
    fn write(&mut self, bytes: &[u8]) {
        if !self.is_broken {
            let written = self
                .writer
                .write_all(bytes)
                .and_then(|()| self.writer.flush());
            self.is_broken = written.is_err();
        }
    }
}

impl Default for Console {
    fn default() -> Self {
        Self::new()
    }
}

impl Console {
    /// The console of this process. Make one and clone it: two would not know of each other's picture.
    pub fn new() -> Self {
        let output = Stream::new(io::stdout(), io::stdout().is_terminal());
        let error = Stream::new(io::stderr(), io::stderr().is_terminal());
        Self::with(output, error)
    }

    fn with(output: Stream, error: Stream) -> Self {
        Self(Arc::new(Mutex::new(Streams {
            output,
            error,
            picture: PinnedFrame::default(),
            stop: None,
        })))
    }

    fn lock(&self) -> MutexGuard<'_, Streams> {
        // A panicking writer leaves at worst a half-drawn picture, which the next line erases.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Raises `stop` when standard output is closed, and gives the cursor back as soon as the program shall end.
    pub fn connect_stop_signal(&self, stop: &StopSignal) {
        self.lock().stop = Some(stop.clone());
        let console = self.clone();
        stop.on_stop(move || console.keep_picture());
    }

    /// Whether standard output is a terminal.
    pub fn is_terminal(&self) -> bool {
        self.lock().output.is_terminal
    }

    /// Writes lines of the lesson to standard output.
    pub fn say(&self, text: impl Display) {
        let mut streams = self.lock();
        streams.write_above_picture(Target::Output, format!("{text}\n").as_bytes());
        let closed = streams
            .output
            .is_broken
            .then(|| streams.stop.take())
            .flatten();
        // Stopping calls back into the console, so the lock goes first.
        drop(streams);
        if let Some(stop) = closed {
            stop.stop(StopReason::OutputClosed);
        }
    }

    /// Writes one line to standard error, without the trace's time and peer: an error or wrong usage.
    pub fn print_error(&self, text: impl Display) {
        let line = format!("{text}\n");
        self.lock()
            .write_above_picture(Target::Error, line.as_bytes());
    }

    /// A writer to standard error for one event of the trace.
    pub fn trace_writer(&self) -> TraceWriter {
        TraceWriter(self.clone())
    }

    /// Shows a picture below the text, in the place of the one before. `columns` is the width of the terminal for
    /// which it was made.
    pub fn show_picture(&self, lines: Vec<String>, columns: usize) {
        let streams = &mut *self.lock();
        let drawing = streams.picture.replace(lines, columns);
        streams.output.write(drawing.as_bytes());
    }

    /// Leaves the picture where it is, as text, and makes the cursor visible again. What comes later is below it.
    pub fn keep_picture(&self) {
        let streams = &mut *self.lock();
        let release = streams.picture.release();
        streams.output.write(release.as_bytes());
    }
}

enum Target {
    Output,
    Error,
}

impl Streams {
    fn write_above_picture(&mut self, target: Target, bytes: &[u8]) {
        let is_terminal = match target {
            Target::Output => self.output.is_terminal,
            Target::Error => self.error.is_terminal,
        };
        // A stream that goes to a file does not disturb the picture.
        let disturbs = is_terminal && self.picture.is_shown();
        if disturbs {
            let columns = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
            let erase = self.picture.erase(columns);
            self.output.write(erase.as_bytes());
        }
        match target {
            Target::Output => self.output.write(bytes),
            Target::Error => self.error.write(bytes),
        }
        if disturbs {
            let draw = self.picture.draw();
            self.output.write(draw.as_bytes());
        }
    }
}

/// Writes one event of the trace to standard error.
pub struct TraceWriter(Console);

impl Write for TraceWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().write_above_picture(Target::Error, bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Keeps what was written.
    #[derive(Clone, Default)]
    pub(crate) struct Recording(Arc<Mutex<Vec<u8>>>);

    impl Recording {
        pub(crate) fn text(&self) -> String {
            let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            String::from_utf8_lossy(&bytes).into_owned()
        }
    }

    impl Write for Recording {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A pipe whose reader is gone, as after `| head -1`.
    struct ClosedPipe;

    impl Write for ClosedPipe {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Console {
        /// A console whose standard output is a terminal and whose standard error is a file.
        pub(crate) fn for_tests() -> (Console, Recording, Recording) {
            let (output, error) = (Recording::default(), Recording::default());
            let console = Console::with(
                Stream::new(output.clone(), true),
                Stream::new(error.clone(), false),
            );
            (console, output, error)
        }
    }

    fn picture() -> Vec<String> {
        vec!["PICTURE".to_owned()]
    }

    #[test]
    fn a_line_erases_the_picture_and_the_picture_comes_back_below() {
        let (console, output, _) = Console::for_tests();
        console.show_picture(picture(), 80);
        let before = output.text().len();
        console.say("a line");
        insta::assert_snapshot!(output.text()[before..].escape_debug(), @r"\u{1b}[1F\u{1b}[Ja line\nPICTURE\u{1b}[K\n");
    }

    #[test]
    fn a_stream_that_goes_to_a_file_leaves_the_picture_alone() {
        let (console, output, error) = Console::for_tests();
        console.show_picture(picture(), 80);
        let before = output.text();
        console.print_error("to the file");
        assert_eq!(output.text(), before, "nothing should be drawn");
        assert_eq!(error.text(), "to the file\n");
    }

    #[test]
    fn a_kept_picture_is_text_and_the_next_line_is_below_it() {
        let (console, output, _) = Console::for_tests();
        console.show_picture(picture(), 80);
        console.keep_picture();
        let before = output.text().len();
        console.say("the result");
        assert_eq!(&output.text()[before..], "the result\n");
    }

    #[test]
    fn a_console_knows_whether_it_writes_to_a_terminal() {
        let (on_a_terminal, _, _) = Console::for_tests();
        assert!(on_a_terminal.is_terminal());
        let file = || Stream::new(Recording::default(), false);
        assert!(!Console::with(file(), file()).is_terminal());
    }

    #[test]
    fn an_error_on_the_terminal_stands_above_the_picture() {
        let output = Recording::default();
        let console = Console::with(
            Stream::new(output.clone(), true),
            Stream::new(output.clone(), true),
        );
        console.show_picture(picture(), 80);
        let before = output.text().len();
        console.print_error("an error");
        insta::assert_snapshot!(output.text()[before..].escape_debug(), @r"\u{1b}[1F\u{1b}[Jan error\nPICTURE\u{1b}[K\n");
    }

    #[test]
    fn the_end_of_the_program_gives_the_cursor_back() {
        let (console, output, _) = Console::for_tests();
        let stop = StopSignal::new();
        console.connect_stop_signal(&stop);
        console.show_picture(picture(), 80);
        stop.stop(StopReason::Done);
        assert!(output.text().ends_with("\x1b[?25h"), "it is still hidden");
    }

    #[test]
    fn a_closed_pipe_stops_the_program_quietly() {
        let error = Recording::default();
        let console = Console::with(Stream::new(ClosedPipe, false), Stream::new(error, false));
        let stop = StopSignal::new();
        console.connect_stop_signal(&stop);
        console.say("nobody reads this");
        console.say("nor this");
        assert_eq!(stop.reason(), Some(StopReason::OutputClosed));
    }
}
