//! Commands of the book, each run once, several at a time.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::outcome::Outcome;

/// A program of the book ends by itself within seconds.
const RUN_LIMIT: Duration = Duration::from_secs(60);
/// The first build of everything on a slow machine.
const BUILD_LIMIT: Duration = Duration::from_secs(30 * 60);
/// Most programs wait for most of their time: two cores carry this many.
const AT_ONCE: usize = 12;
/// Several steps have an example of the same name, and cargo puts them all in one place: one is there at a time.
static EXAMPLE: Mutex<()> = Mutex::new(());
/// Set by cargo and by whoever runs the check; a reader's fresh shell has none of them.
const NOT_THE_READERS: [&str; 7] = [
    "CARGO_PKG_",
    "CARGO_MANIFEST_",
    "CARGO_BIN_",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "RUST_LOG",
    "RUST_BACKTRACE",
];
const NOT_RUN: &str = "put `<!-- not run: reason -->` before the block";

/// A command of a page, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Cargo {
    /// `NAME=value` before it.
    settings: Vec<(String, String)>,
    /// The words between `cargo` and `--`, without `-q`, which would make two commands of one.
    words: Vec<String>,
    /// `--` and what the program gets.
    program: Vec<String>,
}

impl Cargo {
    /// Reads a line of a page.
    ///
    /// # Errors
    /// A sentence: it is not a command that the check can run.
    fn parse(text: &str) -> Result<Cargo, String> {
        let mut words = shlex::split(text).ok_or(format!("the quotes do not match in `{text}`"))?;
        let is_shell = |word: &&String| {
            matches!(word.as_str(), "|" | "||" | "&&" | "&" | ";" | "<") || word.contains('>')
        };
        let shell = words.iter().find(is_shell).cloned();
        let program = words.iter().position(|word| word == "--");
        let program = words.split_off(program.unwrap_or(words.len()));
        let mut settings = Vec::new();
        while let Some((name, value)) = words.first().and_then(|word| word.split_once('='))
            && !name.starts_with('-')
        {
            settings.push((name.to_owned(), value.to_owned()));
            words.remove(0);
        }
        if words.is_empty() || words.remove(0) != "cargo" {
            return Err(format!("only cargo commands are run: {NOT_RUN}"));
        }
        if let Some(word) = shell {
            return Err(format!(
                "`{word}` needs a shell, which is not the same everywhere: {NOT_RUN}"
            ));
        }
        words.retain(|word| word != "-q");
        let command = Cargo {
            settings,
            words,
            program,
        };
        match command.is_this_check() {
            true => Err(format!(
                "this command would start the check of the book again: {NOT_RUN}"
            )),
            false => Ok(command),
        }
    }

    fn has(&self, words: &[&str]) -> bool {
        self.words.iter().any(|word| words.contains(&word.as_str()))
    }

    /// Whether the command would start the check of the book again, without end.
    fn is_this_check(&self) -> bool {
        let docs = self.has(&["docs", "-pdocs", "--package=docs"]);
        let all = !self.has(&["-p", "--package"]);
        self.has(&["run", "r"]) && docs || self.has(&["test", "t"]) && (docs || all)
    }

    fn is_example(&self) -> bool {
        self.has(&["--example"])
    }

    /// The command that only builds. The tests of a step run anyway where the book is checked: for `cargo test`, it is
    /// enough that this ends well.
    fn build(&self) -> Option<Cargo> {
        let mut build = self.clone();
        build.program.clear();
        let is_subcommand = |word: &&mut String| matches!(word.as_str(), "run" | "test" | "bench");
        let subcommand = build.words.iter_mut().find(is_subcommand)?;
        let then = match subcommand.as_str() {
            "run" => {
                *subcommand = "build".to_owned();
                "--message-format=json-render-diagnostics"
            }
            _ => "--no-run",
        };
        build.words.push(then.to_owned());
        Some(build)
    }

    /// Runs the command, or the program that it would build and run: cargo looks at every file once more before.
    fn run(&self, root: &Path, program: Option<&Path>, limit: Duration) -> Result<Outcome, String> {
        let mut command = Command::new(program.unwrap_or(Path::new("cargo")));
        if program.is_none() {
            command
                .args(&self.words)
                .args(self.has(&["run"]).then_some("-q"));
        }
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if NOT_THE_READERS.iter().any(|it| text.starts_with(it)) {
                command.env_remove(&name);
            }
        }
        command
            .args(&self.program[usize::from(program.is_some() && !self.program.is_empty())..])
            .current_dir(root)
            .env("CARGO_TERM_COLOR", "never")
            .envs(self.settings.iter().map(|(name, value)| (name, value)));
        Outcome::of(&mut command, limit).map_err(|error| format!("cannot start it: {error}"))
    }
}

/// Runs commands in the root of the repository and remembers how they ended.
pub struct Commands {
    root: PathBuf,
    run_limit: Duration,
    ended: HashMap<Cargo, Result<Outcome, String>>,
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

    /// Builds all that the commands need, then runs those that have not run before.
    pub(crate) fn run<'a>(&mut self, texts: impl Iterator<Item = &'a str>) {
        let commands: Vec<Cargo> = texts.filter_map(|text| Cargo::parse(text).ok()).collect();
        // One after the other: cargo uses all cores itself.
        let builds = commands.iter().filter_map(Cargo::build);
        let builds = builds.map(|build| (build, None)).collect();
        self.run_new(builds, 1, BUILD_LIMIT);
        let ready = commands.into_iter().filter_map(|it| {
            let built = self.built(&it).ok()?;
            let program = built.filter(|_| !it.is_example());
            (!it.has(&["test"])).then_some((it, program.and_then(executable)))
        });
        // The labs of the last chapter take longest, so they begin first.
        let ready = ready.rev().collect();
        self.run_new(ready, AT_ONCE, self.run_limit);
    }

    /// Runs commands, or the programs that they would run.
    fn run_new(
        &mut self,
        commands: Vec<(Cargo, Option<PathBuf>)>,
        at_once: usize,
        limit: Duration,
    ) {
        let mut new: Vec<(Cargo, Option<PathBuf>)> = Vec::new();
        for command in commands {
            if !self.ended.contains_key(&command.0) && !new.contains(&command) {
                new.push(command);
            }
        }
        let queue = Mutex::new(new.into_iter());
        let ended = Mutex::new(&mut self.ended);
        let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        let one_by_one = || {
            while let Some((command, program)) = next() {
                let example = command.is_example();
                let _alone =
                    example.then(|| EXAMPLE.lock().unwrap_or_else(PoisonError::into_inner));
                let outcome = command.run(&self.root, program.as_deref(), limit);
                let mut ended = ended.lock().unwrap_or_else(PoisonError::into_inner);
                ended.insert(command, outcome);
            }
        };
        thread::scope(|scope| {
            for _ in 0..at_once {
                scope.spawn(one_by_one);
            }
        });
    }

    /// How a command ended that has run.
    ///
    /// # Errors
    /// A sentence: not a cargo command, not built, not started.
    pub(crate) fn outcome(&self, text: &str) -> Result<Outcome, String> {
        let command = Cargo::parse(text)?;
        match self.built(&command)? {
            Some(built) if command.has(&["test"]) => Ok(built),
            _ => self.ended(&command),
        }
    }

    fn built(&self, command: &Cargo) -> Result<Option<Outcome>, String> {
        let Some(build) = command.build() else {
            return Ok(None);
        };
        let built = self.ended(&build)?;
        let what = built.expect_exit(None);
        what.map_err(|what| format!("not built: {what}"))?;
        Ok(Some(built))
    }

    fn ended(&self, command: &Cargo) -> Result<Outcome, String> {
        let ended = self.ended.get(command).cloned();
        ended.unwrap_or(Err("it has not run".to_owned()))
    }
}

/// The program that a build has made, from cargo's messages.
fn executable(built: Outcome) -> Option<PathBuf> {
    let messages = built.stdout.lines().rev();
    let mut messages = messages.filter_map(|line| serde_json::from_str(line).ok());
    messages.find_map(|message: serde_json::Value| Some(message["executable"].as_str()?.into()))
}

#[cfg(test)]
mod tests {
    use super::Cargo;

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
            assert!(Cargo::parse(command).is_err(), "`{command}` would not end");
        }
        for command in [
            "cargo test -p step-02-peer",
            "cargo build --workspace",
            "cargo run -p a -- -p docs",
        ] {
            assert!(Cargo::parse(command).is_ok(), "`{command}` may run");
        }
    }

    #[test]
    fn an_example_is_run_by_cargo() {
        let is_example = |text| Cargo::parse(text).map(|command| command.is_example());
        assert_eq!(is_example("cargo run -p a --example plain"), Ok(true));
        assert_eq!(is_example("cargo run -p a -- --example plain"), Ok(false));
    }
}
