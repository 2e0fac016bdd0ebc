//! The exercises of the workspace, as the tests find them.

#![allow(dead_code)] // Each test file uses a part of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) fn workspace() -> PathBuf {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR"));
    docs.parent()
        .expect("docs is a folder of the workspace")
        .to_owned()
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A step with an exercise.
pub(crate) struct Exercise {
    pub(crate) step: String,
    pub(crate) starters: Vec<Starter>,
    /// The tests that fail until the exercise is done, in the order of `tests/exercise-fails.txt`.
    pub(crate) fails: Vec<String>,
}

/// A file without bodies, and the file with them. Paths begin at the workspace.
pub(crate) struct Starter {
    pub(crate) file: String,
    pub(crate) solution: String,
}

impl Exercise {
    /// The exercises of all steps whose `Cargo.toml` has the feature `exercise`.
    pub(crate) fn all() -> Vec<Exercise> {
        let folders = fs::read_dir(workspace()).expect("the workspace can be listed");
        let mut steps: Vec<String> = folders
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| name.starts_with("step-"))
            .collect();
        steps.sort();
        let has_exercise = |step: &String| {
            let manifest = read(&workspace().join(step).join("Cargo.toml"));
            manifest.lines().any(|line| line.trim() == "exercise = []")
        };
        steps.retain(has_exercise);
        assert!(!steps.is_empty(), "no step has the feature `exercise`");
        steps.into_iter().map(Exercise::of).collect()
    }

    fn of(step: String) -> Exercise {
        let fails = read(&workspace().join(&step).join("tests/exercise-fails.txt"));
        Exercise {
            starters: starters(&step),
            fails: fails.lines().map(str::to_owned).collect(),
            step,
        }
    }

    pub(crate) fn fails(&self) -> BTreeSet<String> {
        self.fails.iter().cloned().collect()
    }
}

/// The modules that `lib.rs` takes from another file when the feature is on:
/// `#[cfg_attr(feature = "exercise", path = "exercise/peer.rs")] pub mod peer;`
fn starters(step: &str) -> Vec<Starter> {
    let lib = read(&workspace().join(step).join("src/lib.rs"));
    let lib = syn::parse_file(&lib).unwrap_or_else(|error| panic!("{step}/src/lib.rs: {error}"));
    let mut starters = Vec::new();
    for item in lib.items {
        let syn::Item::Mod(module) = item else {
            continue;
        };
        for attribute in module.attrs {
            let syn::Meta::List(list) = attribute.meta else {
                continue;
            };
            let text = list.tokens.to_string();
            if let Some((_, path)) = text.split_once("path = \"exercise")
                && let Some((path, _)) = path.split_once('"')
            {
                starters.push(Starter {
                    file: format!("{step}/src/exercise{path}"),
                    solution: format!("{step}/src/{}.rs", module.ident),
                });
            }
        }
    }
    starters
}
