//! The exercise of each step can be done: it asks for what the solution has, its tests fail until it is done, and pass
//! when it is.
//!
//! The slow half builds every step twice more. CI runs it: `cargo test -p docs -- --ignored`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use quote::ToTokens;

const STEPS: [&str; 5] = [
    "step-01-capture",
    "step-02-peer",
    "step-03-ice",
    "step-04-sdp",
    "step-05-full",
];

/// The points of a stage, no fewer and no more.
const FUNCTIONS: std::ops::RangeInclusive<usize> = 2..=4;

/// A step's tests take seconds. What has not ended by then hangs, and hanging is a defect of an exercise.
const TIME_TO_RUN: Duration = Duration::from_secs(240);

/// A busy machine may build for minutes.
const TIME_TO_BUILD: Duration = Duration::from_secs(1800);

/// Both halves build in the same folder: one builds and runs at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn workspace() -> PathBuf {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR"));
    docs.parent()
        .expect("docs lies in the workspace")
        .to_owned()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A step with an exercise.
struct Exercise {
    step: &'static str,
    /// The file of the solution, `src/NOUN.rs`.
    solution: PathBuf,
    exercise: PathBuf,
    /// The tests that fail until the exercise is done.
    fails: BTreeSet<String>,
}

impl Exercise {
    /// The exercises of all steps that promise one in their Cargo.toml.
    fn all() -> Vec<Exercise> {
        let promised = STEPS.into_iter().filter(|step| {
            let manifest = read(&workspace().join(step).join("Cargo.toml"));
            let promised = manifest.lines().any(|line| line.trim() == "exercise = []");
            if !promised {
                println!("{step} has no feature `exercise` yet");
            }
            promised
        });
        promised.map(Exercise::of).collect()
    }

    fn of(step: &'static str) -> Exercise {
        let folder = workspace().join(step);
        let fails = read(&folder.join("tests/exercise-fails.txt"));
        Exercise {
            step,
            solution: folder
                .join("src")
                .join(solution(step, &read(&folder.join("src/lib.rs")))),
            exercise: folder.join("src/exercise.rs"),
            fails: fails
                .lines()
                .map(str::to_owned)
                .filter(|line| !line.is_empty())
                .collect(),
        }
    }
}

/// The file of the one module that `lib.rs` replaces.
fn solution(step: &str, lib: &str) -> String {
    const SWITCH: &str = "#[cfg_attr(feature = \"exercise\", path = \"exercise.rs\")]";
    let mut parts = lib.split(SWITCH);
    let (_, after, more) = (parts.next(), parts.next(), parts.next());
    let after = after.unwrap_or_else(|| panic!("{step}/src/lib.rs: no module has {SWITCH}"));
    assert!(
        more.is_none(),
        "{step}/src/lib.rs: only one module may be replaced"
    );
    let declaration = after.trim_start().lines().next().unwrap_or_default();
    let module = declaration.trim_start_matches("pub ").strip_prefix("mod ");
    let module = module.and_then(|module| module.strip_suffix(';'));
    let module = module.unwrap_or_else(|| panic!("{step}/src/lib.rs: {SWITCH} needs a `mod`"));
    format!("{module}.rs")
}

/// A function with the type or trait that it belongs to, and with its signature.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Function {
    signature: String,
    name: String,
}

#[derive(Default)]
struct Functions {
    found: Vec<(Function, Vec<syn::Attribute>, String)>,
}

impl Functions {
    fn of(path: &Path) -> Self {
        let file = syn::parse_file(&read(path));
        let file = file.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut functions = Functions::default();
        for item in &file.items {
            match item {
                syn::Item::Fn(f) => functions.add("", &f.vis, &f.sig, &f.attrs, &f.block),
                syn::Item::Impl(block) => functions.add_methods(block),
                // Tests inside the module are gone with the module; functions in modules would escape the count.
                syn::Item::Mod(module) => panic!(
                    "{}: mod {} does not belong into the module of an exercise",
                    path.display(),
                    module.ident
                ),
                _ => {}
            }
        }
        functions
    }

    fn add_methods(&mut self, block: &syn::ItemImpl) {
        let header = syn::ItemImpl {
            attrs: Vec::new(),
            items: Vec::new(),
            ..block.clone()
        };
        let header = header.to_token_stream().to_string();
        let owner = format!("{}: ", header.trim_end_matches(['{', '}', ' ']));
        for item in &block.items {
            if let syn::ImplItem::Fn(f) = item {
                self.add(&owner, &f.vis, &f.sig, &f.attrs, &f.block);
            }
        }
    }

    fn signatures(&self) -> BTreeSet<Function> {
        self.found
            .iter()
            .map(|(function, ..)| function.clone())
            .collect()
    }

    fn add(
        &mut self,
        owner: &str,
        vis: &syn::Visibility,
        sig: &syn::Signature,
        attrs: &[syn::Attribute],
        block: &syn::Block,
    ) {
        let mut sig = sig.clone();
        // `mut` says how the body works, not what the caller gives.
        for input in &mut sig.inputs {
            if let syn::FnArg::Typed(argument) = input
                && let syn::Pat::Ident(name) = argument.pat.as_mut()
            {
                name.mutability = None;
            }
        }
        let function = Function {
            name: format!("{owner}{}", sig.ident),
            signature: format!(
                "{owner}{} {}",
                vis.to_token_stream(),
                with_names_in_use(&sig.to_token_stream().to_string())
            ),
        };
        self.found.push((
            function,
            attrs.to_vec(),
            block.to_token_stream().to_string(),
        ));
    }
}

#[test]
fn an_exercise_asks_for_the_functions_of_the_solution() {
    for exercise in Exercise::all() {
        let asked = Functions::of(&exercise.exercise).signatures();
        let solved = Functions::of(&exercise.solution).signatures();
        assert_eq!(
            asked,
            solved,
            "{}: exercise.rs and {} must have the same functions",
            exercise.step,
            exercise.solution.display()
        );
        assert!(
            FUNCTIONS.contains(&solved.len()),
            "{}: the points of a stage are {FUNCTIONS:?} functions, not {}",
            exercise.step,
            solved.len()
        );
    }
}

#[test]
fn each_function_of_an_exercise_has_an_assignment_and_a_hint() {
    for exercise in Exercise::all() {
        for (function, attributes, body) in Functions::of(&exercise.exercise).found {
            let name = format!("{} in {}/src/exercise.rs", function.name, exercise.step);
            let is_doc = |attribute: &syn::Attribute| attribute.path().is_ident("doc");
            assert!(
                attributes.iter().any(is_doc),
                "{name}: the doc comment is the assignment"
            );
            let hint = body.split_once("todo ! (\"").map(|(_, hint)| hint);
            let hint =
                hint.unwrap_or_else(|| panic!("{name}: the body must be a todo! with a hint"));
            assert!(
                hint.starts_with(|c: char| c.is_ascii_digit() || c.is_ascii_alphabetic()),
                "{name}: the hint must say what to do, not {hint}"
            );
        }
    }
}

#[test]
fn the_tests_that_fail_are_named_once_in_order() {
    for exercise in Exercise::all() {
        let path = format!("{}/tests/exercise-fails.txt", exercise.step);
        let text = read(&workspace().join(&path));
        let listed: Vec<&str> = text.lines().collect();
        let sorted: Vec<&str> = exercise.fails.iter().map(String::as_str).collect();
        assert_eq!(
            listed, sorted,
            "{path}: one test a line, sorted, none twice"
        );
        assert!(
            !listed.is_empty(),
            "{path}: an exercise that fails nothing asks for nothing"
        );
    }
}

/// The tests of a step, by what became of them.
#[derive(Debug, Default)]
struct Outcome {
    passed: BTreeSet<String>,
    failed: BTreeSet<String>,
    /// What the tests that failed said.
    said: String,
}

/// Builds the tests of a step with its exercise, and runs them.
fn run(folder: &Path, step: &str) -> Outcome {
    // A run that failed has left nothing behind that the next one would trip over.
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let mut outcome = Outcome::default();
    for (program, prefix) in build(folder, step) {
        let said = output_of(
            Command::new(&program)
                .current_dir(folder.join(step))
                .env("CARGO_MANIFEST_DIR", folder.join(step))
                .env("INSTA_WORKSPACE_ROOT", folder)
                .env("INSTA_UPDATE", "no"),
            TIME_TO_RUN,
        );
        for line in said.lines() {
            let Some((name, result)) = line
                .strip_prefix("test ")
                .and_then(|line| line.split_once(" ... "))
            else {
                continue;
            };
            let name = format!("{prefix}{name}");
            match result {
                "ok" => _ = outcome.passed.insert(name),
                "FAILED" => _ = outcome.failed.insert(name),
                _ => {}
            }
        }
        outcome.said.push_str(&said);
    }
    outcome
}

/// The test programs of a step, each with what goes before the names of its tests.
fn build(folder: &Path, step: &str) -> Vec<(PathBuf, String)> {
    let said = output_of(
        cargo()
            .current_dir(folder)
            .env("CARGO_TARGET_DIR", target())
            .args(["test", "-p", step, "--features", "exercise", "--no-run"])
            .args(["--lib", "--tests", "--message-format", "json"]),
        TIME_TO_BUILD,
    );
    let mut programs = Vec::new();
    for line in said.lines() {
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
        "{step} does not build with --features exercise:\n{said}"
    );
    programs
}

/// Cargo as the reader starts it. What the cargo that runs this test says of this crate would have build scripts run
/// again, and the crates behind them be built again.
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

/// The folder that this test was built in: crates of the registry are there already.
fn target() -> PathBuf {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    tmp.parent()
        .expect("cargo puts `tmp` into the target folder")
        .to_owned()
}

/// What a program wrote to standard output. It is ended when it hangs.
fn output_of(command: &mut Command, patience: Duration) -> String {
    let outcome = docs::Outcome::of(command.env("RUST_BACKTRACE", "0"), patience);
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
        let outcome = run(&workspace(), exercise.step);
        assert_eq!(
            outcome.failed, exercise.fails,
            "{}: the tests that fail with the exercise (left) are not those of tests/exercise-fails.txt (right)",
            exercise.step
        );
        assert!(
            !outcome.passed.is_empty(),
            "{}: nothing passes",
            exercise.step
        );
        for name in &outcome.failed {
            let name = name.as_str();
            let name = outcome
                .said
                .find(&format!("---- {name} stdout ----"))
                .map_or_else(
                    || name.split_once("::").map_or(name, |(_, name)| name),
                    |_| name,
                );
            let heading = format!("---- {name} stdout ----");
            let said = outcome.said.split_once(&heading).map(|(_, said)| said);
            let said = said
                .and_then(|said| said.split("\n---- ").next())
                .unwrap_or_default();
            assert!(
                said.contains(&format!("{}/src/", exercise.step))
                    || said.contains("not yet implemented: "),
                "{}: {name} must say what is missing and where to read; it says:\n{said}",
                exercise.step
            );
        }
    }
}

#[test]
#[ignore = "builds and tests every step in a copy of the workspace: minutes; CI runs it with --ignored"]
fn the_solution_in_the_place_of_the_exercise_passes_every_test() {
    let copy = target().join("exercises");
    copy_sources(&workspace(), &copy);
    rename_version(&copy.join("Cargo.toml"));
    for exercise in Exercise::all() {
        let written = copy.join(exercise.step).join("src/exercise.rs");
        let copied = fs::copy(&exercise.solution, &written);
        copied.unwrap_or_else(|error| panic!("{}: {error}", written.display()));
        let outcome = run(&copy, exercise.step);
        assert_eq!(
            outcome.failed,
            BTreeSet::new(),
            "{}: with the solution every test passes\n{}",
            exercise.step,
            outcome.said
        );
        for name in &exercise.fails {
            assert!(
                outcome.passed.contains(name),
                "{}/tests/exercise-fails.txt names {name}, and there is no such test",
                exercise.step
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

/// The workspace without what is built and without what is hidden. Files that did not change stay as they are, so that
/// cargo has nothing to build again.
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

/// A parameter that nothing uses yet is called `_peer`; in the solution it is `peer`.
fn with_names_in_use(signature: &str) -> String {
    signature.replace("(_", "(").replace(", _", ", ")
}
