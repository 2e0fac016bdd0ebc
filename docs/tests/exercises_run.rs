//! The exercise of each step can be done by its messages: the starters say what comes first, the solutions pass in their
//! places, and every mistake of `docs/tests/mistakes/` is found and named.
//!
//! It builds every step twice more. CI runs it: `cargo test -p docs -- --ignored`.

mod exercise;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use docs::{End, Outcome};
use exercise::mistakes::{Mistake, write_switches};
use exercise::{Exercise, read, workspace};

/// A test program of the exercise gives every single test up after 15 s at the latest.
const RUN_LIMIT: Duration = Duration::from_secs(60);

/// A busy machine may build for minutes.
const BUILD_LIMIT: Duration = Duration::from_secs(1800);

/// Most tests of the exercises wait for a network: two cores carry this many programs.
const AT_ONCE: usize = 4;

/// Both tests build in the same folder: one builds at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn outcome(command: &mut Command, limit: Duration) -> Outcome {
    let outcome = Outcome::of(command.env("RUST_BACKTRACE", "1"), limit);
    outcome.unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// Cargo as the reader starts it. With the variables that the cargo of this test sets for this crate, build scripts
/// would run again, and the crates behind them would be built again.
fn cargo() -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    let of_this_crate = [
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "CARGO_BIN_",
        "CARGO_CRATE_",
    ];
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if of_this_crate.iter().any(|start| text.starts_with(start)) {
            cargo.env_remove(&name);
        }
    }
    cargo
}

/// The folder that this test was built in: the dependencies are there already.
fn target() -> PathBuf {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    tmp.parent()
        .expect("cargo puts `tmp` into the target folder")
        .to_owned()
}

/// What the reader sees last, as the terminal shows it: cargo's own lines are on standard error.
fn last_ten_lines(outcome: &Outcome) -> String {
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    lines[lines.len().saturating_sub(9)..].join("\n")
}

fn assert_has(text: &str, parts: &[&str], of: &str) {
    for part in parts {
        assert!(
            text.contains(part),
            "{of} must end with {part:?}, and ends with:\n{text}"
        );
    }
}

#[test]
#[ignore = "builds every step with its starters: a minute; CI runs it with --ignored"]
fn the_starters_say_what_comes_first_and_the_programs_what_is_missing() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    for Exercise { step, .. } in Exercise::all() {
        let mut tests = cargo();
        tests.args([
            "test",
            "-p",
            &step,
            "--features",
            "exercise",
            "--lib",
            "--test",
            "assignment",
        ]);
        let tests = outcome(tests.current_dir(workspace()), BUILD_LIMIT);
        assert_eq!(tests.end, End::Status(101), "{step}: {}", tests.stderr);
        let place = format!("{step}/src/exercise/");
        let parts = [
            "the exercise.",
            "Next: ",
            "Expected: ",
            "Found:    todo!() at ",
            &place,
        ];
        assert_has(
            &last_ten_lines(&tests),
            &parts,
            &format!("the tests of {step}"),
        );
        let mut program = cargo();
        program.args(["run", "-q", "-p", &step, "--features", "exercise", "--"]);
        program.args(["--source", "pattern", "--display", "none", "--seconds", "1"]);
        let program = outcome(program.current_dir(workspace()), BUILD_LIMIT);
        assert_eq!(program.end, End::Status(1), "{step}: {}", program.stderr);
        let first = format!("exercise: this runs your code, {place}");
        assert_eq!(program.stderr.lines().next(), Some(&*first), "{step}");
        let last = program.stderr.lines().last().unwrap_or_default();
        assert_has(last, &["exercise: not written yet: ", &place], &step);
    }
}

#[test]
#[ignore = "builds every step in a copy of the workspace: minutes; CI runs it with --ignored"]
fn the_solutions_pass_and_every_mistake_is_named() {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("solved");
    copy_sources(&workspace(), &copy);
    rename_version(&copy.join("Cargo.toml"));
    let mut wrong = Vec::new();
    for exercise in Exercise::all() {
        let (step, mistakes) = (&exercise.step, Mistake::all(&exercise.step));
        assert!(
            mistakes.len() >= 25,
            "{step} has {} mistakes",
            mistakes.len()
        );
        write_switches(&exercise, &mistakes, &copy);
        let program = build(&copy, step);
        let solved = run(&program, &copy, step, None);
        assert_eq!(solved.end, End::Status(0), "{step}: {}", solved.stdout);
        let unwritten = Mistake::unwritten(&exercise);
        let all = mistakes.into_iter().chain(unwritten).collect();
        wrong.extend(not_named(&program, &copy, step, all));
    }
    assert!(
        wrong.is_empty(),
        "{} mistakes:\n\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}

/// The test program of a step's exercise.
fn build(folder: &Path, step: &str) -> PathBuf {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let mut build = cargo();
    build.args([
        "test",
        "-p",
        step,
        "--features",
        "exercise",
        "--test",
        "assignment",
        "--no-run",
    ]);
    build
        .args(["--message-format", "json"])
        .env("CARGO_TARGET_DIR", target());
    let built = outcome(build.current_dir(folder), BUILD_LIMIT);
    let mut program = None;
    for line in built.stdout.lines() {
        let message: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
        if message["message"]["level"] == "error" {
            panic!(
                "{step}: {}",
                message["message"]["rendered"].as_str().unwrap_or_default()
            );
        }
        if let Some(path) = message["executable"].as_str()
            && message["target"]["name"] == "assignment"
        {
            program = Some(path.into());
        }
    }
    program.unwrap_or_else(|| panic!("{step} was not built: {}", built.stderr))
}

fn run(program: &Path, folder: &Path, step: &str, mistake: Option<&Mistake>) -> Outcome {
    let mut command = Command::new(program);
    command.current_dir(folder.join(step));
    if let Some(mistake) = mistake {
        command.env("MISTAKE", &mistake.name);
    }
    outcome(&mut command, RUN_LIMIT)
}

/// Runs the tests with each mistake, and returns a text for each that is not found, or not named.
fn not_named(program: &Path, folder: &Path, step: &str, mistakes: Vec<Mistake>) -> Vec<String> {
    let (queue, wrong) = (Mutex::new(mistakes.into_iter()), Mutex::new(Vec::new()));
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let one_by_one = || {
        while let Some(mistake) = next() {
            let found = run(program, folder, step, Some(&mistake));
            let (function, file) = (&mistake.function, &mistake.file);
            let name = function.rsplit("::").next().unwrap_or(function);
            let place = format!("{name}() in {step}/src/exercise/{file}:");
            let next = found.stdout.lines().find(|line| line.starts_with("Next: "));
            let is_named = next.is_some_and(|next| next.contains(&place))
                && found.stdout.contains("\nExpected: ")
                && found.stdout.contains("\nFound: ");
            if found.end != End::Status(101) || !is_named {
                let mut wrong = wrong.lock().unwrap_or_else(PoisonError::into_inner);
                wrong.push(format!(
                    "{}, {function}: {}\n{:?} {}",
                    mistake.name, mistake.what, found.end, found.stdout
                ));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(one_by_one);
        }
    });
    wrong.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Gives the copy's crates a version of their own. Cargo names what it builds after the version and the place in the
/// workspace: with the same ones it would take the workspace's crates for the copy's, and the other way round.
fn rename_version(manifest: &Path) {
    let (own, text) = ("version = \"0.1.0-solved\"", read(manifest));
    let renamed = text.replacen("version = \"0.1.0\"", own, 1);
    assert!(
        renamed.contains(own),
        "{}: version = \"0.1.0\" is not there",
        manifest.display()
    );
    fs::write(manifest, renamed).unwrap_or_else(|error| panic!("{}: {error}", manifest.display()));
}

/// The workspace without what is built and without what is hidden. Files that did not change are left alone, so that
/// cargo builds nothing again.
fn copy_sources(from: &Path, to: &Path) {
    let entries = fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    for entry in entries.flatten() {
        let (name, path) = (entry.file_name(), entry.path());
        let copy = to.join(&name);
        let hidden = name.to_string_lossy().starts_with('.');
        if hidden || path == target() || path.join("CACHEDIR.TAG").exists() {
            continue;
        }
        if path.is_dir() {
            copy_sources(&path, &copy);
            continue;
        }
        let Ok(bytes) = fs::read(&path) else {
            continue;
        };
        if fs::read(&copy).is_ok_and(|there| there == bytes) {
            continue;
        }
        fs::create_dir_all(to).unwrap_or_else(|error| panic!("{}: {error}", to.display()));
        fs::write(&copy, bytes).unwrap_or_else(|error| panic!("{}: {error}", copy.display()));
    }
}
