//! The example of a step as a program, and what it prints. The later steps take this file too.
//!
//! The program is the test itself, started once more with nothing but its ignored test `program`, which calls the
//! example's `main()`. A test does not learn from cargo where an example is, and four steps have one that is built as
//! `examples/plain`; `cargo run` inside a test would build again, for as long as that takes.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// ICE gives up after half a minute, and the example with it.
const LIMIT: Duration = Duration::from_secs(60);

/// What an example printed.
pub(crate) struct Printed {
    pub(crate) text: String,
}

impl Printed {
    /// Runs the example to its end, which must come by itself and with exit status 0.
    pub(crate) fn by_the_example() -> Printed {
        let program = std::env::current_exe().expect("a test knows its own program");
        let mut child = Command::new(program)
            .args(["program", "--exact", "--ignored", "--nocapture"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a test can be started once more");
        let mut stdout = child.stdout.take().expect("it is piped");
        // Nothing is sent: the channel closes when the example has closed its output.
        let (open, closed) = channel::<()>();
        let reading = thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = stdout.read_to_end(&mut bytes);
            drop(open);
            String::from_utf8_lossy(&bytes).into_owned()
        });
        let late = closed.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout);
        if late {
            child.kill().expect("an example that hangs can be ended");
        }
        let status = child.wait().expect("it is this test's child");
        let text = reading.join().expect("reading does not panic");
        assert!(!late, "it must end within {LIMIT:?}; so far:\n{text}");
        assert!(status.success(), "it must end with status 0:\n{text}");
        Printed { text }
    }

    /// Checks that there are lines which contain these texts, in this order.
    #[track_caller]
    pub(crate) fn has_in_order(&self, texts: &[&str]) {
        let mut lines = self.text.lines();
        for text in texts {
            assert!(
                lines.any(|line| line.contains(text)),
                "{text:?} must be printed, and these in this order: {texts:#?}\nprinted was:\n{}",
                self.text
            );
        }
    }
}
