//! Where text and the frame in the terminal are written.

use super::*;

/// Keeps what was written.
#[derive(Clone, Default)]
pub(crate) struct Recording(Arc<Mutex<Vec<u8>>>);

impl Recording {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock()).into_owned()
    }
}

impl Write for Recording {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
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

fn frame() -> Vec<String> {
    vec!["FRAME".to_owned()]
}

#[test]
fn a_line_erases_the_frame_and_the_frame_is_drawn_again_below() {
    let (console, output, _) = Console::for_tests();
    console.show_frame(frame(), 80);
    let before = output.text().len();
    console.print("a line");
    insta::assert_snapshot!(output.text()[before..].escape_debug(), @r"\u{1b}[1F\u{1b}[Ja line\nFRAME\u{1b}[K\n");
}

#[test]
fn a_stream_that_goes_to_a_file_leaves_the_frame_alone() {
    let (console, output, error) = Console::for_tests();
    console.show_frame(frame(), 80);
    let before = output.text();
    console.print_error("to the file");
    assert_eq!(output.text(), before, "nothing should be drawn");
    assert_eq!(error.text(), "to the file\n");
}

#[test]
fn a_released_frame_is_text_and_the_next_line_is_below_it() {
    let (console, output, _) = Console::for_tests();
    console.show_frame(frame(), 80);
    console.release_frame();
    let before = output.text().len();
    console.print("the result");
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
fn an_error_on_the_terminal_is_above_the_frame() {
    let output = Recording::default();
    let console = Console::with(
        Stream::new(output.clone(), true),
        Stream::new(output.clone(), true),
    );
    console.show_frame(frame(), 80);
    let before = output.text().len();
    console.print_error("an error");
    insta::assert_snapshot!(output.text()[before..].escape_debug(), @r"\u{1b}[1F\u{1b}[Jan error\nFRAME\u{1b}[K\n");
}

#[test]
fn the_end_of_the_program_shows_the_cursor_again() {
    let (console, output, _) = Console::for_tests();
    let stop = StopSignal::new();
    console.connect_stop_signal(&stop);
    console.show_frame(frame(), 80);
    stop.stop(StopReason::Done);
    assert!(output.text().ends_with("\x1b[?25h"), "it is still hidden");
}

#[test]
fn a_closed_pipe_stops_the_program_quietly() {
    let error = Recording::default();
    let console = Console::with(Stream::new(ClosedPipe, false), Stream::new(error, false));
    let stop = StopSignal::new();
    console.connect_stop_signal(&stop);
    console.print("nobody reads this");
    console.print("nor this");
    assert_eq!(stop.reason(), Some(StopReason::OutputClosed));
}
