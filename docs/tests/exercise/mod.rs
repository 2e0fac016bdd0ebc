//! The exercises of the workspace, as the tests find them.

#![allow(dead_code)] // Each test file uses a part of it.

pub(crate) mod mistakes;

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
        let of = |step: String| Exercise {
            starters: starters(&step),
            step,
        };
        steps.into_iter().map(of).collect()
    }

    /// The functions that the reader writes, in the order of `tests/assignment.rs`, each with the name of its file.
    pub(crate) fn functions(&self) -> Vec<(String, String)> {
        let assignment = read(&workspace().join(&self.step).join("tests/assignment.rs"));
        let text_of = |line: &str| line.split('"').nth(1).unwrap_or_default().to_owned();
        let (mut functions, mut function) = (Vec::new(), String::new());
        let mut file = String::new();
        for line in assignment.lines().map(str::trim) {
            if line.starts_with("function: ") {
                function = text_of(line);
            } else if line.starts_with("file: ") {
                let path = text_of(line);
                file = path.rsplit('/').next().unwrap_or_default().to_owned();
            } else if line == "given: false," {
                functions.push((function.clone(), file.clone()));
            }
        }
        functions
    }
}

/// The modules that `lib.rs`, or the `mod.rs` of a folder, takes from another file when the feature is on:
/// `#[cfg_attr(feature = "exercise", path = "exercise/peer.rs")] pub mod peer;`
fn starters(step: &str) -> Vec<Starter> {
    let source = format!("{step}/src");
    let mut starters = starters_in(&format!("{source}/lib.rs"), &source, "exercise/", step);
    let folders = fs::read_dir(workspace().join(&source)).expect("a step has a folder src");
    for folder in folders.flatten() {
        let folder = format!("{source}/{}", folder.file_name().to_string_lossy());
        let module = format!("{folder}/mod.rs");
        if workspace().join(&module).is_file() {
            starters.extend(starters_in(&module, &folder, "../exercise/", step));
        }
    }
    starters
}

fn starters_in(module: &str, folder: &str, prefix: &str, step: &str) -> Vec<Starter> {
    let file = read(&workspace().join(module));
    let file = syn::parse_file(&file).unwrap_or_else(|error| panic!("{module}: {error}"));
    let mut starters = Vec::new();
    for item in file.items {
        let syn::Item::Mod(module) = item else {
            continue;
        };
        for attribute in module.attrs {
            let syn::Meta::List(list) = attribute.meta else {
                continue;
            };
            let text = list.tokens.to_string();
            if let Some((_, path)) = text.split_once(&format!("path = \"{prefix}"))
                && let Some((name, _)) = path.split_once('"')
            {
                starters.push(Starter {
                    file: format!("{step}/src/exercise/{name}"),
                    solution: format!("{folder}/{}.rs", module.ident),
                });
            }
        }
    }
    starters
}
