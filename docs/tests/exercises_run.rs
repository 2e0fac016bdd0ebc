//! The exercise of each step can be done: exactly the listed tests fail with the starters, and none with the solutions
//! in their places.
//!
//! It builds every step twice more. CI runs it: `cargo test -p docs -- --ignored`.

mod exercise;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use exercise::{Exercise, read, workspace};

/// A step's tests take seconds. What has not ended by then hangs, and hanging is a defect of an exercise.
const RUN_LIMIT: Duration = Duration::from_secs(240);

/// A busy machine may build for minutes.
const BUILD_LIMIT: Duration = Duration::from_secs(1800);

/// Both tests build in the same folder: one builds and runs at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// The tests of a step, by their results.
#[derive(Debug, Default)]
struct TestRun {
    passed: BTreeSet<String>,
    failed: BTreeSet<String>,
    output: String,
}

impl TestRun {
    /// Builds the tests of a step with its exercise, and runs them.
    fn of(folder: &Path, step: &str) -> TestRun {
        // A run that failed leaves nothing behind that disturbs the next one.
        let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let mut run = TestRun::default();
        for (program, prefix) in build(folder, step) {
            let output = output_of(
                Command::new(&program)
                    .current_dir(folder.join(step))
                    .env("CARGO_MANIFEST_DIR", folder.join(step))
                    .env("INSTA_WORKSPACE_ROOT", folder)
                    .env("INSTA_UPDATE", "no"),
                RUN_LIMIT,
            );
            for line in output.lines() {
                let test = line.strip_prefix("test ");
                match test.and_then(|test| test.split_once(" ... ")) {
                    Some((name, "ok")) => _ = run.passed.insert(format!("{prefix}{name}")),
                    Some((name, "FAILED")) => _ = run.failed.insert(format!("{prefix}{name}")),
                    _ => {}
                }
            }
            run.output.push_str(&output);
        }
        run
    }

    /// What a test that failed printed.
    fn output_of_test(&self, name: &str) -> &str {
        // Tests inside the library print their whole path, those of `tests/` go without the name of their file.
        let short = name.split_once("::").map_or(name, |(_, short)| short);
        let printed = [name, short].into_iter().find_map(|name| {
            let heading = format!("---- {name} stdout ----");
            self.output.split_once(&heading)
        });
        let printed = printed.map_or("", |(_, printed)| printed);
        printed.split("\n---- ").next().unwrap_or_default()
    }
}

/// The test programs of a step, each with what goes before the names of its tests.
fn build(folder: &Path, step: &str) -> Vec<(PathBuf, String)> {
    let output = output_of(
        cargo()
            .current_dir(folder)
            .env("CARGO_TARGET_DIR", target())
            .args(["test", "-p", step, "--features", "exercise", "--no-run"])
            .args(["--lib", "--tests", "--message-format", "json"]),
        BUILD_LIMIT,
    );
    let mut programs = Vec::new();
    for line in output.lines() {
        let Ok(message) = serde_json::from_str::<serde_json::Value>(line) else {
            continue;
        };
        if let Some(error) = message["message"]["rendered"].as_str() {
            assert_ne!(message["message"]["level"], "error", "{step}: {error}");
        }
        let Some(program) = message["executable"].as_str() else {
            continue;
        };
        if message["profile"]["test"] == true {
            let name = message["target"]["name"].as_str().unwrap_or_default();
            let prefix = match message["target"]["kind"][0] == "test" {
                true => format!("{name}::"),
                false => String::new(),
            };
            programs.push((program.into(), prefix));
        }
    }
    assert!(
        !programs.is_empty(),
        "{step} does not build with --features exercise:\n{output}"
    );
    programs
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

/// What a program wrote to standard output. It is stopped after `limit`.
fn output_of(command: &mut Command, limit: Duration) -> String {
    let outcome = docs::Outcome::of(command.env("RUST_BACKTRACE", "0"), limit);
    let outcome = outcome.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let hangs = matches!(outcome.end, docs::End::Stopped(_));
    eprint!("{}", outcome.stderr);
    assert!(!hangs, "{command:?} hangs; so far:\n{}", outcome.stdout);
    outcome.stdout
}

#[test]
#[ignore = "builds and tests every step with its exercise: minutes; CI runs it with --ignored"]
fn exactly_the_listed_tests_fail_until_the_exercise_is_done() {
    for exercise in Exercise::all() {
        let step = &exercise.step;
        let run = TestRun::of(&workspace(), step);
        assert_eq!(
            run.failed,
            exercise.fails(),
            "{step}: the tests that fail with the exercise (left) are not those of tests/exercise-fails.txt (right)"
        );
        assert!(!run.passed.is_empty(), "{step}: no test passes");
        for name in &run.failed {
            let printed = run.output_of_test(name);
            assert!(
                printed.contains(&format!("{step}/src/"))
                    || printed.contains("not yet implemented: "),
                "{step}: {name} must say what is missing and where to read; it says:\n{printed}"
            );
        }
    }
}

#[test]
#[ignore = "builds and tests every step in a copy of the workspace: minutes; CI runs it with --ignored"]
fn every_test_passes_with_the_solutions_in_the_places_of_the_starters() {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("solved");
    copy_sources(&workspace(), &copy);
    rename_version(&copy.join("Cargo.toml"));
    for exercise in Exercise::all() {
        let step = &exercise.step;
        for starter in &exercise.starters {
            let copied = fs::copy(
                workspace().join(&starter.solution),
                copy.join(&starter.file),
            );
            copied.unwrap_or_else(|error| panic!("{}: {error}", starter.file));
        }
        let run = TestRun::of(&copy, step);
        assert_eq!(
            run.failed,
            BTreeSet::new(),
            "{step}: with the solution every test passes\n{}",
            run.output
        );
        for name in &exercise.fails {
            assert!(
                run.passed.contains(name),
                "{step}/tests/exercise-fails.txt names {name}, and there is no such test"
            );
        }
    }
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
