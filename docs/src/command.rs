//! Commands of the book, each run once.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A program of the book ends by itself within seconds.
const RUN_LIMIT: Duration = Duration::from_secs(60);
/// The first build of everything on a slow machine.
const BUILD_LIMIT: Duration = Duration::from_secs(30 * 60);
const POLL: Duration = Duration::from_millis(10);

/// How a command ended.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    /// The exit status; `None` when a signal ended it.
    pub(crate) status: Option<i32>,
    /// What it wrote to stdout.
    pub(crate) stdout: String,
    /// What it wrote to stderr.
    pub(crate) stderr: String,
}

impl Outcome {
    /// Compares the exit status with the marker's `exit:`, which is 0 when there is none.
    ///
    /// # Errors
    /// A sentence with the last lines of stderr.
    pub(crate) fn expect_exit(&self, exit: Option<&str>) -> Result<(), String> {
        let expected = exit.unwrap_or("0");
        let status = self
            .status
            .map_or("a signal".to_owned(), |status| status.to_string());
        if status == expected {
            return Ok(());
        }
        let last: Vec<&str> = self.stderr.lines().rev().take(3).collect();
        let last: Vec<&str> = last.into_iter().rev().collect();
        Err(format!(
            "the command ended with {status}, not {expected}: {}",
            last.join(" | ")
        ))
    }
}

/// Runs commands in the root of the repository and remembers how they ended.
pub struct Commands {
    root: PathBuf,
    run_limit: Duration,
    ended: HashMap<String, Result<Outcome, String>>,
}

impl Commands {
    /// Nothing has run yet.
    pub fn new(root: &Path) -> Commands {
        Commands {
            root: root.to_owned(),
            run_limit: RUN_LIMIT,
            ended: HashMap::new(),
        }
    }

    /// The same with another time for each command (not for its build).
    pub fn with_run_limit(self, run_limit: Duration) -> Commands {
        Commands { run_limit, ..self }
    }

    /// Whether the command would start the check of the book again, without end.
    pub(crate) fn is_this_check(command: &str) -> bool {
        let words: Vec<&str> = command
            .split_whitespace()
            .take_while(|word| *word != "--")
            .collect();
        let names_a_package = words.iter().any(|word| matches!(*word, "-p" | "--package"));
        let names_docs = words
            .iter()
            .any(|word| matches!(*word, "docs" | "-pdocs" | "--package=docs"));
        let runs_tests = words.iter().any(|word| matches!(*word, "test" | "t"));
        let runs = words.iter().any(|word| matches!(*word, "run" | "r"));
        (runs || runs_tests) && names_docs || runs_tests && !names_a_package
    }

    /// Builds what the command needs, then runs it, unless it has run before.
    ///
    /// # Errors
    /// A sentence: not a cargo command, not built, not ended in time.
    pub(crate) fn run(&mut self, command: &str) -> Result<Outcome, String> {
        if let Some(ended) = self.ended.get(command) {
            return ended.clone();
        }
        let ended = self.run_now(command);
        self.ended.insert(command.to_owned(), ended.clone());
        ended
    }

    fn run_now(&self, command: &str) -> Result<Outcome, String> {
        let not_run = "put `<!-- not run: reason -->` before the block";
        if Commands::is_this_check(command) {
            return Err(format!(
                "this command would start the check of the book again: {not_run}"
            ));
        }
        let words =
            shlex::split(command).ok_or(format!("the quotes do not match in `{command}`"))?;
        let is_setting = |word: &&String| word.contains('=') && !word.starts_with('-');
        let settings = words.iter().take_while(is_setting).count();
        let (settings, words) = words.split_at(settings);
        if words.first().map(String::as_str) != Some("cargo") {
            return Err(format!("only cargo commands are run: {not_run}"));
        }
        let is_shell = |word: &&String| {
            matches!(word.as_str(), "|" | "||" | "&&" | "&" | ";" | "<") || word.contains('>')
        };
        if let Some(word) = words.iter().find(is_shell) {
            return Err(format!(
                "`{word}` needs a shell, which is not the same everywhere: {not_run}"
            ));
        }
        if let Some(build) = build(words) {
            let built = self.end(settings, &build, BUILD_LIMIT)?;
            built
                .expect_exit(None)
                .map_err(|what| format!("not built: {what}"))?;
            // The tests of a step run anyway where the book is checked, and twice would be a minute for nothing: that
            // they build shows that the command is right.
            if words.iter().any(|word| word == "test") {
                return Ok(built);
            }
        }
        self.end(settings, words, self.run_limit)
    }

    fn end(
        &self,
        settings: &[String],
        words: &[String],
        limit: Duration,
    ) -> Result<Outcome, String> {
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).current_dir(&self.root);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // As in a fresh shell without a display: not what cargo set for this program.
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            let foreign = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"]
                .iter()
                .any(|it| name.starts_with(it));
            if foreign
                || matches!(
                    &*name,
                    "DISPLAY" | "WAYLAND_DISPLAY" | "RUST_LOG" | "RUST_BACKTRACE"
                )
            {
                command.env_remove(&*name);
            }
        }
        command.env("CARGO_TERM_COLOR", "never");
        command.envs(
            settings
                .iter()
                .filter_map(|setting| setting.split_once('=')),
        );
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", words[0]))?;
        let (stdout, stderr) = (reader(child.stdout.take()), reader(child.stderr.take()));
        let started = Instant::now();
        let status = loop {
            if started.elapsed() >= limit {
                end_all(&mut child);
                return Err(format!("did not end within {} s", limit.as_secs()));
            }
            match child.try_wait() {
                Ok(Some(status)) => break status.code(),
                Ok(None) => thread::sleep(POLL),
                Err(error) => return Err(error.to_string()),
            }
        };
        let text = |reader: JoinHandle<String>| reader.join().unwrap_or_default();
        Ok(Outcome {
            status,
            stdout: text(stdout),
            stderr: text(stderr),
        })
    }
}

/// The command that only builds: its time says nothing about the program.
fn build(words: &[String]) -> Option<Vec<String>> {
    let end = words
        .iter()
        .position(|word| word == "--")
        .unwrap_or(words.len());
    let mut build = words[..end].to_vec();
    let subcommand = build
        .iter_mut()
        .find(|word| matches!(word.as_str(), "run" | "test" | "bench"))?;
    match subcommand.as_str() {
        "run" => *subcommand = "build".to_owned(),
        _ => build.push("--no-run".to_owned()),
    }
    Some(build)
}

/// A pipe that is not read stops the program that writes to it.
fn reader(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What came before an error is still the output.
        let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Cargo starts programs of its own, which on Unix are in its process group.
fn end_all(child: &mut Child) {
    #[cfg(unix)]
    let _ = Command::new("kill")
        .args(["-KILL", "--", &format!("-{}", child.id())])
        .status();
    // Both fail only when the child has ended already.
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::Commands;

    #[test]
    fn no_command_starts_the_check_of_the_book_again() {
        for command in [
            "cargo test",
            "cargo test --workspace",
            "cargo t --release",
            "cargo test -p docs",
            "cargo test --package=docs",
            "cargo run -q -p docs -- --check",
        ] {
            assert!(
                Commands::is_this_check(command),
                "`{command}` would not end"
            );
        }
        for command in [
            "cargo test -p step-02-peer",
            "cargo build --workspace",
            "cargo run -p a -- -p docs",
        ] {
            assert!(!Commands::is_this_check(command), "`{command}` may run");
        }
    }
}
