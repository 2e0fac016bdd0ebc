//! Commands of the book, each run once, several at a time.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::outcome::Outcome;

/// A program of the book ends by itself within seconds.
const RUN_LIMIT: Duration = Duration::from_secs(60);
/// The first build of everything on a slow machine.
const BUILD_LIMIT: Duration = Duration::from_secs(30 * 60);
/// Most programs wait for most of their time, and two cores carry this many without one of them starving.
const AT_ONCE: usize = 4;
/// Several steps have an example of the same name, and cargo puts them all in one place: one is there at a time.
static EXAMPLE: Mutex<()> = Mutex::new(());
/// Of cargo and of whoever runs the check; a reader's fresh shell has none of them.
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
    /// The words after `cargo`, without `-q` where it would only make one command look like two.
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
        let mut command = Cargo {
            settings,
            words,
            program,
        };
        if command.is_this_check() {
            return Err(format!(
                "this command would start the check of the book again: {NOT_RUN}"
            ));
        }
        if command.build().is_some() {
            command.words.retain(|word| word != "-q");
        }
        Ok(command)
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

    /// Whether what was built may be gone when it shall run: then cargo puts it back, which takes no time.
    fn is_example(&self) -> bool {
        self.has(&["--example"])
    }

    /// The command that only builds: its time says nothing about the program.
    fn build(&self) -> Option<Cargo> {
        let mut build = self.clone();
        build.program.clear();
        let subcommand = build
            .words
            .iter_mut()
            .find(|word| matches!(word.as_str(), "run" | "test" | "bench"))?;
        match subcommand.as_str() {
            "run" => *subcommand = "build".to_owned(),
            _ => build.words.push("--no-run".to_owned()),
        }
        // Errors still go to stderr; stdout tells which program was built.
        build
            .words
            .push("--message-format=json-render-diagnostics".to_owned());
        Some(build)
    }

    /// The tests of a step run anyway where the book is checked, and twice would be a minute for nothing: that they
    /// build shows that the command is right.
    fn need_not_run(&self) -> bool {
        self.has(&["test"])
    }

    /// Starts cargo, or what it has built for the command.
    fn end(&self, root: &Path, built: Option<&Path>, limit: Duration) -> Result<Outcome, String> {
        let mut command = Command::new(built.unwrap_or(Path::new("cargo")));
        match built {
            // All but the `--`.
            Some(_) => command.args(self.program.iter().skip(1)),
            None => command.args(&self.words).args(&self.program),
        };
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if NOT_THE_READERS.iter().any(|it| text.starts_with(it)) {
                command.env_remove(&name);
            }
        }
        command
            .current_dir(root)
            .env("CARGO_TERM_COLOR", "never")
            .envs(self.settings.iter().map(|(name, value)| (name, value)));
        Outcome::of(&mut command, limit).map_err(|error| format!("cannot start it: {error}"))
    }
}

/// The program that a build made, when it made one.
fn program(built: &Outcome) -> Option<PathBuf> {
    let programs = built.stdout.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        Some(PathBuf::from(message["executable"].as_str()?))
    });
    match &programs.collect::<Vec<_>>()[..] {
        [program] => Some(program.clone()),
        _ => None,
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
        let builds = commands.iter().filter_map(Cargo::build);
        let (tests, programs): (Vec<_>, Vec<_>) = builds.partition(Cargo::need_not_run);
        // Programs are built last, so that none is in its place that was built for tests. They run when all are
        // built: waiting for the build of another would make one seem slow.
        self.run_together(tests, BUILD_LIMIT);
        self.run_together(programs, BUILD_LIMIT);
        let is_ready = |command: &Cargo| !command.need_not_run() && self.built(command).is_ok();
        let ready = commands.into_iter().filter(is_ready).collect();
        self.run_together(ready, self.run_limit);
    }

    fn run_together(&mut self, commands: Vec<Cargo>, limit: Duration) {
        let mut new = Vec::new();
        for command in commands {
            if !self.ended.contains_key(&command) && !new.contains(&command) {
                new.push(command);
            }
        }
        let queue = Mutex::new(new.into_iter());
        let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        let one_by_one = || {
            let mut ended = Vec::new();
            while let Some(command) = next() {
                let built = self.built(&command).ok().flatten();
                let example = command.is_example();
                let _alone =
                    example.then(|| EXAMPLE.lock().unwrap_or_else(PoisonError::into_inner));
                let program = built.as_ref().and_then(program).filter(|_| !example);
                let outcome = command.end(&self.root, program.as_deref(), limit);
                ended.push((command, outcome));
            }
            ended
        };
        let ended: Vec<_> = thread::scope(|scope| {
            let workers = [(); AT_ONCE].map(|()| scope.spawn(one_by_one));
            let joined =
                workers.map(|worker| worker.join().expect("running a command does not panic"));
            joined.into_iter().flatten().collect()
        });
        self.ended.extend(ended);
    }

    /// How a command ended that has run.
    ///
    /// # Errors
    /// A sentence: not a cargo command, not built, not started.
    pub(crate) fn outcome(&self, text: &str) -> Result<Outcome, String> {
        let command = Cargo::parse(text)?;
        match self.built(&command)? {
            Some(built) if command.need_not_run() => Ok(built),
            _ => self.ended(&command),
        }
    }

    fn built(&self, command: &Cargo) -> Result<Option<Outcome>, String> {
        let Some(build) = command.build() else {
            return Ok(None);
        };
        let built = self.ended(&build)?;
        built
            .expect_exit(None)
            .map_err(|what| format!("not built: {what}"))?;
        Ok(Some(built))
    }

    fn ended(&self, command: &Cargo) -> Result<Outcome, String> {
        let ended = self.ended.get(command).cloned();
        ended.unwrap_or(Err("it has not run".to_owned()))
    }
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

    #[test]
    fn what_differs_in_how_it_is_built_only_is_built_once() {
        let build = |text| Cargo::parse(text).map(|command| command.build());
        assert_eq!(
            build("cargo run -q -p a -- --lab list"),
            build("cargo run -p a")
        );
        assert_ne!(build("cargo test -p a"), build("cargo run -p a"));
    }
}
