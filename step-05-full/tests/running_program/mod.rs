//! The program in a process of its own, which ends with the test.
#![allow(dead_code)]

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::Value;

/// A call is set up in milliseconds; on a machine with other work in seconds.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The program, in a process that ends with the test.
pub(crate) struct Program {
    child: Child,
    report: PathBuf,
    trace: mpsc::Receiver<String>,
    lines: Vec<String>,
}

/// The lines of a stream, read on a thread so that the program never waits for its reader.
fn lines(stream: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            // The test may have read enough.
            let _ = sender.send(line);
        }
    });
    lines
}

impl Program {
    pub(crate) fn start(name: &str, arguments: &[&str]) -> Self {
        let file = format!("two-programs-{name}-{}.json", std::process::id());
        let report = std::env::temp_dir().join(file);
        let mut command = Command::new(env!("CARGO_BIN_EXE_step-05-full"));
        command
            .args(arguments)
            .args(["--display", "none", "--report"])
            .arg(&report);
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = child.expect("the program was built for this test");
        let trace = lines(child.stderr.take().expect("it is piped"));
        Self {
            child,
            report,
            trace,
            lines: Vec::new(),
        }
    }

    /// Starts a server and waits for its address.
    pub(crate) fn serve(name: &str, options: &[&str]) -> (Self, String) {
        let arguments = [&["--serve", "127.0.0.1:0", "--source", "pattern"], options].concat();
        let mut program = Self::start(name, &arguments);
        let stdout = program.child.stdout.take().expect("it is piped");
        let line = lines(stdout)
            .recv_timeout(TIMEOUT)
            .expect("the server prints its address");
        let url = line
            .split_whitespace()
            .find(|word| word.starts_with("http://"));
        (
            program,
            url.expect("a URL").trim_end_matches('/').to_owned(),
        )
    }

    /// Waits for a line of the trace.
    pub(crate) fn wait_for(&mut self, text: &str) {
        let deadline = Instant::now() + TIMEOUT;
        while !self.lines.last().is_some_and(|line| line.contains(text)) {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = self.trace.recv_timeout(left);
            self.lines
                .push(line.unwrap_or_else(|_| panic!("no {text:?} in {:?}", self.lines)));
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What Ctrl-C does.
    pub(crate) fn interrupt(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status();
        assert!(sent.expect("there is a kill command").success());
    }

    /// Waits for the end; its status, report and trace.
    pub(crate) fn end(mut self) -> (ExitStatus, Value, String) {
        let deadline = Instant::now() + TIMEOUT;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                break status;
            }
            assert!(Instant::now() < deadline, "the program does not end");
            std::thread::sleep(Duration::from_millis(10));
        };
        // The stream ends with the program.
        while let Ok(line) = self.trace.recv_timeout(TIMEOUT) {
            self.lines.push(line);
        }
        let trace = self.lines.join("\n");
        let report = std::fs::read_to_string(&self.report).unwrap_or_default();
        (
            status,
            serde_json::from_str(&report).unwrap_or_default(),
            trace,
        )
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.report);
    }
}

pub(crate) fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}
