//! How a program ended, and what it wrote.

use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// By itself, with this exit status.
    Status(i32),
    /// By a signal.
    Signal,
    /// It was ended, as it took longer than this.
    Stopped(Duration),
}

/// A program after its end.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// How it ended.
    pub end: End,
    /// What it wrote to stdout.
    pub stdout: String,
    /// What it wrote to stderr.
    pub stderr: String,
}

impl Outcome {
    /// Runs a program to its end. What takes `limit` or longer is ended, with all that it started.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn of(command: &mut Command, limit: Duration) -> io::Result<Outcome> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let started = Instant::now();
        let mut child = command.spawn()?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        thread::scope(|scope| {
            // Nothing is sent: the channel closes when both pipes have, and a program holds them until it ends.
            let (open, closed) = mpsc::channel();
            let also_open = open.clone();
            let stdout = scope.spawn(move || read(stdout, open));
            let stderr = scope.spawn(move || read(stderr, also_open));
            let late = closed.recv_timeout(limit) == Err(RecvTimeoutError::Timeout)
                || started.elapsed() >= limit;
            if late {
                end_all(&mut child);
            }
            let end = match child.wait()?.code() {
                _ if late => End::Stopped(limit),
                Some(status) => End::Status(status),
                None => End::Signal,
            };
            Ok(Outcome {
                end,
                stdout: stdout.join().unwrap_or_default(),
                stderr: stderr.join().unwrap_or_default(),
            })
        })
    }

    /// Compares the exit status with the marker's `exit:`, which is 0 when there is none.
    ///
    /// # Errors
    /// A sentence with the last lines of stderr.
    pub(crate) fn expect_exit(&self, exit: Option<&str>) -> Result<(), String> {
        let expected = exit.unwrap_or("0");
        let end = match self.end {
            End::Stopped(limit) => return Err(format!("did not end within {} s", limit.as_secs())),
            End::Signal => "a signal".to_owned(),
            End::Status(status) => status.to_string(),
        };
        if end == expected {
            return Ok(());
        }
        let lines: Vec<&str> = self.stderr.lines().collect();
        let last = lines[lines.len().saturating_sub(3)..].join(" | ");
        Err(format!(
            "the command ended with {end}, not {expected}: {last}"
        ))
    }
}

/// A pipe that is not read stops the program that writes to it. What came before an error is still the output.
fn read(pipe: Option<impl Read>, _open: Sender<()>) -> String {
    let mut bytes = Vec::new();
    let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Cargo starts programs of its own: on Unix they are in its process group, on Windows they end with it.
fn end_all(child: &mut Child) {
    #[cfg(unix)]
    let _ = Command::new("kill")
        .args(["-KILL", "--", &format!("-{}", child.id())])
        .status();
    // It fails only when the child has ended already.
    let _ = child.kill();
}
